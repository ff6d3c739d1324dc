"""Copies against a crash, written in the background a little after the last change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

from cnnstudio.project import Autosave, Project, Recovery
from cnnstudio.session.worker import LatestWorker

QUIET_SECONDS = 5.0
"""A copy is written when nothing has changed for so long, ..."""
LONGEST_SECONDS = 30.0
"""... or when the oldest change that no copy holds is as old as this."""


class AutosaveSession:
    """Decides when a copy is due; writing it never holds up the screen. `close` removes it: all went well."""

    def __init__(self, folder: Path, clock: Callable[[], float] = monotonic) -> None:
        self._copies = Autosave(folder)
        self._worker: LatestWorker[None] = LatestWorker("autosave")
        self._clock = clock
        self._first_change: float | None = None
        self._last_change = 0.0
        self._stands = False
        """Whether a copy has been written, or is being written."""

    def changed(self) -> None:
        """The project differs from what the last copy holds."""
        self._last_change = self._clock()
        if self._first_change is None:
            self._first_change = self._last_change

    def unneeded(self) -> None:
        """The project is as its file again: the copy goes."""
        self._first_change = None
        if self._stands:
            self._stands = False
            self._worker.submit(self._copies.discard)

    def poll(self, project: Callable[[], Project]) -> str | None:
        """Begin to write a copy if one is due; a sentence when the last one could not be written."""
        outcome = self._worker.results.take()
        now = self._clock()
        if self._first_change is not None and (
            now - self._last_change >= QUIET_SECONDS or now - self._first_change >= LONGEST_SECONDS
        ):
            self._first_change = None
            self._stands = True
            frozen = _frozen(project())
            self._worker.submit(lambda: self._copies.write(frozen))
        return str(outcome) if isinstance(outcome, Exception) else None

    def recoverable(self) -> list[Recovery]:
        """What crashed sessions left, newest first."""
        return self._copies.recoverable()

    def restore(self, recovery: Recovery) -> Project:
        """The project of a crashed session; its copy is this session's now. Raises ProjectError."""
        self._stands = True
        return self._copies.restore(recovery)

    def forget(self, recovery: Recovery) -> None:
        """Remove a crashed session's copy for good."""
        self._copies.forget(recovery)

    def close(self, timeout: float, keep: Project | None = None) -> bool:
        """Remove this session's copy, or write `keep` into it and leave it for the next session to offer.

        False when a copy was still being written after `timeout` seconds. Raises ProjectError when `keep` cannot be
        written.
        """
        ended = self._worker.close(timeout)
        if ended and keep is not None:
            self._copies.write(keep)
            self._copies.leave()
        elif ended:
            self._copies.close()
        return ended


def _frozen(project: Project) -> Project:
    """A copy that the worker may read while the user goes on; arrays are replaced by the session, never changed."""
    return replace(project, graph=project.graph.copy(), view=dict(project.view))
