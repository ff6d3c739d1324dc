"""Ways for wires: straight down where nothing is in the way, else with rounded elbows around the cards.

Plain geometry, the same for the canvas and for a printed diagram. A way is a list of corner points; who draws it rounds
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom
STUB = 11.0
"""How far a wire goes straight before its first and after its last bend: half the gap between two rows."""
TRACKS = (18.0, 10.0, 26.0)
"""Distances from a card's side at which wires may run past it; neighbouring lanes leave room for three."""
CLEARANCE = 4.0
APART = 6.0


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch down a gutter that a wire holds; wires of one source may share it."""

    x: float
    top: float
    bottom: float
    source: str


def route(start: Point, end: Point, cards: Sequence[Box], runs: list[Run], source: str = "") -> list[Point]:
    """Corner points of the wire from `start` (a card's lower edge) to `end` (a card's upper edge).

    `runs` are the gutters that other wires hold; the one this wire takes is added.
    """
    (x0, y0), (x1, y1) = start, end
    down, up = y0 + STUB, y1 - STUB
    if y1 > y0 and down > up:  # the cards stand close: both bends share the middle
        down = up = (y0 + y1) / 2
    near = [box for box in cards if box[1] < max(down, up) and box[3] > min(down, up)]
    first: float | None = None
    for x in _candidates(x0, x1, near):
        first = x if first is None else first
        if _free(x0, x1, x, down, up, near) and not _held(x, down, up, runs, source, x0):
            break
    else:
        x = _around(x0, x1, near, first if first is not None else x1)
    if x not in (x0, x1):
        runs.append(Run(x, min(down, up), max(down, up), source))
    return _without_repeats([start, (x0, down), (x, down), (x, up), (x1, up), end])


def _candidates(x0: float, x1: float, near: Sequence[Box]) -> Iterator[float]:
    """Where to run down: below the source, above the target, else past the sides of cards, nearest first."""
    yield x0
    yield x1
    sides = {box[2] + track for box in near for track in TRACKS} | {box[0] - track for box in near for track in TRACKS}
    preferred = {box[2] + TRACKS[0] for box in near} | {box[0] - TRACKS[0] for box in near}

    def detour(x: float) -> tuple[float, bool]:
        # A tie goes to the right, and the middle of a gutter before its edges.
        length = abs(x - x0) + abs(x - x1) - (1 if x > max(x0, x1) else 0)
        return length + (0 if x in preferred else 24), x <= x0

    yield from sorted(sides, key=detour)


def _free(x0: float, x1: float, x: float, down: float, up: float, near: Sequence[Box]) -> bool:
    return not (
        _crosses_vertical(x, down, up, near)
        or _crosses_horizontal(down, x0, x, near)
        or _crosses_horizontal(up, x, x1, near)
    )


def _crosses_vertical(x: float, one: float, other: float, near: Sequence[Box]) -> bool:
    top, bottom = min(one, other), max(one, other)
    return any(
        left - CLEARANCE < x < right + CLEARANCE and over < bottom and under > top for left, over, right, under in near
    )


def _crosses_horizontal(y: float, one: float, other: float, near: Sequence[Box]) -> bool:
    left, right = min(one, other), max(one, other)
    return any(over < y < under and begin < right and end > left for begin, over, end, under in near)


def _held(x: float, down: float, up: float, runs: Sequence[Run], source: str, x0: float) -> bool:
    if x == x0:
        return False
    top, bottom = min(down, up), max(down, up)
    return any(
        run.source != source and abs(run.x - x) < APART and run.top < bottom and run.bottom > top for run in runs
    )


def _around(x0: float, x1: float, near: Sequence[Box], otherwise: float) -> float:
    """Past everything, on the nearer side."""
    if not near:
        return otherwise
    left = min(box[0] for box in near) - TRACKS[0]
    right = max(box[2] for box in near) + TRACKS[0]
    return left if abs(left - x0) + abs(left - x1) < abs(right - x0) + abs(right - x1) else right


def _without_repeats(points: list[Point]) -> list[Point]:
    """Without points that repeat the one before or lie on the straight between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        while len(kept) >= 2 and _between(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _between(one: Point, middle: Point, other: Point) -> bool:
    for axis in (0, 1):
        if one[axis] == middle[axis] == other[axis]:
            across = 1 - axis
            return min(one[across], other[across]) <= middle[across] <= max(one[across], other[across])
    return False
