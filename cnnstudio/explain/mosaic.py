"""Many maps as one picture: where each map lies in the grid, and which map lies under a pixel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, sqrt
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of the mosaic: pixel (row, column) of a map."""

    map: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class MosaicLayout:
    """`count` maps of (height, width) pixels in rows of `columns`, `gutter` pixels apart. No rim around the whole."""

    count: int
    height: int
    width: int
    columns: int
    gutter: int = 1

    @property
    def rows(self) -> int:
        return ceil(self.count / self.columns)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the mosaic in pixels."""
        return (
            self.rows * (self.height + self.gutter) - self.gutter,
            self.columns * (self.width + self.gutter) - self.gutter,
        )

    def origin(self, index: int) -> tuple[int, int]:
        """(top, left) pixel of a map. Raises IndexError when there is no such map."""
        if not 0 <= index < self.count:
            raise IndexError(f"There are {self.count} maps; there is no map {index}.")
        row, column = divmod(index, self.columns)
        return row * (self.height + self.gutter), column * (self.width + self.gutter)

    def origins(self) -> Iterator[tuple[int, int]]:
        """(top, left) of each map in turn."""
        return (self.origin(index) for index in range(self.count))

    def at(self, y: float, x: float) -> Cell | None:
        """The value under a point of the mosaic; None on a gutter, on an empty place, and outside."""
        if y < 0 or x < 0:
            return None
        grid_row, inner_row = divmod(int(y), self.height + self.gutter)
        grid_column, inner_column = divmod(int(x), self.width + self.gutter)
        index = grid_row * self.columns + grid_column
        on_map = inner_row < self.height and inner_column < self.width
        if not on_map or grid_column >= self.columns or index >= self.count:
            return None
        return Cell(index, inner_row, inner_column)


def lay_out(count: int, height: int, width: int, *, aspect: float = 1.0, gutter: int = 1) -> MosaicLayout:
    """The layout whose width : height comes near to `aspect`, for `count` >= 1 maps of (height, width) pixels."""
    if count < 1 or height < 1 or width < 1:
        raise ValueError(f"A mosaic needs at least one map of one pixel, not {count} of {height} × {width}.")
    wanted = sqrt(count * aspect * (height + gutter) / (width + gutter))
    columns = min(count, max(1, round(wanted)))
    return MosaicLayout(count, height, width, columns, gutter)


def assemble(maps: NDArray[Scalar], layout: MosaicLayout, background: Scalar) -> NDArray[Scalar]:
    """Maps (count, height, width), or (count, height, width, 3) in colour, as one picture of `layout.size`.

    Gutters and empty places are `background`. Raises ValueError when the maps are not what the layout is for.
    """
    if maps.shape[:3] != (layout.count, layout.height, layout.width):
        raise ValueError(
            f"The layout is for {layout.count} maps of {layout.height} × {layout.width}, not {maps.shape}."
        )
    mosaic = np.full((*layout.size, *maps.shape[3:]), background, dtype=maps.dtype)
    for each, (top, left) in zip(maps, layout.origins(), strict=True):
        mosaic[top : top + layout.height, left : left + layout.width] = each
    return mosaic
