"""Normalization of each image by itself: over all pixels of a group of channels. Images go to several threads.

x is (N, P, C) with P pixels; a group's mean and spread stand at each of its channels, (N, 1, C), ready to be used.
"""

from __future__ import annotations

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.parallel import blocks, split, split_images


def normalize(
    x: Array, groups: int, eps: float, scale: Array | None, shift: Array | None
) -> tuple[Array, Array, Array]:
    """y = (x - mean) spread scale + shift, mean, and spread = 1 / sqrt(biased variance + eps).

    scale, shift: (P, C) or (1, C). Two passes: the variance is of what is left without the mean.
    """
    y = memory.empty_like(x)
    mean, spread = (memory.empty((len(x), 1, x.shape[2]), x.dtype) for _ in range(2))

    def some(images: slice) -> None:
        mean[images] = _means(x[images], groups)
        part = np.subtract(x[images], mean[images], out=y[images])
        spread[images] = 1 / np.sqrt(_means(part * part, groups) + eps)
        part *= spread[images]
        if scale is not None and shift is not None:
            part *= scale
            part += shift

    split_images(some, x)
    return y, mean, spread


def normalize_gradient(
    d_y: Array, x: Array, mean: Array, spread: Array, groups: int, scale: Array | None
) -> tuple[Array, Array, Array]:
    """Gradients by x, and by scale and shift in the shape of scale; zeros (1, C) where there is none."""
    d_x = memory.empty_like(x)
    shape = (1, x.shape[2]) if scale is None else scale.shape

    def some(start: int, stop: int) -> tuple[Array, Array]:
        d_scale, d_shift = np.zeros(shape, x.dtype), np.zeros(shape, x.dtype)
        for images in blocks(start, stop, x):
            z = x[images] - mean[images]
            z *= spread[images]
            d_z = d_y[images]
            if scale is not None:
                d_scale += _summed(d_z * z, shape[0])
                d_shift += _summed(d_z, shape[0])
                d_z = d_z * scale
            # x also moves its group's mean and variance: that takes away what d_z has in common with a constant
            # and with z itself.
            part = np.subtract(d_z, _means(d_z, groups), out=d_x[images])
            z *= _means(d_z * z, groups)
            part -= z
            part *= spread[images]
        return d_scale, d_shift

    (d_scale, d_shift), *others = split(some, len(x))
    for more_scale, more_shift in others:
        d_scale += more_scale
        d_shift += more_shift
    return d_x, d_scale, d_shift


def _summed(values: Array, rows: int) -> Array:
    """(n, P, C) summed over the images, and over the pixels too if one row is wanted: (rows, C)."""
    if rows == values.shape[1]:
        return np.asarray(values.sum(axis=0))
    return np.ones((1, values.shape[0] * values.shape[1]), values.dtype) @ values.reshape(-1, values.shape[2])


def _means(values: Array, groups: int) -> Array:
    """(n, P, C) to (n, 1, C): the mean over pixels and channels of a channel's group."""
    n, pixels, channels = values.shape
    of_channels = np.matmul(np.ones((1, pixels), values.dtype), values)
    of_groups = of_channels.reshape(n, groups, -1).mean(axis=2, keepdims=True) / pixels
    return np.broadcast_to(of_groups, (n, groups, channels // groups)).reshape(n, 1, channels)
