"""CIFAR-10's binary version: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.

A record is one label byte and 3,072 bytes: the red, green and blue planes of 32 x 32, row by row. The Python
version of the same data is a pickle, which runs whatever its maker liked; it is never opened.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.dataset import RawDataset, Split
from cnnstudio.data.errors import DataError, byte_count, quoted, reason
from cnnstudio.data.files import file_size, open_file

_RECORD: Final = 1 + 3 * 32 * 32
_BATCH_BYTES: Final = 10_000 * _RECORD
_TRAIN_FILES: Final = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
_TEST_FILE: Final = "test_batch.bin"
_FILES: Final = (*_TRAIN_FILES, _TEST_FILE)
_CLASSES: Final = 10
_HEADER_ALLOWANCE: Final = 1 << 20
"""Bytes that an archive may spend on headers between two members; tarfile reads some of them whole."""


def is_cifar_folder(folder: Path) -> bool:
    """True where a training batch of the binary version lies in `folder`."""
    return any((folder / name).exists() for name in _TRAIN_FILES)


def holds_pickles(folder: Path) -> bool:
    """True where the Python version lies in `folder`: the same names without an ending."""
    return (folder / "data_batch_1").exists() and not is_cifar_folder(folder)


def read_cifar_folder(path: Path) -> tuple[Split, Split | None]:
    """(train, test) of the batches in the folder `path`; test is None where test_batch.bin is missing.

    Images are (N, 3, 32, 32). Raises DataError for a batch that is cut off, too long or holds foreign labels.
    """
    batches: dict[str, bytes] = {}
    sizes = {name: file_size(path / name) for name in _FILES if (path / name).exists()}
    for name, size in sizes.items():
        _check_size(path / name, size)
    for name, size in sizes.items():
        with open_file(path / name) as file:
            batches[name] = file.read(size)
    return _splits(batches, path)


def read_cifar_archive(path: Path) -> tuple[Split, Split | None]:
    """(train, test) of cifar-10-binary.tar.gz: six members are read by their names, nothing is extracted.

    Raises DataError for an archive that is damaged, holds none of them, or is larger than the real one.
    """
    batches: dict[str, bytes] = {}
    with open_file(path) as file:
        stream = _Budget(gzip.GzipFile(fileobj=file, mode="rb"), path)
        try:
            for member, archive in _members(stream, path):
                name = Path(member.name).name
                content = archive.extractfile(member) if member.isreg() and name in _FILES else None
                if content and name not in batches:
                    _check_size(path / name, member.size)
                    batches[name] = content.read(member.size)
            while stream.read(1 << 16):  # to the end, where gzip verifies its checksum
                pass
        except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise DataError(f"{quoted(path)} is a damaged archive ({reason(error)}): fetch it again.") from error
    if not any(name in batches for name in _TRAIN_FILES):
        raise DataError(
            f"{quoted(path)} holds no data_batch_1.bin: bring CIFAR-10's binary version, cifar-10-binary.tar.gz. The "
            "Python version is never opened."
        )
    return _splits(batches, path)


def cifar_parts(splits: tuple[Split, Split | None], classes: tuple[str, ...], source: str) -> RawDataset:
    """CIFAR-10 of what `read_cifar_folder` or `read_cifar_archive` gave."""
    return RawDataset("cifar10", "CIFAR-10", source, classes, train=splits[0], test=splits[1])


class _Budget(io.RawIOBase):
    """A stream that gives no more bytes than granted: a few packed kilobytes may unpack to gigabytes."""

    def __init__(self, stream: gzip.GzipFile, path: Path) -> None:
        self._stream, self._path, self._left = stream, path, 0

    def grant(self, count: int) -> None:
        self._left = count

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, 1 << 20) if size >= 0 else 1 << 20)
        self._left -= len(data)
        if self._left < 0:
            raise DataError(
                f"{quoted(self._path)} unpacks to far more than CIFAR-10's files: it is not the real archive, fetch "
                "it again."
            )
        return data


def _members(stream: _Budget, path: Path) -> Iterator[tuple[tarfile.TarInfo, tarfile.TarFile]]:
    stream.grant(_HEADER_ALLOWANCE)
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for count, member in enumerate(archive):
            if count >= 64:
                raise DataError(f"{quoted(path)} holds more files than CIFAR-10's archive: fetch it again.")
            _check_limit(path / member.name, member.size)
            stream.grant(member.size + _HEADER_ALLOWANCE)
            yield member, archive


def _check_limit(name: Path, size: int) -> None:
    if size > _BATCH_BYTES:
        raise DataError(
            f"{quoted(name)} has {byte_count(size)}, where at most {byte_count(_BATCH_BYTES)} (10,000 records of "
            f"{_RECORD:,} bytes) are expected: it is no file of CIFAR-10's binary version."
        )


def _check_size(name: Path, size: int) -> None:
    _check_limit(name, size)
    if size == 0 or size % _RECORD:
        raise DataError(
            f"{quoted(name)} has {byte_count(size)}, no whole number of records of {_RECORD:,} bytes: it is cut off "
            "or of another format, fetch it again."
        )


def _splits(batches: dict[str, bytes], path: Path) -> tuple[Split, Split | None]:
    train = _decode((path / name, batches[name]) for name in _TRAIN_FILES if name in batches)
    test = _decode([(path / _TEST_FILE, batches[_TEST_FILE])]) if _TEST_FILE in batches else None
    return train, test


def _decode(batches: Iterable[tuple[Path, bytes]]) -> Split:
    tables: list[NDArray[np.uint8]] = []
    for name, data in batches:
        table = np.frombuffer(data, dtype=np.uint8).reshape(-1, _RECORD)
        if table[:, 0].max() >= _CLASSES:
            where = int(np.argmax(table[:, 0] >= _CLASSES))
            raise DataError(
                f"{quoted(name)} holds the label {table[where, 0]} at record {where:,}, where 0 to {_CLASSES - 1} is "
                "expected: it is damaged or belongs to another data set."
            )
        tables.append(table)
    labels = np.concatenate([table[:, 0] for table in tables]).astype(np.int64)
    images = np.concatenate([table[:, 1:] for table in tables]).reshape(-1, 3, 32, 32)
    return Split(images, labels)
