"""Fresh weights for a whole network."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from cnnstudio.engine.checks import whole
from cnnstudio.engine.initializers import Fans, Initializer, find_initializer
from cnnstudio.engine.layers import (
    ELU,
    GELU,
    Conv2d,
    ConvTranspose2d,
    Layer,
    LeakyReLU,
    Linear,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    TanhGELU,
)
from cnnstudio.engine.network import Network

DRAWN = (Conv2d, ConvTranspose2d, Linear)
"""The layers whose weights are drawn."""


def initialize(net: Network, initializer: str | Initializer, seed: int = 0) -> None:
    """Give every convolution and Linear of `net` fresh weights, in place; what other layers have learned stays.

    initializer: a name in INITIALIZERS, or an initializer. Each layer draws from a stream of its own, that of
    `compile_graph` with the same seed: "default" gives the weights that a network is compiled with. Raises
    ConfigError for an unknown name and for a seed that is no whole number of at least 0.
    """
    chosen, seed = find_initializer(initializer), whole("seed", seed, 0)
    for index, node in enumerate(net.nodes):
        if isinstance(node.layer, DRAWN):
            generator = np.random.default_rng([seed, index])
            weight = node.layer.parameters["weight"]
            fans = Fans.of(node.layer.to_torch("weight", weight).shape)
            chosen.fill(weight, fans, following_gain(net, node.id), generator)
            if "bias" in node.layer.parameters:
                chosen.fill_bias(node.layer.parameters["bias"], fans, generator)


def following_gain(net: Network, node_id: str) -> float:
    """The gain of the nearest activation behind a node, 1 where another layer with weights, or the end, comes first.

    Normalization, pooling, dropout and merges on the way are passed over.
    """
    waiting = deque([node_id])
    seen = {node_id}
    while waiting:
        source = waiting.popleft()
        for node in net.nodes:
            if source not in node.inputs or node.id in seen:
                continue
            gain = activation_gain(node.layer)
            if gain is not None:
                return gain
            seen.add(node.id)
            if not isinstance(node.layer, DRAWN):
                waiting.append(node.id)
    return 1.0


def activation_gain(layer: Layer) -> float | None:
    """How much larger a layer before this activation is to be, as torch.nn.init.calculate_gain; None where it is none.

    √2 for ReLU, √(2 / (1 + slope²)) for its leaky kin, 5/3 for Tanh, 1 for Sigmoid and Softmax. PyTorch has none
    for ELU, GELU and SiLU: they resemble ReLU, and take its gain.
    """
    match layer:
        case LeakyReLU():
            return math.sqrt(2 / (1 + layer.negative_slope**2))
        case PReLU():
            return math.sqrt(2 / (1 + float(layer.parameters["weight"][0]) ** 2))
        case ReLU() | ELU() | GELU() | TanhGELU() | SiLU():
            return math.sqrt(2)
        case Tanh():
            return 5 / 3
        case Sigmoid() | Softmax():
            return 1.0
        case _:
            return None
