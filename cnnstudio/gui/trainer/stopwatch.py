"""How long a run has worked, pauses left out."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from cnnstudio.gui.theme import duration_text


class Stopwatch:
    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._before = 0.0
        self._since: float | None = None

    def reset(self) -> None:
        self._before, self._since = 0.0, None

    def run(self, running: bool) -> None:
        """Start or halt; without effect when it already is so."""
        if running and self._since is None:
            self._since = self._clock()
        elif not running and self._since is not None:
            self._before, self._since = self.seconds, None

    @property
    def seconds(self) -> float:
        return self._before + (0.0 if self._since is None else self._clock() - self._since)


def time_text(seconds: float) -> str:
    """`0.8 s`, `42 s`, `3 min 5 s`: short times with a tenth, the shortest."""
    return f"{max(0.1, seconds):.1f} s" if seconds < 9.95 else duration_text(seconds)
