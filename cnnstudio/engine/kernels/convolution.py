"""Convolution as matrix products: windows are gathered into rows of a cache-sized block (im2col), then one GEMM.

Layout: maps are (N, H, W, C) and weights (kernel rows, kernel columns, C / groups, O), so that one row of gathered
columns and one row of the weight matrix run through the same (row, column, channel). The columns of a whole batch
would be kernel-area times its size; gathered tile by tile they never leave the cache, and gathering them again for
the weight gradient costs less than keeping them. (im2col: Chellapilla, Puri and Simard, "High Performance
Convolutional Neural Networks for Document Processing", 2006.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import gcd, prod
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, Pair
from cnnstudio.engine.kernels import depthwise, matrix, memory, winograd
from cnnstudio.engine.kernels.moments import channel_sums
from cnnstudio.engine.kernels.parallel import split
from cnnstudio.engine.kernels.tiles import Tiles
from cnnstudio.engine.kernels.window import Window, copy_pixels

SCRATCH_BYTES = 1 << 21
"""Size of one block of gathered columns: it leaves the second-level cache, but smaller ones take more calls."""

MIN_ROWS = 192
"""Positions a block holds at least, however wide its rows: with fewer, a GEMM mostly packs its weights."""

FEW_VALUES = 8
"""Up to so many contiguous values a kernel row is too short to copy well: gather column by column."""


def convolve(x: Array, weight: Array, bias: Array | None, window: Window, size: Pair, groups: int = 1) -> Array:
    """(N, H, W, C) by (kh, kw, C / groups, O) to (N, *size, O); zeros stand in the padding of `window`."""
    return _correlate(x, weight, bias, window, (window.padding[0], window.padding[2]), size, groups)


def input_gradient(d_output: Array, weight: Array, window: Window, size: Pair, groups: int = 1) -> Array:
    """Gradient by the input of `convolve`, (N, *size, C), where `size` is the input's (height, width).

    At stride 1 it is itself a convolution, the kernels turned by 180 degrees, in and out exchanged. At larger
    strides it is one such convolution for each pixel of a step.
    """
    if window.stride != (1, 1):
        return _spread(d_output, weight, window, size, groups)
    back, origin = _backwards(window)
    return _correlate(d_output, _turned(weight, groups), None, back, origin, size, groups)


def weight_gradient(d_output: Array, x: Array, window: Window, groups: int = 1) -> Array:
    """Gradient (kh, kw, C / groups, O) by the weight of `convolve`."""
    if groups > 1 and x.shape[3] == groups:
        return depthwise.weight_gradient(d_output, x, window)
    size, origin = (d_output.shape[1], d_output.shape[2]), (window.padding[0], window.padding[2])
    if winograd.suits(x.shape, d_output.shape[3], window, size, groups):
        return winograd.weight_gradient(np.ascontiguousarray(d_output), np.ascontiguousarray(x), window, origin)
    columns = _Columns(x, window, origin, size, groups)
    flat = d_output.reshape(-1, groups, d_output.shape[3] // groups)

    def some(start: int, stop: int) -> Array:
        total = memory.zeros((groups, columns.width, flat.shape[2]), x.dtype)
        for first, gathered in columns.blocks(start, stop):
            total += matrix.correlation(gathered, flat[first : first + gathered.shape[1]].transpose(1, 0, 2))
        return total

    total: Array = sum(split(some, columns.lines), np.zeros((), x.dtype))
    return total.transpose(1, 0, 2).reshape(*window.kernel, x.shape[3] // groups, -1)


def gradients(d_output: Array, x: Array, weight: Array, window: Window, groups: int = 1) -> tuple[Array, Array]:
    """`input_gradient` and `weight_gradient`, from one gathering of d_output where that is less work.

    What an output sends to a pixel through a tap, that tap gets from the pair; so the windows of d_output over the
    pixels of x serve both gradients.
    """
    size, wide = (x.shape[1], x.shape[2]), d_output.shape[3] > 2 * x.shape[3]
    if winograd.suits(x.shape, d_output.shape[3], window, (d_output.shape[1], d_output.shape[2]), groups, back=True):
        return winograd.gradients(np.ascontiguousarray(d_output), np.ascontiguousarray(x), weight, window)
    if groups > 1 or window.stride != (1, 1) or wide:
        return input_gradient(d_output, weight, window, size, groups), weight_gradient(d_output, x, window, groups)
    back, origin = _backwards(window)
    columns = _Columns(d_output, back, origin, size, 1)
    matrices = _turned(weight).reshape(1, columns.width, -1)
    d_x = memory.empty(x.shape, x.dtype)
    d_flat, flat = (maps.reshape(-1, 1, x.shape[3]) for maps in (d_x, x))

    def some(start: int, stop: int) -> Array:
        total = memory.zeros((1, columns.width, x.shape[3]), x.dtype)
        for first, gathered in columns.blocks(start, stop):
            rows = slice(first, first + gathered.shape[1])
            matrix.products(gathered, matrices, d_flat[rows].transpose(1, 0, 2))
            total += matrix.correlation(gathered, flat[rows].transpose(1, 0, 2))
        return total

    total: Array = sum(split(some, columns.lines), np.zeros((), x.dtype))
    return d_x, _turned(total.reshape(*window.kernel, d_output.shape[3], -1))


def bias_gradient(d_output: Array) -> Array:
    """Gradient (O,) by the bias of `convolve`."""
    flat = d_output.reshape(-1, d_output.shape[3])
    total: Array = channel_sums(lambda rows: (rows,), (flat,), ())[0]
    return total


def _turned(weight: Array, groups: int = 1) -> Array:
    """Kernels turned by 180 degrees, in and out exchanged within each group; the inverse of itself."""
    kh, kw, inside, outside = weight.shape
    turned = weight.reshape(kh, kw, inside, groups, -1)[::-1, ::-1].transpose(0, 1, 4, 3, 2)
    copy = memory.empty(turned.shape, weight.dtype)
    np.copyto(copy, turned)
    return copy.reshape(kh, kw, outside // groups, groups * inside)


def _backwards(window: Window) -> tuple[Window, Pair]:
    """The window that looks from the input at the outputs, at stride 1, and where the first output stands for it."""
    origin = (window.extent[0] - 1 - window.padding[0], window.extent[1] - 1 - window.padding[2])
    return Window(window.kernel, dilation=window.dilation), origin


def _correlate(
    x: Array, weight: Array, bias: Array | None, window: Window, origin: Pair, size: Pair, groups: int
) -> Array:
    """Slide `window` over x; x's first pixel stands at `origin` of the plane, zeros around it."""
    if groups > 1 and weight.shape[2] == 1:
        return depthwise.convolve(x, weight, bias, window, origin, size)
    outside = weight.shape[3]
    if winograd.suits(x.shape, outside, window, size, groups):
        return winograd.convolve(np.ascontiguousarray(x), weight, bias, window, origin, size)
    columns = _Columns(x, window, origin, size, groups)
    matrices = weight.reshape(columns.width, groups, -1).transpose(1, 0, 2)
    y = memory.empty((len(x), *size, outside), x.dtype)
    flat = y.reshape(-1, groups, outside // groups)
    line_bias = None if bias is None else np.tile(bias, size[1])  # a long row is added faster than many short ones

    def some(start: int, stop: int) -> None:
        for first, gathered in columns.blocks(start, stop):
            rows = flat[first : first + gathered.shape[1]]
            matrix.products(gathered, matrices, rows.transpose(1, 0, 2))
            if line_bias is not None:
                lines = rows.reshape(-1, len(line_bias))
                lines += line_bias

    split(some, columns.lines)
    return y


class _Columns:
    """The windows of a batch as rows of matrices, one matrix a group, block by block."""

    def __init__(self, x: Array, window: Window, origin: Pair, size: Pair, groups: int) -> None:
        x = np.ascontiguousarray(x)
        self._x, self._window, self._groups, self._size = x, window, groups, size
        values = prod(window.kernel) * x.shape[3]
        self.width = values // groups
        rows = max(SCRATCH_BYTES // (values * x.itemsize), MIN_ROWS)
        self._at_once = max(1, rows // size[1])
        line_bytes = window.stride[0] * window.span(size)[1] * x.shape[3] * x.itemsize
        self._tiles = Tiles(x, window, origin, size, max(self._at_once, SCRATCH_BYTES // line_bytes))
        self.lines = self._tiles.lines
        # A 1×1 kernel at stride 1 sees each pixel once: the input is its own matrix of columns.
        pointwise = window.kernel == (1, 1) == window.stride and origin == (0, 0) and size == x.shape[1:3]
        self._is_input = pointwise and groups == 1
        self._by_column = groups == 1 and window.kernel[1] * x.shape[3] <= FEW_VALUES

    def blocks(self, start: int, stop: int) -> Iterator[tuple[int, Array]]:
        """For lines [start, stop): (first position, columns (groups, positions, width)), valid until the next."""
        if self._is_input:
            yield from self._input_itself(start, stop)
            return
        columns = self._size[1]
        lines = min(self._at_once, stop - start)
        space = memory.empty((lines * columns * self.width * self._groups,), self._x.dtype)
        in_pieces = self._groups == 1 and not self._by_column
        for first, plane, positions in self._tiles.planes(start, stop):
            windows = (self._window.pieces if in_pieces else self._window.patches)(plane, positions)
            images = max(1, self._at_once // positions[0])
            height = positions[0] if images > 1 else min(self._at_once, positions[0])
            for image, row in product(range(0, len(plane), images), range(0, positions[0], height)):
                some = windows[image : image + images, row : row + height]
                yield first + (image * positions[0] + row) * columns, self._gather(space, some)

    def _input_itself(self, start: int, stop: int) -> Iterator[tuple[int, Array]]:
        flat, columns = self._x.reshape(1, -1, self.width), self._size[1]
        for line in range(start, stop, self._at_once):
            end = min(line + self._at_once, stop)
            yield line * columns, flat[:, line * columns : end * columns]

    def _gather(self, space: Array, windows: npt.NDArray[Any]) -> Array:
        count = prod(windows.shape[:3])
        block = space[: count * self.width * self._groups]
        if self._by_column:
            taps_first = windows.transpose(3, 4, 5, 0, 1, 2)
            np.copyto(block.reshape(taps_first.shape), taps_first)
            return block.reshape(1, self.width, count).transpose(0, 2, 1)
        if self._groups > 1:
            by_group = windows.reshape(*windows.shape[:5], self._groups, -1).transpose(5, 0, 1, 2, 3, 4, 6)
            np.copyto(block.reshape(by_group.shape), by_group)
        else:
            np.copyto(block.view(windows.dtype).reshape(windows.shape), windows)
        return block.reshape(self._groups, count, self.width)


def _spread(d_output: Array, weight: Array, window: Window, size: Pair, groups: int) -> Array:
    """Input gradient at larger strides: a convolution at stride 1 for each pixel of a step.

    Of the taps of a kernel, only every stride-th can meet a given pixel; with which it begins depends on where the
    pixel stands in its step. (The sub-pixel convolution of Shi et al., 2016, read backwards.)
    """
    if groups > 1 and weight.shape[2] == 1:
        return depthwise.spread(d_output, weight, window, size, groups)
    steps = [list(_steps(axis, window, size[axis])) for axis in range(2)]
    d_x = memory.empty((len(d_output), *size, groups * weight.shape[2]), d_output.dtype)
    if any(len(some) < min(window.stride[axis], size[axis]) for axis, some in enumerate(steps)):
        d_x.fill(0)
    for row, column in product(*steps):
        part = weight[row.taps, column.taps]
        sub = Window((part.shape[0], part.shape[1]), dilation=(row.dilation, column.dilation))
        origin, pixels = (row.origin, column.origin), (row.pixels, column.pixels)
        found = _correlate(d_output, _turned(part, groups), None, sub, origin, pixels, groups)
        copy_pixels(d_x[:, row.first :: window.stride[0], column.first :: window.stride[1]], found)
    return d_x


@dataclass(frozen=True, slots=True)
class _Step:
    """Along one axis: the pixels first, first + stride, ..., and how the outputs reach them."""

    first: int
    pixels: int
    taps: slice
    dilation: int
    origin: int


def _steps(axis: int, window: Window, size: int) -> Iterator[_Step]:
    """Tap a of output u falls on pixel u × stride + a × dilation - padding; steps that no tap reaches are left out."""
    stride, dilation, padding = window.stride[axis], window.dilation[axis], window.padding[2 * axis]
    common = gcd(stride, dilation)
    every = stride // common
    for first in range(min(stride, size)):
        place = first + padding
        tap = next((each for each in range(every) if (place - each * dilation) % stride == 0), window.kernel[axis])
        count = len(range(tap, window.kernel[axis], every))
        if count:
            apart = dilation // common
            origin = (count - 1) * apart - (place - tap * dilation) // stride
            yield _Step(first, -(-(size - first) // stride), slice(tap, None, every), apart, origin)
