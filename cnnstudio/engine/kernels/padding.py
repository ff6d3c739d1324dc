"""Padding that continues the maps: mirrored (without the edge pixel), or with the edge repeated."""

from __future__ import annotations

from typing import Literal

import numpy as np

from cnnstudio.engine.arrays import Array, Integers, Sides

PaddingMode = Literal["zeros", "reflect", "replicate"]


def pad(x: Array, sides: Sides, mode: PaddingMode) -> Array:
    """(N, H, W, C) to (N, top + H + bottom, left + W + right, C)."""
    top, bottom, left, right = sides
    rows = _sources(x.shape[1], top, bottom, mode)
    columns = _sources(x.shape[2], left, right, mode)
    return np.ascontiguousarray(x[:, rows[:, None], columns])


def pad_gradient(d_padded: Array, sides: Sides, mode: PaddingMode) -> Array:
    """Gradient by the input of `pad`: each padding pixel's share goes to the pixel it was copied from."""
    top, bottom, left, right = sides
    return _fold_axis(_fold_axis(d_padded, 1, top, bottom, mode), 2, left, right, mode)


def _sources(size: int, before: int, after: int, mode: PaddingMode) -> Integers:
    """For each padded index, the index it is copied from."""
    index = np.arange(-before, size + after)
    if mode == "replicate":
        return np.clip(index, 0, size - 1)
    index = np.abs(index)
    return np.where(index < size, index, 2 * (size - 1) - index)


def _fold_axis(d_padded: Array, axis: int, before: int, after: int, mode: PaddingMode) -> Array:
    padded = np.moveaxis(d_padded, axis, 0)
    size = len(padded) - before - after
    d_x = padded[before : before + size].copy()
    sources = _sources(size, before, after, mode)
    for index in (*range(before), *range(before + size, len(padded))):
        d_x[sources[index]] += padded[index]
    return np.moveaxis(d_x, 0, axis)
