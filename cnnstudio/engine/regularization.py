"""What holds weights and gradients within bounds: penalties, the max-norm constraint, clipping."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.config import LayerSettings, TrainingConfig
from cnnstudio.engine.errors import InputError
from cnnstudio.engine.layers import Conv2d, ConvTranspose2d, Linear
from cnnstudio.engine.network import Network, ParameterKey
from cnnstudio.engine.optimizers import ArraySettings
from cnnstudio.engine.wiring import NetworkNode

WEIGHTED = (Conv2d, ConvTranspose2d, Linear)
"""Layers of units, each with a weight vector of its own."""

PIECE = 1 << 13
"""Values whose squares are summed in the array's own precision; so few that OpenBLAS needs no thread for them."""


def settings_by_node(net: Network, layers: Mapping[str, LayerSettings]) -> dict[str, LayerSettings]:
    """Settings by name as settings by node id. Raises InputError for a name that has no use for any."""
    nodes = {node.name: node for node in net.nodes}
    learning = {name for name, node in nodes.items() if node.layer.parameters or node.layer.buffers}
    for name in layers:
        if name not in nodes:
            raise InputError(f"There are settings for a layer {name!r}, but none has that name; {_those(learning)}.")
        if name not in learning:
            raise InputError(f"There are settings for {name}, which has nothing to learn; {_those(learning)}.")
    return {nodes[name].id: settings for name, settings in layers.items()}


def array_settings(net: Network, config: TrainingConfig) -> dict[ParameterKey, ArraySettings]:
    """What the optimizer is told of the arrays of layers with settings of their own."""
    return {
        (node_id, name): ArraySettings(
            settings.learning_rate_factor,
            config.weight_decay if settings.l2 is None else settings.l2,
            config.l1 if settings.l1 is None else settings.l1,
        )
        for node_id, settings in settings_by_node(net, config.layers).items()
        for name in net.node(node_id).layer.parameters
    }


def penalty(net: Network, config: TrainingConfig) -> float:
    """Σ l1 |p| + ½ l2 p² over all learned numbers p that are not frozen: what training makes small beside the loss.

    l2 is weight_decay, or the layer's own. AdamW's decay is no part of what it minimizes, and not counted.
    """
    settings, by_node = array_settings(net, config), settings_by_node(net, config.layers)
    usual = ArraySettings(1.0, config.weight_decay, config.l1)
    total = 0.0
    for (node_id, name), array in net.parameters.items():
        if node_id in by_node and by_node[node_id].frozen:
            continue
        own = settings.get((node_id, name), usual)
        total += own.l1 * float(np.abs(array).sum(dtype=np.float64))
        if config.optimizer != "adamw":
            total += own.weight_decay / 2 * _squared_norm(array)
    return total


# The max-norm constraint


@dataclass(frozen=True, slots=True)
class MaxNorm:
    """A bound on the length of each unit's weight vector. (Srebro and Shraibman, 2005; Srivastava et al., 2014.)

    A unit is an output channel of Conv2d and ConvTranspose2d, an output of Linear; its bias is not counted.
    """

    node: NetworkNode
    most: float

    def apply(self) -> None:
        """Shorten the vectors that are too long to the length they may have, in place."""
        weight = unit_vectors(self.node)
        others = tuple(range(1, weight.ndim))
        lengths = np.sqrt(np.square(weight, dtype=np.float64).sum(axis=others, keepdims=True))
        if (lengths > self.most).any():
            weight *= (self.most / np.maximum(lengths, self.most)).astype(weight.dtype)


def unit_vectors(node: NetworkNode) -> Array:
    """The weight of a convolution or Linear with the axis of its units first; a view."""
    weight = node.layer.to_torch("weight", node.layer.parameters["weight"])
    return weight.swapaxes(0, 1) if isinstance(node.layer, ConvTranspose2d) else weight


def max_norms(net: Network, config: TrainingConfig) -> list[MaxNorm]:
    """The bounds that a configuration asks for, on the layers that are not frozen."""
    by_node = settings_by_node(net, config.layers)
    bounds = []
    for node in net.nodes:
        own = by_node.get(node.id, LayerSettings())
        most = config.max_norm if own.max_norm is None else own.max_norm
        if most is not None and not own.frozen and isinstance(node.layer, WEIGHTED):
            bounds.append(MaxNorm(node, most))
    return bounds


# Clipping


def clip_norm(gradients: Mapping[ParameterKey, Array], most: float) -> float:
    """Scale all gradients together, in place, so that their norm is at most `most`; returns the norm they had.

    As PyTorch's clip_grad_norm_: the factor is most / (norm + 1e-6) where that is below 1. Gradients whose norm is
    not finite are left as they are, to be found. (Pascanu, Mikolov and Bengio, "On the difficulty of training
    recurrent neural networks", 2013.)
    """
    norm = math.sqrt(sum(_squared_norm(gradient) for gradient in gradients.values()))
    factor = most / (norm + 1e-6)
    if factor < 1 and math.isfinite(norm):
        for gradient in gradients.values():
            gradient *= factor
    return norm


def clip_value(gradients: Mapping[ParameterKey, Array], most: float) -> None:
    """Bring every derivative to within -most and most, in place. As PyTorch's clip_grad_value_."""
    for gradient in gradients.values():
        np.clip(gradient, -most, most, out=gradient)


def _squared_norm(array: Array) -> float:
    """Summed up in pieces, so that small numbers count beside large ones; in float64 where float32 overflows."""
    flat = array.reshape(-1)
    pieces = (flat[first : first + PIECE] for first in range(0, flat.size, PIECE))
    total = sum(float(np.vdot(piece, piece)) for piece in pieces)
    return total if math.isfinite(total) else float(np.einsum("i,i->", flat, flat, dtype=np.float64))


def _those(names: set[str]) -> str:
    return f"those that learn are {', '.join(sorted(names))}" if names else "no layer learns"
