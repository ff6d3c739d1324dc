"""The zip around a project. Nothing is ever unpacked to disk, and nothing is read before its size is known.

The writer stores its parts uncompressed, in a given order, with one fixed time stamp: equal parts give equal bytes.
The reader also takes files that someone packed again with a zip tool.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Mapping
from typing import BinaryIO

from cnnstudio.data.errors import byte_count, quoted

MAX_FILE_BYTES = 2 * 1024**3 - 1024**2
"""Keeps every offset within the plain zip format; VGG-19's weights take a quarter of it."""
MAX_ENTRIES = 256
MAX_RATIO = 250
MAX_RATIO_FROM = 1024**2
"""A part up to this size may be packed at any ratio: a run of zeros packs a thousandfold."""

_END = b"PK\x05\x06"
_END_SIZE = 22
_END64_LOCATOR = b"PK\x06\x07"
_MAX_DIRECTORY_BYTES = 64 * 1024
_TIME = (1980, 1, 1, 0, 0, 0)
_ENCRYPTED = 0x1
_STEP = 1024**2


class ArchiveError(ValueError):
    """Bytes that are no sound project archive; the message says what is wrong with them."""


def write_archive(file: BinaryIO, parts: Mapping[str, bytes]) -> None:
    """Raises ArchiveError when the parts are more than a project file holds."""
    total = sum(len(content) for content in parts.values())
    if total > MAX_FILE_BYTES - _MAX_DIRECTORY_BYTES:
        raise ArchiveError(f"it would take {byte_count(total)}, and a project file holds {byte_count(MAX_FILE_BYTES)}")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content)


class Archive:
    """A project file that is open for reading. Every name and size has been checked when it stands."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises ArchiveError, or OSError where the disk fails."""
        size = _check_end(file)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise ArchiveError(f"its list of contents is damaged ({error})") from None
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            _check_entry(info, size)
            if info.filename in self._entries:
                raise ArchiveError(f"it holds {quoted(info.filename)} twice")
            self._entries[info.filename] = info
        total = sum(info.file_size for info in self._entries.values())
        if total > MAX_FILE_BYTES:
            raise ArchiveError(f"it claims to unpack to {byte_count(total)}; the limit is {byte_count(MAX_FILE_BYTES)}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def read(self, name: str, limit: int) -> bytes:
        """The whole part `name`, which must be there.

        Raises:
            ArchiveError: larger than `limit` bytes, or its bytes are damaged.
        """
        info = self._entries[name]
        if info.file_size > limit:
            raise ArchiveError(
                f"its part {quoted(name)} claims {byte_count(info.file_size)}; the limit is {byte_count(limit)}"
            )
        content = io.BytesIO()
        try:
            # In steps: one read of all would unpack all there is, whatever the part claims.
            with self._zip.open(info) as part:
                while step := part.read(_STEP):
                    content.write(step)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
            raise ArchiveError(f"its part {quoted(name)} is damaged ({_plain(error)})") from None
        if content.tell() != info.file_size:
            raise ArchiveError(f"its part {quoted(name)} is shorter than it claims")
        return content.getvalue()


def _plain(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _check_end(file: BinaryIO) -> int:
    """The file's size. The zip's last record bounds the list of contents, which `zipfile` would read whole."""
    size = file.seek(0, io.SEEK_END)
    if size == 0:
        raise ArchiveError("it is empty")
    if size > MAX_FILE_BYTES:
        raise ArchiveError(f"it is {byte_count(size)} large; a project file holds up to {byte_count(MAX_FILE_BYTES)}")
    file.seek(0)
    if not file.read(4).startswith(b"PK"):
        raise ArchiveError("it is no CNN Studio project (not a zip file)")
    file.seek(max(0, size - _END_SIZE - 20))
    tail = file.read()
    end = tail[-_END_SIZE:]
    if not end.startswith(_END) or len(tail) < _END_SIZE:
        raise ArchiveError("its end is missing; the file has been cut off or added to")
    if tail.startswith(_END64_LOCATOR):
        raise ArchiveError("it is a zip64 archive, which a project file never is")
    entries, directory_bytes = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
    if entries > MAX_ENTRIES or directory_bytes > _MAX_DIRECTORY_BYTES:
        raise ArchiveError(f"it claims {entries} parts; a project file holds at most {MAX_ENTRIES}")
    if int.from_bytes(end[16:20], "little") + directory_bytes + _END_SIZE != size:
        raise ArchiveError("its list of contents is damaged (bytes are missing or were added)")
    return size


def _check_entry(info: zipfile.ZipInfo, archive_size: int) -> None:
    name = info.filename
    steps = name.split("/")
    # orig_filename still has what zipfile cut off or replaced: a NUL and what follows it, backslashes.
    if name != info.orig_filename or "\\" in name or ":" in name or any(step in ("", ".", "..") for step in steps):
        raise ArchiveError(f"it holds a part with the unsafe name {quoted(info.orig_filename)}")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ArchiveError(f"its part {quoted(name)} is a symbolic link")
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveError(f"its part {quoted(name)} is encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError(f"its part {quoted(name)} is packed in a way that project files do not use")
    if info.compress_type == zipfile.ZIP_STORED and info.compress_size != info.file_size:
        raise ArchiveError(f"its part {quoted(name)} claims two different sizes")
    if info.header_offset + info.compress_size > archive_size:
        raise ArchiveError(f"its part {quoted(name)} claims more bytes than the file has")
    if info.file_size > MAX_RATIO_FROM and info.file_size > MAX_RATIO * info.compress_size:
        raise ArchiveError(f"its part {quoted(name)} claims to unpack to {byte_count(info.file_size)}: a zip bomb")
