"""Splitting by class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.data import DataError, Split, stratified_split

labels = st.lists(st.integers(0, 6), min_size=1, max_size=80).map(lambda values: np.array(values, dtype=np.int64))


@given(labels, st.floats(0, 0.99), st.integers(0, 2**32))
def test_each_image_is_in_exactly_one_part(labels: np.ndarray, fraction: float, seed: int) -> None:
    kept, held_out = stratified_split(labels, fraction, seed)
    assert sorted([*kept, *held_out]) == list(range(len(labels)))
    assert list(kept) == sorted(kept)
    assert list(held_out) == sorted(held_out)


@given(labels, st.floats(0, 0.99), st.integers(0, 9))
def test_each_class_gives_its_share_within_one_image_and_keeps_one(
    labels: np.ndarray, fraction: float, seed: int
) -> None:
    kept, held_out = stratified_split(labels, fraction, seed)
    for label in np.unique(labels):
        of_class = int((labels == label).sum())
        taken = int((labels[held_out] == label).sum())
        assert abs(taken - of_class * fraction) <= 1 + 1e-9
        assert label in labels[kept]


@pytest.mark.parametrize(("count", "fraction", "expected"), [(1000, 0.1, 100), (1000, 0.333, 333), (997, 0.2, 199)])
def test_the_total_is_exact_for_classes_of_any_size(count: int, fraction: float, expected: int) -> None:
    uneven = np.sort(np.arange(count, dtype=np.int64) ** 2 % 7)
    assert len(stratified_split(uneven, fraction, 0)[1]) == expected


def test_the_same_seed_gives_the_same_indices_on_every_machine() -> None:
    held_out = stratified_split(np.arange(20, dtype=np.int64) % 4, 0.25, seed=3)[1]
    assert held_out.tolist() == [0, 4, 7, 9, 10]


@pytest.mark.parametrize("fraction", [-0.1, 1.0, 1.5, float("nan")])
def test_a_share_outside_of_0_to_1_is_refused(fraction: float) -> None:
    with pytest.raises(DataError, match="at least 0 and less than 1"):
        stratified_split(np.zeros(4, dtype=np.int64), fraction, 0)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(DataError, match="0 or more, not -1"):
        stratified_split(np.zeros(4, dtype=np.int64), 0.5, -1)


def test_a_split_knows_its_length_and_cannot_be_written() -> None:
    images, numbers = np.zeros((3, 1, 2, 2), dtype=np.uint8), np.zeros(3, dtype=np.int64)
    split = Split(images, numbers)
    assert len(split) == 3
    with pytest.raises(ValueError, match="read-only"):
        split.images[0] = 1
    images[0] = 1  # the caller's own array is left as it was


@pytest.mark.parametrize(
    ("images", "numbers"),
    [
        (np.zeros((3, 2, 2), dtype=np.uint8), np.zeros(3, dtype=np.int64)),
        (np.zeros((3, 1, 2, 2), dtype=np.float32), np.zeros(3, dtype=np.int64)),
        (np.zeros((3, 1, 2, 2), dtype=np.uint8), np.zeros(2, dtype=np.int64)),
        (np.zeros((3, 1, 2, 2), dtype=np.uint8), np.zeros(3, dtype=np.uint8)),
    ],
)
def test_a_split_of_other_shapes_or_types_cannot_be_made(images: np.ndarray, numbers: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"images are|labels are"):
        Split(images, numbers)
