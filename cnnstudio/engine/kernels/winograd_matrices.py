"""The three matrices of a Winograd convolution F(4, k): four outputs of a kernel of k from k + 3 products.

Polynomials are multiplied by their values at points (Toom and Cook): with k + 3 points, among them infinity, the
values of a kernel times those of a tile give four positions of the correlation. The transforms here are ordinary
matrix products, so that their entries may be any numbers, and the points are those that lose the fewest digits: for
a kernel of three 0, 1, -1, 1/2, -2 rather than the usual 0, 1, -1, 2, -2. (Barabasz, Anderson, Soodhalter and Gregg,
"Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks", 2020.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from cnnstudio.engine.arrays import Array

STEP = 4
"""Outputs of a tile along each axis."""


@dataclass(frozen=True, slots=True)
class Form:
    """F(STEP, kernel).

    Attributes:
        kernel: taps along each axis.
        places: the points besides infinity.
    """

    kernel: int
    places: tuple[float, ...]

    @property
    def tile(self) -> int:
        """Inputs of a tile along each axis, and points at which it is evaluated."""
        return STEP + self.kernel - 1

    @property
    def points(self) -> int:
        """Points of both axes."""
        return self.tile**2

    @property
    def at_one(self) -> int:
        """The point whose value counts once for each output, so that a constant added there is added to all."""
        return self.places.index(1.0) * (self.tile + 1)


FORMS = {3: Form(3, (0.0, 1.0, -1.0, 0.5, -2.0)), 5: Form(5, (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0))}
"""By the kernel's size."""


@dataclass(frozen=True, slots=True)
class Matrices:
    """y = outputs ((kernels w) × (inputs x)) for a kernel w (k), a tile x (k + 3) and four outputs y."""

    inputs: Array
    """(k + 3, k + 3), known as Bᵀ."""

    kernels: Array
    """(k + 3, k), known as G."""

    outputs: Array
    """(4, k + 3), known as Aᵀ."""


@cache
def matrices(form: Form, dtype: np.dtype[Any]) -> Matrices:
    """The matrices in the type of the data, read only."""
    places, tile, kernel = form.places, form.tile, form.kernel
    others = [np.poly([other for other in places if other != point]) for point in places]
    inputs = np.zeros((tile, tile))
    inputs[:-1, :-1] = [each[::-1] for each in others]
    inputs[-1] = np.poly(places)[::-1]
    kernels = np.zeros((tile, kernel))
    for row, point, other in zip(kernels, places, others, strict=False):
        row[:] = point ** np.arange(kernel) / np.polyval(other, point)
    kernels[-1, -1] = 1
    outputs = np.zeros((STEP, tile))
    outputs[:, :-1] = np.power.outer(places, np.arange(STEP)).T
    outputs[-1, -1] = 1
    found = [each.astype(dtype) for each in (inputs, kernels, outputs)]
    for each in found:
        each.flags.writeable = False
    return Matrices(*found)
