"""A whole drawing as PyTorch computes it: its nodes in order, each as `torch_layers` has it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from cnnstudio.engine import Network
from cnnstudio.graph import Graph, analyze
from tests.conformance.torch_layers import ORACLES, Call


class TorchNetwork:
    """The same drawing with copies of the same arrays.

    Attributes:
        parameters: what learns, by the names of `state_dict`.
        buffers: running statistics.
    """

    def __init__(self, torch: ModuleType, graph: Graph, net: Network) -> None:
        self._torch, self._graph, self._report = torch, graph, analyze(graph)
        learned = {f"{net.node(node_id).name}.{name}" for node_id, name in net.parameters}
        tensors = {
            key: torch.tensor(np.array(each), requires_grad=key in learned) for key, each in net.state_dict().items()
        }
        self.parameters = {key: each for key, each in tensors.items() if key in learned}
        self.buffers = {key: each for key, each in tensors.items() if key not in learned}

    def state_dict(self) -> dict[str, Any]:
        return {key: each.detach().numpy() for key, each in (self.parameters | self.buffers).items()}

    def __call__(self, images: Any, *, training: bool) -> Any:
        """Scores of a batch (N, C, H, W)."""
        end = self._report.output
        assert end is not None
        return self.activations(images, training=training)[end]

    def activations(self, images: Any, *, training: bool) -> dict[str, Any]:
        """What every node gives, by its id."""
        outputs: dict[str, Any] = {}
        everything = self.parameters | self.buffers
        for row in self._report:
            prefix = f"{row.name}."
            arrays = {key.removeprefix(prefix): each for key, each in everything.items() if key.startswith(prefix)}
            inputs = [outputs[source] for source in self._graph.inputs_of(row.id) if source is not None] or [images]
            params, size = self._graph.node(row.id).params, (row.output_shape or ())[1:]
            outputs[row.id] = ORACLES[row.kind](Call(self._torch, inputs, arrays, params, training, size))
        return outputs
