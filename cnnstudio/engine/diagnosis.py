"""Where the first value stands that is not finite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.layers import Mode
from cnnstudio.engine.losses import Loss
from cnnstudio.engine.network import Network, ParameterKey


@dataclass(frozen=True, slots=True)
class Fault:
    """Id and name of the node, and what there is not finite, in words."""

    node: str
    name: str
    what: str


def find_fault(
    net: Network, images: npt.ArrayLike, loss: str | Loss, mode: Mode, last_gradients: Mapping[ParameterKey, Array]
) -> Fault:
    """The first value that is not finite, in the order in which things were computed.

    That order is: the gradients of the step before, from the last layer to the first; the weights that step made;
    then this batch's activations, from the first layer to the last; then the loss.
    """
    for node in reversed(net.nodes):
        for name in node.layer.parameters:
            gradient = last_gradients.get((node.id, name))
            if gradient is not None and not np.isfinite(gradient).all():
                return Fault(node.id, node.name, f"gradient of {name}")
    for node in net.nodes:
        for name, array in node.layer.parameters.items():
            if not np.isfinite(array).all():
                return Fault(node.id, node.name, name)
    # A snapshot: the running statistics of the network itself must not move once more.
    outputs = net.snapshot().forward(net.read(images), mode, end=net.scored_node(loss), save=False, keep=True).outputs
    path = net.path_to(net.scored_node(loss))
    for node in net.nodes:
        if node.id in path and not np.isfinite(outputs[node.id]).all():
            return Fault(node.id, node.name, "activation")
    last = net.node(net.scored_node(loss))
    return Fault(last.id, last.name, "loss")
