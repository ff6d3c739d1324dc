"""Layers that are to stay as they are while others learn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy.typing as npt

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.layers import Gradients, Layer, Mode, Saved
from cnnstudio.engine.network import Network


class Frozen(Layer):
    """Another layer, as it works in evaluation, with nothing to learn: BatchNorm by its running statistics.

    Its arrays are the other layer's own business, so it shows none. Where no layer before it learns either, the
    backward pass ends behind it.
    """

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.layer = layer
        self.by_image = layer.by_image

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        return self.layer.forward(inputs, replace(mode, training=False))

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        d_inputs, _ = self.layer.backward(d_output, saved, input_gradient=input_gradient)
        return d_inputs, {}

    def copy(self, dtype: npt.DTypeLike | None = None) -> Layer:
        return Frozen(self.layer.copy(dtype))


def freeze(net: Network, nodes: Collection[str]) -> Network:
    """The same network, arrays shared, in which the layers with these ids do not learn. Without any, `net` itself."""
    if not nodes:
        return net
    return Network(
        [replace(node, layer=Frozen(node.layer)) if node.id in nodes else node for node in net.nodes],
        net.output,
        seed=net.seed,
        dtype=net.dtype,
    )
