"""Pooling over a grid of given size: bin i of o covers [floor(i n / o), ceil((i + 1) n / o)) of an axis of n pixels.

Bins of one axis may overlap and differ by a pixel in width, so each axis is worked through by itself.
"""

from __future__ import annotations

from math import prod

import numpy as np

from cnnstudio.engine.arrays import Array, Integers, Pair
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.parallel import split, split_images


def average(x: Array, size: Pair) -> Array:
    """(N, H, W, C) to (N, *size, C): the means of all bins."""
    rows, columns = (_averaging(x.shape[axis + 1], size[axis], x) for axis in range(2))
    return _along_both(x, rows, columns)


def average_gradient(d_output: Array, size: Pair) -> Array:
    """Gradient by the input, (N, *size, C), where `size` is the input's (height, width)."""
    rows, columns = (_averaging(size[axis], d_output.shape[axis + 1], d_output).T for axis in range(2))
    return _along_both(d_output, rows, columns)


def maximum(x: Array, size: Pair) -> tuple[Array, Integers]:
    """(N, H, W, C) to (N, *size, C): the largest of each bin, and its place row·W + column, the first of equal ones."""
    n, height, width, channels = x.shape
    rows, columns = _members(height, size[0]), _members(width, size[1])
    y = memory.empty((n, *size, channels), x.dtype)
    places = np.empty(y.shape, np.intp)

    def some(images: slice) -> None:
        # Within each row first, then over rows: so the first of equal ones is the first in row-major order.
        of_rows, at_column = _largest(x[images], 2, columns)
        y[images], at_row = _largest(of_rows, 1, rows)
        places[images] = at_row * width + np.take_along_axis(at_column, at_row, axis=1)

    split_images(some, x)
    return y, places


def maximum_gradient(d_output: Array, places: Integers, size: Pair) -> Array:
    """Gradient by the input, (N, *size, C): each bin's goes to the place that `maximum` has found."""
    n, *_, channels = d_output.shape
    d_x = memory.empty((n, *size, channels), d_output.dtype)

    def some(images: slice) -> None:
        part = d_x[images]
        first = np.arange(len(part)).reshape(-1, 1, 1, 1) * prod(size)
        targets = (first + places[images]) * channels + np.arange(channels)
        sums = np.bincount(targets.ravel(), d_output[images].ravel(), minlength=part.size)
        part[...] = sums.reshape(part.shape)

    split_images(some, d_x)
    return d_x


def _bins(size: int, bins: int) -> tuple[Integers, Integers]:
    """First pixel, and first pixel behind, of each bin."""
    index = np.arange(bins)
    return index * size // bins, -(-(index + 1) * size // bins)


def _members(size: int, bins: int) -> Integers:
    """(bins, width of the widest): the pixels of each bin; narrower ones repeat their last."""
    start, stop = _bins(size, bins)
    return np.minimum(start[:, None] + np.arange((stop - start).max()), stop[:, None] - 1)


def _averaging(size: int, bins: int, like: Array) -> Array:
    """(bins, size): each row averages one bin."""
    start, stop = _bins(size, bins)
    place = np.arange(size)
    member = (place >= start[:, None]) & (place < stop[:, None])
    return (member / (stop - start)[:, None]).astype(like.dtype)


def _largest(x: Array, axis: int, members: Integers) -> tuple[Array, Integers]:
    """Of x (N, H, W, C), bin by bin along `axis`: the largest, and its index, the first of equal ones."""
    gathered = np.take(x, members, axis=axis)
    best = gathered.argmax(axis=axis + 1)
    tops = np.take_along_axis(gathered, np.expand_dims(best, axis + 1), axis=axis + 1).squeeze(axis + 1)
    bins = np.arange(len(members)).reshape(-1, *[1] * (3 - axis))
    return tops, members[bins, best]


def _along_both(x: Array, rows: Array, columns: Array) -> Array:
    """Multiply the height axis of x (N, H, W, C) by rows (R, H) and the width axis by columns (K, W)."""
    n, height, width, channels = x.shape
    y = memory.empty((n, len(rows), len(columns), channels), x.dtype)

    def some(start: int, stop: int) -> None:
        part = rows @ x[start:stop].reshape(-1, height, width * channels)
        part = columns @ part.reshape(-1, width, channels)
        y[start:stop] = part.reshape(stop - start, len(rows), len(columns), channels)

    split(some, n)
    return y
