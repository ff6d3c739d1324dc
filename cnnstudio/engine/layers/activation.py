"""ReLU, LeakyReLU, Sigmoid, Tanh, Softmax: non-linear functions, and their slopes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels.parallel import elementwise
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved


class ElementWise(Layer):
    """A function of one value at a time whose slope can be told from its output."""

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        y = elementwise(self.function, np.empty(x.shape, x.dtype), x)
        return y, y

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        y: Array = saved
        return (elementwise(self.chain, np.empty(y.shape, y.dtype), d_output, y),), {}

    @abstractmethod
    def function(self, out: Array, x: Array) -> None:
        """out = f(x)."""

    @abstractmethod
    def chain(self, out: Array, d_y: Array, y: Array) -> None:
        """out = d_y f'(x), where y = f(x)."""


class ReLU(ElementWise):
    """max(0, x); the slope at 0 is 0."""

    def function(self, out: Array, x: Array) -> None:
        np.maximum(x, 0, out=out)

    def chain(self, out: Array, d_y: Array, y: Array) -> None:
        np.multiply(d_y, y > 0, out=out)


class LeakyReLU(ElementWise):
    """x above 0, negative_slope x below; the slope at 0 is negative_slope. (Maas, Hannun and Ng, 2013.)"""

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        # With a slope of 0 or below, the output no longer tells on which side of 0 the input was.
        (x,) = inputs
        return elementwise(self.function, np.empty(x.shape, x.dtype), x), x

    def function(self, out: Array, x: Array) -> None:
        np.multiply(np.minimum(x, 0), self.negative_slope, out=out)
        out += np.maximum(x, 0)

    def chain(self, out: Array, d_y: Array, y: Array) -> None:
        # y is the input here; the factor is negative_slope at or below 0, and 1 above.
        np.multiply(y > 0, 1 - self.negative_slope, out=out)
        out += self.negative_slope
        out *= d_y


class Sigmoid(ElementWise):
    """1 / (1 + e^-x), computed as (1 + tanh(x / 2)) / 2, which cannot overflow."""

    def function(self, out: Array, x: Array) -> None:
        np.multiply(x, 0.5, out=out)
        np.tanh(out, out=out)
        out += 1
        out *= 0.5

    def chain(self, out: Array, d_y: Array, y: Array) -> None:
        np.subtract(1, y, out=out)
        out *= y
        out *= d_y


class Tanh(ElementWise):
    """(e^x - e^-x) / (e^x + e^-x)."""

    def function(self, out: Array, x: Array) -> None:
        np.tanh(x, out=out)

    def chain(self, out: Array, d_y: Array, y: Array) -> None:
        np.multiply(y, y, out=out)
        np.subtract(1, out, out=out)
        out *= d_y


class Softmax(Layer):
    """y = e^x / Σ e^x over the features of a vector, or over the channels of each pixel.

    The largest input is subtracted first: it cancels, and keeps e^x finite.
    """

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        y = np.exp(x - x.max(axis=-1, keepdims=True))
        y /= y.sum(axis=-1, keepdims=True)
        return y, y

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        y: Array = saved
        d_x = d_output - (d_output * y).sum(axis=-1, keepdims=True)
        d_x *= y
        return (d_x,), {}
