"""The window that convolution and pooling slide over maps, and views of what it sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from cnnstudio.engine.arrays import Array, Pair, Sides
from cnnstudio.engine.kernels import memory

FEW_CHANNELS = 4
"""Up to so many channels a pixel is too short to copy well: work channel by channel."""


def same_sides(kernel: Pair, dilation: Pair) -> Sides:
    """Padding that keeps the size at stride 1; the odd pixel goes to the bottom and right."""
    rows, columns = (d * (k - 1) for k, d in zip(kernel, dilation, strict=True))
    return rows // 2, rows - rows // 2, columns // 2, columns - columns // 2


@dataclass(frozen=True, slots=True)
class Window:
    """Kernel size, stride, dilation as (height, width); padding as (top, bottom, left, right)."""

    kernel: Pair
    stride: Pair = (1, 1)
    padding: Sides = (0, 0, 0, 0)
    dilation: Pair = (1, 1)

    @property
    def extent(self) -> Pair:
        """Pixels from the first to the last tap, both included."""
        return (
            self.dilation[0] * (self.kernel[0] - 1) + 1,
            self.dilation[1] * (self.kernel[1] - 1) + 1,
        )

    @property
    def taps(self) -> list[Pair]:
        """All (row, column) of the kernel in row-major order."""
        return [(i, j) for i in range(self.kernel[0]) for j in range(self.kernel[1])]

    def output_size(self, size: Pair, *, ceil_mode: bool = False) -> Pair:
        """(height, width) of positions over maps of `size`; below 1 when the window does not fit."""
        top, bottom, left, right = self.padding
        return (
            _positions(size[0], self.extent[0], self.stride[0], top, bottom, ceil_mode),
            _positions(size[1], self.extent[1], self.stride[1], left, right, ceil_mode),
        )

    def span(self, positions: Pair) -> Pair:
        """(height, width) of padded pixels that so many positions cover."""
        return (
            (positions[0] - 1) * self.stride[0] + self.extent[0],
            (positions[1] - 1) * self.stride[1] + self.extent[1],
        )

    def tap(self, padded: Array, at: Pair, positions: Pair) -> Array:
        """View (N, rows, columns, C): what the kernel's element `at` sees at every position of `padded`."""
        top, left = at[0] * self.dilation[0], at[1] * self.dilation[1]
        bottom = top + (positions[0] - 1) * self.stride[0] + 1
        right = left + (positions[1] - 1) * self.stride[1] + 1
        return padded[:, top : bottom : self.stride[0], left : right : self.stride[1]]

    def patches(self, padded: Array, positions: Pair) -> Array:
        """View (N, rows, columns, kernel rows, kernel columns, C) of all windows. Read only: they overlap."""
        n, row, column, channel = padded.strides
        return as_strided(
            padded,
            (len(padded), *positions, *self.kernel, padded.shape[3]),
            (
                n,
                row * self.stride[0],
                column * self.stride[1],
                row * self.dilation[0],
                column * self.dilation[1],
                channel,
            ),
            writeable=False,
        )

    def pieces(self, padded: Array, positions: Pair) -> npt.NDArray[np.void]:
        """View of all windows in pieces of contiguous memory: (N, rows, columns, kernel rows[, kernel columns]).

        A piece is the pixels of a kernel row, or of a pixel where they lie apart (dilation). Read only.
        """
        n, row, column, _ = padded.strides
        together = self.dilation[1] == 1 or self.kernel[1] == 1
        pixels = self.kernel[1] if together else 1
        piece = np.dtype((np.void, pixels * column))
        shape = (len(padded), *positions, *(self.kernel[:1] if together else self.kernel))
        steps = (row * self.dilation[0], column * self.dilation[1])[: len(shape) - 3]
        strides = (n, row * self.stride[0], column * self.stride[1], *steps)
        first = padded[0, 0, :pixels].reshape(-1).view(piece)
        return as_strided(first, shape, strides, writeable=False)


def _positions(size: int, extent: int, stride: int, before: int, after: int, ceil_mode: bool) -> int:
    room = size + before + after - extent
    if room < 0:
        return 0
    if not ceil_mode:
        return room // stride + 1
    count = -(-room // stride) + 1
    # PyTorch's rule: a window that would start in the padding behind the input is left out.
    return count - 1 if (count - 1) * stride >= size + before else count


def copy_padded(out: Array, x: Array, top: int, left: int, fill: float = 0.0) -> Array:
    """Fill out (N, H', W', C) with x (N, H, W, C) such that x[:, 0, 0] stands at out[:, top, left].

    top and left may be negative, and out may end before or after x: what falls outside is left out, what is
    not covered gets `fill`. Returns out.
    """
    rows, columns = _overlap(top, x.shape[1], out.shape[1]), _overlap(left, x.shape[2], out.shape[2])
    row, stop_row = rows
    column, stop_column = columns
    if row >= stop_row or column >= stop_column:
        out.fill(fill)
        return out
    out[:, :row] = fill
    out[:, stop_row:] = fill
    out[:, row:stop_row, :column] = fill
    out[:, row:stop_row, stop_column:] = fill
    out[:, row:stop_row, column:stop_column] = x[:, row - top : stop_row - top, column - left : stop_column - left]
    return out


def copy_pixels(out: npt.NDArray[Any], x: npt.NDArray[Any]) -> None:
    """out[...] = x, whose last axes are contiguous in memory.

    NumPy copies the numbers of a pixel in a loop of its own; told that a pixel is one item it is twice as fast.
    """
    if x.shape[-1] <= FEW_CHANNELS:
        for channel in range(x.shape[-1]):
            out[..., channel] = x[..., channel]
        return
    pixel = np.dtype((np.void, x.shape[-1] * x.itemsize))
    np.copyto(out.view(pixel), x.view(pixel))


def _overlap(offset: int, size: int, room: int) -> tuple[int, int]:
    return max(0, offset), min(room, offset + size)


def fold(out: Array, window: Window, positions: Pair, values: Iterable[Array]) -> None:
    """Spread values back over their windows: out (N, H, W, ...) becomes the sum of what each pixel was used for.

    values: one (N, *positions, ...) for each tap in row-major order. What falls on padding is dropped.
    """
    top, _, left, _ = window.padding
    span = window.span(positions)
    height, width = max(span[0], top + out.shape[1]), max(span[1], left + out.shape[2])
    inside = (height, width) == out.shape[1:3]
    padded = out if inside else memory.empty((len(out), height, width, *out.shape[3:]), out.dtype)
    padded.fill(0)
    for at, value in zip(window.taps, values, strict=True):
        target = window.tap(padded, at, positions)
        target += value
    if not inside:
        out[...] = padded[:, top : top + out.shape[1], left : left + out.shape[2]]
