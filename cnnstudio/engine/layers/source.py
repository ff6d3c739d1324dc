"""Input: where the pictures come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, channels_last, shape_text
from cnnstudio.engine.errors import InputError
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved


class Input(Layer):
    """Checks what arrives and brings it into the engine's form.

    Attributes:
        shape: (channels, height, width) of one picture, or (features,).
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def read(self, images: npt.ArrayLike, dtype: npt.DTypeLike) -> Array:
        """(N, C, H, W) to (N, H, W, C) in `dtype`. Bytes are read as value / 255, floats as they are.

        Raises InputError when shape or type do not fit.
        """
        array = self.check(images)
        if array.dtype == np.uint8:
            return channels_last(np.divide(array, 255, dtype=dtype))
        return channels_last(array.astype(dtype, copy=False))

    def check(self, images: npt.ArrayLike) -> npt.NDArray[Any]:
        """The pictures as an array, as they are. Raises InputError when shape or type do not fit."""
        array = np.asarray(images)
        if array.ndim == len(self.shape):
            raise InputError(f"The network takes a batch, (N, {self._numbers()}); give one picture as picture[None].")
        if array.shape[1:] != self.shape:
            raise InputError(
                f"The network takes pictures of {shape_text(self.shape)}; {shape_text(array.shape[1:])} arrived."
            )
        if array.dtype != np.uint8 and not np.issubdtype(array.dtype, np.floating):
            raise InputError(f"Pictures are bytes (uint8) or floating-point numbers; {array.dtype} arrived.")
        return array

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        return x, None

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        return (d_output,), {}

    def _numbers(self) -> str:
        return ", ".join(str(size) for size in self.shape)
