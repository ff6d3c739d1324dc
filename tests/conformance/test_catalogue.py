"""What the drawing predicts is what the engine does: shapes, arrays and counts of every kind.

The catalogue is walked, not listed: a new kind without an engine layer, or without a configuration here, fails.
"""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.compile import LAYERS, compile_graph
from cnnstudio.graph import CATALOGUE, analyze
from tests.conformance.cases import CASES, draw

CASE = pytest.mark.parametrize("drawn", CASES, ids=str)


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_kind_has_an_engine_layer(kind):
    assert kind in LAYERS, f"{kind} stands in the catalogue, but compile.LAYERS has no row for it"


def test_no_engine_layer_is_left_without_a_kind():
    assert set(LAYERS) == set(CATALOGUE)


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_kind_is_proved_in_several_configurations(kind):
    assert len([each for each in CASES if each.kind == kind]) >= 2


@pytest.mark.parametrize("kind", [kind for kind, spec in CATALOGUE.items() if spec.params])
def test_every_parameter_is_varied(kind):
    varied = {name for each in CASES if each.kind == kind for name in each.params}
    assert varied == {param.name for param in CATALOGUE[kind].params}


@CASE
def test_predicted_shape_is_the_engines(drawn):
    graph, node = draw(drawn)
    net = compile_graph(graph)
    pictures = np.random.default_rng(0).random((2, *net.input_shape), np.float32)
    assert net.activations(pictures)[node].shape == (2, *analyze(graph)[node].output_shape)


@CASE
def test_arrays_are_the_declared_ones(drawn):
    graph, node = draw(drawn)
    net, row = compile_graph(graph), analyze(graph)[node]
    spec, params = CATALOGUE[drawn.kind], graph.node(node).params
    declared = {**spec.weights(params, drawn.shapes), **spec.buffers(params, drawn.shapes)}
    prefix = f"{row.name}."
    made = {key.removeprefix(prefix): each for key, each in net.state_dict().items() if key.startswith(prefix)}
    assert {name: each.shape for name, each in made.items()} == dict(declared)
    layer = net.node(node).layer
    assert sum(each.size for each in layer.parameters.values()) == row.parameters
    assert sum(each.size for each in layer.buffers.values()) == row.buffers
