"""The three matrices of the Winograd convolution F(4, 3): four outputs of a kernel of three from six products.

Polynomials are multiplied by their values at points (Toom and Cook): with six points, among them infinity, the
values of a kernel times those of a tile give four positions of the correlation. The transforms here are ordinary
matrix products, so that their entries may be any numbers, and the points are those that lose the fewest digits:
0, 1, -1, 1/2, -2 rather than the usual 0, 1, -1, 2, -2. (Barabasz, Anderson, Soodhalter and Gregg, "Error Analysis
and Improving the Accuracy of Winograd Convolution for Deep Neural Networks", 2020.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from cnnstudio.engine.arrays import Array

STEP = 4
"""Outputs of a tile along each axis."""

KERNEL = 3

TILE = STEP + KERNEL - 1
"""Inputs of a tile along each axis, and points at which it is evaluated."""

POINTS = (0.0, 1.0, -1.0, 0.5, -2.0)
"""Besides infinity."""

AT_ONE = POINTS.index(1.0)
"""The point whose value counts once for each output, so that a constant added there is added to all."""


@dataclass(frozen=True, slots=True)
class Matrices:
    """y = outputs ((kernels w) × (inputs x)) for a kernel w (3), a tile x (6) and four outputs y."""

    inputs: Array
    """(6, 6), known as Bᵀ."""

    kernels: Array
    """(6, 3), known as G."""

    outputs: Array
    """(4, 6), known as Aᵀ."""


@cache
def matrices(dtype: np.dtype[Any]) -> Matrices:
    """The matrices in the type of the data, read only."""
    others = [np.poly([other for other in POINTS if other != point]) for point in POINTS]
    inputs = np.zeros((TILE, TILE))
    inputs[:-1, :-1] = [each[::-1] for each in others]
    inputs[-1] = np.poly(POINTS)[::-1]
    kernels = np.zeros((TILE, KERNEL))
    for row, point, other in zip(kernels, POINTS, others, strict=False):
        row[:] = point ** np.arange(KERNEL) / np.polyval(other, point)
    kernels[-1, -1] = 1
    outputs = np.zeros((STEP, TILE))
    outputs[:, :-1] = np.power.outer(POINTS, np.arange(STEP)).T
    outputs[-1, -1] = 1
    found = [each.astype(dtype) for each in (inputs, kernels, outputs)]
    for each in found:
        each.flags.writeable = False
    return Matrices(*found)
