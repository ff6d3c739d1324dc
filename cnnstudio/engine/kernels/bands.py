"""Convolution at stride 1 with the windows of a whole band of rows laid out once, not once for each kernel column.

Rows of windows overlap: the next position sees the same pixels but for one column. So only the kernel's *rows* are
gathered, (line, column, kernel row, C), each line led by the zeros that are also the padding behind the line before.
In this sequence the window of the place q is the contiguous stretch of the places q to q + kw - 1. The places
b, b + kw, b + 2 kw, ... are then rows of an ordinary matrix, for each of the kw phases b. That takes kw matrix
products over the same memory where im2col copies each value kw times more; the places between two lines compute
something that nobody reads, or count as zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnstudio.engine.arrays import Array, Pair
from cnnstudio.engine.kernels.parallel import split
from cnnstudio.engine.kernels.window import Window, copy_pixels, scratch

SCRATCH_BYTES = 1 << 20
"""Size of one block of gathered rows: a usual second-level cache."""

MOST_WASTE = 1.15
"""Places computed for each one that counts, at most."""

WIDEST = 1280
"""Values of a window up to which copying them costs more than what smaller products lose."""


class Bands:
    """What `window` sees of x (N, H, W, C), whose first pixel stands at `origin` of a plane of zeros, block by block.

    Attributes:
        lines: rows of output positions in the whole batch.
        width: values of one window, in the order (kernel column, kernel row, channel).
    """

    def __init__(self, x: Array, window: Window, origin: Pair, size: Pair) -> None:
        self._x, self._top, self._size = x, origin[0], size
        self._kernel, self._step = window.kernel, window.dilation[0]
        left, right = origin[1], _right(x, window, origin, size)
        self._zeros = max(left, right)
        self._first = self._zeros - left
        self._period: int = self._zeros + x.shape[2]
        self._values: int = window.kernel[0] * x.shape[3]
        self.width = window.kernel[1] * self._values
        self.lines = len(x) * size[0]
        self._at_once = self._lines_at_once()

    @staticmethod
    def suits(x: Array, window: Window, origin: Pair, size: Pair) -> bool:
        """Whether the places can be laid out this way, few of them for nothing, and it pays."""
        left, right = origin[1], _right(x, window, origin, size)
        kernel_columns = window.kernel[1]
        plain = window.stride == (1, 1) and window.dilation[1] == 1 and left >= 0 <= right < kernel_columns > 1
        narrow = prod(window.kernel) * x.shape[3] <= WIDEST
        return plain and narrow and x.shape[2] + max(left, right) <= MOST_WASTE * size[1]

    def blocks(self, start: int, stop: int) -> Iterator[tuple[slice, Array]]:
        """For lines [start, stop): (lines of this block, windows (kw, places / kw, width)), valid until the next."""
        places = self._places(self._at_once) + self._kernel[1]
        space = scratch((places * self._values,), self._x)
        space[-2 * self.width :] = 0  # behind the last line
        line = start
        while line < stop:
            image, row = divmod(line, self._size[0])
            count = min(self._at_once, stop - line)
            images = count // self._size[0] if row == 0 else 0
            height = self._size[0] if images else min(count, self._size[0] - row)
            images = max(images, 1)
            self._gather(space, slice(image, image + images), row, height)
            yield slice(line, line + images * height), self._windows(space, images * height)
            line += images * height

    def layout(self, channels: int) -> Array:
        """Space of zeros for a block of maps (lines, columns, channels) in the order of the places."""
        return np.zeros((self._places(self._at_once), channels), self._x.dtype)

    def matrices(self, layout: Array, lines: int) -> Array:
        """View of `layout` as the rows that go with `windows`: (kw, places / kw, channels)."""
        phases = self._kernel[1]
        return layout[: self._places(lines)].reshape(-1, phases, layout.shape[1]).transpose(1, 0, 2)

    def maps(self, layout: Array, lines: int) -> Array:
        """View of `layout`: the places that count, (lines, columns, channels)."""
        rows = layout[: lines * self._period].reshape(lines, self._period, -1)
        return rows[:, self._first : self._first + self._size[1]]

    def clear_behind(self, layout: Array, lines: int) -> None:
        """Zero what an earlier, longer block has left behind the last line."""
        layout[lines * self._period : self._places(lines)] = 0

    def _places(self, lines: int) -> int:
        phases = self._kernel[1]
        return -(-lines * self._period // phases) * phases

    def _lines_at_once(self) -> int:
        room = max(1, SCRATCH_BYTES // (self._period * self._values * self._x.itemsize))
        rows = self._size[0]
        if room >= rows:
            return room // rows * rows
        return -(-rows // -(-rows // room))

    def _windows(self, space: Array, lines: int) -> Array:
        item = space.itemsize
        shape = (self._kernel[1], self._places(lines) // self._kernel[1], self.width)
        return as_strided(space, shape, (self._values * item, self.width * item, item), writeable=False)

    def _gather(self, space: Array, images: slice, row: int, height: int) -> None:
        x = self._x[images]
        lines = len(x) * height
        end = lines * self._period * self._values
        band = space[:end].reshape(len(x), height, self._period, self._kernel[0], x.shape[3])
        band[:, :, : self._zeros] = 0
        space[end : end + 2 * self.width] = 0
        for tap in range(self._kernel[0]):
            begin = row + tap * self._step - self._top
            low, high = (min(max(0, edge), height) for edge in (-begin, x.shape[1] - begin))
            target = band[:, :, self._zeros :, tap]
            target[:, :low] = 0
            target[:, max(low, high) :] = 0
            if high > low:
                copy_pixels(target[:, low:high], x[:, begin + low : begin + high])


def convolve(x: Array, weight: Array, bias: Array | None, window: Window, origin: Pair, size: Pair) -> Array:
    """(N, H, W, C) by (kh, kw, C, O) to (N, *size, O)."""
    bands = Bands(x, window, origin, size)
    outside = weight.shape[3]
    matrix = by_columns(weight)
    y = np.empty((len(x), *size, outside), x.dtype)
    by_line = y.reshape(-1, size[1] * outside)
    line_bias = None if bias is None else np.tile(bias, size[1])  # a long row is added faster than many short ones

    def some(start: int, stop: int) -> None:
        layout = bands.layout(outside)
        for lines, windows in bands.blocks(start, stop):
            count = lines.stop - lines.start
            np.matmul(windows, matrix, out=bands.matrices(layout, count))
            found = bands.maps(layout, count).reshape(count, -1)
            if line_bias is None:
                by_line[lines] = found
            else:
                np.add(found, line_bias, out=by_line[lines])

    split(some, bands.lines)
    return y


def weight_gradient(d_output: Array, x: Array, window: Window, origin: Pair) -> Array:
    """Gradient (kh, kw, C, O) by the weight of `convolve`."""
    size = (d_output.shape[1], d_output.shape[2])
    bands = Bands(x, window, origin, size)
    outside = d_output.shape[3]
    by_line = d_output.reshape(-1, size[1], outside)

    def some(start: int, stop: int) -> Array:
        layout = bands.layout(outside)
        total = np.zeros((bands.width, outside), x.dtype)
        for lines, windows in bands.blocks(start, stop):
            total += _products(bands, windows, layout, by_line[lines])
        return total

    total: Array = sum(split(some, bands.lines), np.zeros((), x.dtype))
    return by_rows(total, window.kernel, x.shape[3])


def gradients(d_output: Array, x: Array, weight: Array, window: Window, origin: Pair) -> tuple[Array, Array]:
    """Gradients by x and by the weight of a convolution, from one layout of d_output.

    weight: turned, (kh, kw, O, C), and `origin` where d_output's first pixel stands, as the input gradient takes
    them; the weight gradient comes in the same turned form. What an output sends to a pixel through a tap, that tap
    gets from the pair; so the windows of d_output serve both.
    """
    size = (x.shape[1], x.shape[2])
    bands = Bands(d_output, window, origin, size)
    inside = x.shape[3]
    matrix = by_columns(weight)
    d_x = np.empty(x.shape, x.dtype)
    d_lines, x_lines = (maps.reshape(-1, size[1], inside) for maps in (d_x, x))

    def some(start: int, stop: int) -> Array:
        layout, pixels = bands.layout(inside), bands.layout(inside)
        total = np.zeros((bands.width, inside), x.dtype)
        for lines, windows in bands.blocks(start, stop):
            count = lines.stop - lines.start
            np.matmul(windows, matrix, out=bands.matrices(layout, count))
            d_lines[lines] = bands.maps(layout, count)
            total += _products(bands, windows, pixels, x_lines[lines])
        return total

    total: Array = sum(split(some, bands.lines), np.zeros((), x.dtype))
    return d_x, by_rows(total, window.kernel, d_output.shape[3])


def _products(bands: Bands, windows: Array, layout: Array, maps: Array) -> Array:
    """Σ over places of window × maps: (width, channels)."""
    bands.maps(layout, len(maps))[...] = maps
    bands.clear_behind(layout, len(maps))
    products: Array = np.matmul(windows.transpose(0, 2, 1), bands.matrices(layout, len(maps)))
    total: Array = products.sum(axis=0)
    return total


def by_columns(weight: Array) -> Array:
    """(kh, kw, C, O) as a matrix whose rows run through (kernel column, kernel row, channel)."""
    return np.ascontiguousarray(weight.transpose(1, 0, 2, 3)).reshape(-1, weight.shape[3])


def by_rows(matrix: Array, kernel: Pair, channels: int) -> Array:
    """The inverse of by_columns."""
    return matrix.reshape(kernel[1], kernel[0], channels, -1).transpose(1, 0, 2, 3)


def _right(x: Array, window: Window, origin: Pair, size: Pair) -> int:
    """Zeros that the windows see behind the last pixel of a row."""
    width: int = x.shape[2]
    return window.span(size)[1] - origin[1] - width
