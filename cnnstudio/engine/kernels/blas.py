"""One BLAS thread while our own threads share the work.

Two layers of threads on the same cores wait for each other. The engine splits batches itself, so BLAS is held to
one thread for as long as any thread computes, and gets its former number back when the last one is done.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from threadpoolctl import LibController, ThreadpoolController  # type: ignore[import-untyped]


class _SingleThread:
    """Counts who is inside: the limit is the process's, so overlapping users must not restore each other's.

    threadpoolctl's own context manager cannot do that: it lets only one thread at a time set limits, and ignores
    the others without a word, while here the first to come and the last to leave may be two threads.
    """

    def __init__(self) -> None:
        self._libraries: Sequence[LibController] | None = None
        self._lock = threading.Lock()
        self._inside = 0
        self._before: list[int] = []

    def enter(self) -> None:
        with self._lock:
            if self._libraries is None:
                self._libraries = ThreadpoolController().select(user_api="blas").lib_controllers
            if self._inside == 0:
                self._before = [library.num_threads for library in self._libraries]
                self._set(self._libraries, [1] * len(self._before))
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._libraries is not None:
                self._set(self._libraries, self._before)

    def _set(self, libraries: Sequence[LibController], counts: Sequence[int]) -> None:
        for library, count in zip(libraries, counts, strict=True):
            # Newer versions reserve a library for the thread that set it last; under our lock, none is at it.
            release = getattr(library, "clear_controlling_thread", lambda **_: None)
            release(force=True)
            library.set_num_threads(count)
            release(force=True)


_SINGLE_THREAD = _SingleThread()

if hasattr(os, "register_at_fork"):
    # Who computes in the parent does not in the child, and a lock held there would stay locked.
    os.register_at_fork(after_in_child=_SINGLE_THREAD.__init__)  # type: ignore[misc]


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread inside the block. Nests, and may be entered from several threads at once."""
    _SINGLE_THREAD.enter()
    try:
        yield
    finally:
        _SINGLE_THREAD.leave()
