"""What a reference layer is told. Maps are (N, C, H, W), vectors (N, F), weights (out, in, rows, columns).

Every layer of this folder is a pair of functions: `forward(site)` gives the output, `backward(site, d_y)` the gradients
of Σ d_y · y by each input and by each learned array. Both start from the definition and go through it number by
number; nothing is saved between the two, nothing is shared with the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]
Gradients: TypeAlias = tuple[list[Array], dict[str, Array]]
"""By each input, and by each learned array under its name."""


@dataclass(frozen=True, slots=True)
class Site:
    """A layer about to be computed.

    Attributes:
        inputs: one array for each port.
        arrays: learned arrays and running statistics, by PyTorch's names.
        params: of the catalogue, checked and complete.
        training: or evaluation.
        seen: what a layer that draws by chance gave; which chance it took is read off there.
    """

    inputs: Sequence[Array]
    arrays: Mapping[str, Array]
    params: Mapping[str, Any]
    training: bool
    seen: Array

    @property
    def x(self) -> Array:
        """The only input."""
        (x,) = self.inputs
        return x


@dataclass(frozen=True, slots=True)
class Reference:
    """A layer by its definition."""

    forward: Callable[[Site], Array]
    backward: Callable[[Site, Array], Gradients]


def pair(size: int | tuple[int, int]) -> tuple[int, int]:
    """(height, width)."""
    return (size, size) if isinstance(size, int) else size


def sides(params: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """padding as (top, bottom, left, right); "same" puts the odd pixel at the bottom and right."""
    padding = params.get("padding", 0)
    if padding == "valid":
        return 0, 0, 0, 0
    if padding == "same":
        rows, columns = (
            d * (k - 1) for k, d in zip(pair(params["kernel_size"]), pair(params.get("dilation", 1)), strict=True)
        )
        return rows // 2, rows - rows // 2, columns // 2, columns - columns // 2
    if isinstance(padding, tuple) and len(padding) == 4:
        return padding
    height, width = pair(padding)
    return height, height, width, width
