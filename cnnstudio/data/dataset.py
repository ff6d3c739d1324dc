"""A data set as the rest of the studio sees it: three splits of images and labels, and the classes' names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Images and their labels.

    images: (N, C, H, W) uint8, C is 1 (grey) or 3 (red, green, blue), 0 is black. labels: (N,) int64, each an
    index into the data set's classes. Both are read-only views. Raises ValueError for other shapes or types.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise ValueError(f"images are (N, C, H, W) uint8, not {self.images.shape} {self.images.dtype}")
        if self.labels.shape != self.images.shape[:1] or self.labels.dtype != np.int64:
            raise ValueError(f"labels are ({len(self.images)},) int64, not {self.labels.shape} {self.labels.dtype}")
        for name, array in (("images", self.images), ("labels", self.labels)):
            view = array.view()  # a view, so that the caller's own array stays as it was
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    def __len__(self) -> int:
        return len(self.labels)

    def subset(self, indices: NDArray[np.int64]) -> Split:
        """A copy of the images at `indices` (M,), in that order."""
        return Split(self.images[indices], self.labels[indices])


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A named data set. No image is in two splits; `validation` may be empty, the others are not.

    classes: names by label. source: where it comes from, for people. notes: what was decided on the way
    (such as the size chosen for pictures of many sizes), one sentence each.
    """

    name: str
    title: str
    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...]
    source: str
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width) of one image."""
        channels, height, width = self.train.images.shape[1:]
        return channels, height, width


@dataclass(frozen=True, slots=True, eq=False)
class RawDataset:
    """What a source holds as it stands, before the splits that it lacks are taken from its training images.

    test_share: the part of the images that becomes the test split where the source has none and the caller
    has not chosen.
    """

    name: str
    title: str
    source: str
    classes: tuple[str, ...]
    train: Split
    validation: Split | None = None
    test: Split | None = None
    test_share: float = 0.2
    notes: tuple[str, ...] = ()
