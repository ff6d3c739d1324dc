"""Dropout, SpatialDropout, DropPath: silence values, maps or whole branches at random in training."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.errors import LayerError
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved, map_size


class Dropping(Layer):
    """Base: in training, 0 with probability p and x / (1 - p) otherwise, so that the mean stays; x in evaluation."""

    draws = True

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        shape = self.decided_at_once(x)
        if not mode.training or self.p == 0:
            return x, None
        if mode.generator is None:
            raise LayerError(f"{type(self).__name__} needs a generator of random numbers in training.")
        kept = mode.generator.random(shape, np.float32) >= self.p
        factors = np.multiply(kept, 1 / (1 - self.p), dtype=x.dtype)
        return x * factors, factors

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        factors: Array | None = saved
        return (d_output if factors is None else d_output * factors,), {}

    @abstractmethod
    def decided_at_once(self, x: Array) -> tuple[int, ...]:
        """The shape of the decisions for x: 1 along axes that share one. Raises LayerError when x does not fit."""


class Dropout(Dropping):
    """Silences each value by itself. (Srivastava et al., "Dropout", 2014, in the inverted form, which leaves
    evaluation alone.)
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__(p)

    def decided_at_once(self, x: Array) -> tuple[int, ...]:
        return x.shape


class SpatialDropout(Dropping):
    """Silences whole maps, since neighbouring pixels tell the same; PyTorch's Dropout2d.

    (Tompson, Goroshin, Jain, LeCun and Bregler, "Efficient Object Localization Using Convolutional Networks", 2015.)
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__(p)

    def decided_at_once(self, x: Array) -> tuple[int, ...]:
        map_size("SpatialDropout", x)
        return x.shape[0], 1, 1, x.shape[3]


class DropPath(Dropping):
    """Silences all of an image, so that of a residual block only the shortcut remains.

    (Huang, Sun, Liu, Sedra and Weinberger, "Deep Networks with Stochastic Depth", 2016; here image by image and
    inverted, as its later users have it.)
    """

    def __init__(self, p: float = 0.1) -> None:
        super().__init__(p)

    def decided_at_once(self, x: Array) -> tuple[int, ...]:
        return len(x), *[1] * (x.ndim - 1)
