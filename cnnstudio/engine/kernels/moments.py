"""Work on matrices (M, C) that treats each of their C columns, a channel, in its own way: sums, scales, shifts.

It goes in cache-sized blocks over several threads. NumPy's inner loop is as long as a row, and few channels make a
short one; so several rows are taken as one long row, and vectors (C,) are repeated as often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels.parallel import CACHE_VALUES, SMALL, split

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


@dataclass(frozen=True, slots=True)
class Moments:
    """Of the columns of a matrix (M, C): M, the means (C,), and Σ (x - mean)² (C,)."""

    count: int
    mean: Array
    squares: Array


def moments(matrix: Array) -> Moments:
    """Moments of each column, in one pass over the memory: each block is centred while it is in the cache."""
    times, _ = _repeated(matrix, ())
    wide = _wide(matrix, times)

    def some(start: int, stop: int) -> list[Moments]:
        found = []
        for rows in _blocks(wide, start, stop):
            block = wide[rows]
            ones = np.ones(len(block), wide.dtype)
            mean = ones @ block / len(block)
            rest = block - mean
            rest *= rest
            means, squares = mean.reshape(times, -1), (ones @ rest).reshape(times, -1)
            found += [Moments(len(block), *each) for each in zip(means, squares, strict=True)]
        return found

    return merge([part for parts in _share(some, wide) for part in parts])


def merge(parts: Sequence[Moments]) -> Moments:
    """The moments of all rows from those of some at a time.

    Σ(x - mean)² = Σ over parts of (Σ(x - its mean)² + count × (its mean - mean)²). (Chan, Golub and LeVeque, 1979.)
    """
    count = sum(part.count for part in parts)
    means, squares = (np.array([getattr(part, name) for part in parts]) for name in ("mean", "squares"))
    counts = np.array([[part.count] for part in parts], means.dtype)
    mean = (counts * means).sum(axis=0) / count
    return Moments(count, mean, squares.sum(axis=0) + (counts * np.square(means - mean)).sum(axis=0))


def _repeated(like: Array, vectors: Sequence[Array]) -> tuple[int, list[Array]]:
    """How many rows of `like` make one long row, and the vectors that go with it."""
    count, channels = like.shape
    times = next(each for each in range(max(1, LONG_ROW // channels), 0, -1) if count % each == 0)
    return times, [np.tile(vector, times) for vector in vectors]


def _wide(matrix: Array, times: int) -> Array:
    return matrix.reshape(-1, times * matrix.shape[1])


def _blocks(like: Array, start: int, stop: int) -> Iterator[slice]:
    step = max(1, CACHE_VALUES // like.shape[1])
    for first in range(start, stop, step):
        yield slice(first, min(first + step, stop))


def _share(some: Callable[[int, int], T], like: Array) -> list[T]:
    return split(some, len(like), max(1, SMALL // like.shape[1]))


def _sum(parts: Sequence[Array | list[Array]]) -> Array:
    total: Array = np.sum(parts, axis=0)
    return total
