"""Work on matrices (M, C) that treats each of their C columns, a channel, in its own way: sums, scales, shifts.

It goes in cache-sized blocks over several threads. NumPy's inner loop is as long as a row, and few channels make a
short one; so several rows are taken as one long row, and vectors (C,) are repeated as often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels.parallel import LONG_VALUES, SMALL, split

T = TypeVar("T")

LONG_ROW = 512
"""Values of a row that make the inner loop long enough."""


def by_channel(work: Callable[..., None], out: Array, arrays: Sequence[Array], vectors: Sequence[Array]) -> None:
    """work(out, *arrays, *vectors) on matching blocks of `out` and `arrays`, all (M, C); `vectors` are (C,)."""
    times, repeated = _repeated(out, vectors)
    wide = [_wide(each, times) for each in (out, *arrays)]

    def some(start: int, stop: int) -> None:
        for rows in _blocks(wide[0], start, stop):
            work(*(each[rows] for each in wide), *repeated)

    _share(some, wide[0])


def channel_sums(terms: Callable[..., tuple[Array, ...]], arrays: Sequence[Array], vectors: Sequence[Array]) -> Array:
    """Sums (terms, C) over all rows of what terms(*arrays, *vectors) gives for blocks of `arrays`, all (M, C)."""
    times, repeated = _repeated(arrays[0], vectors)
    wide = [_wide(each, times) for each in arrays]

    def some(start: int, stop: int) -> Array:
        totals: list[list[Array]] = []
        for rows in _blocks(wide[0], start, stop):
            ones = np.ones(rows.stop - rows.start, wide[0].dtype)
            totals.append([ones @ term for term in terms(*(each[rows] for each in wide), *repeated)])
        return _sum(totals)

    total = _sum(_share(some, wide[0]))
    sums: Array = total.reshape(len(total), times, -1).sum(axis=1)
    return sums


MOST_ROWS = 2048
"""Rows that are summed up one after the other: with more, the sum's own rounding shows in float32."""

STEADY = 8.0
"""Mean squares in variances up to which three bits at most are lost where the mean is not taken away first."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Of the columns of a matrix (M, C): M, the means (C,), and Σ (x - mean)² (C,)."""

    count: int
    mean: Array
    squares: Array


def moments(matrix: Array) -> Moments:
    """Moments of each column, in one pass over the memory.

    Σ (x - mean)² is Σ x² - (Σ x)² / M, unless the mean is so large beside the spread that most digits would cancel.
    """
    times, _ = _repeated(matrix, ())
    wide = _wide(matrix, times)

    def some(start: int, stop: int) -> list[Moments]:
        return [_of_block(wide[rows], times) for rows in _blocks(wide, start, stop)]

    parts = [part for parts in _share(some, wide) for part in parts]
    return parts[0] if len(parts) == 1 else merge(parts)


def _of_block(block: Array, times: int) -> Moments:
    count = len(block) * times
    total = _folded(np.ones(len(block), block.dtype) @ block, times)
    square = _folded(np.einsum("ij,ij->j", block, block), times)
    mean = total / count
    rest = square - total * mean
    if (square <= STEADY * rest).all():
        return Moments(count, mean, rest)
    centred = block - _tiled(mean, times)
    # The mean itself is rounded: what it misses by is small, and known once it has been taken away.
    slip = _folded(np.ones(len(block), block.dtype) @ centred, times) / count
    square = _folded(np.einsum("ij,ij->j", centred, centred), times)
    return Moments(count, mean.astype(np.float64) + slip, square - count * np.square(slip))


def alignment(d_y: Array, x: Array) -> Array:
    """Sums (2, C) over the rows of d_y and of d_y x, both (M, C)."""
    times, _ = _repeated(x, ())
    d_wide, wide = _wide(d_y, times), _wide(x, times)

    def some(start: int, stop: int) -> Array:
        found = []
        for rows in _blocks(wide, start, stop):
            d_block = d_wide[rows]
            ones = np.ones(len(d_block), d_block.dtype)
            found.append((ones @ d_block, np.einsum("ij,ij->j", d_block, wide[rows])))
        return _sum(found)

    return np.array([_folded(each, times) for each in _sum(_share(some, wide))])


def merge(parts: Sequence[Moments]) -> Moments:
    """The moments of all rows from those of some at a time.

    Σ(x - mean)² = Σ over parts of (Σ(x - its mean)² + count × (its mean - mean)²). (Chan, Golub and LeVeque, 1979.)
    """
    count, dtype = sum(part.count for part in parts), parts[0].squares.dtype
    means, squares = (np.array([getattr(part, name) for part in parts], np.float64) for name in ("mean", "squares"))
    counts = np.array([[part.count] for part in parts], np.float64)
    mean = (counts * means).sum(axis=0) / count
    square = squares.sum(axis=0) + (counts * np.square(means - mean)).sum(axis=0)
    return Moments(count, mean.astype(dtype), square.astype(dtype))


def _repeated(like: Array, vectors: Sequence[Array]) -> tuple[int, list[Array]]:
    """How many rows of `like` make one long row, and the vectors that go with it."""
    count, channels = like.shape
    times = next(each for each in range(max(1, LONG_ROW // channels), 0, -1) if count % each == 0)
    return times, [_tiled(vector, times) for vector in vectors]


def _tiled(vector: Array, times: int) -> Array:
    tiled = np.empty((times, len(vector)), vector.dtype)
    tiled[...] = vector
    return tiled.reshape(-1)


def _folded(sums: Array, times: int) -> Array:
    """Sums of a long row's columns, added up for each channel."""
    folded: Array = sums.reshape(times, -1).sum(axis=0)
    return folded


def _wide(matrix: Array, times: int) -> Array:
    return matrix.reshape(-1, times * matrix.shape[1])


def _blocks(like: Array, start: int, stop: int) -> Iterator[slice]:
    step = max(1, min(MOST_ROWS, LONG_VALUES // like.shape[1]))
    for first in range(start, stop, step):
        yield slice(first, min(first + step, stop))


def _share(some: Callable[[int, int], T], like: Array) -> list[T]:
    return split(some, len(like), max(1, SMALL // like.shape[1]))


def _sum(parts: Sequence[Any]) -> Array:
    total: Array = np.sum(parts, axis=0)
    return total
