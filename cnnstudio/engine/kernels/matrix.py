"""The matrix product, split over threads."""

from __future__ import annotations

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.parallel import split

GRAIN = 16
"""Rows or columns that one thread takes at least."""


def product(a: Array, b: Array) -> Array:
    """a @ b for two matrices; the longer side of the result is what the threads share."""
    rows, columns = a.shape[0], b.shape[1]
    out = memory.empty((rows, columns), a.dtype)
    if columns >= rows:
        split(lambda start, stop: np.matmul(a, b[:, start:stop], out=out[:, start:stop]), columns, GRAIN)
    else:
        split(lambda start, stop: np.matmul(a[start:stop], b, out=out[start:stop]), rows, GRAIN)
    return out
