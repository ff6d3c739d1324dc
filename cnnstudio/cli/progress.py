"""Progress on stderr: a bar that redraws itself on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from shutil import get_terminal_size
from time import monotonic
from typing import TextIO

_REDRAW_SECONDS = 0.1
_BAR_WIDTH = 24


class Progress:
    """One bar at a time. `note` lines stay; the bar is drawn below them and wiped at the end."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty()
        self._drawn_at = 0.0
        self._drawn = False

    @property
    def live(self) -> bool:
        """Whether bars are shown at all."""
        return self._live

    def show(self, fraction: float, text: str) -> None:
        """Draw the bar, at most ten times a second; nothing where the output is no terminal."""
        now = monotonic()
        if not self._live or now - self._drawn_at < _REDRAW_SECONDS:
            return
        self._drawn_at = now
        done = round(_BAR_WIDTH * min(max(fraction, 0.0), 1.0))
        line = f"{'━' * done}{'┄' * (_BAR_WIDTH - done)} {fraction:4.0%}  {text}"
        self._stream.write(f"\r{line[: get_terminal_size().columns - 1]}\x1b[K")
        self._stream.flush()
        self._drawn = True

    def note(self, text: str) -> None:
        """A line that stays."""
        self.wipe()
        print(text, file=self._stream, flush=True)

    def wipe(self) -> None:
        """Take the bar away."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False


class Transfer:
    """Bytes that arrive: a bar on a terminal, a line for each tenth elsewhere. To be given to the data room.

    lines: whether there are lines elsewhere; reading from disk is too quick to speak of.
    """

    def __init__(self, progress: Progress, *, lines: bool = True) -> None:
        self._progress = progress
        self._lines = lines
        self._tenth = 0

    def __call__(self, done: int, total: int, name: str) -> None:
        if total <= 0:
            return
        self._progress.show(done / total, f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB  {name}")
        tenth = 10 * done // total
        if tenth > self._tenth and self._lines and not self._progress.live:
            self._progress.note(f"{10 * tenth} %  {name}")
        self._tenth = tenth
