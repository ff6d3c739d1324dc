"""Sums over neighbouring channels."""

from __future__ import annotations

from cnnstudio.engine.arrays import Array


def sums(values: Array, before: int, after: int) -> Array:
    """Of values (M, C): at each channel c the sum over c - before to c + after, those that exist; (M, C).

    Channel by channel of the reach, not as differences of running sums, which would lose what is small.
    """
    channels = values.shape[1]
    total = values.copy()
    for offset in range(1, min(before, channels - 1) + 1):
        total[:, offset:] += values[:, :-offset]
    for offset in range(1, min(after, channels - 1) + 1):
        total[:, :-offset] += values[:, offset:]
    return total
