"""No kind writes to an array that is not its own: inputs, gradients, what it saved, its output, its parameters.

What is not a kind's own is made read-only, so that a write fails where it is tried, and compared afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.conformance.cases import CASES, Array, arriving, layer_of, mode

CASE = pytest.mark.parametrize("drawn", CASES, ids=str)
TRAINING = pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])


def arrays_in(saved: Any) -> Iterator[Array]:
    """The arrays that a layer has put aside, whatever form it gave them."""
    if isinstance(saved, np.ndarray):
        yield saved
    elif isinstance(saved, (tuple, list)):
        for each in saved:
            yield from arrays_in(each)


def freeze(*arrays: Array) -> list[tuple[Array, Array]]:
    """Read-only from here on; each with a copy of what it holds."""
    for each in arrays:
        each.flags.writeable = False
    return [(each, each.copy()) for each in arrays]


@CASE
@TRAINING
def test_nothing_is_written_that_belongs_to_others(drawn, training):
    layer, inputs = layer_of(drawn), arriving(drawn)
    kept = freeze(*inputs, *layer.parameters.values())
    output, saved = layer.forward(inputs, mode(training=training))
    kept += freeze(output, *arrays_in(saved), *layer.buffers.values())
    (d_output, _), *_ = kept_gradient = freeze(np.random.default_rng(0).standard_normal(output.shape))
    d_inputs, d_parameters = layer.backward(d_output, saved)
    assert all(np.array_equal(array, before) for array, before in (*kept, *kept_gradient))
    owned = [*layer.parameters.values(), *layer.buffers.values()]
    assert not any(np.shares_memory(each, ours) for each in d_parameters.values() for ours in owned)
    assert len(d_inputs) == len(inputs)


@CASE
def test_evaluation_leaves_running_statistics_alone(drawn):
    layer = layer_of(drawn)
    before = {name: each.copy() for name, each in layer.buffers.items()}
    layer.forward(arriving(drawn), mode(training=False))
    assert all(np.array_equal(layer.buffers[name], each) for name, each in before.items())


@CASE
@TRAINING
def test_a_second_backward_pass_gives_the_same(drawn, training):
    """What was saved is read, not used up."""
    layer = layer_of(drawn)
    output, saved = layer.forward(arriving(drawn), mode(training=training))
    d_output = np.random.default_rng(0).standard_normal(output.shape)
    once, parameters_once = layer.backward(d_output, saved)
    once = [None if each is None else each.copy() for each in once]
    parameters_once = {name: each.copy() for name, each in parameters_once.items()}
    again, parameters_again = layer.backward(d_output, saved)
    for first, second in zip(once, again, strict=True):
        np.testing.assert_array_equal(first, second)
    for name, each in parameters_once.items():
        np.testing.assert_array_equal(each, parameters_again[name])


@CASE
def test_what_was_handed_out_stays_when_the_layer_is_used_again(drawn):
    """Buffers that are reused must not be those of a result that its receiver still holds."""
    layer = layer_of(drawn)
    results = []
    for seed in range(2):
        output, saved = layer.forward(arriving(drawn, seed), mode(training=True))
        d_inputs, d_parameters = layer.backward(np.ones_like(output), saved)
        held = [output, *(each for each in d_inputs if each is not None), *d_parameters.values()]
        results.append([(each, each.copy()) for each in held])
    assert all(np.array_equal(array, before) for held in results for array, before in held)
