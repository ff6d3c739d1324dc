"""Flatten, Add, Concat, Identity: what changes the form, or brings several paths together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnnstudio.engine.arrays import Array, channels_last, shape_text
from cnnstudio.engine.errors import LayerError
from cnnstudio.engine.kernels.parallel import elementwise
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved


class Flatten(Layer):
    """Maps to one long vector, in PyTorch's order: channel, row, column."""

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        if x.ndim != 4:
            return x, None
        return x.transpose(0, 3, 1, 2).reshape(len(x), -1), x.shape

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        if saved is None:
            return (d_output,), {}
        n, height, width, channels = saved
        return (channels_last(d_output.reshape(n, channels, height, width)),), {}


class Add(Layer):
    """The sum of its inputs; each of them gets the whole gradient."""

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        _check_alike("Add", [x.shape for x in inputs])
        return elementwise(_sum, np.empty(inputs[0].shape, inputs[0].dtype), *inputs), len(inputs)

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        return (d_output,) * saved, {}


class Concat(Layer):
    """Channels (or features) side by side."""

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        _check_alike("Concat", [x.shape[:-1] for x in inputs])
        return np.concatenate(inputs, axis=-1), [x.shape[-1] for x in inputs]

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        edges = np.cumsum(saved)[:-1]
        return [np.ascontiguousarray(part) for part in np.split(d_output, edges, axis=-1)], {}


class Identity(Layer):
    """y = x."""

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        return x, None

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        return (d_output,), {}


def _sum(out: Array, first: Array, *others: Array) -> None:
    np.copyto(out, first)
    for other in others:
        out += other


def _check_alike(kind: str, shapes: Sequence[tuple[int, ...]]) -> None:
    if len(set(shapes)) > 1:
        texts = " and ".join(shape_text(shape[1:]) for shape in shapes)
        raise LayerError(f"{kind} takes inputs of one size; {texts} arrived.")
