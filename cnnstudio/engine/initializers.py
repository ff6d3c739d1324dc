"""What weights start from."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array

PIECE = 1 << 18
"""Values drawn at a time."""


def uniform_fan_in(
    shape: tuple[int, ...], fan_in: int, generator: np.random.Generator, dtype: npt.DTypeLike = np.float32
) -> Array:
    """PyTorch's default for the weight and bias of convolution and linear: U(-1/√fan_in, 1/√fan_in).

    fan_in is how many values one output sums up. (LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, for
    the scale.) Drawn in float64, so that a network has the same weights in either precision, and piece by piece,
    so that a large array never exists in float64.
    """
    bound = 1 / math.sqrt(fan_in)
    array = np.empty(shape, dtype)
    flat = array.reshape(-1)
    for first in range(0, flat.size, PIECE):
        piece = flat[first : first + PIECE]
        piece[...] = generator.uniform(-bound, bound, piece.size)
    return array
