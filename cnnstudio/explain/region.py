"""Which pixels of the picture a value of a layer depends on."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.graph import Graph, Report, Row, region


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of picture pixels: rows top to bottom and columns left to right, both ends included.

    It lies within the picture; a `clipped` flag says that the field reaches beyond that edge, into the padding.
    """

    top: int
    left: int
    bottom: int
    right: int
    clipped_top: bool = False
    clipped_left: bool = False
    clipped_bottom: bool = False
    clipped_right: bool = False

    @property
    def height(self) -> int:
        return self.bottom - self.top + 1

    @property
    def width(self) -> int:
        return self.right - self.left + 1

    @property
    def clipped(self) -> bool:
        return self.clipped_top or self.clipped_left or self.clipped_bottom or self.clipped_right


def value_region(
    graph: Graph, report: Report, node_id: str, index: int, row: int = 0, column: int = 0
) -> Region | None:
    """What one value of a layer sees: at (row, column) of any map, or value `index` of a vector.

    Exact for every drawing (see `graph.region`). None where all that the value sees is padding, where its shape is
    not known yet, and where the network takes no picture.

    Raises:
        IndexError: the layer has no value there.
    """
    picture = next((each.output_shape for each in report if not each.input_shapes), None)
    found = report[node_id]
    if picture is None or len(picture) != 3 or found.output_shape is None:
        return None
    vector = len(found.output_shape) == 1
    seen = region(graph, node_id, *((index, 0) if vector else (row, column)), report=report)
    if seen is None:
        return None
    if vector:
        found, row, column = _flattened(graph, report, found, index)
    field = found.receptive_field
    if field is None:
        return Region(*seen)
    top, left, bottom, right = field.region(row, column)
    return Region(*seen, top < 0, left < 0, bottom >= picture[1], right >= picture[2])


def _flattened(graph: Graph, report: Report, row: Row, index: int) -> tuple[Row, int, int]:
    """The layer whose maps a vector is made of, value by value, and the place there; the vector where there is none."""
    source = row
    while source.output_shape is not None and len(source.output_shape) == 1:
        sources = graph.inputs_of(source.id)
        field = source.receptive_field
        if len(sources) != 1 or sources[0] is None or field is None or field.whole_input:
            return row, 0, 0
        source = report[sources[0]]
    _, height, width = source.output_shape or (0, 1, 1)
    return source, *divmod(index % (height * width), width)
