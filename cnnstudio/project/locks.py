"""A lock on a file that the system releases when its holder dies, however it dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Held from `acquire` to `release`, or to the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, path: Path) -> FileLock:
        """Make the file if need be and lock it. Raises OSError (BlockingIOError or PermissionError when it is held)."""
        return cls._locked(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))

    @classmethod
    def is_held(cls, path: Path) -> bool:
        """Whether a living process holds the lock; False where there is no such file."""
        try:
            cls._locked(os.open(path, os.O_RDWR)).release()
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def release(self) -> None:
        os.close(self._descriptor)

    @classmethod
    def _locked(cls, descriptor: int) -> FileLock:
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            raise
        return cls(descriptor)
