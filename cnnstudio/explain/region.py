"""Which pixels of the picture a value of a layer depends on."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.graph import Graph, Report, Row
from cnnstudio.graph.specs import Shape


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


def input_region(row: Row, row_index: int, column_index: int, picture: tuple[int, int]) -> Region | None:
    """What the value at (row_index, column_index) of a layer sees of a picture of (height, width) pixels.

    None where the layer has no single receptive field (`row.field_note` says why), where all that the value sees is
    padding, and for a vector of which each value has a place of its own (`value_region` finds that). The indices do
    not matter where every value sees the whole picture.

    Raises:
        IndexError: the layer has no value there.
    """
    field, shape = row.receptive_field, row.output_shape
    if field is None or shape is None:
        return None
    if len(shape) != 3 and not field.whole_input:
        return None
    if len(shape) == 3 and not (0 <= row_index < shape[1] and 0 <= column_index < shape[2]):
        raise IndexError(
            f"{row.name} gives maps of {shape[1]} × {shape[2]}; there is no ({row_index}, {column_index})."
        )
    top, left, bottom, right = field.region(row_index, column_index)
    height, width = picture
    if bottom < 0 or right < 0 or top >= height or left >= width:
        return None
    return Region(
        max(top, 0),
        max(left, 0),
        min(bottom, height - 1),
        min(right, width - 1),
        clipped_top=top < 0,
        clipped_left=left < 0,
        clipped_bottom=bottom >= height,
        clipped_right=right >= width,
    )


def value_region(
    graph: Graph, report: Report, node_id: str, index: int, row: int = 0, column: int = 0
) -> Region | None:
    """What one value of a layer sees: at (row, column) of map `index`, or value `index` of a vector.

    A value of a flattened vector stands for a place in the maps that were flattened, channel by channel and row by
    row, and so do the values of layers that work on such a vector one by one. None as for `input_region`.

    Raises:
        IndexError: the layer has no value there.
    """
    picture = next((each.output_shape for each in report if not each.input_shapes), None)
    if picture is None or len(picture) != 3:
        return None
    found = report[node_id]
    if found.output_shape is not None and len(found.output_shape) == 1:
        if not 0 <= index < found.output_shape[0]:
            raise IndexError(f"{found.name} gives {found.output_shape[0]} values; there is no value {index}.")
        maps = _flattened(graph, report, found)
        if maps is not None:
            found = maps
            row, column = _place(maps.output_shape or (), index)
    return input_region(found, row, column, (picture[1], picture[2]))


def _flattened(graph: Graph, report: Report, row: Row) -> Row | None:
    """The layer whose maps a vector is made of, value by value; None where there is none."""
    while row.output_shape is not None and len(row.output_shape) == 1:
        sources = graph.inputs_of(row.id)
        if len(sources) != 1 or sources[0] is None or row.receptive_field is None or row.receptive_field.whole_input:
            return None
        row = report[sources[0]]
    return row if row.output_shape is not None else None


def _place(maps: Shape, index: int) -> tuple[int, int]:
    """(row, column) of value `index` of maps (C, H, W) that were flattened."""
    _, height, width = maps
    return divmod(index % (height * width), width)
