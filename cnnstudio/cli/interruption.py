"""Ctrl-C during long work."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Interruptible(Protocol):
    """What can be called off from elsewhere."""

    def interrupt(self) -> None: ...


@contextmanager
def noting_ctrl_c(control: Interruptible) -> Iterator[list[int]]:
    """Inside, Ctrl-C calls the work off between two layers; what is given holds something once it was pressed.

    An exception in the middle of anything would be lost where Python lets none out, as in what frees an array.
    """
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():  # only the first thread hears signals
        yield pressed
        return

    def note(number: int, _frame: object) -> None:
        pressed.append(number)
        control.interrupt()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
