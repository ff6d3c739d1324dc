"""Exactly which pixels of the picture one value sees, and which values one pixel reaches.

The interval maps of `receptive` say it for all positions at once, in the limit of an endless picture. Here one
position is followed tap by tap through the drawing: gaps, padding, places that differ and branches are all exact.
Batch normalization is taken as in evaluation, as there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cnnstudio.graph.analysis import analyze
from cnnstudio.graph.document import Graph
from cnnstudio.graph.errors import GraphError
from cnnstudio.graph.report import Report
from cnnstudio.graph.runs import Run, Runs, joined, one
from cnnstudio.graph.shapes import Shape, size_text
from cnnstudio.graph.specs import Family
from cnnstudio.graph.views import Box, Unrolled, View, all_of

Region = tuple[int, int, int, int]
"""(top, left, bottom, right), both ends included."""


def region(graph: Graph, node: str, row: int, column: int, *, report: Report | None = None) -> Region | None:
    """The hull, in pixels of the picture, of all that the value of `node` at (row, column) depends on.

    Every channel at that place counts. In a vector `row` is the index of the value, and `column` is 0. None where
    all that the value sees is padding. `report` spares an analysis where the graph's own is at hand.

    Raises:
        UnknownNodeError: no such layer.
        IndexError: the layer has no value there.
        GraphError: the network takes no picture, or shapes on the way are not known.
    """
    name = graph.node(node).name
    image, shapes = _path(graph, node, analyze(graph) if report is None else report)
    seen: dict[str, list[Box]] = {each: [] for each in shapes}
    seen[node].append(_value(name, shapes[node], row, column))
    for each in reversed(shapes):
        boxes = list(_apart(seen[each]))
        for source, view in _views(graph, each, shapes):
            for box in boxes:
                seen[source].extend(view.seen(box, shapes[source]))
    return _hull(seen[image])


def reach(graph: Graph, node: str, row: int, column: int, *, report: Report | None = None) -> Region | None:
    """The hull of all places of `node` that the pixel at (row, column) of the picture reaches; None when none.

    The converse of `region`: a place is reached where its value depends on the pixel. In a vector the places are the
    indices of its values, from (top, 0) to (bottom, 0).

    Raises:
        UnknownNodeError: no such layer.
        IndexError: the picture has no such pixel.
        GraphError: the network takes no picture, or shapes on the way are not known.
    """
    graph.node(node)
    image, shapes = _path(graph, node, analyze(graph) if report is None else report)
    reached: dict[str, list[Box]] = {each: [] for each in shapes}
    reached[image].append(_value(graph.node(image).name, shapes[image], row, column))
    for each, shape in shapes.items():
        for source, view in _views(graph, each, shapes):
            for box in reached[source]:
                reached[each].extend(view.reached(box, shapes[source], shape))
        reached[each] = list(_apart(reached[each]))
    return _hull(reached[node], vector=len(shapes[node]) == 1)


def _apart(boxes: Iterable[Box]) -> Iterator[Box]:
    """The same values as boxes that do not overlap, as long as their channels are the same; as few as rows differ.

    Branches would otherwise double the boxes wherever they meet.
    """
    places: dict[Runs, set[tuple[Runs, Runs]]] = {}
    for channels, rows, columns in boxes:
        places.setdefault(channels, set()).add((rows, columns))
    for channels, found in places.items():
        if len(found) == 1:
            yield channels, *found.pop()
        else:
            yield from ((channels, rows, columns) for columns, rows in _bands(found).items())


def _bands(places: Iterable[tuple[Runs, Runs]]) -> dict[Runs, Runs]:
    """{columns: the rows of which just these are seen} of places given as (rows, columns)."""
    edges = sorted({edge for rows, _ in places for run in rows for edge in run})
    seen: list[set[Runs]] = [set() for _ in edges]
    for rows, columns in places:
        for first, stop in rows:
            for band in range(bisect_left(edges, first), bisect_left(edges, stop)):
                seen[band].add(columns)
    found: dict[Runs, list[Run]] = {}
    for band, some in enumerate(seen):
        if some:
            columns = joined(run for runs in some for run in runs)
            found.setdefault(columns, []).append((edges[band], edges[band + 1]))
    return {columns: joined(rows) for columns, rows in found.items()}


def _hull(boxes: Sequence[Box], *, vector: bool = False) -> Region | None:
    """Rows and columns from the first to the last; the values of a vector stand one below the other."""
    if not boxes:
        return None
    rows = [box[0] if vector else box[1] for box in boxes]
    columns = [box[2] for box in boxes]
    return (
        min(each[0][0] for each in rows),
        min(each[0][0] for each in columns),
        max(each[-1][1] for each in rows) - 1,
        max(each[-1][1] for each in columns) - 1,
    )


def _path(graph: Graph, node: str, report: Report) -> tuple[str, dict[str, Shape]]:
    """The layer that takes the picture, and the shapes of `node` and of all before it, in topological order."""
    images = (row for row in report if row.family is Family.SOURCE)
    image = next(images, None)
    if image is None or image.output_shape is None or len(image.output_shape) != 3:
        raise GraphError(
            "The network takes no picture of which something could be seen; give its Input layer a shape of "
            "(channels, height, width)."
        )
    before, trail = {node}, [node]
    while trail:
        fresh = {each for each in graph.inputs_of(trail.pop()) if each is not None} - before
        before.update(fresh)
        trail.extend(fresh)
    shapes: dict[str, Shape] = {image.id: image.output_shape}
    for row in report:
        if row.id in before:
            if row.output_shape is None:
                raise GraphError(
                    f"What {graph.node(node).name} sees is not known: {row.name} has no output shape yet; "
                    "mend its problem, or those of the layers before it, first."
                )
            shapes[row.id] = row.output_shape
    return image.id, shapes


def _views(graph: Graph, node: str, shapes: Mapping[str, Shape]) -> Iterator[tuple[str, View | Unrolled]]:
    """What a layer sees of each layer that feeds it, port by port."""
    sources = [str(source) for source in graph.inputs_of(node)]
    arrived = tuple(shapes[source] for source in sources)
    spec, params = graph.spec(node), graph.node(node).params
    for port, source in enumerate(sources):
        yield source, spec.view(params, arrived, port)


def _value(name: str, shape: Shape, row: int, column: int) -> Box:
    """All channels at one place of maps, or one value of a vector. Raises IndexError where there is none."""
    channels, rows, columns = all_of(shape)
    if len(shape) == 1:
        if not 0 <= row < shape[0]:
            raise IndexError(f"{name} gives {shape[0]} values; there is no value {row}.")
        if column != 0:
            raise IndexError(f"{name} gives a vector, of one column; there is no column {column}.")
        return one(row), rows, columns
    if not (0 <= row < shape[1] and 0 <= column < shape[2]):
        raise IndexError(f"{name} gives maps of {size_text(shape[1:])}; there is no ({row}, {column}).")
    return channels, one(row), one(column)
