"""What a value sees, as derivatives show it: the analysis is held against the engine's own backward pass.

Two things are said of a drawing, and both are checked on a network that is linear and positive (see `linear_twins`),
where a value depends on a pixel exactly if the derivative is not zero.

`region` is exact: it is the hull of that set, always. `reach` is its converse.

The interval map of a receptive field tells the same, [low, high] an axis for each position, as if the picture had no
edge. For it the theorem is:

1. An interval that lies inside the picture is the hull. Its two ends belong to one outermost tap in every layer. Were
   such a tap to fall on padding, before the first or behind the last place of some layer, the interval would end
   outside the picture, since every padding in front of that layer moves it further out. So both ends are pixels, and
   nothing else is further out. (A transposed convolution that cuts away more than its kernel spans pads by less than
   nothing; there the step does not hold.)
2. An interval that reaches outside, clipped to the picture, contains the hull, where all padding is zeros. Reflected
   and repeated padding shows pixels from inside, which the interval, speaking of places, leaves out.
3. It is the hull where, besides, nothing has gaps: branches that meet are aligned, so that the narrower lie within the
   widest, and on the way along the widest no window steps over pixels or is dilated, and none leaves pixels over at
   the end.

Presets are reduced in the picture, so that all of them fit into memory, and to two channels: fields do not depend on
how many there are, and with so few the engine multiplies tap by tap, so that zeros stay zeros.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cnnstudio.graph import CATALOGUE, Graph, Report, Row, analyze, presets, reach, region
from cnnstudio.graph.geometry import Window
from tests.conformance.field_drawings import drawing
from tests.conformance.linear_twins import Twin, twin_of

SEEDS = range(200)
PICTURE = (96, 80)
"""Height and width to which a preset's pictures are reduced."""
MOST_NODES = 12


def reduced(graph: Graph) -> Graph:
    """The same layers on a smaller picture, two channels deep and three features long, as far as they still fit."""
    small, names = Graph(), {}
    for node_id in graph.topological_order():
        node, sources = graph.node(node_id), graph.inputs_of(node_id)
        if any(source not in names for source in sources):
            continue
        params = dict(node.params)
        match node.kind:
            case "Input":
                channels, height, width = (*graph.spec(node_id).output_shape(params, ()), 1, 1)[:3]
                params["shape"] = (channels, min(height, PICTURE[0]), min(width, PICTURE[1]))
            case "Conv2d":
                params["out_channels"], params["groups"] = 2, 1 if params["groups"] == 1 else 2
            case "Linear":
                params["out_features"] = 3
        copy = small.add(node.kind, *(names[str(source)] for source in sources), **params)
        if analyze(small)[copy].output_shape is None:
            small.remove(copy)
        else:
            names[node_id] = copy
    return small


