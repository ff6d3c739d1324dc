"""Where the cards and wires of a printed diagram stand: branches side by side, tall networks in several columns.

A column ends where as few wires as possible cross, if there is a choice; what crosses is led over to the next one.
Plain geometry, in pixels of the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt

from cnnstudio.graph import Graph, Link
from cnnstudio.graph.commands import CARD_PITCH
from cnnstudio.graph.layout import arrange
from cnnstudio.graph.routing import Box, Point, Run, route

LANE_GAP = CARD_PITCH[0] - 264.0
"""Between two branches, as on the canvas: wires may run there."""
ROW_GAP = 24.0
GUTTER = 100.0
"""Between the cards of two columns: wires run past either's, and those that are led over in the middle."""
PORT_PITCH = 36.0
LEAD = 12.0
LEAD_PITCH = 6.0
TALLEST = 1300.0
"""A network up to this height stays one column."""
MOST_CROSSING = 3
"""More wires than these are never led over: a column rather becomes longer."""
ASPECT = 1.6
"""Wanted width of a sheet in several columns, of its height."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A way for data: corner points, and whether it arrives at a card."""

    points: tuple[Point, ...]
    arrives: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Top left corners of all cards, the wires, and the box (left, top, right, bottom) that all of it fills."""

    corners: Mapping[str, Point]
    wires: tuple[Wire, ...]
    extent: Box


@dataclass(slots=True)
class _Column:
    """The rows between two cuts. enters, leaves: nodes whose data cross its upper and its lower end, in order."""

    rows: range
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    left: float = 0.0
    top: float = 0.0
    middle: float = 0.0
    boxes: dict[str, Box] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    def entry(self, place: int) -> Point:
        """Where data of the column before come in: above the middle of the first lane, side by side."""
        return self.middle + PORT_PITCH * place, self.top - ROW_GAP


def plan(graph: Graph, heights: Mapping[str, float], card_width: float = 264.0) -> Plan:
    """Places for the cards of a network, whose heights are given; all are as wide."""
    if not len(graph):
        return Plan({}, (), (0.0, 0.0, 0.0, 0.0))
    spread = (card_width + LANE_GAP) / CARD_PITCH[0]
    places = {each: (x * spread, y) for each, (x, y) in arrange(graph).items()}
    rows = _rows(places)
    tops = [0.0]
    for row in rows:
        tops.append(tops[-1] + max(heights[each] for each in row) + ROW_GAP)
    across = [x for x, _ in places.values()]
    columns = _columns(graph, rows, tops, max(across) - min(across) + card_width + GUTTER)
    head = max((ROW_GAP + LEAD + LEAD_PITCH * len(each.enters) for each in columns if each.enters), default=0.0)
    corners: dict[str, Point] = {}
    left = 0.0
    for column in columns:
        inside = [(number, each) for number in column.rows for each in rows[number]]
        first = min(places[each][0] for _, each in inside)
        column.left, column.top, column.middle = left, head, left + card_width / 2
        for number, each in inside:
            corners[each] = left + places[each][0] - first, head + tops[number] - tops[column.rows[0]]
            x, y = corners[each]
            column.boxes[each] = x, y, x + card_width, y + heights[each]
        left = max(box[2] for box in column.boxes.values()) + GUTTER
    wires = tuple(_wires(graph, columns))
    return Plan(corners, wires, _extent([box for column in columns for box in column.boxes.values()], wires))


def _rows(places: Mapping[str, Point]) -> list[list[str]]:
    """The nodes of each height, from the top."""
    rows: dict[float, list[str]] = {}
    for node_id, (_, y) in places.items():
        rows.setdefault(y, []).append(node_id)
    return [rows[y] for y in sorted(rows)]


def _columns(graph: Graph, rows: Sequence[Sequence[str]], tops: Sequence[float], width: float) -> list[_Column]:
    """The rows in columns of much the same height, each cut where few wires cross."""
    crossing = _crossing(graph, rows)
    count = 1 if tops[-1] <= TALLEST else max(2, round(sqrt(ASPECT * tops[-1] / width)))
    wanted = tops[-1] / count
    cuts = [0]
    while tops[-1] - tops[cuts[-1]] > 1.2 * wanted:
        goal = tops[cuts[-1]] + wanted
        free = [number for number in range(cuts[-1] + 1, len(rows)) if tops[number] >= goal - 0.3 * wanted]
        good = [number for number in free if len(crossing[number]) <= MOST_CROSSING]
        if not good:
            break
        near = [number for number in good if tops[number] <= goal + 0.2 * wanted] or good[:1]
        cuts.append(min(near, key=lambda number: (len(crossing[number]), abs(tops[number] - goal))))
    cuts.append(len(rows))
    return [_Column(range(begin, end), crossing[begin], crossing[end]) for begin, end in pairwise(cuts)]


def _crossing(graph: Graph, rows: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """For each row, the nodes above it that feed it or a later one; none at the end."""
    index = {each: number for number, row in enumerate(rows) for each in row}
    found: list[list[str]] = [[] for _ in range(len(rows) + 1)]
    for each, number in index.items():
        for later in range(number + 1, 1 + max((index[link.target] for link in graph.links_from(each)), default=0)):
            found[later].append(each)
    return [tuple(each) for each in found]


def _wires(graph: Graph, columns: Sequence[_Column]) -> Iterator[Wire]:
    """All wires, column by column; in each the short ones first, so that the others find their way around them."""
    for number, column in enumerate(columns):
        boxes = list(column.boxes.values())
        starts = {each: ((box[0] + box[2]) / 2, box[3]) for each, box in column.boxes.items()}
        starts |= {each: column.entry(place) for place, each in enumerate(column.enters)}
        links = [
            Link(source, each, port)
            for each in column.boxes
            for port, source in enumerate(graph.inputs_of(each))
            if source is not None
        ]
        links.sort(key=lambda link: column.boxes[link.target][1] - starts[link.source][1])
        for link in links:
            end = _input(column.boxes[link.target], link.port, len(graph.inputs_of(link.target)))
            yield Wire(tuple(route(starts[link.source], end, boxes, column.runs, link.source)), arrives=True)
        taken: set[float] = set()
        for place, source in enumerate(column.leaves):
            x = starts[source][0]
            while x in taken:
                x += PORT_PITCH
            taken.add(x)
            foot = x, max(box[3] for box in boxes) + ROW_GAP
            way = route(starts[source], foot, boxes, column.runs, source)
            yield Wire((*way, *_lead(foot, columns[number + 1], place)), arrives=False)


def _lead(foot: Point, following: _Column, place: int) -> list[Point]:
    """From the foot of one column over to the head of the next."""
    x, y = following.entry(place)
    aside = following.left - GUTTER / 2 - LEAD_PITCH * place
    down, up = foot[1] + LEAD_PITCH * place, y - LEAD - LEAD_PITCH * place
    return [(foot[0], down), (aside, down), (aside, up), (x, up), (x, y)]


def _input(box: Box, port: int, count: int) -> Point:
    """The port of a wire, in the middle of the card's upper edge; several share the edge, as on the canvas."""
    left, top, right, _ = box
    middle = (left + right) / 2
    if (count - 1) * PORT_PITCH <= right - middle - 24:
        return middle + port * PORT_PITCH, top
    return left + 24 + port * (right - left - 48) / (count - 1), top


def _extent(boxes: Sequence[Box], wires: Sequence[Wire]) -> Box:
    across = [x for box in boxes for x in (box[0], box[2])] + [x for wire in wires for x, _ in wire.points]
    down = [y for box in boxes for y in (box[1], box[3])] + [y for wire in wires for _, y in wire.points]
    return min(across), min(down), max(across), max(down)
