"""Conv2d: kernels slide over maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, Pair, Sides, shape_text
from cnnstudio.engine.errors import LayerError
from cnnstudio.engine.initializers import uniform_fan_in
from cnnstudio.engine.kernels import convolution
from cnnstudio.engine.kernels.padding import PaddingMode, pad, pad_gradient
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved

NO_PADDING: Sides = (0, 0, 0, 0)


class Conv2d(Layer):
    """y[n, i, j, o] = bias[o] + sum over (a, b, c) of x[n, s i + d a - top, s j + d b - left, c] weight[a, b, c, o].

    weight is kept as (kernel rows, kernel columns, in / groups, out); PyTorch's layout is (out, in / groups, kernel
    rows, kernel columns). With groups, output channels see only the input channels of their own group.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        window: Window,
        *,
        groups: int = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        generator: np.random.Generator,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        if in_channels % groups or out_channels % groups:
            raise LayerError(f"{groups} groups must divide the channels; {in_channels} come in, {out_channels} leave.")
        self.in_channels, self.groups, self.padding_mode, self.window = in_channels, groups, padding_mode, window
        shape = (*window.kernel, in_channels // groups, out_channels)
        fan_in = int(np.prod(shape[:3]))
        self.parameters["weight"] = uniform_fan_in(shape, fan_in, generator, dtype)
        if bias:
            self.parameters["bias"] = uniform_fan_in((out_channels,), fan_in, generator, dtype)

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        size = self._output_size(x)
        window, padded = self.window, x
        if self.padding_mode != "zeros" and any(window.padding):
            padded, window = pad(x, window.padding, self.padding_mode), replace(window, padding=NO_PADDING)
        weight, bias = self.parameters["weight"], self.parameters.get("bias")
        return convolution.convolve(padded, weight, bias, window, size, self.groups), (padded, window)

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        padded, window = saved
        d_weight, d_bias = convolution.weight_gradient(d_output, padded, window, self.groups)
        gradients = {"weight": d_weight, "bias": d_bias} if "bias" in self.parameters else {"weight": d_weight}
        if not input_gradient:
            return (None,), gradients
        size = (padded.shape[1], padded.shape[2])
        d_x = convolution.input_gradient(d_output, self.parameters["weight"], window, size, self.groups)
        if window is not self.window:
            d_x = pad_gradient(d_x, self.window.padding, self.padding_mode)
        return (d_x,), gradients

    def to_torch(self, name: str, array: Array) -> Array:
        return array.transpose(3, 2, 0, 1) if name == "weight" else array

    def from_torch(self, name: str, array: Array) -> Array:
        return array.transpose(2, 3, 1, 0) if name == "weight" else array

    def _output_size(self, x: Array) -> Pair:
        if x.ndim != 4 or x.shape[3] != self.in_channels:
            arrived = shape_text((x.shape[-1], *x.shape[1:-1]))
            raise LayerError(f"Conv2d takes maps of {self.in_channels} channels; {arrived} arrived.")
        size = self.window.output_size((x.shape[1], x.shape[2]))
        if min(size) < 1:
            raise LayerError(
                f"a window of {shape_text(self.window.extent)} does not fit into maps of {shape_text(x.shape[1:3])}."
            )
        return size
