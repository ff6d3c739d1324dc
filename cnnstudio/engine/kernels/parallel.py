"""Splitting work over a few threads: NumPy releases the interpreter's lock, so they truly run side by side.

The split depends on the amount of work and the number of workers alone, never on timing, and results come back in
the order of the spans: sums over them are the same bit for bit in every run on one machine.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from math import prod
from queue import SimpleQueue
from typing import Any, TypeVar, cast

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels.blas import one_blas_thread

T = TypeVar("T")

MAX_WORKERS = 8
CACHE_VALUES = 1 << 17
"""Values that work of many passes handles at a time, so that they stay in the cache."""

LONG_VALUES = 1 << 20
"""Values that work of few passes handles at a time: threads that come back to the interpreter often get in each
other's way there, which costs more than the cache saves."""

SMALL = 1 << 15
"""Below so many values a second thread costs more than it saves."""


@functools.cache
def worker_count() -> int:
    """Threads that share the work: one a core that this process may use, at most MAX_WORKERS."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows
        cores = os.cpu_count() or 1
    return min(cores, MAX_WORKERS)


class _Helper:
    """A thread that waits for one piece of work after the other.

    Two bare queues hand it out and back in 13 microseconds; an executor's futures take 46, as long as a small layer.
    """

    def __init__(self, name: str) -> None:
        self._work: SimpleQueue[Callable[[], Any]] = SimpleQueue()
        self._idle = threading.Lock()
        thread = threading.Thread(target=self._serve, name=name, daemon=True)
        thread.start()

    def begin(self, work: Callable[[], T]) -> Callable[[], T]:
        """Start work; what comes back waits for its end, and returns or raises what it did."""
        if not self._idle.acquire(blocking=False):
            return work  # another's work may take long: then the caller does it, when it waits for it
        ended: SimpleQueue[None] = SimpleQueue()
        outcomes: list[tuple[T | None, BaseException | None]] = []

        def noted() -> None:
            outcome: tuple[T | None, BaseException | None]
            try:
                outcome = work(), None
            except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
                outcome = None, error
            self._idle.release()
            outcomes.append(outcome)
            ended.put(None)

        def result() -> T:
            interruption: KeyboardInterrupt | None = None
            while not outcomes:
                try:
                    # An interruption may take away what comes back here: the outcome itself stands elsewhere.
                    ended.get()
                except KeyboardInterrupt as pressed:  # what is at work on the caller's arrays has to end first
                    interruption = pressed
            value, error = outcomes[0]
            if error or interruption:
                raise error or interruption  # type: ignore[misc]
            return cast("T", value)

        self._work.put(noted)
        return result

    def _serve(self) -> None:
        while True:
            self._work.get()()


@functools.cache
def _helper(number: int) -> _Helper:
    """They begin with 1: the calling thread does the first span itself."""
    return _Helper(f"cnnstudio-kernel-{number}")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_helper.cache_clear)


class _Here(threading.local):
    """Of the present thread: whether it is at work on a share already, so that further splitting is for nothing."""

    sharing = False


_HERE = _Here()


def spans(count: int, parts: int) -> list[tuple[int, int]]:
    """[0, count) as at most `parts` contiguous (start, stop), as equal as can be, none empty."""
    parts = max(1, min(parts, count))
    edges = [count * part // parts for part in range(parts + 1)]
    return list(pairwise(edges))


def split(work: Callable[[int, int], T], count: int, grain: int = 1) -> list[T]:
    """work(start, stop) over contiguous spans of [0, count), at least `grain` long, side by side.

    Returns the results in the order of the spans. An exception in any span is raised here after all have ended.
    Inside work, a further split is one call over all there is: the cores are taken.
    """
    if _HERE.sharing:
        return [work(0, count)]
    parts = spans(count, min(worker_count(), max(1, count // grain)))

    def guarded(span: tuple[int, int]) -> T:
        # NumPy keeps the error state per thread; overflow is reported by the network, not by warnings.
        with np.errstate(all="ignore"):
            _HERE.sharing = True
            try:
                return work(*span)
            finally:
                _HERE.sharing = False

    if len(parts) == 1:
        return [work(*parts[0])]
    with one_blas_thread():
        others = [_helper(number).begin(partial(guarded, span)) for number, span in enumerate(parts[1:], 1)]
        return _all(partial(guarded, parts[0]), *others)


def _all(*outcomes: Callable[[], T]) -> list[T]:
    """What each gives; an error is raised when all have ended."""
    found: list[T] = []
    errors: list[BaseException] = []
    for outcome in outcomes:
        try:
            found.append(outcome())
        except BaseException as error:  # noqa: BLE001 - it is raised below
            errors.append(error)
    try:
        if errors:
            raise errors[0]
    finally:
        errors.clear()  # or the error would hold, by its traceback, all that was computed until a garbage collection
    return found


def split_images(work: Callable[[slice], None], like: Array) -> None:
    """work(images) for slices of the first axis of `like` as `blocks` gives them, side by side."""

    def some(start: int, stop: int) -> None:
        for images in blocks(start, stop, like):
            work(images)

    split(some, len(like))


def blocks(start: int, stop: int, like: Array) -> Iterator[slice]:
    """[start, stop) of the first axis of `like` in slices that fit the cache, one image long at least."""
    step = max(1, CACHE_VALUES // prod(like.shape[1:]))
    for first in range(start, stop, step):
        yield slice(first, min(first + step, stop))


def elementwise(work: Callable[..., None], out: Array, *arrays: Array) -> Array:
    """work(out, *arrays) on matching flat pieces. All have out's shape; out is contiguous.

    Returns out.
    """
    flat = out.reshape(-1)
    flats = [np.ascontiguousarray(array).reshape(-1) for array in arrays]

    def some(start: int, stop: int) -> None:
        for first in range(start, stop, LONG_VALUES):
            piece = slice(first, min(first + LONG_VALUES, stop))
            work(flat[piece], *(each[piece] for each in flats))

    split(some, flat.size, SMALL)
    return out
