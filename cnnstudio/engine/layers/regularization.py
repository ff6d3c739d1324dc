"""Dropout: silences values at random in training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.errors import LayerError
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved


class Dropout(Layer):
    """In training, 0 with probability p and x / (1 - p) otherwise, so that the mean stays; x in evaluation.

    (Srivastava et al., "Dropout", 2014; this is the inverted form, which leaves evaluation alone.)
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        if not mode.training or self.p == 0:
            return x, None
        if mode.generator is None:
            raise LayerError("Dropout needs a generator of random numbers in training.")
        kept = mode.generator.random(x.shape, np.float32) >= self.p
        factors = np.multiply(kept, 1 / (1 - self.p), dtype=x.dtype)
        return x * factors, factors

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        factors: Array | None = saved
        return (d_output if factors is None else d_output * factors,), {}
