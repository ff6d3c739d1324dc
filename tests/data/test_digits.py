"""The digits that ship with the studio."""

from __future__ import annotations

import hashlib

import numpy as np

from cnnstudio.data import load_dataset
from cnnstudio.data.bundled import read_digits


def test_there_are_1797_digits_of_8_by_8_in_ten_classes() -> None:
    digits = read_digits()
    assert digits.images.shape == (1797, 1, 8, 8)
    assert digits.images.dtype == np.uint8
    assert digits.labels.dtype == np.int64
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_sixteen_grey_levels_span_0_to_255() -> None:
    levels = np.unique(read_digits().images)
    assert levels.tolist() == [round(level * 255 / 16) for level in range(17)]


def test_the_first_digit_is_the_zero_of_scikit_learns_copy() -> None:
    rows = [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
        [0, 5, 8, 0, 0, 9, 8, 0],
        [0, 4, 11, 0, 1, 12, 7, 0],
        [0, 2, 14, 5, 10, 12, 0, 0],
        [0, 0, 6, 13, 10, 0, 0, 0],
    ]
    digits = read_digits()
    assert np.array_equal(digits.images[0, 0], np.rint(np.array(rows) * 255 / 16))
    assert digits.labels[0] == 0


def test_the_splits_are_stratified_and_share_no_image() -> None:
    data = load_dataset("digits")
    assert (len(data.train), len(data.validation), len(data.test)) == (1294, 144, 359)
    assert data.classes == tuple("0123456789")
    assert data.shape == (1, 8, 8)
    for split in (data.train, data.validation, data.test):
        counts = np.bincount(split.labels)
        assert counts.max() - counts.min() <= 0.1 * counts.max()
    everything = np.concatenate([split.images for split in (data.train, data.validation, data.test)])
    assert sorted(map(bytes, everything)) == sorted(map(bytes, read_digits().images))


def test_a_seed_gives_the_same_split_for_ever() -> None:
    data = load_dataset("digits", seed=0)
    digest = hashlib.sha256(data.test.images.tobytes() + data.test.labels.tobytes()).hexdigest()
    assert digest.startswith("9d0243694ac607ca")


def test_another_seed_gives_another_split() -> None:
    assert not np.array_equal(load_dataset("digits", seed=0).test.images, load_dataset("digits", seed=1).test.images)