def places(row: Row) -> list[tuple[int, int]]:
    """The middle and the corners of a layer's maps; some values of a vector."""
    assert row.output_shape is not None
    if len(row.output_shape) == 1:
        return [(index, 0) for index in sorted({0, row.output_shape[0] // 3, row.output_shape[0] - 1})]
    _, height, width = row.output_shape
    corners = [(0, 0), (0, width - 1), (height - 1, 0), (height - 1, width - 1)]
    return list(dict.fromkeys([(height // 2, width // 2), (height // 3, width // 3), *corners]))


def check(graph: Graph, twin: Twin, row: Row, report: Report) -> None:
    """Regions of one layer against derivatives, and its interval map against both."""
    some = places(row)
    for place, seen in zip(some, twin.sees(row.id, some), strict=True):
        assert region(graph, row.id, *place) == seen, (row.name, place)
        if row.receptive_field is not None and row.output_shape is not None and len(row.output_shape) == 3:
            _check_interval(graph, row, place, seen, report)


def _check_interval(
    graph: Graph, row: Row, place: tuple[int, int], seen: tuple[int, int, int, int] | None, report: Report
) -> None:
    field, picture = row.receptive_field, next(iter(report)).output_shape
    assert field is not None
    assert picture is not None
    top, left, bottom, right = field.region(*place)
    clipped = max(top, 0), max(left, 0), min(bottom, picture[1] - 1), min(right, picture[2] - 1)
    windows = [window for step in _steps(graph, row.id, report) for window, _, _ in step]
    if not field.whole_input and clipped == (top, left, bottom, right) and all(map(_pads, windows)):
        assert seen == clipped, (row.name, place)
    if all(window.fill == "zeros" for window in windows) and seen is not None:
        assert clipped[0] <= seen[0] <= seen[2] <= clipped[2], (row.name, place)
        assert clipped[1] <= seen[1] <= seen[3] <= clipped[3], (row.name, place)
        widest = _steps(graph, row.id, report, widest=True)
        if not field.whole_input and field.aligned and all(_gapless(*each) for step in widest for each in step):
            assert seen == clipped, (row.name, place)


def _steps(graph: Graph, node: str, report: Report, *, widest: bool = False) -> Iterator[list[tuple[Window, int, int]]]:
    """For every layer up to a node its windows, each with the size that it slides over and the size it gives.

    widest: of branches that meet, only along one that sees as much as all together, if there is one.
    """
    before, trail = {node}, [node]
    while trail:
        each = trail.pop()
        sources = {str(source) for source in graph.inputs_of(each)}
        if widest and len(sources) > 1:
            wide = [source for source in sources if _size(report[source]) == _size(report[each])]
            sources = set(wide[:1]) or sources
        trail.extend(sources - before)
        before |= sources
        shape, output = next(iter(report[each].input_shapes), None), report[each].output_shape
        if shape is not None and output is not None and len(shape) == len(output) == 3:
            step = graph.spec(each).step(graph.node(each).params, shape)
            if isinstance(step, tuple):
                yield list(zip(step, shape[1:], output[1:], strict=True))


def _size(row: Row) -> tuple[int, int] | None:
    return None if row.receptive_field is None else row.receptive_field.size


def _pads(window: Window) -> bool:
    return min(window.before, window.after) >= 0


def _gapless(window: Window, size: int, count: int) -> bool:
    dense = window.extent == window.kernel and window.stride <= window.kernel
    return _pads(window) and dense and (count - 1) * window.stride - window.before + window.extent >= size


@pytest.mark.parametrize("name", presets.names())
def test_the_fields_of_a_preset_are_what_derivatives_show(name: str) -> None:
    graph = reduced(presets.load(name))
    twin, report = twin_of(graph), analyze(graph)
    rows = [
        row for row in report if twin.nodes[row.id] not in {twin.nodes[str(each)] for each in graph.inputs_of(row.id)}
    ]
    for row in [*rows[:: max(1, len(rows) // MOST_NODES)], rows[-1]]:
        check(graph, twin, row, report)
    _, height, width = twin.net.input_shape
    for pixel in [(height // 2, width // 2), (0, width - 1)]:
        for node, found in twin.reaches(pixel).items():
            assert reach(graph, node, *pixel) == found, (report[node].name, pixel)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_fields_of_a_drawing_by_chance_are_what_derivatives_show(seed: int) -> None:
    graph = drawing(seed)
    twin, report = twin_of(graph), analyze(graph)
    for row in list(report)[1:]:
        check(graph, twin, row, report)
    _, height, width = twin.net.input_shape
    for pixel in [(height // 2, width // 2), (0, 0), (height - 1, 0), (1, width - 2)]:
        for node, found in twin.reaches(pixel).items():
            assert reach(graph, node, *pixel) == found, (report[node].name, pixel)


def test_the_drawings_by_chance_leave_nothing_out() -> None:
    reports = [(graph, analyze(graph)) for graph in map(drawing, SEEDS)]
    rows = [row for _, report in reports for row in report]
    assert not any(report.errors for _, report in reports)
    assert {row.kind for row in rows} == set(CATALOGUE)
    fields = [row.receptive_field for row in rows]
    assert sum(field is None for field in fields) > 100
    assert sum(field is not None and not field.aligned for field in fields) > 100
    assert sum(field is not None and field.whole_input for field in fields) > 100
    assert sum(row.field_note.startswith("Its branches look") for row in rows) > 50
    assert sum("its branches step" in row.field_note for row in rows) > 10
