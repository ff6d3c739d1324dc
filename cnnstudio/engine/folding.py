"""Batch normalization worked into the layer before it: in evaluation both are linear, so one can do the work of two."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from cnnstudio.engine.layers import BatchNorm, Conv2d, ConvTranspose2d, Identity, Layer, Linear
from cnnstudio.engine.network import Network


def fold_batch_norm(net: Network) -> Network:
    """A network for evaluation that predicts the same without the BatchNorms that could be folded.

    A BatchNorm is folded into the Conv2d, ConvTranspose2d or Linear whose output it alone reads; that layer has a
    bias afterwards, and an Identity stands where the BatchNorm was, so every node's id remains. Other BatchNorms
    stay. Computed in float64 and then brought to the network's precision. `net` is left alone, and the result
    shares no array with it; trained on, it would be another network than `net`.
    """
    copy = net.snapshot()
    uses = Counter(source for node in copy.nodes for source in node.inputs)
    uses[copy.output] += 1
    layers: dict[str, Layer] = {node.id: node.layer for node in copy.nodes}
    for node in copy.nodes:
        if isinstance(node.layer, BatchNorm):
            source = node.inputs[0]
            if uses[source] == 1 and isinstance(layers[source], (Conv2d, ConvTranspose2d, Linear)):
                _fold(node.layer, layers[source])
                layers[node.id] = Identity()
    nodes = [replace(node, layer=layers[node.id]) for node in copy.nodes]
    return Network(nodes, copy.output, seed=copy.seed, dtype=copy.dtype)


def _fold(norm: BatchNorm, layer: Layer) -> None:
    """(W x + b - mean) s + shift = (s W) x + (b - mean) s + shift, with s = scale / √(variance + eps), unit by unit."""
    arrays = {name: array.astype(np.float64) for name, array in (norm.parameters | norm.buffers).items()}
    slope = arrays.get("weight", np.ones(norm.channels)) / np.sqrt(arrays["running_var"] + norm.eps)
    shift = arrays.get("bias", np.zeros(norm.channels))
    weight = layer.parameters["weight"]
    # Conv2d keeps its output channels last, (rows, columns, in, out); the others before their inputs.
    weight[...] = weight * (slope if isinstance(layer, Conv2d) else slope[:, None])
    bias = layer.parameters.get("bias", np.zeros(norm.channels))
    layer.parameters["bias"] = ((bias - arrays["running_mean"]) * slope + shift).astype(weight.dtype)
