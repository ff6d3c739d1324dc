"""Which layer of one network is which of another: the best pairing of two sequences in topological order.

Both sequences keep their order, and what is paired earns points: most for the same kind, some for equal parameters
and for an equal output, next to none for an equal name or id. The pairing with the most points is found by dynamic
programming (Needleman and Wunsch, 1970); what both networks begin and end with is set aside first.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnstudio.graph.document import Graph
from cnnstudio.graph.report import Row
from cnnstudio.graph.shapes import Shape
from cnnstudio.graph.specs import Family

SAME_KIND, SAME_PARAMS, SAME_OUTPUT, SAME_NAME, SAME_ID = 1000, 600, 400, 2, 1
"""Name and id decide between equals only: numbered alike, they draw whole stages out of place where blocks are gone."""
RELATED, RELATED_OUTPUT = 100, 100
"""Two kinds of one family, such as ReLU and Tanh: better than nothing, never at the cost of a pair of one kind."""

LARGEST_TABLE = 1_000_000
"""Cells beyond which a table is first cut where a layer has kept its id, name, kind and parameters."""

Sequences = tuple[Sequence["_Layer"], Sequence["_Layer"]]
RowPair = tuple[Row | None, Row | None]


@dataclass(frozen=True, slots=True)
class _Layer:
    row: Row
    params: str
    """As text, since those of an unknown kind may be anything."""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        return self.row.id, self.row.name, self.row.kind, self.params

    @property
    def sort(self) -> tuple[str, Family, str, Shape | None]:
        """All that the points for a pair depend on, but id and name."""
        return self.row.kind, self.row.family, self.params, self.row.output_shape


def align(graph_a: Graph, rows_a: Sequence[Row], graph_b: Graph, rows_b: Sequence[Row]) -> tuple[RowPair, ...]:
    """All rows of both, each once, in both orders; a pair where two belong together."""
    a, b = (
        [_Layer(row, repr(dict(graph.node(row.id).params))) for row in rows]
        for graph, rows in ((graph_a, rows_a), (graph_b, rows_b))
    )
    return tuple(_aligned(a, b))


def _aligned(a: Sequence[_Layer], b: Sequence[_Layer]) -> Iterator[RowPair]:
    start = _common(a, b)
    yield from _together(a[:start], b[:start])
    a, b = a[start:], b[start:]
    end = _common(a[::-1], b[::-1])
    for some, others in _cut(a[: len(a) - end], b[: len(b) - end]):
        yield from _best(some, others)
    yield from _together(a[len(a) - end :], b[len(b) - end :])


def _common(a: Sequence[_Layer], b: Sequence[_Layer]) -> int:
    """How many layers at the beginning are the same in all but what arrives at them."""
    for count, (left, right) in enumerate(zip(a, b, strict=False)):
        if left.identity != right.identity:
            return count
    return min(len(a), len(b))


def _together(a: Sequence[_Layer], b: Sequence[_Layer]) -> Iterator[RowPair]:
    for left, right in zip(a, b, strict=True):
        yield left.row, right.row


def _cut(a: Sequence[_Layer], b: Sequence[_Layer]) -> Iterator[Sequences]:
    """Parts of which each is small enough for a table."""
    if len(a) * len(b) <= LARGEST_TABLE:
        yield a, b
        return
    i = j = 0
    for left, right in _anchors(a, b):
        yield from _halved(a[i:left], b[j:right])
        i, j = left, right
    yield from _halved(a[i:], b[j:])


def _halved(a: Sequence[_Layer], b: Sequence[_Layer]) -> Iterator[Sequences]:
    """What is still too large has nothing in common to be cut at; its halves are as good as any parts."""
    if len(a) * len(b) <= LARGEST_TABLE:
        yield a, b
        return
    i, j = len(a) // 2, len(b) // 2
    yield from _halved(a[:i], b[:j])
    yield from _halved(a[i:], b[j:])


def _anchors(a: Sequence[_Layer], b: Sequence[_Layer]) -> list[tuple[int, int]]:
    """The longest run of layers that are in both, in the same order (patience sorting)."""
    places = {layer.identity: place for place, layer in enumerate(b)}
    shared = [(i, places[layer.identity]) for i, layer in enumerate(a) if layer.identity in places]
    ends: list[int] = []
    chain: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(shared):
        at = bisect_left(ends, j)
        before.append(chain[at - 1] if at else -1)
        ends[at : at + 1] = [j]
        chain[at : at + 1] = [number]
    found = []
    number = chain[-1] if chain else -1
    while number >= 0:
        found.append(shared[number])
        number = before[number]
    return found[::-1]


def _best(a: Sequence[_Layer], b: Sequence[_Layer]) -> Iterator[RowPair]:
    """The pairing with most points; of equal ones the one that pairs earlier layers."""
    points, table = _table(a, b)
    i = j = 0
    while i < len(a) and j < len(b):
        earned = points[i][j]
        if earned and table[i][j] == earned + table[i + 1][j + 1]:
            yield a[i].row, b[j].row
            i, j = i + 1, j + 1
        elif table[i][j] == table[i + 1][j]:
            yield a[i].row, None
            i += 1
        else:
            yield None, b[j].row
            j += 1
    for layer in a[i:]:
        yield layer.row, None
    for layer in b[j:]:
        yield None, layer.row


def _table(a: Sequence[_Layer], b: Sequence[_Layer]) -> tuple[list[list[int]], list[list[int]]]:
    """Points of each pair, and the most that can be had from (i, j) on."""
    # Networks repeat themselves: points are worked out once for each two sorts of layers.
    sorts_b = {layer.sort: layer for layer in b}
    rows = {
        layer.sort: [earned[other.sort] for other in b]
        for layer, earned in {
            layer.sort: (layer, {sort: _points(layer, other) for sort, other in sorts_b.items()}) for layer in a
        }.values()
    }
    names, ids = ({getattr(layer.row, which): j for j, layer in enumerate(b)} for which in ("name", "id"))
    points = [rows[layer.sort].copy() for layer in a]
    for layer, line in zip(a, points, strict=True):
        for places, spelling, extra in ((names, layer.row.name, SAME_NAME), (ids, layer.row.id, SAME_ID)):
            j = places.get(spelling)
            if j is not None and line[j] >= SAME_KIND:
                line[j] += extra
    table = [[0] * (len(b) + 1)]
    for line in reversed(points):
        below = table[-1]
        best = 0
        found = [0]
        for earned, down, diagonal in zip(reversed(line), below[-2::-1], below[:0:-1], strict=True):
            if down > best:
                best = down
            if earned and earned + diagonal > best:
                best = earned + diagonal
            found.append(best)
        table.append(found[::-1])
    return points, table[::-1]


def _points(a: _Layer, b: _Layer) -> int:
    """What pairing two layers is worth, names aside; 0 for two that do not belong together."""
    same_output = a.row.output_shape is not None and a.row.output_shape == b.row.output_shape
    if a.row.kind == b.row.kind:
        return SAME_KIND + SAME_PARAMS * (a.params == b.params) + SAME_OUTPUT * same_output
    if a.row.family is b.row.family and a.row.family not in (Family.CONVOLUTION, Family.SHAPE, Family.SOURCE):
        return RELATED + RELATED_OUTPUT * same_output
    return 0
