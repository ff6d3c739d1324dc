"""What callers hand to a network and get from it: pictures are left alone, and results do not change afterwards."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.engine import Network, TrainingConfig, train
from cnnstudio.graph import Graph

CLASSES = 4


def maps(channels: int) -> Graph:
    graph = Graph()
    image = graph.add("Input", shape=(channels, 6, 6))
    node = graph.add("Add", graph.add("ReLU", image), graph.add("Identity", image))
    node = graph.add("BatchNorm", graph.add("Dropout", node, p=0.1))
    node = graph.add(
        "MaxPool2d", graph.add("SiLU", graph.add("Conv2d", node, out_channels=3, kernel_size=3)), kernel_size=2
    )
    graph.add("Linear", graph.add("Flatten", node), out_features=CLASSES)
    return graph


def vector() -> Graph:
    graph = Graph()
    node = graph.add("Add", *[graph.add("Input", shape=(12,))] * 2)
    node = graph.add("GELU", graph.add("Linear", graph.add("LayerNorm", node), out_features=9))
    graph.add("Softmax", graph.add("Linear", node, out_features=CLASSES))
    return graph


CASES = [
    pytest.param(make, dtype, id=f"{name}-{dtype}")
    for name, make in (("grey", lambda: maps(1)), ("colour", lambda: maps(3)), ("vector", vector))
    for dtype in ("float32", "float64", "uint8")
]


def given(net: Network, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and labels that nobody may write to; grey ones in the network's precision are read without a copy."""
    generator = np.random.default_rng(0)
    images = (generator.random((8, *net.input_shape)) * 255).astype(dtype)
    labels = generator.integers(0, CLASSES, 8)
    for each in (images, labels):
        each.flags.writeable = False
    return images, labels


@pytest.mark.parametrize(("make", "dtype"), CASES)
def test_pictures_and_labels_are_left_alone(make, dtype):
    net = compile_graph(make(), dtype="float64" if dtype == "float64" else "float32")
    images, labels = given(net, dtype)
    before = images.copy(), labels.copy()
    net.predict(images)
    net.activations(images)
    net.loss_and_gradients(images, labels)
    split = SimpleNamespace(images=images, labels=labels)
    data = SimpleNamespace(train=split, validation=split, test=split, classes=tuple("abcd"))
    for _ in train(net, data, TrainingConfig(epochs=2, batch_size=8, learning_rate=1e-2)):
        pass
    assert np.array_equal(images, before[0])
    assert np.array_equal(labels, before[1])


@pytest.mark.parametrize(("make", "dtype"), CASES)
def test_what_was_returned_stays_while_the_network_goes_on(make, dtype):
    net = compile_graph(make(), dtype="float64" if dtype == "float64" else "float32")
    images, labels = given(net, dtype)
    _, gradients = net.loss_and_gradients(images, labels)
    results = {"scores": net.predict(images), **net.activations(images), **gradients, **net.state_dict()}
    before = {name: each.copy() for name, each in results.items()}
    other = images[::-1].copy()
    optimizer = TrainingConfig(learning_rate=0.1).make_optimizer()
    for _ in range(3):
        _, gradients = net.loss_and_gradients(other, labels)
        arrays = net.state_dict()
        optimizer.step(arrays, gradients, 0.1)
        net.load_state_dict(arrays)
        net.predict(other)
        net.activations(other)
    assert all(np.array_equal(results[name], each) for name, each in before.items())
    assert not np.array_equal(net.predict(images), before["scores"])
