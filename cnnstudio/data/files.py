"""Opening files that others made: only regular ones, and each failure as one sentence."""

from __future__ import annotations

import hashlib
import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cnnstudio.data.errors import DataError, quoted, reason


def file_size(path: Path) -> int:
    """Size in bytes of a regular file.

    Raises DataError for anything else: reading a pipe would block, and a device may never end.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        raise DataError(f"There is no file {quoted(path)}: check the path.") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise DataError(f"{quoted(path)} cannot be read: {reason(error)}.") from error
    if stat.S_ISDIR(status.st_mode):
        raise DataError(f"{quoted(path)} is a folder, where a file is expected: choose a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise DataError(f"{quoted(path)} is not a regular file (a pipe, device or socket): choose a file.")
    return status.st_size


def is_folder(path: Path) -> bool:
    """True for a folder that can be looked at."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def sha256(path: Path) -> str:
    """The SHA-256 of a regular file, as 64 hexadecimal digits. Raises DataError."""
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def open_file(path: Path) -> Iterator[io.BufferedReader]:
    """A regular file open for reading. Raises DataError, also for read errors while it is open."""
    file_size(path)
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise DataError(
            f"{quoted(path)} cannot be read: {reason(error)}. Check the file and its permissions."
        ) from error
