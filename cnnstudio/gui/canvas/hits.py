"""What lies under the pointer, asked in the order in which a hand would want it: port, note, card, wire."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

from PySide6.QtCore import QPointF

from cnnstudio.graph import Link
from cnnstudio.gui.canvas.card import FAR, CardItem
from cnnstudio.gui.canvas.measures import PORT_ASIDE, PORT_INSIDE, PORT_OUTSIDE, Point
from cnnstudio.gui.canvas.scene import CanvasScene

END_REACH = 16.0
"""How near to its arrow a wire is taken by its end."""


@dataclass(frozen=True, slots=True)
class OutputHit:
    node: str


@dataclass(frozen=True, slots=True)
class InputHit:
    node: str
    port: int


@dataclass(frozen=True, slots=True)
class FixHit:
    """The first fix of a problem, or the link to its others."""

    node: str
    problem: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class NoteHit:
    node: str


@dataclass(frozen=True, slots=True)
class CardHit:
    node: str


@dataclass(frozen=True, slots=True)
class WireHit:
    link: Link


@dataclass(frozen=True, slots=True)
class WireEndHit:
    link: Link


Hit = OutputHit | InputHit | FixHit | NoteHit | CardHit | WireHit | WireEndHit | None


def hit_at(scene: CanvasScene, point: QPointF, zoom: float) -> Hit:
    """The thing at `point` (scene units). Far away, ports are too small to be meant."""
    if zoom >= FAR and (port := _port_at(scene, point)) is not None:
        return port
    for node_id, note in scene.notes.items():
        if note.sceneBoundingRect().contains(point):
            link = note.link_at(point)
            return NoteHit(node_id) if link is None else FixHit(node_id, link.problem, link.more)
    card = card_at(scene, point)
    if card is not None:
        return CardHit(card.node_id)
    return _wire_at(scene, point)


def card_at(scene: CanvasScene, point: QPointF) -> CardItem | None:
    """The topmost card at a point of the scene."""
    found = scene.cards_near(point)
    return max(reversed(found), key=CardItem.zValue) if found else None


def wire_at(scene: CanvasScene, point: QPointF) -> Link | None:
    """The wire at a point of the scene."""
    return next((link for link, wire in scene.wires.items() if wire.near(point)), None)


def _port_at(scene: CanvasScene, point: QPointF) -> OutputHit | InputHit | None:
    found: list[tuple[float, OutputHit | InputHit]] = []
    for card in scene.cards_near(point, PORT_OUTSIDE):
        if _reaches(point, card.output_point(), inward=-1):
            found.append((_distance(point, card.output_point()), OutputHit(card.node_id)))
        found.extend(
            (_distance(point, card.input_point(port)), InputHit(card.node_id, port))
            for port in range(card.ports)
            if _reaches(point, card.input_point(port), inward=1)
        )
    return min(found, key=lambda each: each[0])[1] if found else None


def _reaches(point: QPointF, port: Point, *, inward: int) -> bool:
    """Whether a port is meant; `inward` is 1 where the card lies below it, -1 where above."""
    depth = (point.y() - port[1]) * inward
    return abs(point.x() - port[0]) <= PORT_ASIDE and -PORT_OUTSIDE <= depth <= PORT_INSIDE


def _wire_at(scene: CanvasScene, point: QPointF) -> Hit:
    link = wire_at(scene, point)
    if link is None:
        return None
    return WireEndHit(link) if _distance(point, scene.wires[link].tip) < END_REACH else WireHit(link)


def _distance(point: QPointF, place: Point) -> float:
    return hypot(point.x() - place[0], point.y() - place[1])
