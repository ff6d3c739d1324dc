"""One BLAS thread while our own threads share the work.

Two layers of threads on the same cores wait for each other. The engine splits batches itself, so BLAS is held to
one thread for as long as any thread computes, and gets its former number back when the last one is done.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


class _SingleThread:
    """Counts who is inside: the limit is the process's, so overlapping users must not restore each other's."""

    def __init__(self) -> None:
        self._blas = ThreadpoolController().select(user_api="blas")
        self._lock = threading.Lock()
        self._inside = 0
        self._limit: Any = None

    def enter(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._limit = self._blas.limit(limits=1)
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._limit.restore_original_limits()


@functools.cache
def _single_thread() -> _SingleThread:
    return _SingleThread()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread inside the block. Nests, and may be entered from several threads at once."""
    holder = _single_thread()
    holder.enter()
    try:
        yield
    finally:
        holder.leave()
