"""The reference sheet as a whole: which tests hold which of its lines, and what the lines say of whole networks."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.graph import Graph, presets

ROOT = Path(__file__).resolve().parents[2]
SHEET = ROOT.parent / "shared" / "reference" / "golden.md"

HELD_BY: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "BatchNorm": {
        "engine/test_golden_layers.py": (
            "test_batch_norm_normalizes_with_the_biased_and_stores_the_unbiased_variance",
            "test_batch_norm_of_one_value_per_channel_is_an_error_in_training",
        )
    },
    "Pool output size": {
        "engine/test_golden_layers.py": ("test_pool_output_size", "test_pool_padding_above_half_the_window_is_an_error")
    },
    "Average pool divisor": {
        "engine/test_golden_layers.py": (
            "test_average_pool_divisor_counts_padding_but_not_the_overhang",
            "test_average_pool_divisor_in_two_directions",
        )
    },
    "Max-pool": {
        "engine/test_golden_layers.py": (
            "test_max_pool_sends_a_tied_gradient_to_the_first_in_row_major_order",
            "test_max_pool_padding_is_minus_infinity",
        )
    },
    'padding="same"': {
        "engine/test_golden_layers.py": ("test_same_padding_puts_the_odd_pixel_behind",),
        "engine/test_golden_sheet.py": ("test_same_padding_takes_stride_one_only",),
    },
    "AdaptiveAvgPool": {
        "engine/test_golden_layers.py": ("test_adaptive_average_bins_overlap_where_they_must",),
    },
    "Default initialization": {
        "engine/test_golden_layers.py": ("test_default_initialization_is_uniform_in_one_over_the_root_of_fan_in",),
    },
    "Optimizers": {"engine/test_optimizers.py": ("test_three_steps_of_the_reference_sheet",)},
    "Cross-entropy": {"engine/test_losses.py": ("test_cross_entropy_of_the_reference_sheet",)},
    "Multiclass SVM": {
        "engine/test_losses.py": ("test_svm_with_margin_ten", "test_svm_of_the_lectures_three_examples")
    },
    "GELU": {"engine/test_activations.py": ("test_gelu_at_the_reference_points",)},
    "Loss at the start": {
        "engine/test_losses.py": ("test_loss_at_the_start",),
        "engine/test_golden_sheet.py": ("test_a_network_that_knows_nothing_starts_at_the_loss_of_guessing",),
    },
    "Dropout": {
        "engine/test_golden_layers.py": (
            "test_dropout_is_inverted",
            "test_dropout_of_any_kind_is_identity_in_evaluation",
        )
    },
    "LRN": {
        "engine/test_golden_layers.py": ("test_local_response_norm_divides_alpha_by_size",),
        "engine/test_golden_sheet.py": ("test_response_norm_of_alexnet_2012_is_the_paper_s",),
    },
    "Gradient check": {
        "engine/test_gradcheck.py": ("test_a_right_network_passes", "test_a_wrong_derivative_is_found_and_placed"),
        "conformance/test_layers.py": ("test_gradients_pass_a_float64_check",),
    },
}
"""Each line of the sheet by the words it begins with."""


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_line_of_the_sheet_has_its_test():
    if not SHEET.is_file():
        pytest.skip(f"needs the reference sheet in {SHEET}, which this machine lacks")
    lines = re.findall(r"^- \*\*(.+?)\*\*", SHEET.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(lines) == set(HELD_BY)


@pytest.mark.parametrize("line", HELD_BY)
def test_the_tests_that_hold_a_line_exist(line):
    for file, names in HELD_BY[line].items():
        assert set(names) <= functions(ROOT / "tests" / file)


@pytest.mark.parametrize("classes", [2, 10])
@pytest.mark.parametrize(("loss", "expected"), [("cross_entropy", math.log), ("svm", lambda classes: classes - 1)])
def test_a_network_that_knows_nothing_starts_at_the_loss_of_guessing(classes, loss, expected):
    """ln K, 2.302585 for ten classes; K - 1 for the SVM. Its last weights, as yet zeros, see nothing."""
    graph = Graph()
    node = graph.add("Conv2d", graph.add("Input", shape=(1, 6, 6)), out_channels=3, kernel_size=3)
    graph.add("Linear", graph.add("Flatten", graph.add("ReLU", node)), out_features=classes, name="scores")
    net = compile_graph(graph, seed=0, dtype="float64")
    net.load_state_dict({"scores.weight": np.zeros((classes, 48)), "scores.bias": np.zeros(classes)}, strict=False)
    images = np.random.default_rng(0).random((8, 1, 6, 6))
    value, _ = net.loss_and_gradients(images, np.arange(8) % classes, loss)
    assert value == pytest.approx(expected(classes), abs=1e-12)


@pytest.mark.parametrize("kind", ["Conv2d", "MaxPool2d", "AvgPool2d"])
def test_same_padding_takes_stride_one_only(kind):
    graph = Graph()
    params = {"out_channels": 2} if kind == "Conv2d" else {}
    graph.add(kind, graph.add("Input", shape=(1, 6, 6)), kernel_size=2, stride=2, padding="same", **params)
    with pytest.raises(ValueError, match='padding "same" keeps the size and so needs stride 1'):
        compile_graph(graph)


def test_response_norm_of_alexnet_2012_is_the_paper_s():
    """b = a / (2 + 1e-4 · Σ a²)^0.75 over 5 channels (Krizhevsky, Sutskever and Hinton 2012, section 3.3)."""
    preset = presets.load("alexnet-2012")
    norms = [node.params for node in preset.nodes.values() if node.kind == "LocalResponseNorm"]
    assert len(norms) == 2
    x = 100 * np.random.default_rng(1).standard_normal((1, 8, 2, 3))
    squares = np.pad(x * x, ((0, 0), (2, 2), (0, 0), (0, 0)))
    near = sum(squares[:, first : first + 8] for first in range(5))
    for params in norms:
        graph = Graph()
        graph.add("LocalResponseNorm", graph.add("Input", shape=(8, 2, 3)), **params)
        scores = compile_graph(graph, dtype="float64").predict(x)
        np.testing.assert_allclose(scores, x / (2 + 1e-4 * near) ** 0.75, rtol=1e-12)
