"""What can go wrong with data, and how a foreign name is written into one line."""

from __future__ import annotations

from pathlib import Path


class DataError(ValueError):
    """Data that cannot be used. The message is one sentence or two on one line: what, where, what to do."""


class DownloadCancelled(Exception):  # noqa: N818 - the user's wish, not an error
    """The user cancelled a download or the reading of a data set. Nothing half-done is left behind."""


def quoted(name: str | Path, limit: int = 160) -> str:
    """A file name made fit for a one-line message: in quotes, unprintable characters escaped, long ones cut.

    Names come from archives and foreign disks and may hold line breaks or terminal escapes.
    """
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(name))
    if len(text) > limit:
        text = f"{text[: limit // 2 - 1]}…{text[-limit // 2 :]}"
    return f"'{text}'"


def reason(error: BaseException) -> str:
    """What an exception says, in one short line without its class name where it says anything at all."""
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return " ".join(text.split())[:200].rstrip(".")


def byte_count(count: int) -> str:
    """A number of bytes to read: `1,234 bytes`, `4.5 MB`, `30.0 GB` (decimal units, as disks are sold)."""
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count:,} bytes" if count != 1 else "1 byte"
