"""Pooling as whole-array operations over the taps of the window: k × k passes, however large the maps are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod

import numpy as np

from cnnstudio.engine.arrays import Array, Pair
from cnnstudio.engine.kernels.parallel import CACHE_VALUES, split
from cnnstudio.engine.kernels.tiles import Tiles
from cnnstudio.engine.kernels.window import Window, copy_padded, fold, scratch


def max_pool(x: Array, window: Window, size: Pair) -> Array:
    """(N, H, W, C) to (N, *size, C): the largest of each window; padding is minus infinity."""
    return _reduce_taps(x, window, size, np.maximum, -np.inf)


def max_pool_gradient(d_output: Array, x: Array, y: Array, window: Window) -> Array:
    """Gradient by the input: all of it goes to the first tap, in row-major order, that equals the maximum y."""
    positions = (y.shape[1], y.shape[2])
    d_x = np.empty_like(x)
    at_once = max(1, CACHE_VALUES // prod(x.shape[1:]))
    origin, span = (window.padding[0], window.padding[2]), window.span(positions)
    inside = origin == (0, 0) and span[0] <= x.shape[1] and span[1] <= x.shape[2]

    def shares(plane: Array, tops: Array, d_tops: Array) -> Iterator[Array]:
        unclaimed = np.ones(tops.shape, bool)
        wins = np.empty(tops.shape, bool)
        share = np.empty_like(tops)
        for at in window.taps:
            np.equal(window.tap(plane, at, positions), tops, out=wins)
            wins &= unclaimed
            unclaimed ^= wins
            yield np.multiply(d_tops, wins, out=share)

    def some(start: int, stop: int) -> None:
        for first in range(start, stop, at_once):
            part = slice(first, min(first + at_once, stop))
            plane = x[part]
            if not inside:
                plane = copy_padded(scratch((len(plane), *span, x.shape[3]), x), plane, *origin, -np.inf)
            fold(d_x[part], window, positions, shares(plane, y[part], d_output[part]))

    def some_apart(start: int, stop: int) -> None:
        """Each pixel is seen by one window: nothing to add up."""
        for first in range(start, stop, at_once):
            part = slice(first, min(first + at_once, stop))
            unclaimed = np.ones(y[part].shape, bool)
            for at in window.taps:
                wins = window.tap(x[part], at, positions) == y[part]
                wins &= unclaimed
                unclaimed ^= wins
                np.multiply(d_output[part], wins, out=window.tap(d_x[part], at, positions))

    apart = inside and window.kernel == window.stride and window.dilation == (1, 1) and span == x.shape[1:3]
    split(some_apart if apart else some, len(x))
    return d_x


def avg_pool(x: Array, window: Window, size: Pair, *, count_include_pad: bool) -> Array:
    """(N, H, W, C) to (N, *size, C): the mean of each window."""
    total = _reduce_taps(x, window, size, np.add, 0.0)
    total /= _divisors(window, (x.shape[1], x.shape[2]), size, count_include_pad).astype(x.dtype)
    return total


def avg_pool_gradient(d_output: Array, window: Window, size: Pair, *, count_include_pad: bool) -> Array:
    """Gradient by the input, (N, *size, C), where `size` is the input's (height, width)."""
    positions = (d_output.shape[1], d_output.shape[2])
    divisors = _divisors(window, size, positions, count_include_pad).astype(d_output.dtype)
    d_x = np.empty((len(d_output), *size, d_output.shape[3]), d_output.dtype)
    at_once = max(1, CACHE_VALUES // prod(d_x.shape[1:]))

    def some(start: int, stop: int) -> None:
        for first in range(start, stop, at_once):
            part = slice(first, min(first + at_once, stop))
            share = d_output[part] / divisors
            fold(d_x[part], window, positions, (share for _ in window.taps))

    split(some, len(d_x))
    return d_x


def _reduce_taps(x: Array, window: Window, size: Pair, combine: Callable[..., Array], fill: float) -> Array:
    channels = x.shape[3]
    y = np.empty((len(x), *size, channels), x.dtype)
    flat = y.reshape(-1, channels)
    lines_at_once = CACHE_VALUES // (size[1] * channels * prod(window.stride))
    tiles = Tiles(x, window, (window.padding[0], window.padding[2]), size, lines_at_once, fill)

    def some(start: int, stop: int) -> None:
        for first, plane, positions in tiles.planes(start, stop):
            shape = (len(plane), *positions, channels)
            result = flat[first : first + prod(shape[:3])].reshape(shape)
            first_tap, *other_taps = window.taps
            result[...] = window.tap(plane, first_tap, positions)
            for at in other_taps:
                combine(result, window.tap(plane, at, positions), out=result)

    split(some, tiles.lines)
    return y


def _divisors(window: Window, size: Pair, positions: Pair, count_include_pad: bool) -> Array:
    """(rows, columns, 1): how many values each window's mean is over. The overhang of ceil_mode never counts."""
    top, bottom, left, right = window.padding
    rows = _counts(size[0], window.kernel[0], window.stride[0], top, bottom, positions[0], count_include_pad)
    columns = _counts(size[1], window.kernel[1], window.stride[1], left, right, positions[1], count_include_pad)
    return np.multiply.outer(rows, columns)[..., None]


def _counts(
    size: int, kernel: int, stride: int, before: int, after: int, positions: int, count_include_pad: bool
) -> Array:
    starts = np.arange(positions) * stride - before
    low, high = (-before, size + after) if count_include_pad else (0, size)
    return (np.minimum(starts + kernel, high) - np.maximum(starts, low)).astype(np.float64)
