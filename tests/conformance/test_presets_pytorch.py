"""Each preset beside the same network written with torch.nn: layer by layer, and where it is small, its scores."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.graph import analyze, presets
from tests.conformance.torch_presets import TWINS, nn, torch
from tests.graph.figures import FIGURES

pytestmark = pytest.mark.oracle

KINDS = {
    nn.Conv2d: "Conv2d",
    nn.Linear: "Linear",
    nn.MaxPool2d: "MaxPool2d",
    nn.AvgPool2d: "AvgPool2d",
    nn.AdaptiveAvgPool2d: "AdaptiveAvgPool2d",
    nn.BatchNorm2d: "BatchNorm",
    nn.BatchNorm1d: "BatchNorm",
    nn.LocalResponseNorm: "LocalResponseNorm",
    nn.Dropout: "Dropout",
}
SMALL_ENOUGH = 15_000_000
"""Parameters of networks whose scores are computed as well."""


@pytest.fixture(autouse=True)
def one_thread(torch: ModuleType) -> None:
    """As that fixture sets it."""


def run(module: Any, images: Any) -> tuple[list[tuple[Any, tuple[int, ...]]], Any]:
    """The modules of the KINDS in the order in which they are run, each with its output's shape, and the scores."""
    seen: list[tuple[Any, tuple[int, ...]]] = []
    for each in module.modules():
        if type(each) in KINDS:
            each.register_forward_hook(lambda part, _, output: seen.append((part, tuple(output.shape[1:]))))
    with torch.no_grad():
        scores = module.eval()(images)
    return seen, scores


def test_every_preset_has_a_twin() -> None:
    assert set(TWINS) == set(presets.names())


@pytest.mark.parametrize("name", TWINS)
def test_every_layer_has_the_shape_and_the_arrays_of_its_twin(name: str) -> None:
    report = analyze(presets.load(name))
    with torch.device("meta"):
        twin = TWINS[name]()
        seen, scores = run(twin, torch.empty(1, *FIGURES[name].input))
    theirs = [
        (KINDS[type(each)], shape, {key: tuple(array.shape) for key, array in each.named_parameters()})
        for each, shape in seen
    ]
    ours = [(row.kind, row.output_shape, dict(row.weights)) for row in report if row.kind in KINDS.values()]
    assert ours == theirs
    assert tuple(scores.shape[1:]) == report[report.output].output_shape
    assert sum(each.numel() for each in twin.parameters()) == report.parameters
    # PyTorch's normalization also counts its batches, in a buffer of one whole number.
    assert sum(each.numel() for each in twin.buffers() if each.ndim) == report.buffers


@pytest.mark.parametrize("name", [name for name in TWINS if FIGURES[name].parameters < SMALL_ENOUGH] + ["alexnet-2012"])
def test_the_scores_are_the_twin_s_with_the_same_weights(name: str) -> None:
    graph = presets.load(name)
    net, twin = compile_graph(graph, seed=1), TWINS[name]()
    images = np.random.default_rng(2).standard_normal((2, *net.input_shape), np.float32)
    order, _ = run(twin, torch.from_numpy(images))
    weighty = [each for each, _ in order if list(each.parameters())]
    arrays = net.state_dict()
    rows = [row for row in analyze(graph) if row.weights]
    with torch.no_grad():
        for row, module in zip(rows, weighty, strict=True):
            for key, theirs in module.named_parameters():
                theirs.copy_(torch.from_numpy(arrays[f"{row.name}.{key}"]))
        expected = twin(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(net.predict(images), expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())
