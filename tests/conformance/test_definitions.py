"""Every kind against its definition, computed number by number in plain loops, in float64 to 1e-12 of its scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.graph import CATALOGUE, analyze
from tests.conformance.cases import Array, Case, arriving, arriving_alike, draw, first, last, layer_of, mode
from tests.conformance.configurations import CONFIGURATIONS
from tests.conformance.reference.kinds import REFERENCES
from tests.conformance.reference.normalization import running_statistics
from tests.conformance.reference.site import Site

TOLERANCE = 1e-12
BY_CHANCE = {"Dropout", "SpatialDropout", "DropPath", "StochasticPool2d"}
"""Kinds whose chance is read off what they gave, for which their inputs must differ."""


def test_every_kind_has_a_definition_and_configurations():
    assert set(REFERENCES) == set(CONFIGURATIONS) == set(CATALOGUE)


@pytest.mark.parametrize("kind", CATALOGUE)
@settings(max_examples=5)
@given(data=st.data())
def test_every_parameter_is_drawn(kind, data):
    drawn = CONFIGURATIONS[kind](data.draw)
    assert set(drawn.params) == {param.name for param in CATALOGUE[kind].params}
    assert not analyze(draw(drawn)[0]).errors


def assert_close(ours: Array, theirs: Array, what: str) -> None:
    scale = max(1.0, float(np.abs(theirs[np.isfinite(theirs)]).max(initial=0)))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE * scale, err_msg=what)


def compare(drawn: Case, inputs: list[Array], *, training: bool) -> None:
    """Output, gradients by every input and parameter, and running statistics, with those of the definition."""
    layer, reference = layer_of(drawn), REFERENCES[drawn.kind]
    graph, node = draw(drawn)

    def named(arrays: Mapping[str, Array]) -> dict[str, Array]:
        return {name: layer.to_torch(name, each).copy() for name, each in arrays.items()}

    before = named(layer.parameters) | named(layer.buffers)
    output, saved = layer.forward(inputs, mode(training=training))
    site = Site([first(each) for each in inputs], before, graph.node(node).params, training, first(output))
    expected = reference.forward(site)
    assert_close(first(output), expected, "output")

    d_output = np.random.default_rng(3).standard_normal(expected.shape)
    d_inputs, d_parameters = layer.backward(last(d_output), saved)
    expected_inputs, expected_parameters = reference.backward(site, d_output)
    for port, (ours, theirs) in enumerate(zip(d_inputs, expected_inputs, strict=True)):
        assert ours is not None
        assert_close(first(ours), theirs, f"gradient by input {port}")
    assert set(d_parameters) == set(expected_parameters)
    for name, theirs in expected_parameters.items():
        assert_close(layer.to_torch(name, d_parameters[name]), theirs, f"gradient by {name}")

    kept = running_statistics(site) if layer.buffers and training else {}
    for name, array in layer.buffers.items():
        assert_close(array, kept.get(name, before[name]), name)


@pytest.mark.parametrize("kind", CATALOGUE)
@settings(max_examples=250)
@given(data=st.data(), batch=st.integers(1, 3), seed=st.integers(0, 99), alike=st.booleans(), training=st.booleans())
def test_any_configuration_is_as_defined(kind, data, batch, seed, alike, training):
    drawn = CONFIGURATIONS[kind](data.draw)
    if kind == "BatchNorm" and training:
        batch = max(batch, 2)  # one value a channel has no variance
    inputs = (arriving_alike if alike and kind not in BY_CHANCE else arriving)(drawn, seed, batch)
    compare(drawn, inputs, training=training)
