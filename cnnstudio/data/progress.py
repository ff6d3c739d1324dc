"""How long work reports and is stopped: by a callback and a flag, whatever thread it runs in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cnnstudio.data.errors import DownloadCancelled

Progress = Callable[[int, int, str], None]
"""Called with bytes done, bytes in all, and the name of the file at hand."""


class Cancel(Protocol):
    """What is asked whether to stop; a threading.Event is one."""

    def is_set(self) -> bool: ...


def stop_if(cancel: Cancel | None, what: str) -> None:
    """Raises DownloadCancelled("<what> was cancelled.") when the flag is set."""
    if cancel is not None and cancel.is_set():
        raise DownloadCancelled(f"{what} was cancelled.")
