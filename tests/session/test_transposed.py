"""A transposed convolution keeps its weights the other way round, but is counted and shown as others are."""

from __future__ import annotations

import numpy as np

from cnnstudio.compile import compile_graph
from cnnstudio.data import DATASETS
from cnnstudio.graph import Graph, analyze
from cnnstudio.session.fitting import mending, mismatch
from cnnstudio.session.weights import weight_of


def drawing(channels: int) -> Graph:
    """Ten maps, summed up and painted into others."""
    graph = Graph()
    conv = graph.add("Conv2d", graph.add("Input", shape=(1, 8, 8)), out_channels=10, kernel_size=3)
    pool = graph.add("AdaptiveAvgPool2d", graph.add("LayerNorm", conv), output_size=1)
    graph.add("ConvTranspose2d", pool, out_channels=channels, kernel_size=1)
    return graph


def test_it_decides_how_many_scores_there_are() -> None:
    graph, digits = drawing(7), DATASETS["digits"]
    assert "set out_channels of convtranspose2d_1 to 10" in (mismatch(graph, analyze(graph), digits) or "")
    command = mending(graph, analyze(graph), digits)
    assert command is not None
    command.do(graph)
    assert mismatch(graph, analyze(graph), digits) is None
    assert graph.node("convtranspose2d_1").params["out_channels"] == 10


def test_its_filters_are_shown_by_output_and_input_as_those_of_other_layers() -> None:
    net = compile_graph(drawing(7))
    shown = weight_of(net, "convtranspose2d_1")
    assert shown is not None
    assert shown.shape == (7, 10, 1, 1)
    assert np.array_equal(shown[2, 5], net.state_dict()["convtranspose2d_1.weight"][5, 2])


def test_a_scale_for_each_value_is_no_filter() -> None:
    assert weight_of(compile_graph(drawing(7)), "layernorm_1") is None
