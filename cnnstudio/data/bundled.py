"""The digits that ship with the studio."""

from __future__ import annotations

from typing import Final

import numpy as np

from cnnstudio.data.dataset import Split
from cnnstudio.data.idx import read_pair
from cnnstudio.resources import resource_path

_GREY_LEVELS: Final = 16
"""Each pixel counts the ink in a block of 4 x 4 of the original scan: 0 to 16."""


def read_digits() -> Split:
    """The 1,797 digits as (1797, 1, 8, 8), ink white on black: the stored 0..16 as 0..255, rounded.

    Raises DataError when the shipped files are damaged.
    """
    folder = resource_path("datasets", "digits")
    split = read_pair(folder / "images-idx3-ubyte.gz", folder / "labels-idx1-ubyte.gz", classes=10)
    return Split(np.rint(split.images * (255 / _GREY_LEVELS)).astype(np.uint8), split.labels)
