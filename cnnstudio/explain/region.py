"""Which pixels of the picture a value of a layer depends on."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.graph import Row


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

    None where the layer has no single receptive field (`row.field_note` says why), and where all that the value
    sees is padding. The indices of a layer that gives a vector do not matter: it sees the whole picture.

    Raises:
        IndexError: the layer has no value there.
    """
    field, shape = row.receptive_field, row.output_shape
    if field is None or shape is None:
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
