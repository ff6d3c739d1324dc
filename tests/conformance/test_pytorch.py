"""Every kind against PyTorch: values, gradients, running statistics."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.graph import CATALOGUE, analyze
from tests.conformance.cases import CASES, Array, Case, arriving, arriving_alike, draw, first, last, layer_of, mode
from tests.conformance.configurations import CONFIGURATIONS
from tests.conformance.torch_layers import EVALUATION_ONLY, ORACLES, Call

MODES = [
    pytest.param(drawn, training, id=f"{drawn}-{'training' if training else 'evaluation'}")
    for drawn in CASES
    for training in (
        (False,) if drawn.kind in EVALUATION_ONLY else (True, False) if drawn.kind == "BatchNorm" else (True,)
    )
]
"""In training; what differs in evaluation also there, what draws by chance only there."""


def test_every_kind_has_an_oracle():
    assert set(ORACLES) == set(CATALOGUE)


def compare(
    torch: ModuleType,
    drawn: Case,
    arrays_in: list[Array],
    *,
    training: bool,
    dtype: str = "float64",
    tolerance: float = 1e-10,
) -> None:
    graph, node = draw(drawn)
    layer = layer_of(drawn, dtype)
    inputs = [each.astype(dtype) for each in arrays_in]
    theirs = [torch.tensor(first(each), requires_grad=True) for each in inputs]
    arrays = {
        name: torch.tensor(np.ascontiguousarray(layer.to_torch(name, each)), requires_grad=True)
        for name, each in (*layer.parameters.items(), *layer.buffers.items())
    }
    size = analyze(graph)[node].output_shape[1:]
    expected = ORACLES[drawn.kind](Call(torch, theirs, arrays, graph.node(node).params, training, size))
    weighting = np.random.default_rng(3).standard_normal(tuple(expected.shape)).astype(dtype)
    (expected * torch.tensor(weighting)).sum().backward()

    output, saved = layer.forward(inputs, mode(training=training))
    d_inputs, d_parameters = layer.backward(last(weighting), saved)

    def close(ours: Array, wanted: Any, what: str) -> None:
        np.testing.assert_allclose(ours, wanted.detach().numpy(), rtol=tolerance, atol=tolerance, err_msg=what)

    close(first(output), expected, "output")
    for port, (ours, wanted) in enumerate(zip(d_inputs, theirs, strict=True)):
        assert ours is not None
        close(first(ours), wanted.grad, f"gradient by input {port}")
    for name, ours in d_parameters.items():
        close(layer.to_torch(name, ours), arrays[name].grad, f"gradient by {name}")
    for name, ours in layer.buffers.items():
        close(ours, arrays[name], name)


@pytest.mark.oracle
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
@pytest.mark.parametrize(("drawn", "training"), MODES)
def test_equals_pytorch(torch, drawn, training, dtype, tolerance):
    compare(torch, drawn, arriving(drawn), training=training, dtype=dtype, tolerance=tolerance)


@pytest.mark.oracle
@pytest.mark.parametrize("kind", CATALOGUE)
@settings(max_examples=80)
@given(data=st.data(), batch=st.integers(1, 3), seed=st.integers(0, 99), alike=st.booleans(), training=st.booleans())
def test_any_configuration_equals_pytorch(torch, kind, data, batch, seed, alike, training):
    drawn = CONFIGURATIONS[kind](data.draw)
    training = training and kind not in EVALUATION_ONLY
    if kind == "BatchNorm" and training:
        batch = max(batch, 2)  # one value a channel has no variance
    inputs = (arriving_alike if alike else arriving)(drawn, seed, batch)
    compare(torch, drawn, inputs, training=training)
