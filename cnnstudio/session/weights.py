"""Weights that outlive the networks they were learned in.

The drawing changes while its weights are worth keeping: they are held by node id, which never changes, and go into
each newly compiled network where a layer still has an array of that name and shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine import Network
from cnnstudio.graph import Change, Graph, Node
from cnnstudio.project import Weights

Floats = NDArray[np.floating[Any]]


def copy_weights(network: Network) -> Weights:
    """Copies of all parameters and buffers of a network, in PyTorch's layout, by node id and name."""
    ids = {node.name: node.id for node in network.nodes}
    weights: dict[str, dict[str, NDArray[np.generic]]] = {}
    for key, array in network.state_dict().items():
        name, _, parameter = key.partition(".")
        weights.setdefault(ids[name], {})[parameter] = array
    return weights


def weight_of(network: Network, node_id: str) -> Floats | None:
    """A copy of a node's weight, (out, in, height, width) or (out, in); None where it has none."""
    node = next((each for each in network.nodes if each.id == node_id), None)
    if node is None or "weight" not in node.layer.parameters or node.layer.parameters["weight"].ndim < 2:
        return None
    return network.array(f"{node.name}.weight")


class WeightStore:
    """The weights at hand, by node id; `version` grows whenever they change."""

    def __init__(self) -> None:
        self._weights: dict[str, Mapping[str, NDArray[np.generic]]] = {}
        self._nodes: dict[str, Node] = {}
        self.version = 0

    @property
    def weights(self) -> Weights | None:
        """What is kept; None when the network is as new. Arrays are replaced, never changed."""
        return dict(self._weights) or None

    def begin(self, graph: Graph, weights: Weights | None) -> None:
        """Hold the weights of another drawing."""
        self._weights = dict(weights or {})
        self._nodes = dict(graph.nodes)
        self.version += 1

    def keep(self, weights: Weights) -> None:
        """Take learned weights; those of nodes that are not in `weights` stay."""
        self._weights.update(weights)
        self.version += 1

    def clear(self) -> None:
        self._weights.clear()
        self.version += 1

    def fill(self, network: Network) -> None:
        """Put into a freshly compiled network what fits it by node, name and shape."""
        own = network.state_dict()
        fitting = {
            key: array
            for node in network.nodes
            for name, array in self._weights.get(node.id, {}).items()
            if (key := f"{node.name}.{name}") in own and own[key].shape == array.shape
        }
        if fitting:
            network.load_state_dict(fitting, strict=False)

    def follow(self, graph: Graph, change: Change) -> None:
        """Forget the weights of ids that now name another layer than the one they were learned by.

        A deleted layer that comes back by undo is the very same node and gets its weights back; a new layer that
        happens to be given a free id begins fresh.
        """
        for node_id in change.added:
            former = self._nodes.get(node_id)
            if former is not None and former != graph.node(node_id):
                self._weights.pop(node_id, None)
        self._nodes.update(graph.nodes)
