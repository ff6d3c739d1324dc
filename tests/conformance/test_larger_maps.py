"""Sizes beyond what any kernel takes in one piece, against PyTorch: here blocks, bands, tiles and threads have seams.

The random configurations are small, so that they can be proved in plain loops; these are as large as those of real
networks, with odd numbers of channels, rows and images, so that last pieces are shorter than the others.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from cnnstudio.graph import analyze
from tests.conformance.cases import Array, Case, arriving, case, draw, first, last, layer_of, mode
from tests.conformance.torch_layers import ORACLES, Call

pytestmark = pytest.mark.oracle

CASES = (
    (67, case("Conv2d", (1, 28, 28), out_channels=20, kernel_size=5)),
    (17, case("Conv2d", (3, 33, 31), out_channels=33, kernel_size=3, padding=1)),
    (9, case("Conv2d", (64, 17, 19), out_channels=64, kernel_size=3, padding=1)),
    (5, case("Conv2d", (70, 15, 14), out_channels=35, kernel_size=3, padding=(1, 0, 0, 1))),
    (2, case("Conv2d", (32, 57, 55), out_channels=32, kernel_size=3, padding=1, bias=False)),
    (1, case("Conv2d", (128, 9, 9), out_channels=130, kernel_size=3, padding=1)),
    (11, case("Conv2d", (20, 14, 13), out_channels=50, kernel_size=5)),
    (7, case("Conv2d", (31, 16, 15), out_channels=63, kernel_size=3, stride=2, padding=1)),
    (3, case("Conv2d", (3, 64, 61), out_channels=16, kernel_size=7, stride=2, padding=3)),
    (13, case("Conv2d", (65, 13, 12), out_channels=129, kernel_size=1)),
    (5, case("Conv2d", (48, 13, 12), out_channels=24, kernel_size=1, stride=2)),
    (9, case("Conv2d", (50, 23, 21), out_channels=50, kernel_size=3, padding=1, groups=50)),
    (3, case("Conv2d", (33, 23, 21), out_channels=66, kernel_size=5, padding=2, groups=33, stride=2)),
    (4, case("Conv2d", (48, 17, 18), out_channels=72, kernel_size=3, padding=1, groups=4)),
    (4, case("Conv2d", (24, 27, 26), out_channels=24, kernel_size=3, padding=3, dilation=3)),
    (3, case("Conv2d", (16, 20, 37), out_channels=16, kernel_size=(1, 7), padding=(0, 3))),
    (3, case("Conv2d", (16, 21, 20), out_channels=17, kernel_size=4, padding="same", padding_mode="reflect")),
    (5, case("ConvTranspose2d", (33, 13, 11), out_channels=21, kernel_size=4, stride=2, padding=1)),
    (5, case("ConvTranspose2d", (24, 15, 14), out_channels=40, kernel_size=3, padding=(1, 0, 2, 1))),
    (65, case("Linear", (801,), out_features=131)),
    (9, case("MaxPool2d", (33, 57, 55), kernel_size=2)),
    (5, case("MaxPool2d", (65, 41, 39), kernel_size=3, stride=2, padding=1)),
    (17, case("MaxPool2d", (20, 24, 24), kernel_size=3, stride=2, ceil_mode=True)),
    (3, case("MaxPool2d", (17, 31, 29), kernel_size=3, stride=1, padding="same")),
    (5, case("AvgPool2d", (65, 41, 39), kernel_size=3, stride=2, padding=1)),
    (9, case("AvgPool2d", (33, 28, 28), kernel_size=2)),
    (5, case("AdaptiveAvgPool2d", (129, 23, 21), output_size=(7, 6))),
    (5, case("AdaptiveMaxPool2d", (65, 23, 21), output_size=(7, 6))),
    (33, case("BatchNorm", (17, 33, 31))),
    (129, case("BatchNorm", (301,))),
    (9, case("LayerNorm", (33, 23, 21))),
    (9, case("InstanceNorm", (33, 33, 31), affine=True)),
    (9, case("GroupNorm", (48, 33, 31), num_groups=6)),
    (5, case("LocalResponseNorm", (96, 27, 27), size=5, alpha=1e-2, k=2.0)),
    (33, case("ReLU", (17, 33, 31))),
    (17, case("PReLU", (33, 33, 31))),
    (17, case("GELU", (33, 33, 31))),
    (33, case("Softmax", (1001,))),
    (5, case("Pad2d", (33, 57, 55), padding=(3, 2, 1, 4), mode="reflect")),
    (5, case("Upsample", (33, 27, 25), scale_factor=(2, 3), mode="bilinear")),
    (9, case("Add", (33, 33, 31), (33, 33, 31))),
    (9, case("Concat", (33, 23, 21), (17, 23, 21))),
)
"""Images, and what they meet."""

PRECISIONS = {"float64": 1e-12, "float32": 2e-5}
"""Of an array's largest value, by which a sum of thousands of products is judged."""


def assert_close(ours: Array, theirs: Any, tolerance: float, what: str) -> None:
    wanted = theirs.detach().numpy()
    scale = max(1.0, float(np.abs(wanted).max()))
    np.testing.assert_allclose(ours, wanted, rtol=0, atol=tolerance * scale, err_msg=what)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize(("batch", "drawn"), CASES, ids=[f"{batch}-{drawn}" for batch, drawn in CASES])
def test_seams_between_pieces_are_not_seen(torch: ModuleType, batch: int, drawn: Case, dtype: str) -> None:
    """Output, gradients, and the gradients of parameters alone, which a first layer is asked for."""
    graph, node = draw(drawn)
    layer = layer_of(drawn, dtype)
    inputs = [each.astype(dtype) for each in arriving(drawn, 0, batch)]
    theirs = [torch.tensor(first(each), requires_grad=True) for each in inputs]
    arrays = {
        name: torch.tensor(np.array(layer.to_torch(name, each), order="C"), requires_grad=name in layer.parameters)
        for name, each in (*layer.parameters.items(), *layer.buffers.items())
    }
    size = (analyze(graph)[node].output_shape or ())[1:]
    expected = ORACLES[drawn.kind](Call(torch, theirs, arrays, graph.node(node).params, True, size))
    weighting = np.random.default_rng(3).standard_normal(tuple(expected.shape)).astype(dtype)
    (expected * torch.tensor(weighting)).sum().backward()

    tolerance, d_output = PRECISIONS[dtype], last(weighting)
    output, saved = layer.forward(inputs, mode(training=True))
    assert_close(first(output), expected, tolerance, "output")
    d_inputs, d_parameters = layer.backward(d_output, saved)
    for port, (ours, wanted) in enumerate(zip(d_inputs, theirs, strict=True)):
        assert ours is not None
        assert_close(first(ours), wanted.grad, tolerance, f"gradient by input {port}")
    for name, ours in d_parameters.items():
        assert_close(layer.to_torch(name, ours), arrays[name].grad, tolerance, f"gradient by {name}")
    _, alone = layer.backward(d_output, layer.forward(inputs, mode(training=True))[1], input_gradient=False)
    for name, ours in alone.items():
        assert_close(layer.to_torch(name, ours), arrays[name].grad, tolerance, f"gradient by {name}, alone")
