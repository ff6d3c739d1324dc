"""IDX files, the format of MNIST and its relatives (Y. LeCun, C. Cortes, C. Burges, "The MNIST database").

A file is two zero bytes, a type code (8: unsigned bytes, the only one in use), the number of axes, each
axis's length as four bytes, big end first, and then the bytes themselves. It may be packed with gzip.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO, Final, cast

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.dataset import RawDataset, Split
from cnnstudio.data.errors import DataError, byte_count, quoted, reason
from cnnstudio.data.files import file_size, open_file
from cnnstudio.data.limits import MAX_ARRAY_BYTES

_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP_BEST_RATIO: Final = 1032  # deflate cannot pack better: RFC 1951, 258 bytes by two bits
_CHUNK: Final = 1 << 20
_IMAGES: Final = re.compile(r"(?P<set>.*?)(?P<split>train|t10k|test)-images[-.]idx3-ubyte(\.gz)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class IdxFile:
    """A file whose header has been read and agrees with its size. shape: length of each axis."""

    path: Path
    shape: tuple[int, ...]
    packed: bool


def open_idx(path: Path, axes: int) -> IdxFile:
    """Reads the header of an IDX file with `axes` axes; the body is not touched.

    Raises DataError when it is no such file, or promises more than the file can hold or the studio takes in.
    """
    size = file_size(path)
    with open_file(path) as file:
        packed = file.read(2) == _GZIP_MAGIC
    with _content(path, packed) as stream:
        header = stream.read(4 + 4 * axes)
    if header[:4] != bytes((0, 0, 8, axes)):
        what = "images" if axes == 3 else "labels"
        raise DataError(
            f"{quoted(path)} is not an IDX file of {what}: it begins with {header[:4].hex(' ') or 'nothing'}, where "
            f"00 00 08 {axes:02x} is expected. Check that images and labels are not exchanged."
        )
    if len(header) < 4 + 4 * axes:
        raise DataError(f"{quoted(path)} ends within its header: fetch the file again.")
    shape = struct.unpack(f">{axes}I", header[4:])
    promised = prod(shape)
    if promised == 0:
        raise DataError(f"{quoted(path)} is empty: its header says {_times(shape)}. Fetch the file again.")
    if promised > MAX_ARRAY_BYTES:
        raise DataError(
            f"{quoted(path)} promises {_times(shape)} = {byte_count(promised)}, more than the "
            f"{byte_count(MAX_ARRAY_BYTES)} that are taken in: the file is damaged or too large."
        )
    held = size * _GZIP_BEST_RATIO if packed else size - len(header)
    if promised > held or (not packed and promised != held):
        raise DataError(
            f"{quoted(path)} promises {_times(shape)} = {byte_count(promised)}, but holds "
            f"{'at most ' if packed else ''}{byte_count(held)}: it is damaged, fetch it again."
        )
    return IdxFile(path, shape, packed)


def read_idx(file: IdxFile) -> NDArray[np.uint8]:
    """The array of `file`, uint8 in its shape. Raises DataError when the body is not as long as promised."""
    promised = prod(file.shape)
    body = bytearray()  # grows with what is really there: a false header costs nothing
    with _content(file.path, file.packed) as stream:
        stream.read(4 + 4 * len(file.shape))
        while len(body) < promised:
            chunk = stream.read(min(_CHUNK, promised - len(body)))
            if not chunk:
                raise DataError(
                    f"{quoted(file.path)} ends after {byte_count(len(body))} of the {byte_count(promised)} that its "
                    "header promises: it is cut off, fetch it again."
                )
            body += chunk
        if stream.read(1):  # also makes gzip verify its checksum
            raise DataError(
                f"{quoted(file.path)} goes on after the {byte_count(promised)} that its header promises: it is "
                "damaged, fetch it again."
            )
    return np.frombuffer(body, dtype=np.uint8).reshape(file.shape)


def read_pair(images_path: Path, labels_path: Path, classes: int = 256) -> Split:
    """Images and labels of two IDX files as one split of grey images.

    Raises DataError also when the counts differ or a label is not below `classes`. Both headers are checked
    before either body is read.
    """
    images, labels = open_idx(images_path, 3), open_idx(labels_path, 1)
    if images.shape[0] != labels.shape[0]:
        raise DataError(
            f"{quoted(images_path)} holds {images.shape[0]:,} images, but {quoted(labels_path)} {labels.shape[0]:,} "
            "labels: they do not belong together."
        )
    numbers = read_idx(labels).astype(np.int64)
    if numbers.max() >= classes:
        where = int(np.argmax(numbers >= classes))
        raise DataError(
            f"{quoted(labels_path)} holds the label {numbers[where]} at image {where:,}, where 0 to {classes - 1} is "
            "expected: it is damaged or belongs to another data set."
        )
    return Split(read_idx(images)[:, np.newaxis], numbers)


def find_idx(folder: Path) -> dict[str, tuple[Path, Path]]:
    """The pairs (images, labels) of IDX files in a folder, by "train" and "test"; empty where there are none.

    Raises DataError when labels are missing or the folder holds several data sets.
    """
    found: dict[str, tuple[Path, Path]] = {}
    names: set[str] = set()
    for path in sorted(folder.iterdir()):
        match = _IMAGES.fullmatch(path.name)
        split = match and ("train" if match["split"].lower() == "train" else "test")
        # A packed and an unpacked copy side by side are the same images: the first of them is read.
        if match and split and (split not in found or match["set"] not in names):
            found[split] = (path, labels_beside(path))
            names.add(match["set"])
    if len(names) > 1:
        raise DataError(
            f"{quoted(folder)} holds IDX files of several data sets: choose one of the image files instead."
        )
    return found


def labels_beside(images_path: Path) -> Path:
    """The label file that belongs to an image file, packed or not. Raises DataError where it is missing."""
    stem = images_path.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    for name in (stem + ".gz", stem) if images_path.suffix == ".gz" else (stem, stem + ".gz"):
        if name != images_path.name and (images_path.parent / name).exists():
            return images_path.parent / name
    raise DataError(
        f"The labels of {quoted(images_path)} are missing: put {quoted(stem + images_path.suffix)} beside it."
        if stem != images_path.name
        else f"{quoted(images_path)} is no file of images: choose the one with 'images' in its name."
    )


def read_idx_set(
    pairs: dict[str, tuple[Path, Path]], name: str, title: str, classes: tuple[str, ...], source: str
) -> RawDataset:
    """The data set of the pairs that `find_idx` gives. classes: their names, or () to count them in the
    labels.

    Where only one pair is there, a tenth of it becomes the test split: MNIST's 10,000 test images alone give
    9,000 for training and 1,000 held out.
    """
    limit = len(classes) or 256
    splits = {split: read_pair(*paths, classes=limit) for split, paths in pairs.items()}
    shapes = {split.images.shape[1:] for split in splits.values()}
    if len(shapes) > 1:
        raise DataError(
            f"The training and test images of {quoted(title)} differ in size "
            f"({' and '.join(_times(shape[1:]) for shape in sorted(shapes))}): they do not belong together."
        )
    count = max(int(split.labels.max()) for split in splits.values()) + 1
    train = splits.get("train") or splits["test"]
    return RawDataset(
        name=name,
        title=title,
        source=source,
        classes=classes or tuple(str(label) for label in range(count)),
        train=train,
        test=splits["test"] if train is not splits.get("test") and "test" in splits else None,
        test_share=0.1,
    )


@contextmanager
def _content(path: Path, packed: bool) -> Iterator[BinaryIO]:
    with open_file(path) as file:
        try:
            yield cast("BinaryIO", gzip.GzipFile(fileobj=file, mode="rb")) if packed else file
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(f"{quoted(path)} is a damaged gzip file ({reason(error)}): fetch it again.") from error


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{length:,}" for length in shape)
