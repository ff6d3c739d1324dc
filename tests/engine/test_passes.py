"""A batch in blocks of images, one a thread, gives what the batch as a whole gives."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.engine import LayerError, passes
from cnnstudio.engine.kernels import parallel
from cnnstudio.engine.layers import EVALUATION, Mode
from cnnstudio.graph import Graph


def branching() -> Graph:
    """Two paths with batch normalization that meet in a sum and a concatenation, then vectors."""
    graph = Graph()
    image = graph.add("Input", shape=(2, 6, 6))
    stem = graph.add(
        "ReLU", graph.add("BatchNorm", graph.add("Conv2d", image, out_channels=4, kernel_size=3, padding=1))
    )
    side = graph.add("BatchNorm", graph.add("Conv2d", stem, out_channels=4, kernel_size=1, bias=False))
    total = graph.add("Add", stem, side)
    both = graph.add(
        "Concat", graph.add("GELU", total), graph.add("MaxPool2d", total, kernel_size=3, stride=1, padding=1)
    )
    pooled = graph.add("AvgPool2d", both, kernel_size=2)
    vector = graph.add("BatchNorm", graph.add("Linear", graph.add("Flatten", pooled), out_features=7))
    graph.add("Linear", graph.add("Tanh", vector), out_features=3)
    return graph


@pytest.fixture
def threads(monkeypatch):
    def use(count: int) -> None:
        for module in (parallel, passes):
            monkeypatch.setattr(module, "worker_count", lambda: count)

    return use


def batch(images: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.standard_normal((images, 2, 6, 6)), np.arange(images) % 3


@pytest.mark.parametrize("images", [2, 5, 8, 19])
@pytest.mark.parametrize("count", [2, 3])
def test_loss_and_gradients_do_not_depend_on_the_number_of_blocks(threads, count, images):
    pictures, labels = batch(images)
    found = {}
    for each in (1, count):
        threads(each)
        net = compile_graph(branching(), seed=1, dtype="float64")
        loss, gradients = net.loss_and_gradients(pictures, labels)
        found[each] = {"loss": loss} | gradients | net.state_dict()
    assert passes.block_count(19) == count
    for name, value in found[1].items():
        np.testing.assert_allclose(found[count][name], value, rtol=1e-10, atol=1e-12, err_msg=name)


def test_gradients_by_the_pictures_come_in_the_order_of_the_pictures(threads):
    pictures, labels = batch(16)
    found = []
    for count in (1, 2):
        threads(count)
        net = compile_graph(branching(), seed=1, dtype="float64")
        mode = Mode(training=True, generator=np.random.default_rng(0))
        found.append(net.run_loss(pictures, labels, "cross_entropy", mode, input_gradient=True).derivatives.input)
    np.testing.assert_allclose(found[1], found[0], rtol=1e-10, atol=1e-13)


def test_every_output_that_is_asked_for_is_of_the_whole_batch(threads):
    pictures, _ = batch(16)
    found = []
    for count in (1, 2):
        threads(count)
        found.append(compile_graph(branching(), seed=1, dtype="float64").activations(pictures))
    assert found[0].keys() == found[1].keys()
    for name in found[0]:
        np.testing.assert_allclose(found[1][name], found[0][name], rtol=1e-10, atol=1e-12)


def test_chance_is_the_same_each_time_and_differs_between_blocks(threads):
    threads(2)
    graph = Graph()
    graph.add("Dropout", graph.add("Input", shape=(1, 4, 4)), p=0.5)
    net = compile_graph(graph)
    x = np.ones((8, 4, 4, 1), np.float32)

    def draw(seed: int) -> np.ndarray:
        return net.forward(x, Mode(training=True, generator=np.random.default_rng(seed))).output

    assert np.array_equal(draw(0), draw(0))
    assert not np.array_equal(draw(0), draw(1))
    assert not np.array_equal(draw(0)[:4], draw(0)[4:])


def test_outputs_go_as_soon_as_nobody_needs_them(threads):
    """A chain of ten layers holds two outputs at a time when nothing is to be saved."""
    threads(1)
    graph = Graph()
    last = graph.add("Input", shape=(1, 4, 4))
    for _ in range(10):
        last = graph.add("Sigmoid", last)
    net = compile_graph(graph)
    phases = passes.plan(net.nodes, EVALUATION, many=False, kept=frozenset((last,)))
    steps = [step for phase in phases for step in phase.steps]
    assert [step.releases for step in steps] == [()] + [(node.id,) for node in net.nodes[:-1]]


def test_batch_normalization_ends_a_phase_in_training_only(threads):
    nodes = compile_graph(branching()).nodes
    training = passes.plan(nodes, Mode(training=True), many=True, kept=frozenset())
    evaluation = passes.plan(nodes, EVALUATION, many=True, kept=frozenset())
    assert [len(phase.steps) > 0 for phase in training] == [True, True, True]
    assert len(evaluation) == 1
    assert [step.node.name for step in evaluation[0].whole] == ["linear_1", "batchnorm_3", "tanh_1", "linear_2"]


def test_an_error_in_a_block_names_the_layer(threads):
    threads(2)
    net = compile_graph(branching())
    with pytest.raises(LayerError, match="conv2d_1: Conv2d takes maps of 2 channels"):
        net.forward(np.zeros((16, 6, 6, 3), np.float32))


def test_a_relu_writes_over_what_serves_it_alone_and_nothing_else(threads):
    threads(2)
    graph = Graph()
    image = graph.add("Input", shape=(1, 6, 6))
    first = graph.add("ReLU", image)  # the caller's pictures
    conv = graph.add("Conv2d", first, out_channels=2, kernel_size=3, padding=1)
    alone = graph.add("Sigmoid", conv)
    again = graph.add("ReLU", alone)  # the sigmoid keeps its output for its slope
    forked = graph.add("Conv2d", again, out_channels=2, kernel_size=1)
    one, other = graph.add("ReLU", forked), graph.add("Tanh", forked)
    total = graph.add("Add", one, other)
    gelu = graph.add("GELU", total)  # its slope is told from its input
    graph.add("Linear", graph.add("Flatten", graph.add("ReLU", gelu)), out_features=2)
    net = compile_graph(graph, dtype="float64")
    mode = Mode(training=True)
    phases = passes.plan(net.nodes, mode, many=True, kept=frozenset((net.output,)))
    assert [step.node.id for phase in phases for step in phase.steps if step.writes_over] == [alone]
    x = np.random.default_rng(0).standard_normal((8, 6, 6, 1))
    before = x.copy()
    trace, whole = net.forward(x, mode), net.forward(x, mode, keep=True)
    assert np.array_equal(x, before)
    assert np.array_equal(trace.output, whole.output)
    d_output = np.ones_like(trace.output)
    found, expected = (net.backward(each, d_output).parameters for each in (trace, whole))
    for key, gradient in expected.items():
        np.testing.assert_array_equal(found[key], gradient, err_msg=str(key))
