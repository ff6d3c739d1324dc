"""Depthwise convolution: each group is one channel, so there is no sum for a GEMM to do, only products tap by tap.

Weights are (kernel rows, kernel columns, 1, O); O = C × m, and channel c makes the outputs c·m to c·m + m − 1.
"""

from __future__ import annotations

from math import prod

import numpy as np

from cnnstudio.engine.arrays import Array, Pair
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.parallel import CACHE_VALUES, split
from cnnstudio.engine.kernels.tiles import Tiles
from cnnstudio.engine.kernels.window import Window, fold


def convolve(x: Array, weight: Array, bias: Array | None, window: Window, origin: Pair, size: Pair) -> Array:
    """(N, H, W, C) to (N, *size, O); x's first pixel stands at `origin` of a plane of zeros."""
    channels, outside = x.shape[3], weight.shape[3]
    kernels = weight.reshape(*window.kernel, channels, -1)
    y = memory.empty((len(x), *size, outside), x.dtype)
    flat = y.reshape(-1, outside)
    tiles = Tiles(x, window, origin, size, CACHE_VALUES // (size[1] * outside))

    def some(start: int, stop: int) -> None:
        for first, plane, positions in tiles.planes(start, stop):
            shape = (len(plane), *positions, *kernels.shape[2:])
            total = flat[first : first + len(plane) * prod(positions)].reshape(shape)
            product = memory.empty(shape, x.dtype)
            total[...] = 0 if bias is None else bias.reshape(kernels.shape[2:])
            for at in window.taps:
                total += np.multiply(window.tap(plane, at, positions)[..., None], kernels[at], out=product)

    split(some, tiles.lines)
    return y


def weight_gradient(d_output: Array, x: Array, window: Window) -> Array:
    """Gradient (kh, kw, 1, O) by the weight."""
    channels, outside = x.shape[3], d_output.shape[3]
    size = (d_output.shape[1], d_output.shape[2])
    flat = d_output.reshape(-1, outside)
    origin = (window.padding[0], window.padding[2])
    tiles = Tiles(x, window, origin, size, CACHE_VALUES // (size[1] * outside))

    def some(start: int, stop: int) -> Array:
        d_weight = np.zeros((*window.kernel, channels, outside // channels), x.dtype)
        for first, plane, positions in tiles.planes(start, stop):
            rows = flat[first : first + len(plane) * prod(positions)]
            d_total = rows.reshape(len(plane), *positions, channels, -1)
            for at in window.taps:
                d_weight[at] += np.einsum("nhwc,nhwcm->cm", window.tap(plane, at, positions), d_total)
        return d_weight

    d_weight: Array = sum(split(some, tiles.lines), np.zeros((), x.dtype))
    return d_weight.reshape(*window.kernel, 1, outside)


def spread(d_output: Array, weight: Array, window: Window, size: Pair, channels: int) -> Array:
    """Gradient by the input, (N, *size, channels), at any stride."""
    positions = (d_output.shape[1], d_output.shape[2])
    kernels = weight.reshape(*window.kernel, channels, -1)
    d_x = memory.empty((len(d_output), *size, channels), d_output.dtype)
    at_once = max(1, CACHE_VALUES // prod(d_output.shape[1:]))

    def some(start: int, stop: int) -> None:
        for first in range(start, stop, at_once):
            block = d_output[first : min(first + at_once, stop)]
            d_total = block.reshape(len(block), *positions, channels, -1)
            values = (np.einsum("nhwcm,cm->nhwc", d_total, kernels[at]) for at in window.taps)
            fold(d_x[first : first + len(block)], window, positions, values)

    split(some, len(d_output))
    return d_x
