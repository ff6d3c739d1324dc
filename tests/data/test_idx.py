"""MNIST's format, from a folder or by one file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.data import DataError, load_dataset

MnistLike = Callable[..., Path]


@pytest.mark.parametrize("packed", [True, False])
def test_a_folder_with_both_pairs_keeps_its_own_test_split(mnist_like: MnistLike, packed: bool) -> None:
    data = load_dataset(mnist_like(train=100, t10k=20, packed=packed))
    assert (len(data.train), len(data.validation), len(data.test)) == (90, 10, 20)
    assert data.shape == (1, 4, 4)
    assert data.classes == tuple("0123456789")
    assert np.array_equal(data.test.images[:, 0, 0, 0], np.arange(20))
    assert np.array_equal(data.test.labels, np.arange(20) % 10)


def test_the_test_pair_alone_gives_a_tenth_to_the_test_split(mnist_like: MnistLike) -> None:
    data = load_dataset(mnist_like(t10k=200))
    assert (len(data.train), len(data.validation), len(data.test)) == (162, 18, 20)


def test_one_file_of_images_brings_its_labels_along(mnist_like: MnistLike) -> None:
    folder = mnist_like(train=100, t10k=20)
    data = load_dataset(folder / "t10k-images-idx3-ubyte.gz")
    assert len(data.train) + len(data.validation) + len(data.test) == 20


def test_the_shares_can_be_chosen(mnist_like: MnistLike) -> None:
    data = load_dataset(mnist_like(t10k=200), test=0.25, validation=0)
    assert (len(data.train), len(data.validation), len(data.test)) == (150, 0, 50)
    assert data.validation.images.shape == (0, 1, 4, 4)


def test_a_source_with_its_own_test_split_is_not_asked_for_another(mnist_like: MnistLike) -> None:
    with pytest.raises(DataError, match="brings its own 20 test images"):
        load_dataset(mnist_like(train=100, t10k=20), test=0.5)


def test_other_names_are_read_too_and_count_their_classes(mnist_like: MnistLike) -> None:
    folder = mnist_like(train=100, t10k=20)
    for path in list(folder.iterdir()):
        path.rename(folder / f"emnist-letters-{path.name}".replace("t10k", "test"))
    data = load_dataset(folder)
    assert (len(data.train), len(data.test)) == (90, 20)
    assert data.classes == tuple("0123456789")


def test_the_folder_raw_that_torchvision_makes_is_found(mnist_like: MnistLike, tmp_path: Path) -> None:
    folder = mnist_like(train=50, t10k=10, packed=False)
    (tmp_path / "MNIST").mkdir()
    shutil.move(folder, tmp_path / "MNIST" / "raw")
    assert len(load_dataset(tmp_path / "MNIST").test) == 10


def test_a_packed_and_an_unpacked_copy_are_one_data_set(mnist_like: MnistLike) -> None:
    folder, other = mnist_like(t10k=50), mnist_like(t10k=50, packed=False, name="other")
    for path in other.iterdir():
        shutil.copy(path, folder)
    assert len(load_dataset(folder, test=0.5, validation=0).train) == 25


def test_size_and_mode_bring_any_source_to_another_shape(mnist_like: MnistLike) -> None:
    data = load_dataset(mnist_like(t10k=50), size=(8, 6), mode="rgb", fit="stretch")
    assert data.shape == (3, 8, 6)
    assert data.validation.images.shape[1:] == data.test.images.shape[1:] == (3, 8, 6)
    assert np.array_equal(data.train.images[:, 0], data.train.images[:, 2])


def test_the_real_mnist_pair_is_recognized_and_split_9000_to_1000(shared_data: Path) -> None:
    data = load_dataset(shared_data / "mnist")
    assert data.title == "MNIST"
    assert data.shape == (1, 28, 28)
    assert len(data.test) == 1000
    assert len(data.train) + len(data.validation) == 9000
    assert set(np.unique(data.test.labels)) == set(range(10))
    again = load_dataset(shared_data / "mnist")
    assert np.array_equal(data.test.images, again.test.images)
