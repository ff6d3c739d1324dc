"""Drawings by lot, run by the network as a whole beside PyTorch: scores, every activation, loss, every gradient.

What a network may do across its layers, such as computing several of them at once or using memory again, must not be
seen: nodes are read by any number of others, branches join, and some lead nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnstudio.compile import compile_graph
from cnnstudio.engine import Network, gradcheck
from cnnstudio.graph import Graph, analyze
from tests.conformance.networks import CLASSES, EVERY, SHAPE
from tests.conformance.torch_network import TorchNetwork

EPS = 0.05
"""Of the normalizations: so large that a map of nearly equal values does not blow rounding up."""

Draw = Callable[[st.SearchStrategy[Any]], Any]

WINDOW = {"kernel_size": st.integers(1, 3), "stride": st.integers(1, 2)}
STEPS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "Conv2d": {
        **WINDOW,
        "out_channels": st.just(4),
        "padding": st.integers(0, 2),
        "dilation": st.integers(1, 2),
        "groups": st.sampled_from([1, 2, 4]),
        "bias": st.booleans(),
        "padding_mode": st.sampled_from(["zeros", "replicate"]),
    },
    "ConvTranspose2d": {"kernel_size": st.integers(2, 3), "out_channels": st.just(4), "padding": st.just(1)},
    "MaxPool2d": {**WINDOW, "ceil_mode": st.booleans()},
    "AvgPool2d": {**WINDOW, "ceil_mode": st.booleans()},
    "AdaptiveMaxPool2d": {"output_size": st.integers(2, 4)},
    "AdaptiveAvgPool2d": {"output_size": st.integers(2, 4)},
    "BatchNorm": {"eps": st.just(EPS), "affine": st.booleans()},
    "GroupNorm": {"eps": st.just(EPS), "num_groups": st.sampled_from([1, 2])},
    "LayerNorm": {"eps": st.just(EPS)},
    "LocalResponseNorm": {"size": st.integers(1, 4), "alpha": st.just(0.5)},
    **{kind: {} for kind in ("ReLU", "LeakyReLU", "PReLU", "ELU", "GELU", "SiLU", "Sigmoid", "Tanh", "Softmax")},
    "Pad2d": {"padding": st.integers(0, 1)},
    "Identity": {},
    "Dropout": {"p": st.just(0.0)},
}
"""Kinds that take maps of four channels to maps of four channels, with their parameters."""


BLOCK = (("Conv2d",), ("BatchNorm", None), ("ReLU", "LeakyReLU", "Tanh", None), ("MaxPool2d", "AvgPool2d", None))
"""What follows one another in most networks, and may be computed in one go."""


def step(draw: Draw, graph: Graph, kind: str, source: str) -> str:
    return graph.add(kind, source, **{name: draw(each) for name, each in STEPS[kind].items()})


def drawing(draw: Draw) -> Graph:
    """Steps from any node so far; now and then two of one shape are added, or joined and brought to four channels."""
    graph = Graph()
    image = graph.add("Input", shape=(draw(st.sampled_from([1, 3])), draw(st.integers(5, 8)), draw(st.integers(5, 8))))
    nodes = [graph.add("Conv2d", image, out_channels=4, kernel_size=3, padding=1)]
    for _ in range(draw(st.integers(1, 9))):
        source = nodes[-1 - draw(st.integers(0, min(2, len(nodes) - 1)))]
        report = analyze(graph)
        alike = [node for node in nodes if report[node].output_shape == report[source].output_shape]
        match draw(st.sampled_from(["block", "step", "Add", "Concat", "block", "step"])):
            case "Add":
                made = [graph.add("Add", source, draw(st.sampled_from(alike)))]
            case "Concat":
                joined = graph.add("Concat", source, draw(st.sampled_from(alike)))
                made = [joined, graph.add("Conv2d", joined, out_channels=4, kernel_size=1)]
            case "block":
                made = []
                for kinds in BLOCK:
                    kind = draw(st.sampled_from(kinds))
                    made += [step(draw, graph, kind, made[-1] if made else source)] if kind else []
            case _:
                made = [step(draw, graph, draw(st.sampled_from(sorted(STEPS))), source)]
        if analyze(graph).errors:  # a window that does not fit
            for node in made:
                graph.remove(node)
        else:
            nodes += [node for node in made if graph.node(node).kind != "Concat"]
    graph.add("Linear", graph.add("Flatten", nodes[-1]), out_features=CLASSES, name="scores")
    return graph


def with_random_arrays(graph: Graph) -> Network:
    """No bias of 0: a dead channel would stand on the kink of the next activation, and rounding decide its slope."""
    net = compile_graph(graph, dtype="float64")
    generator = np.random.default_rng(1)
    net.load_state_dict(
        {
            key: generator.uniform(0.5, 1.5, array.shape)
            if key.endswith("running_var")
            else generator.uniform(-0.6, 0.8, array.shape)
            for key, array in net.state_dict().items()
        }
    )
    return net


def assert_close(ours: np.ndarray, theirs: Any, what: str) -> None:
    wanted = theirs.detach().numpy()
    scale = max(1.0, float(np.abs(wanted).max(initial=0)))
    np.testing.assert_allclose(ours, wanted, rtol=0, atol=1e-9 * scale, err_msg=what)


@pytest.mark.oracle
@settings(max_examples=250)
@given(data=st.data(), batch=st.sampled_from([3, 8, 13, 1]))
def test_any_drawing_is_computed_as_pytorch_does(torch, data, batch):
    """Few images, and more than one thread takes by itself."""
    graph = drawing(data.draw)
    assume(batch > 1 or "BatchNorm" not in {node.kind for node in graph.nodes.values()})
    net = with_random_arrays(graph)
    twin = TorchNetwork(torch, graph, net)
    generator = np.random.default_rng(2)
    images, labels = generator.standard_normal((batch, *net.input_shape)), np.arange(batch) * 3 % CLASSES

    theirs = twin.activations(torch.tensor(images), training=False)
    for node, activation in net.activations(images).items():
        assert_close(activation, theirs[node], f"activation of {node}")
    assert_close(net.predict(images), theirs[net.output], "scores")

    expected = torch.nn.functional.cross_entropy(twin(torch.tensor(images), training=True), torch.tensor(labels))
    expected.backward()
    loss, gradients = net.loss_and_gradients(images, labels)
    assert loss == pytest.approx(expected.item(), abs=1e-9)
    took_part = {key for key, each in twin.parameters.items() if each.grad is not None}
    assert set(gradients) == took_part
    for key, gradient in gradients.items():
        assert_close(gradient, twin.parameters[key].grad, f"gradient by {key}")
    state = net.state_dict()
    for key, buffer in twin.buffers.items():
        if key.split(".")[0] in {net.node(node).name for node in net.path_to(net.output)}:
            assert_close(state[key], buffer, key)


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize("batch", [3, 9])
def test_gradients_of_a_network_agree_with_differences(make, batch):
    """Those by the pictures too, and through layers that draw by chance."""
    net = compile_graph(make(), seed=3, dtype="float64")
    images = np.random.default_rng(5).standard_normal((batch, *SHAPE))
    report = gradcheck(net, images, np.arange(batch) % CLASSES, entries=12)
    assert report.passed, str(report)
    assert report.worst.error < 1e-6, str(report)
