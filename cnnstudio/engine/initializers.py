"""What weights start from."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array


def uniform_fan_in(
    shape: tuple[int, ...], fan_in: int, generator: np.random.Generator, dtype: npt.DTypeLike = np.float32
) -> Array:
    """PyTorch's default for the weight and bias of convolution and linear: U(-1/√fan_in, 1/√fan_in).

    fan_in is how many values one output sums up. (LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, for
    the scale.) Drawn in float64, so that a network has the same weights in either precision.
    """
    bound = 1 / math.sqrt(fan_in)
    return generator.uniform(-bound, bound, shape).astype(dtype)
