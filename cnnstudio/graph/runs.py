"""Sets of places along an axis, as runs of neighbours: exact with gaps, and small however long the axis is."""

from __future__ import annotations

from collections.abc import Iterable

Run = tuple[int, int]
"""The first place, and the one behind the last."""

Runs = tuple[Run, ...]
"""In ascending order; between one and the next there is a gap."""


def everything(size: int) -> Runs:
    return ((0, size),)


def one(place: int) -> Runs:
    return ((place, place + 1),)


def joined(runs: Iterable[Run]) -> Runs:
    """The union of runs in any order; empty ones vanish."""
    found: list[Run] = []
    for first, stop in sorted(runs):
        if first >= stop:
            continue
        if found and first <= found[-1][1]:
            if stop > found[-1][1]:
                found[-1] = (found[-1][0], stop)
        else:
            found.append((first, stop))
    return tuple(found)


def within(runs: Iterable[Run], size: int) -> Runs:
    """The union of runs in any order, as far as it lies on an axis of `size` places."""
    return joined((max(first, 0), min(stop, size)) for first, stop in runs)


def cover(outer: Runs, inner: Runs) -> bool:
    """Whether every place of `inner` is one of `outer`."""
    if outer == inner:
        return True
    candidates = iter(outer)
    first, stop = next(candidates, (0, 0))
    for low, high in inner:
        while stop < high:
            following = next(candidates, None)
            if following is None:
                return False
            first, stop = following
        if low < first:
            return False
    return True


def nested(outer: Runs, inner: Runs, size: int) -> Runs:
    """The places that `inner` takes within each place of `outer`, where each of those is unrolled to `size` places."""
    if inner == everything(size):
        return tuple((first * size, stop * size) for first, stop in outer)
    return joined(
        (place * size + low, place * size + high)
        for first, stop in outer
        for place in range(first, stop)
        for low, high in inner
    )
