"""Maps made a whole number of times larger, and the gradient back. Maps are (N, H, W, C), scale is (rows, columns)."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from cnnstudio.engine.arrays import Array, Pair
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.parallel import split_images


def nearest(x: Array, scale: Pair) -> Array:
    """Every pixel becomes a block of equal ones."""
    n, height, width, channels = x.shape
    y = memory.empty((n, height, scale[0], width, scale[1], channels), x.dtype)

    def some(images: slice) -> None:
        y[images] = x[images, :, None, :, None]

    split_images(some, y)
    return y.reshape(n, height * scale[0], width * scale[1], channels)


def nearest_gradient(d_y: Array, scale: Pair) -> Array:
    """Every pixel gets the sum of its block."""
    n, rows, columns, channels = d_y.shape
    blocks = d_y.reshape(n, rows // scale[0], scale[0], columns // scale[1], scale[1], channels)
    d_x = memory.empty((n, rows // scale[0], columns // scale[1], channels), d_y.dtype)

    def some(images: slice) -> None:
        np.sum(blocks[images], axis=(2, 4), out=d_x[images])

    split_images(some, d_y)
    return d_x


def bilinear(x: Array, scale: Pair) -> Array:
    """A mean of the two nearest pixels of each axis, weighted by nearness; the edge goes on beyond itself."""
    n, height, width, channels = x.shape
    y = memory.empty((n, height * scale[0], width * scale[1], channels), x.dtype)

    def some(images: slice) -> None:
        higher = _stretch(x[images].reshape(-1, height, width * channels), scale[0])
        y[images] = _stretch(higher.reshape(-1, width, channels), scale[1]).reshape(y[images].shape)

    split_images(some, y)
    return y


def bilinear_gradient(d_y: Array, scale: Pair) -> Array:
    """The weights of `bilinear`, the other way."""
    n, rows, columns, channels = d_y.shape
    d_x = memory.empty((n, rows // scale[0], columns // scale[1], channels), d_y.dtype)

    def some(images: slice) -> None:
        narrower = _gather(d_y[images].reshape(-1, columns, channels), scale[1])
        narrower = narrower.reshape(-1, rows, prod(d_x.shape[2:]))
        d_x[images] = _gather(narrower, scale[0]).reshape(d_x[images].shape)

    split_images(some, d_y)
    return d_x


def _offsets(scale: int) -> Iterator[tuple[int, float]]:
    """(which of the places a pixel becomes, how far its centre lies from the pixel's, in pixels)."""
    for place in range(scale):
        yield place, (place + 0.5) / scale - 0.5


def _stretch(x: Array, scale: int) -> Array:
    """(M, L, K) to (M, scale · L, K)."""
    y = memory.empty((x.shape[0], x.shape[1], scale, x.shape[2]), x.dtype)
    for place, offset in _offsets(scale):
        share = abs(offset)
        part = np.multiply(x, 1 - share, out=y[:, :, place])
        if offset < 0:
            part[:, 1:] += share * x[:, :-1]
            part[:, 0] += share * x[:, 0]
        elif offset > 0:
            part[:, :-1] += share * x[:, 1:]
            part[:, -1] += share * x[:, -1]
    return y.reshape(x.shape[0], -1, x.shape[2])


def _gather(d_y: Array, scale: int) -> Array:
    """Gradient of `_stretch`: (M, scale · L, K) to (M, L, K)."""
    parts = d_y.reshape(d_y.shape[0], -1, scale, d_y.shape[2])
    d_x = np.zeros((d_y.shape[0], parts.shape[1], d_y.shape[2]), d_y.dtype)
    for place, offset in _offsets(scale):
        share, part = abs(offset), parts[:, :, place]
        d_x += (1 - share) * part
        if offset < 0:
            d_x[:, :-1] += share * part[:, 1:]
            d_x[:, 0] += share * part[:, 0]
        elif offset > 0:
            d_x[:, 1:] += share * part[:, :-1]
            d_x[:, -1] += share * part[:, -1]
    return d_x
