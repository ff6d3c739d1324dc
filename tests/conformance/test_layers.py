"""Every kind as a layer: gradients that differences confirm, no trace of what passed through, one precision."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.engine import gradcheck_layer
from tests.conformance.cases import CASES, arriving, layer_of, mode

CASE = pytest.mark.parametrize("drawn", CASES, ids=str)


@CASE
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_gradients_pass_a_float64_check(drawn, training):
    report = gradcheck_layer(layer_of(drawn), arriving(drawn), training=training, entries=200)
    assert report.passed, str(report)
    assert report.worst.error < 1e-6, str(report)


@CASE
def test_layer_is_reentrant(drawn):
    """Two passes interleaved through one layer do not disturb each other."""
    layer = layer_of(drawn)
    first, second = arriving(drawn, 0), arriving(drawn, 1)
    output, saved = layer.forward(first, mode(training=True))
    weighting = np.random.default_rng(0).random(output.shape)
    alone, _ = layer.backward(weighting, saved)
    output, saved = layer.forward(first, mode(training=True))
    other, other_saved = layer.forward(second, mode(training=True))
    layer.backward(np.ones_like(other), other_saved)
    again, _ = layer.backward(weighting, saved)
    assert all(np.array_equal(*pair) for pair in zip(alone, again, strict=True))


@CASE
def test_float32_stays_float32(drawn):
    layer = layer_of(drawn, "float32")
    inputs = [each.astype(np.float32) for each in arriving(drawn)]
    output, saved = layer.forward(inputs, mode(training=True))
    d_inputs, d_parameters = layer.backward(np.ones_like(output), saved)
    arrays = [output, *d_inputs, *d_parameters.values(), *layer.parameters.values(), *layer.buffers.values()]
    assert {each.dtype for each in arrays} == {np.dtype(np.float32)}


@CASE
def test_gradient_has_the_parameters_shape_and_no_input_gradient_is_made_in_vain(drawn):
    layer = layer_of(drawn)
    output, saved = layer.forward(arriving(drawn), mode(training=True))
    _, gradients = layer.backward(np.ones_like(output), saved, input_gradient=False)
    assert {name: each.shape for name, each in gradients.items()} == {
        name: each.shape for name, each in layer.parameters.items()
    }
