"""ReLU and its kin, GELU, SiLU, Sigmoid, Tanh, Softmax: non-linear functions, and their slopes."""

from __future__ import annotations

import functools
import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels import memory, normal
from cnnstudio.engine.kernels.moments import channel_sums
from cnnstudio.engine.kernels.parallel import LONG_VALUES, elementwise
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved


class ElementWise(Layer):
    """A function of one value at a time whose slope can be told from its output."""

    writes_over = True

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        y = elementwise(self.function, memory.empty(x.shape, x.dtype), x)
        return y, y

    def forward_over(self, x: Array) -> tuple[Array, Saved]:
        y = elementwise(self.function, x, x)
        return y, y

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        y: Array = saved
        return (elementwise(self.chain, memory.empty(y.shape, y.dtype), d_output, y),), {}

    @abstractmethod
    def function(self, out: Array, x: Array) -> None:
        """out = f(x)."""

    @abstractmethod
    def chain(self, out: Array, d_y: Array, y: Array) -> None:
        """out = d_y f'(x), where y = f(x)."""


class ReLU(ElementWise):
    """max(0, x); the slope at 0 is 0."""

    def function(self, out: Array, x: Array) -> None:
        np.maximum(x, _zeros(x.dtype)[: len(x)], out=out)

    def chain(self, out: Array, d_y: Array, y: Array) -> None:
        passed = np.greater(y, 0, out=memory.empty(y.shape, np.bool_))
        np.multiply(d_y, passed, out=out)


@functools.cache
def _zeros(dtype: np.dtype[Any]) -> Array:
    """As many as there are in a piece. Beside an array NumPy takes vector instructions, beside a number it does not."""
    zeros = np.zeros(LONG_VALUES, dtype)
    zeros.flags.writeable = False
    return zeros


class OfInput(ElementWise):
    """A function of one value at a time whose slope is told from its input: where its output would not do."""

    writes_over = False

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        return elementwise(self.function, memory.empty(x.shape, x.dtype), x), x

    @abstractmethod
    def chain(self, out: Array, d_y: Array, x: Array) -> None:
        """out = d_y f'(x)."""


class LeakyReLU(OfInput):
    """x above 0, negative_slope x below; the slope at 0 is negative_slope. (Maas, Hannun and Ng, 2013.)"""

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def function(self, out: Array, x: Array) -> None:
        np.multiply(np.minimum(x, 0), self.negative_slope, out=out)
        out += np.maximum(x, 0)

    def chain(self, out: Array, d_y: Array, x: Array) -> None:
        np.multiply(x > 0, 1 - self.negative_slope, out=out)
        out += self.negative_slope
        out *= d_y


class PReLU(Layer):
    """x above 0, weight x below, with one learned slope for all channels, 0.25 at first: PyTorch's default.

    (He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015.)
    """

    def __init__(self, *, dtype: npt.DTypeLike = np.float32) -> None:
        super().__init__()
        self.parameters["weight"] = np.full(1, 0.25, dtype)

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        return elementwise(self._leaky.function, memory.empty(x.shape, x.dtype), x), x

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        x: Array = saved
        flat, d_flat = x.reshape(-1, x.shape[-1]), d_output.reshape(-1, x.shape[-1])
        (by_channel,) = channel_sums(lambda x, d_y: (np.minimum(x, 0) * d_y,), (flat, d_flat), ())
        d_x = elementwise(self._leaky.chain, memory.empty(x.shape, x.dtype), d_output, x) if input_gradient else None
        return (d_x,), {"weight": by_channel.sum(keepdims=True)}

    @property
    def _leaky(self) -> LeakyReLU:
        """The same function with the slope as it now is."""
        return LeakyReLU(float(self.parameters["weight"][0]))


class ELU(OfInput):
    """x above 0, alpha (e^x - 1) below; the slope at 0 is alpha. (Clevert, Unterthiner and Hochreiter, 2015.)"""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def function(self, out: Array, x: Array) -> None:
        np.expm1(np.minimum(x, 0), out=out)
        out *= self.alpha
        out += np.maximum(x, 0)

    def chain(self, out: Array, d_y: Array, x: Array) -> None:
        np.exp(np.minimum(x, 0), out=out)
        out *= self.alpha
        out += np.multiply(x > 0, 1 - self.alpha, dtype=x.dtype)
        out *= d_y


class GELU(OfInput):
    """x Φ(x), where Φ is the probability of a normal number below x. (Hendrycks and Gimpel, 2016.)"""

    def function(self, out: Array, x: Array) -> None:
        np.multiply(x, normal.probability_below(x), out=out)

    def chain(self, out: Array, d_y: Array, x: Array) -> None:
        np.multiply(x, normal.density(x), out=out)
        out += normal.probability_below(x)
        out *= d_y


class TanhGELU(OfInput):
    """GELU's older approximation, x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2; off by up to 5e-4."""

    def function(self, out: Array, x: Array) -> None:
        np.add(self._tanh(x), 1, out=out)
        out *= x
        out *= 0.5

    def chain(self, out: Array, d_y: Array, x: Array) -> None:
        tanh = self._tanh(x)
        np.multiply(x, x, out=out)
        out *= 3 * CUBIC
        out += 1
        out *= x * (1 - tanh * tanh)
        out *= ROOT
        out += tanh
        out += 1
        out *= 0.5
        out *= d_y

    def _tanh(self, x: Array) -> Array:
        inner = x * x
        inner *= CUBIC
        inner += 1
        inner *= x
        inner *= ROOT
        return np.tanh(inner, out=inner)


ROOT, CUBIC = math.sqrt(2 / math.pi), 0.044715
"""The constants of GELU's approximation."""


class SiLU(OfInput):
    """x / (1 + e^-x). (Hendrycks and Gimpel, 2016; Ramachandran, Zoph and Le, "Swish", 2017.)"""

    def function(self, out: Array, x: Array) -> None:
        Sigmoid().function(out, x)
        out *= x

    def chain(self, out: Array, d_y: Array, x: Array) -> None:
        share = memory.empty_like(x)
        Sigmoid().function(share, x)
        np.subtract(1, share, out=out)
        out *= x
        out += 1
        out *= share
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
