"""Sums over all rows of a matrix (M, C), channel by channel, in cache-sized blocks over several threads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels.parallel import CACHE_VALUES, SMALL, split


def in_blocks(work: Callable[[slice], None], like: Array) -> None:
    """work(rows) for blocks of rows of a matrix (M, C) that fit the cache."""
    step = max(1, CACHE_VALUES // like.shape[1])

    def some(start: int, stop: int) -> None:
        for first in range(start, stop, step):
            work(slice(first, min(first + step, stop)))

    split(some, len(like), max(1, SMALL // like.shape[1]))


def column_sums(matrix: Array, terms: Callable[[slice], tuple[Array, ...]], count: int) -> list[Array]:
    """`count` sums over the rows of `matrix` (M, C), each (C,), of the blocks (m, C) that terms(rows) returns."""
    step = max(1, CACHE_VALUES // matrix.shape[1])

    def some(start: int, stop: int) -> list[Array]:
        totals = [np.zeros(matrix.shape[1], matrix.dtype) for _ in range(count)]
        for first in range(start, stop, step):
            rows = slice(first, min(first + step, stop))
            ones = np.ones(rows.stop - rows.start, matrix.dtype)
            for total, term in zip(totals, terms(rows), strict=True):
                total += ones @ term
        return totals

    parts = split(some, len(matrix), max(1, SMALL // matrix.shape[1]))
    return [np.sum([part[index] for part in parts], axis=0) for index in range(count)]


def mean_and_variance(matrix: Array) -> tuple[Array, Array]:
    """Mean and biased variance of each column. Two passes: the variance is of what is left without the mean."""
    mean = column_sums(matrix, lambda rows: (matrix[rows],), 1)[0] / len(matrix)

    def squares(rows: slice) -> tuple[Array]:
        rest = matrix[rows] - mean
        rest *= rest
        return (rest,)

    return mean, column_sums(matrix, squares, 1)[0] / len(matrix)
