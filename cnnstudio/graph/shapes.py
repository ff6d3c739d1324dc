"""Shapes, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence

Shape = tuple[int, ...]
"""A shape without the batch axis: (channels, height, width) of maps or (features,) of a vector."""

LARGEST_OUTPUT = 2**40
"""No layer may give more numbers for one image. Concat and Flatten would otherwise grow them without end."""
BYTES_PER_VALUE = 4
"""Everything is counted as float32: activations, weights, gradients."""


def size_text(shape: Sequence[object]) -> str:
    """A shape as people read it: 20 × 28 × 28."""
    return " × ".join(str(each) for each in shape)
