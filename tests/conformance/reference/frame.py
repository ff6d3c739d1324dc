"""A frame around maps, and what flows back from it."""

from __future__ import annotations

import numpy as np

from tests.conformance.reference.site import Array

Sides = tuple[int, int, int, int]


def source(index: int, size: int, mode: str) -> int | None:
    """Which of `size` pixels in a row stands at `index`, counted from the first of them; None: a zero."""
    if 0 <= index < size:
        return index
    if mode == "zeros":
        return None
    if mode == "replicate":
        return 0 if index < 0 else size - 1
    return -index if index < 0 else 2 * (size - 1) - index


def pad(x: Array, sides: Sides, mode: str) -> Array:
    top, bottom, left, right = sides
    images, channels, height, width = x.shape
    y = np.zeros((images, channels, top + height + bottom, left + width + right))
    for n, c, i, j in np.ndindex(y.shape):
        row, column = source(i - top, height, mode), source(j - left, width, mode)
        if row is not None and column is not None:
            y[n, c, i, j] = x[n, c, row, column]
    return y


def pad_gradient(d_y: Array, shape: tuple[int, ...], sides: Sides, mode: str) -> Array:
    """Each pixel gathers from all the places where it stands."""
    top, _, left, _ = sides
    d_x = np.zeros(shape)
    for n, c, i, j in np.ndindex(d_y.shape):
        row, column = source(i - top, shape[2], mode), source(j - left, shape[3], mode)
        if row is not None and column is not None:
            d_x[n, c, row, column] += d_y[n, c, i, j]
    return d_x
