"""From drawing to network: names, weights by seed, output, and drawings that cannot be computed."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.compile import LAYERS, CompileError, compile_graph
from cnnstudio.graph import Graph, analyze, presets


def drawn() -> Graph:
    graph = Graph()
    image = graph.add("Input", shape=(1, 8, 8))
    conv = graph.add("Conv2d", image, out_channels=4, kernel_size=3, padding="same")
    norm = graph.add("BatchNorm", conv)
    graph.add("Linear", graph.add("Flatten", graph.add("ReLU", norm)), out_features=3)
    return graph


@pytest.mark.parametrize("name", ["linear", "notes-cifar10", "resnet20-cifar10", "googlenet"])
def test_a_preset_compiles_to_what_its_analysis_says(name):
    """All of them: `tests/conformance/test_presets.py`."""
    graph = presets.load(name)
    report, net = analyze(graph), compile_graph(graph)
    assert net.parameter_count == report.parameters
    assert net.output == report.output
    assert net.output_shape == report[report.output].output_shape
    shapes = {node: each.shape[1:] for node, each in net.activations(np.zeros((1, *net.input_shape))).items()}
    assert shapes == {row.id: row.output_shape for row in report}


@pytest.mark.parametrize(("name", "classes"), [("lenet5-cs231n", 10), ("notes-cifar10", 10)])
def test_a_fresh_network_knows_nothing(name, classes):
    """The loss at the start of a network with K classes is ln K, and K - 1 for the SVM loss."""
    net = compile_graph(presets.load(name))
    images = np.random.default_rng(0).random((64, *net.input_shape), np.float32)
    labels = np.arange(64) % classes
    assert net.loss_and_gradients(images, labels)[0] == pytest.approx(np.log(classes), rel=0.15)
    assert net.loss_and_gradients(images, labels, "svm")[0] == pytest.approx(classes - 1, rel=0.25)


def test_weights_stand_under_the_names_of_the_drawing():
    graph = drawn()
    graph.rename("conv2d_1", "edges")
    assert list(compile_graph(graph).state_dict()) == [
        "edges.weight",
        "edges.bias",
        "batchnorm_1.weight",
        "batchnorm_1.bias",
        "batchnorm_1.running_mean",
        "batchnorm_1.running_var",
        "linear_1.weight",
        "linear_1.bias",
    ]


def test_activations_stand_under_the_ids_of_the_drawing():
    graph = drawn()
    graph.rename("conv2d_1", "edges")
    assert set(compile_graph(graph).activations(np.zeros((1, 1, 8, 8)))) == set(graph.nodes)


def test_weights_follow_from_the_seed():
    one, same, other = (compile_graph(drawn(), seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(np.array_equal(one[key], same[key]) for key in one)
    assert not np.array_equal(one["linear_1.weight"], other["linear_1.weight"])


def test_both_precisions_start_from_the_same_weights():
    single, double = (compile_graph(drawn(), dtype=dtype).state_dict() for dtype in ("float32", "float64"))
    for key, each in double.items():
        assert each.dtype == np.float64
        assert np.array_equal(each.astype(np.float32), single[key])


def test_the_network_does_not_follow_later_edits():
    graph = drawn()
    net = compile_graph(graph)
    graph.set_params("linear_1", out_features=7)
    assert net.output_shape == (3,)


def test_the_last_of_several_ends_is_the_output():
    graph = drawn()
    flat = next(each for each in graph.nodes if graph.node(each).kind == "Flatten")
    side = graph.add("Linear", flat, out_features=5)
    net = compile_graph(graph)
    assert net.output == analyze(graph).output == side
    assert net.predict(np.zeros((2, 1, 8, 8))).shape == (2, 5)
    assert net.activations(np.zeros((2, 1, 8, 8)))["linear_1"].shape == (2, 3)


def faulty(change) -> Graph:
    graph = drawn()
    change(graph)
    return graph


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (Graph(), "no Input layer"),
        (faulty(lambda graph: graph.add("ReLU")), "relu_2 has no input"),
        (faulty(lambda graph: graph.add("Linear", "conv2d_1", out_features=3)), "linear_2.* takes a vector"),
        (faulty(lambda graph: graph.set_params("conv2d_1", kernel_size=30, padding=0)), "conv2d_1.*does not fit"),
    ],
    ids=["empty", "loose", "rank", "too small"],
)
def test_a_drawing_that_cannot_be_computed_is_refused_with_its_problems(graph, message):
    with pytest.raises(CompileError, match=message) as caught:
        compile_graph(graph)
    assert caught.value.problems == analyze(graph).errors
    assert str(caught.value) == caught.value.problems[0].message


def test_weights_beyond_the_memory_are_refused_before_any_is_made(monkeypatch):
    graph = drawn()
    monkeypatch.setattr("cnnstudio.compile.physical_memory", lambda: 4 * analyze(graph).parameters)
    compile_graph(graph)
    with pytest.raises(CompileError, match=r"linear_1 has 771 parameters, more than this computer's memory"):
        compile_graph(graph, dtype="float64")


def test_a_layer_too_large_for_the_memory_is_a_problem_of_that_layer(monkeypatch):
    def no_room(site):
        raise MemoryError

    monkeypatch.setattr("cnnstudio.compile.LAYERS", {**LAYERS, "Linear": no_room})
    with pytest.raises(CompileError, match="linear_1 has 771 parameters, more than this computer's memory") as caught:
        compile_graph(drawn())
    assert caught.value.problems[0].node == "linear_1"
