"""What the tests of the data room share: small data sets on disk, and the way hostile ones must be
refused."""

from __future__ import annotations

import gzip
import hashlib
import io
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cnnstudio.data import DataError

MEMORY_FOR_A_REFUSAL = 12 * 1024**2


@pytest.fixture
def shared_data() -> Path:
    """The real samples beside the repository; the test is skipped where they are absent."""
    folder = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the real samples in {folder}")
    return folder


@pytest.fixture
def png() -> Callable[..., bytes]:
    """png(height, width, mode="L", value=128, **save options): the bytes of a picture of one colour."""

    def make(height: int = 8, width: int = 8, mode: str = "L", value: Any = 128, **options: Any) -> bytes:
        buffer = io.BytesIO()
        Image.new(mode, (width, height), value).save(buffer, **({"format": "PNG"} | options))
        return buffer.getvalue()

    return make


@pytest.fixture
def idx() -> Callable[[NDArray[np.uint8]], bytes]:
    """idx(array): the bytes of an IDX file, not packed."""

    def make(array: NDArray[np.uint8]) -> bytes:
        return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()

    return make


@pytest.fixture
def mnist_like(tmp_path: Path, idx: Callable[[NDArray[np.uint8]], bytes]) -> Callable[..., Path]:
    """mnist_like(train=.., t10k=..): a folder of IDX files; image i is filled with i modulo 256, of class i
    modulo 10."""

    def make(packed: bool = True, name: str = "set", side: int = 4, **counts: int) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for prefix, count in counts.items():
            numbers = np.arange(count)
            images = np.broadcast_to((numbers % 256).astype(np.uint8)[:, None, None], (count, side, side))
            for kind, array in (("images-idx3", images), ("labels-idx1", (numbers % 10).astype(np.uint8))):
                data = idx(array)
                path = folder / f"{prefix}-{kind}-ubyte{'.gz' if packed else ''}"
                path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
        return folder

    return make


@pytest.fixture
def class_folders(tmp_path: Path, png: Callable[..., bytes]) -> Callable[..., Path]:
    """class_folders({"cat": 3, "dog": 2}): a folder of class folders with so many pictures of 8 x 8 each."""

    def make(classes: dict[str, int], name: str = "pictures", **options: Any) -> Path:
        root = tmp_path / name
        for number, (folder, count) in enumerate(classes.items()):
            (root / folder).mkdir(parents=True)
            for index in range(count):
                (root / folder / f"{index:03}.png").write_bytes(png(value=40 * number + index, **options))
        return root

    return make


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[Callable[[], object]], str]:
    """refused(load): runs load, which must raise one DataError, and returns its message.

    The message is one line that ends as a sentence; no file below tmp_path has changed, appeared or gone;
    and no more memory was taken than reading a header needs.
    """

    def check(load: Callable[[], object]) -> str:
        before = _fingerprints(tmp_path)
        tracemalloc.start()
        try:
            with pytest.raises(DataError) as caught:
                load()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        message = str(caught.value)
        assert message.isprintable(), "one line, nothing that moves the cursor"
        assert message.endswith("."), message
        assert len(message) < 600, message
        assert peak < MEMORY_FOR_A_REFUSAL, f"{peak / 1e6:.0f} MB for: {message}"
        assert _fingerprints(tmp_path) == before
        return message

    return check


def _fingerprints(folder: Path) -> dict[Path, str]:
    """SHA-256 of every regular file; sparse giants by their size and beginning."""
    prints: dict[Path, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            prints[path] = "no file"
            continue
        with path.open("rb") as file:
            prints[path] = f"{path.stat().st_size} {hashlib.sha256(file.read(1 << 20)).hexdigest()}"
    return prints
