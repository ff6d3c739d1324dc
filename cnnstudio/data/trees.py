"""A folder or a zip file seen the same way: paths of files and folders, and a file opened by its path."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Protocol

from cnnstudio.data.errors import DataError, byte_count, quoted, reason
from cnnstudio.data.files import file_size, is_folder, open_file
from cnnstudio.data.limits import (
    MAX_DEPTH,
    MAX_FILES,
    MAX_ZIP_DIRECTORY_BYTES,
    MAX_ZIP_RATIO,
    MAX_ZIP_RATIO_FROM,
)
from cnnstudio.data.pictures import check_picture_bytes

TreePath = tuple[str, ...]

_LITTER: Final = frozenset({"__MACOSX", "Thumbs.db", "ehthumbs.db", "desktop.ini", "Icon\r"})
_ENCRYPTED: Final = 0x1
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Tree(Protocol):
    """Files and folders below a root, hidden ones and litter of operating systems left out.

    files: size in bytes by path. folders: every folder's path.
    """

    path: Path
    files: dict[TreePath, int]
    folders: set[TreePath]

    def open(self, parts: TreePath) -> AbstractContextManager[BinaryIO]:
        """The file, open for reading. Raises DataError when it cannot be read."""

    def label(self, parts: TreePath) -> str:
        """The file or folder as errors call it."""


@contextmanager
def open_tree(path: Path) -> Iterator[Tree]:
    """The tree of a folder or a zip file. Raises DataError where it cannot be listed or exceeds the
    limits."""
    if is_folder(path):
        yield _FolderTree(path)
        return
    with open_file(path) as file:
        _check_directory_size(file, path)
        try:
            with zipfile.ZipFile(file) as archive:
                yield _ZipTree(path, archive)
        except (zipfile.BadZipFile, struct.error, UnicodeDecodeError) as error:
            raise DataError(f"{quoted(path)} is a damaged zip file ({reason(error)}): fetch it again.") from error


@dataclass(slots=True)
class _FolderTree:
    path: Path
    files: dict[TreePath, int] = field(default_factory=dict)
    folders: set[TreePath] = field(default_factory=set)

    def __post_init__(self) -> None:
        try:
            self._scan(self.path, (), (_identity(self.path.stat()),))
        except OSError as error:
            where = error.filename or self.path
            raise DataError(
                f"{quoted(where)} cannot be read: {reason(error)}. Check the folder and its permissions."
            ) from error

    def _scan(self, folder: Path, parts: TreePath, ancestors: tuple[tuple[int, int], ...]) -> None:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if _is_litter(entry.name):
                    continue
                child = (*parts, entry.name)
                status = entry.stat()
                if not entry.is_dir():
                    self.files[child] = status.st_size
                else:
                    self._enter(Path(entry.path), child, ancestors)
                if len(self.files) + len(self.folders) > MAX_FILES:
                    raise DataError(
                        f"{quoted(self.path)} holds more than {MAX_FILES:,} files: choose the folder of one data set."
                    )

    def _enter(self, folder: Path, parts: TreePath, ancestors: tuple[tuple[int, int], ...]) -> None:
        identity = _identity(folder.stat())
        if identity in ancestors:
            raise DataError(f"{quoted(folder)} is a link back to a folder that it lies in: remove the link.")
        if len(parts) > MAX_DEPTH:
            raise DataError(f"{quoted(folder)} lies more than {MAX_DEPTH} folders deep: choose a folder further in.")
        self.folders.add(parts)
        self._scan(folder, parts, (*ancestors, identity))

    def open(self, parts: TreePath) -> AbstractContextManager[BinaryIO]:
        check_picture_bytes(self.label(parts), file_size(self.path.joinpath(*parts)))
        return open_file(self.path.joinpath(*parts))

    def label(self, parts: TreePath) -> str:
        return str(self.path.joinpath(*parts))


class _ZipTree:
    """Entries are read into memory one at a time, within limits; nothing is ever written to disk."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self.files: dict[TreePath, int] = {}
        self.folders: set[TreePath] = set()
        self._archive = archive
        self._entries: dict[TreePath, zipfile.ZipInfo] = {}
        if len(archive.infolist()) > MAX_FILES:
            raise DataError(f"{quoted(path)} holds more than {MAX_FILES:,} files: divide it.")
        for entry in archive.infolist():
            self._take(entry)

    def _take(self, entry: zipfile.ZipInfo) -> None:
        parts = self._safe_parts(entry.filename)
        if any(_is_litter(part) for part in parts):
            return
        folder = parts if entry.is_dir() else parts[:-1]
        self.folders.update(folder[:depth] for depth in range(1, len(folder) + 1))
        if not entry.is_dir():
            self.files[parts] = entry.file_size
            self._entries[parts] = entry

    def _safe_parts(self, name: str) -> TreePath:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or name[1:2] == ":":
            raise DataError(
                f"{quoted(self.path)} holds the name {quoted(name)}, which points out of the archive: it is not to "
                "be trusted, get it from another source."
            )
        if len(path.parts) > MAX_DEPTH:
            raise DataError(
                f"{quoted(self.path)} holds {quoted(name)}, more than {MAX_DEPTH} folders deep: pack it flatter."
            )
        return path.parts

    @contextmanager
    def open(self, parts: TreePath) -> Iterator[BinaryIO]:
        entry, name = self._entries[parts], self.label(parts)
        if entry.flag_bits & _ENCRYPTED:
            raise DataError(f"{quoted(name)} is encrypted: unpack the archive and choose the folder instead.")
        if entry.compress_type not in _METHODS:
            raise DataError(
                f"{quoted(name)} is packed by an unusual method ({entry.compress_type}): pack the archive again as "
                "an ordinary zip file."
            )
        check_picture_bytes(name, entry.file_size)
        if entry.file_size > max(MAX_ZIP_RATIO_FROM, MAX_ZIP_RATIO * entry.compress_size):
            raise DataError(
                f"{quoted(name)} unpacks from {byte_count(entry.compress_size)} to {byte_count(entry.file_size)}: no "
                "picture is packed like this, get the archive from another source."
            )
        try:
            content = self._archive.read(entry)
        except (zipfile.BadZipFile, EOFError, zlib.error, OSError) as error:
            raise DataError(f"{quoted(name)} is damaged ({reason(error)}): fetch the archive again.") from error
        yield io.BytesIO(content)

    def label(self, parts: TreePath) -> str:
        return "/".join((str(self.path), *parts))


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name in _LITTER


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _check_directory_size(file: BinaryIO, path: Path) -> None:
    """Refuses an archive whose list of contents is so long that reading it would fill the memory.

    The list's length stands in the end record (PKWARE, APPNOTE 4.3.16), or in the 64-bit one before it
    (4.3.14).
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 22))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise DataError(f"{quoted(path)} is not a zip file, or it is cut off at its end: fetch it again.")
    (length,) = struct.unpack("<I", tail[at + 12 : at + 16])
    wide = tail.rfind(b"PK\x06\x06", 0, at)
    if wide >= 0 and len(tail) >= wide + 48:
        (length,) = struct.unpack("<Q", tail[wide + 40 : wide + 48])
    if length > MAX_ZIP_DIRECTORY_BYTES:
        raise DataError(
            f"{quoted(path)} lists {byte_count(length)} of contents, more than the "
            f"{byte_count(MAX_ZIP_DIRECTORY_BYTES)} that are taken in: divide it."
        )
    file.seek(0)
