"""Convolution with 3 × 3 or 5 × 5 kernels at stride 1 in a quarter of the multiplications, or a sixth: Winograd's.

Tiles of 6 × 6 pixels, advancing by four, and the kernels are evaluated at 36 points; there the convolution is a
product for each point, summed over channels: 36 matrix products, whose results are taken back to 4 × 4 outputs a
tile. 36 products stand for 16 × 9. For kernels of five the tiles are 8 × 8, and 64 products stand for 16 × 25.
(Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016.)

The gradient by the input is the same convolution with the kernels turned. The tiles of the output's gradient that
it evaluates serve the gradient by the weight too: each of the steps is linear, so its gradient is its transpose.

Rounding: taking tiles to the points and back loses about one decimal digit. In float32, on rectified normal pixels
and Kaiming's weights of 64 to 512 channels, results differ from the exact ones by 2e-6 to 9e-6 of the largest; the
gradient by a weight of five by up to 2e-5, and 3e-5 where inputs have a large mean. The direct way's: 2e-7 to 7e-7.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cnnstudio.engine.arrays import Array, Pair
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.matrix import SMALL_PRODUCT
from cnnstudio.engine.kernels.parallel import split
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.kernels.winograd_matrices import FORMS, STEP, Form, matrices
from cnnstudio.engine.kernels.winograd_tiles import Grid, Group, from_points, half_way, to_points

BLOCK = 64
"""Channels that a product's matrices are wide: four vectors of 16 numbers."""

GROUP_BYTES = 1 << 22
"""Values at the points of one group of tiles: a core's share of the last-level cache. In fewer the steps get short."""

MIN_TILES = 64
"""Tiles of a group at least, and of a thread: the kernels, or their gradient, pass through once for each."""

NARROWEST = {3: 16, 5: 8}
"""Channels in and out, by the kernel's size, from which the products outweigh the way to the points and back."""

NARROWEST_BACK = 8
"""The same for both gradients, which share one way to the points."""

LEAST_OUTPUTS = 9
"""Outputs a tile must give on average to be worth its 36 or 64 products; nine take 81 or 225 directly."""

LEAST_TILES = 24
"""Tiles in a call from which transforming the kernels for it pays."""

KEPT_BYTES = 1 << 24
"""Values at the points that are kept for one product of a weight gradient."""


@dataclass(frozen=True, slots=True)
class Transformed:
    """Kernels at the points: what `transform_weight` makes of a weight.

    Attributes:
        form: by the kernels' size.
        blocks: (points, C, up to BLOCK), one for each stretch of output channels.
        outside: output channels, O.
    """

    form: Form
    blocks: tuple[Array, ...]
    outside: int

    def part(self, start: int, stop: int) -> tuple[Transformed, slice]:
        """Blocks [start, stop), and which output channels they are."""
        width = self.blocks[0].shape[2]
        channels = slice(start * width, min(stop * width, self.outside))
        return Transformed(self.form, self.blocks[start:stop], channels.stop - channels.start), channels


