"""Where a worker leaves its news and the screen fetches them: the worker never pushes, the screen polls.

Scalars queue up, so that no point of a curve is lost. Arrays go into slots that keep the latest only, so that a
slow screen never makes a fast worker pile up memory.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """A queue from one thread to another; neither side ever waits."""

    def __init__(self) -> None:
        self._letters: deque[T] = deque()

    def post(self, letter: T) -> None:
        self._letters.append(letter)

    def drain(self, limit: int | None = None) -> list[T]:
        """What has arrived since the last call, oldest first; at most `limit`, the rest stays for the next call."""
        letters: list[T] = []
        while limit is None or len(letters) < limit:
            try:
                letters.append(self._letters.popleft())
            except IndexError:
                break
        return letters


class Slot(Generic[T]):
    """Holds the latest of what was posted; what nobody fetched in time is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: T | None = None

    def post(self, value: T) -> None:
        with self._lock:
            self._value = value

    def take(self) -> T | None:
        """The latest value, once; None when nothing new was posted."""
        with self._lock:
            value, self._value = self._value, None
        return value
