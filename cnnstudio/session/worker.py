"""Work in the background of which only the newest matters, such as the picture shown last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

from cnnstudio.session.mailbox import Slot

T = TypeVar("T")


class LatestWorker(Generic[T]):
    """Does jobs one after the other in a thread; a job that has not begun gives way to a newer one.

    The thread lives only while there is work. `results` holds the latest outcome: what the job returned, or the
    exception that it raised.
    """

    def __init__(self, name: str) -> None:
        self._name = f"cnnstudio-{name}"
        self._lock = threading.Lock()
        self._job: Callable[[], T] | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self.results: Slot[T | Exception] = Slot()

    def submit(self, job: Callable[[], T]) -> None:
        """Run `job` as soon as the present one is done, in place of any that still waits. Ignored after `close`."""
        with self._lock:
            if self._closed:
                return
            self._job = job
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name)
                self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits; when not, the outcome of the last one is in `results`."""
        with self._lock:
            return self._thread is not None

    def close(self, timeout: float) -> bool:
        """Drop what waits and let the present job end; False when that takes longer than `timeout` seconds."""
        with self._lock:
            self._closed = True
            self._job = None
        return self.join(timeout)

    def join(self, timeout: float) -> bool:
        """Wait until all that was submitted is done; False when it takes longer than `timeout` seconds."""
        deadline = monotonic() + timeout
        while (thread := self._thread) is not None:
            thread.join(max(0.0, deadline - monotonic()))
            if thread.is_alive():
                return False
        return True

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self.results.post(job())
            except Exception as error:  # noqa: BLE001 - the screen's thread decides what to say about it
                self.results.post(error)

    def _next(self) -> Callable[[], T] | None:
        with self._lock:
            job, self._job = self._job, None
            if job is None:
                self._thread = None
            return job
