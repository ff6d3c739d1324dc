"""Copies against a crash. Each running session has one, and holds a lock beside it for as long as it lives.

    recovery/<token>.cnnstudio    the copy
    recovery/<token>.json         where the project came from
    recovery/<token>.lock         locked by the session; the system lets go of it when the session dies

A copy that nobody holds the lock of is what a crashed session left.
"""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from cnnstudio.data.errors import quoted, reason
from cnnstudio.project.atomic import write_bytes_atomically
from cnnstudio.project.errors import ProjectError
from cnnstudio.project.files import SUFFIX, open_project, save_project
from cnnstudio.project.locks import FileLock
from cnnstudio.project.model import UNTITLED, Project


@dataclass(frozen=True, slots=True)
class Recovery:
    """Work of a crashed session.

    Attributes:
        path: the copy.
        original_path: the file that the project was opened from or saved to; None: never saved.
        time: when the copy was made, UTC.
        read_only_reason: why the original file is not to be written over; empty where it may be.
    """

    path: Path
    original_path: Path | None
    time: datetime
    title: str
    read_only_reason: str = ""


class _Origin(msgspec.Struct):
    title: str = UNTITLED
    path: str | None = None
    read_only_reason: str = ""


class Autosave:
    """This session's copy, and those that crashed sessions left in the same folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copy = folder / f"{secrets.token_hex(8)}{SUFFIX}"
        self._lock: FileLock | None = None

    def write(self, project: Project) -> None:
        """Replace this session's copy. Raises ProjectError when it cannot be written."""
        path = None if project.path is None else str(project.path.absolute())
        origin = msgspec.json.encode(_Origin(project.title, path, project.read_only_reason))
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._lock is None:
                self._lock = FileLock.acquire(_lock_path(self._copy))
            write_bytes_atomically(_origin_path(self._copy), origin)
        except OSError as error:
            raise ProjectError(
                f"The recovery copy in {quoted(self._folder)} cannot be written: {reason(error)}."
            ) from None
        save_project(project, self._copy)

    def discard(self) -> None:
        """Remove this session's copy: the work has been saved, or is not wanted."""
        _remove(self._copy)

    def close(self) -> None:
        """Remove the copy and let go of the lock: the session has ended as it should."""
        self.discard()
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        _unlink(_lock_path(self._copy))

    def leave(self) -> None:
        """Let go of the lock and leave the copy: the next session is to offer it."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def recoverable(self) -> list[Recovery]:
        """What crashed sessions left, newest first."""
        found = []
        for copy in self._folder.glob(f"[!.]*{SUFFIX}"):
            if copy != self._copy and not FileLock.is_held(_lock_path(copy)):
                with contextlib.suppress(OSError):  # another session may take it away meanwhile
                    found.append(_recovery(copy))
        return sorted(found, key=lambda each: each.time, reverse=True)

    def restore(self, recovery: Recovery) -> Project:
        """The project as it was; this session takes over the copy. `path` is that of the original file.

        Raises:
            ProjectError: the copy cannot be read; it stays where it is.
        """
        project = open_project(recovery.path)
        project.path = recovery.original_path
        project.read_only, project.read_only_reason = bool(recovery.read_only_reason), recovery.read_only_reason
        self.write(project)
        self.forget(recovery)
        return project

    def forget(self, recovery: Recovery) -> None:
        """Remove a crashed session's copy for good."""
        _remove(recovery.path)
        _unlink(_lock_path(recovery.path))


def _recovery(copy: Path) -> Recovery:
    time = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
    try:
        origin = msgspec.json.decode(_origin_path(copy).read_bytes(), type=_Origin)
    except (OSError, ValueError, RecursionError):
        origin = _Origin()
    return Recovery(
        copy, None if origin.path is None else Path(origin.path), time, origin.title, origin.read_only_reason
    )


def _origin_path(copy: Path) -> Path:
    return copy.with_suffix(".json")


def _lock_path(copy: Path) -> Path:
    return copy.with_suffix(".lock")


def _remove(copy: Path) -> None:
    _unlink(copy)
    _unlink(_origin_path(copy))


def _unlink(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
