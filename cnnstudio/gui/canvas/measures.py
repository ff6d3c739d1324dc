"""Sizes on the canvas, in scene units: at zoom 1 one unit is one pixel."""

from __future__ import annotations

from collections.abc import Sequence

from cnnstudio.graph.commands import CARD_PITCH
from cnnstudio.graph.specs import Ports

CARD_WIDTH = 264.0
CARD_HEIGHT = 60.0
GRID = 8.0
MAGNET = 6.0
"""A dragged card lines up with another one that is nearer than this, before it falls on the grid."""
ROW_GAP = CARD_PITCH[1] - CARD_HEIGHT
PORT_PITCH = 36.0
PORT_ASIDE, PORT_INSIDE, PORT_OUTSIDE = 12.0, 8.0, 5.0
"""How far the pointer takes hold of a port: beside it, into the card, and out of it, where the wire's own begins."""

Point = tuple[float, float]


def card_rect(position: Point) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of the card whose corner stands at `position`."""
    x, y = position
    return x, y, x + CARD_WIDTH, y + CARD_HEIGHT


def output_port() -> Point:
    """Where wires leave, relative to the card's corner."""
    return CARD_WIDTH / 2, CARD_HEIGHT


def input_port(port: int, count: int) -> Point:
    """Where the wire of `port` arrives, of `count` ports that show, relative to the card's corner.

    The first port stands in the middle, straight below the trunk; branches arrive beside it, from the right. Where
    that takes more room than the card has, ports share its width evenly.
    """
    middle, room = CARD_WIDTH / 2, CARD_WIDTH / 2 - 24
    if (count - 1) * PORT_PITCH <= room:
        return middle + port * PORT_PITCH, 0.0
    return 24 + port * (CARD_WIDTH - 48) / max(1, count - 1), 0.0


def shown_ports(ports: Ports, sources: Sequence[str | None]) -> int:
    """How many input ports a card shows: a spare one, where a kind takes any number and all others are in use."""
    count = max(len(sources), ports.minimum)
    return count + 1 if ports.variadic and None not in sources else count


def snapped(position: Point, others: list[Point]) -> Point:
    """`position` in line with a neighbour's edge that is near, else on the grid; each axis for itself."""
    x, y = position
    return _snap(x, [each[0] for each in others]), _snap(y, [each[1] for each in others])


def _snap(value: float, lines: list[float]) -> float:
    nearest = min(lines, key=lambda line: abs(line - value), default=None)
    if nearest is not None and abs(nearest - value) < MAGNET:
        return nearest
    return round(value / GRID) * GRID
