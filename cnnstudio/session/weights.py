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
from cnnstudio.engine.layers import ConvTranspose2d
from cnnstudio.graph import Change, Graph, Node, Report
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
    if node is None or "weight" not in node.layer.parameters or node.layer.parameters["weight"].ndim not in (2, 4):
        return None
    weight = network.array(f"{node.name}.weight")
    # PyTorch keeps a transposed convolution's as (in, out, height, width).
    return weight.swapaxes(0, 1) if isinstance(node.layer, ConvTranspose2d) else weight


def fill(network: Network, weights: Weights) -> None:
    """Put into a freshly compiled network what fits it by node, name and shape."""
    own = network.state_dict()
    fitting = {
        key: array
        for node in network.nodes
        for name, array in weights.get(node.id, {}).items()
        if (key := f"{node.name}.{name}") in own and own[key].shape == array.shape
    }
    if fitting:
        network.load_state_dict(fitting, strict=False)


class WeightStore:
    """The weights at hand, by node id; `version` grows whenever they change.

    The id of a layer that is gone may be given to a new one. The new one begins fresh, and what the former had
    learned is put aside, for undo may bring that very layer back.
    """

    def __init__(self) -> None:
        self._weights: dict[str, Mapping[str, NDArray[np.generic]]] = {}
        self._nodes: dict[str, Node] = {}
        self._aside: dict[Node, Mapping[str, NDArray[np.generic]]] = {}
        self._learners: dict[str, Node] = {}
        """The layers of the run under way whose ids have been given to others since it began."""
        self.version = 0

    @property
    def weights(self) -> Weights | None:
        """What is kept; None when the network is as new. Arrays are replaced, never changed."""
        return dict(self._weights) or None

    def fits(self, report: Report) -> bool:
        """Whether anything of what is kept goes into the network of a report."""
        return any(
            row.weights.get(name) == array.shape
            for row in report
            for name, array in self._weights.get(row.id, {}).items()
        )

    def begin(self, graph: Graph, weights: Weights | None) -> None:
        """Hold the weights of another drawing."""
        self._weights = dict(weights or {})
        self._nodes = dict(graph.nodes)
        self._aside.clear()
        self._learners.clear()
        self.version += 1

    def learning_begins(self) -> None:
        """A run begins: what `keep` is given from now on was learned by the layers that are drawn at this moment."""
        self._learners.clear()

    def keep(self, weights: Weights) -> None:
        """Take learned weights; those of nodes that are not in `weights` stay."""
        for node_id, arrays in weights.items():
            if node_id in self._learners:
                self._aside[self._learners[node_id]] = arrays
            else:
                self._weights[node_id] = arrays
        self.version += 1

    def clear(self) -> None:
        self._weights.clear()
        self._aside.clear()
        self.version += 1

    def follow(self, graph: Graph, change: Change) -> None:
        """Tell a deleted layer that comes back by undo, which is the very same node, from a new one with its id."""
        for node_id in change.added:
            former, node = self._nodes.get(node_id), graph.node(node_id)
            if former is None or former == node:
                continue
            if node_id in self._weights:
                self._aside[former] = self._weights.pop(node_id)
            if node in self._aside:
                self._weights[node_id] = self._aside.pop(node)
            if self._learners.setdefault(node_id, former) == node:
                del self._learners[node_id]
        self._nodes.update(graph.nodes)
