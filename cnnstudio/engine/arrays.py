"""Array types, and the two layouts: channels first at the border, channels last inside."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.floating[Any]]
"""float32 or float64."""

Integers: TypeAlias = npt.NDArray[np.integer[Any]]
Pair: TypeAlias = tuple[int, int]
"""(height, width)."""

Sides: TypeAlias = tuple[int, int, int, int]
"""(top, bottom, left, right)."""


def channels_last(array: Array) -> Array:
    """(N, C, H, W) -> contiguous (N, H, W, C); other ranks pass. Copies only when it must."""
    return np.ascontiguousarray(array.transpose(0, 2, 3, 1)) if array.ndim == 4 else np.ascontiguousarray(array)


def channels_first(array: Array) -> Array:
    """(N, H, W, C) -> contiguous (N, C, H, W) of its own; other ranks are copied."""
    return array.transpose(0, 3, 1, 2).copy() if array.ndim == 4 else array.copy()


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as people read it: 20 × 28 × 28."""
    return " × ".join(str(size) for size in shape)


def tuple_text(shape: tuple[int, ...]) -> str:
    """A shape as a tuple of arrays is written: (500, 2450)."""
    return f"({', '.join(str(size) for size in shape)})"
