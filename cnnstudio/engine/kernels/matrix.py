"""Matrix products in the forms that BLAS is fast at."""

from __future__ import annotations

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.parallel import split

GRAIN = 1 << 19
"""Multiply-adds that are worth a thread of their own."""

SMALL_PRODUCT = 1_000_000
"""Multiply-adds up to which OpenBLAS multiplies matrices as they lie, without packing them first."""

SMALL_ROWS = (192, 96, 48, 24, 12, 8)
"""Rows of a small product, the most preferred first: multiples of what its innermost loop takes at a time."""

VECTOR = 16
"""Single-precision numbers in the widest of vector registers."""


def product(a: Array, b: Array) -> Array:
    """a @ b for two matrices; the longer side of the result is what the threads share."""
    rows, columns = a.shape[0], b.shape[1]
    out = memory.empty((rows, columns), a.dtype)
    if columns >= rows:
        grain = -(-GRAIN // max(1, a.size))
        split(lambda start, stop: np.matmul(a, b[:, start:stop], out=out[:, start:stop]), columns, grain)
    else:
        grain = -(-GRAIN // max(1, b.size))
        split(lambda start, stop: np.matmul(a[start:stop], b, out=out[start:stop]), rows, grain)
    return out


def products(rows: Array, matrices: Array, out: Array) -> None:
    """out = rows @ matrices for a few stacked matrices, (G, M, K) by (G, K, O), with many rows each.

    Many small products are faster than one large one where the small ones need no packing.
    """
    groups, count, width = rows.shape
    step = _small_rows(width, matrices.shape[2])
    whole = (
        count - count % step if step and groups == 1 and rows.flags.c_contiguous and out[0].flags.c_contiguous else 0
    )
    if whole:
        parts = out[0, :whole].reshape(-1, step, out.shape[2])
        np.matmul(rows[0, :whole].reshape(-1, step, width), matrices[0], out=parts)
    if whole < count:
        np.matmul(rows[:, whole:], matrices, out=out[:, whole:])


def correlation(a: Array, b: Array) -> Array:
    """Sums over the rows of a (G, M, K) times b (G, M, O): (G, K, O)."""
    groups, width, outside = len(a), a.shape[2], b.shape[2]
    if outside % VECTOR and width > outside:
        # BLAS's vectors run along the last axis of the result: the longer one leaves fewer of them half empty.
        turned = memory.empty((groups, outside, width), a.dtype)
        return np.matmul(b.transpose(0, 2, 1), a, out=turned).transpose(0, 2, 1)
    return np.matmul(a.transpose(0, 2, 1), b, out=memory.empty((groups, width, outside), a.dtype))


def _small_rows(width: int, outside: int) -> int:
    """Rows that make a product small enough, 0 where too few would."""
    return next((rows for rows in SMALL_ROWS if rows * width * outside <= SMALL_PRODUCT), 0)
