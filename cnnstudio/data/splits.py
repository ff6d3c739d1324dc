"""Splitting by class, and the same for everyone who uses the same seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.errors import DataError


def stratified_split(
    labels: NDArray[np.int64], fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices (kept, held_out) into labels (N,), both ascending; round(N * fraction) are held out.

    Every class gives its share, rounded so that the total is exact (largest remainders, ties to the lower
    label), and keeps at least one image: with very small classes fewer are held out. Depends on labels,
    fraction and seed alone. Raises DataError when fraction is not in [0, 1) or seed is negative.
    """
    check_fraction("held-out share", fraction)
    if seed < 0:
        raise DataError(f"The seed of the split must be 0 or more, not {seed}.")
    classes, counts = np.unique(labels, return_counts=True)
    takes = _apportion(counts, fraction)
    # The raw stream of a bit generator is fixed for all NumPy versions (NEP 19); that of shuffle() is not.
    keys = np.random.PCG64(seed).random_raw(len(labels))
    held_out = np.zeros(len(labels), dtype=bool)
    for label, take in zip(classes, takes, strict=True):
        members = np.flatnonzero(labels == label)
        held_out[members[np.argsort(keys[members], kind="stable")[:take]]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def check_fraction(what: str, fraction: float) -> None:
    """Raises DataError unless 0 <= fraction < 1."""
    if not 0 <= fraction < 1:
        raise DataError(f"The {what} must be at least 0 and less than 1, not {fraction}.")


def _apportion(counts: NDArray[np.int64], fraction: float) -> NDArray[np.int64]:
    """How many of each class (K,) are held out: Hamilton's method, one image of each class kept back."""
    quotas = counts * fraction
    takes: NDArray[np.int64] = np.minimum(np.floor(quotas).astype(np.int64), counts - 1)
    missing = round(float(quotas.sum())) - int(takes.sum())
    for index in np.argsort(takes - quotas, kind="stable"):
        if missing > 0 and takes[index] < counts[index] - 1:
            takes[index] += 1
            missing -= 1
    return takes
