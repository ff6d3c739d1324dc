"""The second implementation: each preset's figures are those of the network that the engine builds of it."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.engine.kernels import memory
from cnnstudio.graph import analyze, presets


@pytest.fixture(autouse=True)
def nothing_stays():
    """The largest networks leave more idle memory behind than a test should."""
    yield
    memory.release()


@pytest.mark.parametrize("name", presets.names())
def test_shapes_and_arrays_are_those_of_the_engine(name: str) -> None:
    graph = presets.load(name)
    report, net = analyze(graph), compile_graph(graph)
    assert net.output == report.output
    assert net.parameter_count == report.parameters
    assert sum(array.size for node in net.nodes for array in node.layer.buffers.values()) == report.buffers
    for node in net.nodes:
        arrays = {key: node.layer.to_torch(key, array).shape for key, array in node.layer.parameters.items()}
        assert arrays == report[node.id].weights
    outputs = net.activations(np.zeros((1, *net.input_shape), np.float32))
    assert {node_id: each.shape[1:] for node_id, each in outputs.items()} == {
        row.id: row.output_shape for row in report
    }
