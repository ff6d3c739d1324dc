"""CIFAR-10's binary version, as a folder and as the archive its author publishes."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.data import DATASETS, DataError, RemoteFile, load_dataset

RECORDS = 30


def batch(seed: int, records: int = RECORDS) -> bytes:
    """`records` records, labels 0, 1, 2, .. in turn; pixels red 10, green 20, blue 30, the first one
    `seed`."""
    table = np.empty((records, 3073), dtype=np.uint8)
    table[:, 0] = np.arange(records) % 10
    table[:, 1:1025], table[:, 1025:2049], table[:, 2049:] = 10, 20, 30
    table[:, 1] = seed
    return table.tobytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two training batches and the test batch."""
    root = tmp_path / "cifar-10-batches-bin"
    root.mkdir()
    for seed, name in enumerate(("data_batch_1.bin", "data_batch_2.bin", "test_batch.bin")):
        (root / name).write_bytes(batch(seed))
    return root


@pytest.fixture
def archive(tmp_path: Path, folder: Path) -> Path:
    path = tmp_path / "cifar-10-binary.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        for name in ("readme.html", "batches.meta.txt"):
            note = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            note.size = 100
            file.addfile(note, io.BytesIO(bytes(100)))
        file.add(folder, arcname=folder.name)
    return path


@pytest.mark.parametrize("source", ["folder", "folder around it", "archive", "folder around the archive"])
def test_folder_and_archive_give_the_same_images(source: str, folder: Path, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / archive.name).write_bytes(archive.read_bytes())
    path = {
        "folder": folder,
        "folder around it": folder.parent,
        "archive": archive,
        "folder around the archive": tmp_path / "only",
    }[source]
    data = load_dataset(path, validation=0)
    assert (len(data.train), len(data.validation), len(data.test)) == (60, 0, 30)
    assert data.shape == (3, 32, 32)
    assert data.classes == DATASETS["cifar10"].classes
    assert data.train.images[0, :, 5, 5].tolist() == [10, 20, 30]
    assert data.train.images[[0, 59], 0, 0, 0].tolist() == [0, 1], "batches in their order"
    assert np.array_equal(data.test.labels, np.arange(30) % 10)


def test_the_archive_brought_by_hand_is_the_named_set(archive: Path, tmp_path: Path) -> None:
    content = archive.read_bytes()
    remote = RemoteFile(archive.name, len(content), hashlib.sha256(content).hexdigest())
    registry = {"cifar10": replace(DATASETS["cifar10"], files=(remote,), mirrors=())}
    (tmp_path / "cache").mkdir()
    with pytest.raises(DataError, match=r"fetch cifar-10-binary\.tar\.gz from"):
        load_dataset("cifar10", cache_dir=tmp_path / "cache", registry=registry)
    (tmp_path / "cache" / archive.name).write_bytes(content)
    data = load_dataset("cifar10", cache_dir=tmp_path / "cache", registry=registry)
    assert (data.name, data.title) == ("cifar10", "CIFAR-10")
    assert (len(data.train), len(data.validation), len(data.test)) == (54, 6, 30)


def test_a_folder_without_the_test_batch_holds_a_fifth_out(folder: Path) -> None:
    (folder / "test_batch.bin").unlink()
    data = load_dataset(folder, validation=0)
    assert (len(data.train), len(data.test)) == (48, 12)
