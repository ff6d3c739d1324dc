"""Linear: every input to every output."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, shape_text
from cnnstudio.engine.errors import LayerError
from cnnstudio.engine.initializers import uniform_fan_in
from cnnstudio.engine.kernels import matrix
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved


class Linear(Layer):
    """y = x Wᵀ + b, with W (out, in) and b (out,) as in PyTorch.

    Takes the batch as a whole: its weights are many, and are read once for all images.
    """

    by_image = False

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        bias: bool = True,
        generator: np.random.Generator,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__()
        self.in_features = in_features
        self.parameters["weight"] = uniform_fan_in((out_features, in_features), in_features, generator, dtype)
        if bias:
            self.parameters["bias"] = uniform_fan_in((out_features,), in_features, generator, dtype)

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        if x.ndim != 2 or x.shape[1] != self.in_features:
            arrived = shape_text((x.shape[-1], *x.shape[1:-1]))
            raise LayerError(f"Linear takes vectors of {self.in_features} features; {arrived} arrived.")
        y = matrix.product(x, self.parameters["weight"].T)
        if "bias" in self.parameters:
            y += self.parameters["bias"]
        return y, x

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        x: Array = saved
        gradients = {"weight": matrix.product(d_output.T, x)}
        if "bias" in self.parameters:
            gradients["bias"] = d_output.sum(axis=0)
        d_x = matrix.product(d_output, self.parameters["weight"]) if input_gradient else None
        return (d_x,), gradients
