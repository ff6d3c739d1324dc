"""Whole files or none: a reader, and whoever starts after a crash, sees the old content or the new one."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

STALE_SECONDS = 24 * 3600
"""A temporary file this old was left behind by a crash; the next write to the same file removes it."""


def write_atomically(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Let `write` fill a temporary file beside `path`, force it to disk, and put it in the place of `path`.

    A symbolic link at `path` stays and its target is written. An existing file's mode is kept.

    Raises:
        OSError: no permission, disk full, ...; `path` is then as it was, and nothing is left behind.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    # O_EXCL never opens what is already there, be it a file or a link that someone put in the way.
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            _keep_mode(target, descriptor)
            write(file)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(target.parent)
    _sweep(target)


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """`write_atomically` for content that is at hand."""

    def write(file: BinaryIO) -> None:
        file.write(content)

    write_atomically(path, write)


def _keep_mode(target: Path, descriptor: int) -> None:
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(target.stat().st_mode)
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, mode)


def _sync_folder(folder: Path) -> None:
    """Make the new name last, where the system lets a folder be opened for that (Windows does not)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sweep(target: Path) -> None:
    """Remove what earlier writes of the same file left behind when they were killed."""
    oldest = time.time() - STALE_SECONDS
    with contextlib.suppress(OSError):
        for entry in os.scandir(target.parent):
            if entry.name.startswith(f".{target.name}.") and entry.name.endswith(".tmp"):
                with contextlib.suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime < oldest:
                        Path(entry.path).unlink()
