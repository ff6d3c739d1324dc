"""Input: where the pictures come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, channels_last, shape_text, tuple_text
from cnnstudio.engine.errors import InputError
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.window import FEW_CHANNELS
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
        if array.ndim == 4 and array.shape[1] <= FEW_CHANNELS:
            return self._by_channel(array, np.dtype(dtype))
        if array.dtype == np.uint8:
            return channels_last(np.divide(array, 255, dtype=dtype))
        return channels_last(array.astype(dtype, copy=False))

    def _by_channel(self, array: npt.NDArray[Any], dtype: np.dtype[Any]) -> Array:
        """Channel by channel: three numbers a pixel would be a short loop for each."""
        n, channels, height, width = array.shape
        pixels = memory.empty((n, height * width, channels), dtype)
        for channel, plane in enumerate(array.reshape(n, channels, height * width).transpose(1, 0, 2)):
            if array.dtype == np.uint8:
                np.divide(plane, 255, out=pixels[..., channel], dtype=dtype)
            else:
                pixels[..., channel] = plane
        return pixels.reshape(n, height, width, channels)

    def check(self, images: npt.ArrayLike) -> npt.NDArray[Any]:
        """The pictures as an array, as they are. Raises InputError when shape or type do not fit."""
        try:
            array = np.asarray(images)
        except ValueError:
            raise InputError(
                f"The network takes a batch, (N, {self._numbers()}); the pictures differ in size."
            ) from None
        if array.ndim != len(self.shape) + 1 and array.ndim != len(self.shape):
            found = tuple_text(array.shape) if array.ndim else f"a single {array.dtype}"
            raise InputError(f"The network takes a batch, (N, {self._numbers()}); {found} arrived.")
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