def transform_weight(weight: Array) -> Transformed:
    """Kernels (k, k, C, O) at the points."""
    inside, outside = weight.shape[2:]
    form = FORMS[len(weight)]
    matrix = matrices(form, weight.dtype).kernels
    blocks = []
    for channels in _stretches(0, outside, BLOCK if inside < 512 else BLOCK // 2):
        block = np.ascontiguousarray(weight[..., channels])
        half = np.matmul(matrix, block.reshape(form.kernel, -1)).reshape(form.tile, form.kernel, -1)
        at_points = memory.empty((form.tile, form.tile, half.shape[2]), weight.dtype)
        np.matmul(matrix, half, out=at_points)
        blocks.append(at_points.reshape(form.points, inside, -1))
    return Transformed(form, tuple(blocks), outside)


def suits(
    shape: tuple[int, ...],
    outside: int,
    window: Window,
    size: Pair,
    groups: int = 1,
    *,
    back: bool = False,
) -> bool:
    """Whether this way is clearly faster, for maps of `shape` (N, H, W, C) and outputs of `size`.

    back: whether for both gradients.
    """
    if not _possible(window) or groups != 1:
        return False
    if min(shape[3], outside) < (NARROWEST_BACK if back else NARROWEST[window.kernel[0]]):
        return False
    grid = Grid.over(shape[0], size)
    tiles = grid.lines * grid.columns
    return tiles >= LEAST_TILES and shape[0] * size[0] * size[1] >= LEAST_OUTPUTS * tiles


def convolve(x: Array, weight: Array, bias: Array | None, window: Window, origin: Pair, size: Pair) -> Array:
    """(N, H, W, C), contiguous, by (k, k, C, O) to (N, *size, O).

    x's first pixel stands at `origin` of a plane of zeros. window: k × k with k 3 or 5, stride 1, dilation 1.
    """
    _check(window)
    kernels = transform_weight(weight)
    y = memory.empty((len(x), *size, kernels.outside), x.dtype)
    grid = Grid.over(len(x), size)

    def some_lines(start: int, stop: int) -> None:
        _Correlation(x, kernels, bias, origin, y).lines(start, stop)

    def some_channels(start: int, stop: int) -> None:
        part, channels = kernels.part(start, stop)
        _Correlation(x, part, None if bias is None else bias[channels], origin, y[..., channels]).lines(0, grid.lines)

    if grid.lines * grid.columns < MIN_TILES:
        split(some_channels, len(kernels.blocks))  # reading the kernels takes longest: each thread its own
    else:
        split(some_lines, grid.lines)
    return y


def gradients(d_output: Array, x: Array, weight: Array, window: Window) -> tuple[Array, Array]:
    """Gradients (N, H, W, C) by x and (k, k, C, O) by the weight of `convolve`, its origin the window's padding.

    d_output and x: contiguous; weight: (k, k, C, O).
    """
    kernels = transform_weight(weight[::-1, ::-1].transpose(0, 1, 3, 2))  # turned, in and out exchanged
    d_x = memory.empty(x.shape, x.dtype)
    return d_x, _backward(d_output, x, window, (window.padding[0], window.padding[2]), kernels, d_x)


def weight_gradient(d_output: Array, x: Array, window: Window, origin: Pair) -> Array:
    """Gradient (k, k, C, O) by the weight of `convolve`."""
    return _backward(d_output, x, window, origin, None, None)


def _possible(window: Window) -> bool:
    square = window.kernel[0] == window.kernel[1] in FORMS
    return square and window.stride == (1, 1) == window.dilation


def _check(window: Window) -> None:
    if not _possible(window):
        raise ValueError(
            f"Winograd's convolution is for kernels of {' or '.join(map(str, FORMS))} at stride 1, not {window}."
        )


def _stretches(start: int, stop: int, length: int) -> Iterator[slice]:
    for first in range(start, stop, length):
        yield slice(first, min(first + length, stop))


def _tiles_at_once(form: Form, channels: int, itemsize: int, room: int) -> int:
    return max(MIN_TILES, room // (form.points * channels * itemsize))


class _Correlation:
    """Slides the kernels over maps x into maps y, group by group of tiles, in scratch of its own."""

    def __init__(self, x: Array, kernels: Transformed, bias: Array | None, origin: Pair, y: Array) -> None:
        self._x, self._kernels, self._bias, self._origin, self._y = x, kernels, bias, origin, y
        inside, outside = x.shape[3], y.shape[3]
        self._form = form = kernels.form
        self._grid = Grid.over(len(y), (y.shape[1], y.shape[2]))
        columns = self._grid.columns
        self.at_once = _tiles_at_once(form, inside + outside, x.itemsize, GROUP_BYTES)
        most = max(self.at_once, columns)
        self._products = memory.empty((form.points * most * outside,), x.dtype)
        half = max(half_way(form.tile, most, columns, inside), STEP * form.tile * most * outside)
        self._space = memory.empty((half,), x.dtype)
        self._matrices = matrices(form, x.dtype)

    def lines(self, start: int, stop: int) -> None:
        """y's tiles of lines [start, stop)."""
        inside, points = self._x.shape[3], self._form.points
        space = memory.empty((points * max(self.at_once, self._grid.columns) * inside,), self._x.dtype)
        for group in self._grid.groups(start, stop, self.at_once):
            self.run(group, space[: points * group.tiles * inside].reshape(points, group.tiles, inside))

    def run(self, group: Group, at_points: Array) -> None:
        """y's tiles of a group; at_points (points, tiles, C) is left with x's tiles at the points."""
        tiles, outside, points = group.tiles, self._y.shape[3], self._form.points
        to_points(self._matrices.inputs, self._x, self._origin, group, at_points, self._space)
        products = self._products[: points * tiles * outside].reshape(points, tiles, outside)
        _multiply(at_points, self._kernels, products)
        if self._bias is not None:
            products[self._form.at_one] += self._bias
        from_points(self._matrices.outputs, products, group, self._y, self._space)


def _multiply(at_points: Array, kernels: Transformed, out: Array) -> None:
    """(points, tiles, C) by (points, C, O) to (points, tiles, O), in products that OpenBLAS need not pack."""
    points, tiles, inside = at_points.shape
    for block, channels in zip(kernels.blocks, _stretches(0, kernels.outside, kernels.blocks[0].shape[2]), strict=True):
        most = min(BLOCK, max(1, SMALL_PRODUCT // (inside * block.shape[2])))
        rows = -(-tiles // -(-tiles // most))
        even = tiles // rows * rows
        sources = at_points[:, :even].reshape(points, -1, rows, inside)
        targets = out[:, :even, channels]
        np.matmul(sources, block[:, None], out=targets.reshape(points, -1, rows, block.shape[2]))
        if even < tiles:
            np.matmul(at_points[:, even:], block, out=out[:, even:, channels])


def _backward(
    d_output: Array, x: Array, window: Window, origin: Pair, kernels: Transformed | None, d_x: Array | None
) -> Array:
    """The gradient (k, k, C, O) by the weight; by x too, into d_x, if the turned kernels are given.

    Seen from x, the gradient by x is a correlation of d_output with the turned kernels. Its gradient by them, where
    x is what comes from above, is the wanted one, turned.
    """
    _check(window)
    inside, outside = x.shape[3], d_output.shape[3]
    grid = Grid.over(len(x), (x.shape[1], x.shape[2]))
    form = FORMS[window.kernel[0]]
    before = (form.kernel - 1 - origin[0], form.kernel - 1 - origin[1])
    spread = np.ascontiguousarray(matrices(form, x.dtype).outputs.T)
    inputs = matrices(form, x.dtype).inputs
    unpacked = SMALL_PRODUCT // (min(inside, BLOCK // 2) * min(outside, BLOCK))
    kept = min(_tiles_at_once(form, inside + outside, x.itemsize, KEPT_BYTES), unpacked)

    def some(start: int, stop: int) -> Array:
        correlation = None
        if kernels is not None and d_x is not None:
            correlation = _Correlation(d_output, kernels, None, before, d_x)
        at_once = _tiles_at_once(form, inside + outside, x.itemsize, GROUP_BYTES)
        most = max(at_once, grid.columns)
        space = memory.empty((half_way(form.tile, most, grid.columns, max(inside, outside)),), x.dtype)
        total = memory.zeros((form.kernel, form.kernel, inside, outside), x.dtype)
        for lines in _stretches(start, stop, max(1, kept // grid.columns)):
            tiles = (lines.stop - lines.start) * grid.columns
            pixels, d_outputs = (
                memory.empty((form.points, tiles, channels), x.dtype) for channels in (inside, outside)
            )
            first = 0
            for group in grid.groups(lines.start, lines.stop, at_once):
                here = slice(first, first + group.tiles)
                to_points(spread, x, (0, 0), group, pixels[:, here], space)
                if correlation is None:
                    to_points(inputs, d_output, before, group, d_outputs[:, here], space)
                else:
                    correlation.run(group, d_outputs[:, here])
                first = here.stop
            _add_weight_gradient(form, pixels, d_outputs, total)
        return total

    total: Array = sum(split(some, grid.lines, -(-MIN_TILES // grid.columns)), np.zeros((), x.dtype))
    return total


def _add_weight_gradient(form: Form, pixels: Array, d_outputs: Array, total: Array) -> None:
    """total (k, k, C, O) += the turned kernels' gradient; pixels (points, tiles, C), d_outputs (points, tiles, O)."""
    points, tiles, inside, outside = *pixels.shape, d_outputs.shape[2]
    back = np.ascontiguousarray(matrices(form, total.dtype).kernels[:, ::-1].T)
    rows = BLOCK if tiles * BLOCK * BLOCK <= SMALL_PRODUCT else BLOCK // 2
    space = memory.empty((points * rows * BLOCK,), total.dtype)
    for some in _stretches(0, inside, rows):
        columns = pixels[:, :, some].transpose(0, 2, 1)
        for channels in _stretches(0, outside, BLOCK):
            height, width = columns.shape[1], channels.stop - channels.start
            products = space[: points * height * width].reshape(points, height, width)
            np.matmul(columns, d_outputs[:, :, channels], out=products)
            half = np.matmul(back, products.reshape(form.tile, -1)).reshape(form.kernel, form.tile, -1)
            total[:, :, some, channels] += np.matmul(back, half).reshape(*total.shape[:2], height, width)
