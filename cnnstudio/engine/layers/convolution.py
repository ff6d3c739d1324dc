"""Conv2d: kernels slide over maps. ConvTranspose2d: its derivative, run the other way, which makes maps larger."""

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


class Kernels(Layer):
    """Base of both: a weight (kernel rows, kernel columns, ., .), whose last two axes stand first in PyTorch."""

    gives_away = True
    in_channels: int

    def to_torch(self, name: str, array: Array) -> Array:
        return array.transpose(3, 2, 0, 1) if name == "weight" else array

    def from_torch(self, name: str, array: Array) -> Array:
        return array.transpose(2, 3, 1, 0) if name == "weight" else array

    def _check(self, x: Array) -> None:
        if x.ndim != 4 or x.shape[3] != self.in_channels:
            arrived = shape_text((x.shape[-1], *x.shape[1:-1]))
            raise LayerError(f"{type(self).__name__} takes maps of {self.in_channels} channels; {arrived} arrived.")


class Conv2d(Kernels):
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
        gradients = {"bias": convolution.bias_gradient(d_output)} if "bias" in self.parameters else {}
        if not input_gradient:
            gradients["weight"] = convolution.weight_gradient(d_output, padded, window, self.groups)
            return (None,), gradients
        weight = self.parameters["weight"]
        d_x, gradients["weight"] = convolution.gradients(d_output, padded, weight, window, self.groups)
        if window is not self.window:
            d_x = pad_gradient(d_x, self.window.padding, self.padding_mode)
        return (d_x,), gradients

    def _output_size(self, x: Array) -> Pair:
        self._check(x)
        size = self.window.output_size((x.shape[1], x.shape[2]))
        if min(size) < 1:
            raise LayerError(
                f"a window of {shape_text(self.window.extent)} does not fit into maps of {shape_text(x.shape[1:3])}."
            )
        return size


class ConvTranspose2d(Kernels):
    """Every value paints its kernel, `stride` pixels from the next one's; where kernels overlap they add up.

    y[n, s i + a - top, s j + b - left, o] gets bias[o] + x[n, i, j, c] weight[a, b, o, c]. That is what Conv2d with
    the same window does to gradients, so forward is its input gradient and the other way round. weight is kept as
    (kernel rows, kernel columns, out, in); PyTorch's layout is (in, out, kernel rows, kernel columns).
    output_padding adds pixels at the bottom and right: at a stride above 1 several output sizes belong to one input
    size. (Zeiler, Krishnan, Taylor and Fergus, "Deconvolutional Networks", 2010; Dumoulin and Visin, "A guide to
    convolution arithmetic", 2016.)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        window: Window,
        *,
        output_padding: Pair = (0, 0),
        bias: bool = True,
        generator: np.random.Generator,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        if output_padding[0] >= window.stride[0] or output_padding[1] >= window.stride[1]:
            raise LayerError(
                f"output padding stays below the stride; it is {shape_text(output_padding)}, the stride "
                f"{shape_text(window.stride)}."
            )
        self.in_channels, self.window, self.output_padding = in_channels, window, output_padding
        fan_in = out_channels * window.kernel[0] * window.kernel[1]  # PyTorch's, which reads the layout of Conv2d
        shape = (*window.kernel, out_channels, in_channels)
        self.parameters["weight"] = uniform_fan_in(shape, fan_in, generator, dtype)
        if bias:
            self.parameters["bias"] = uniform_fan_in((out_channels,), fan_in, generator, dtype)

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        y = convolution.input_gradient(x, self.parameters["weight"], self.window, self._output_size(x))
        if "bias" in self.parameters:
            y += self.parameters["bias"]
        return y, x

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        x: Array = saved
        gradients = {"weight": convolution.weight_gradient(x, d_output, self.window)}
        if "bias" in self.parameters:
            gradients["bias"] = convolution.bias_gradient(d_output)
        if not input_gradient:
            return (None,), gradients
        size = (x.shape[1], x.shape[2])
        return (convolution.convolve(d_output, self.parameters["weight"], None, self.window, size),), gradients

    def _output_size(self, x: Array) -> Pair:
        self._check(x)
        painted, (top, bottom, left, right) = self.window.span((x.shape[1], x.shape[2])), self.window.padding
        height = painted[0] - top - bottom + self.output_padding[0]
        width = painted[1] - left - right + self.output_padding[1]
        if min(height, width) < 1:
            raise LayerError(f"the padding takes away more than the {shape_text(painted)} pixels there are.")
        return height, width
