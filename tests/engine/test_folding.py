"""Folding: fewer layers, the same predictions."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.engine import Network, NetworkNode, fold_batch_norm
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.layers import (
    Add,
    BatchNorm,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Identity,
    Input,
    Layer,
    Linear,
    ReLU,
)
from cnnstudio.graph import presets


def lived(net: Network, seed: int) -> Network:
    """Every BatchNorm gets scales, shifts and running statistics that are anything but trivial."""
    generator = np.random.default_rng(seed)
    for node in net.nodes:
        if isinstance(node.layer, BatchNorm):
            arrays = node.layer.parameters | node.layer.buffers
            for name, array in arrays.items():
                array[...] = generator.standard_normal(array.shape)
                if name == "running_var":
                    array[...] = generator.uniform(0.2, 5, array.shape)
    return net


def everything(dtype: str, seed: int = 0) -> Network:
    """Plain, grouped, padded, transposed convolution and Linear, with and without bias, each before a BatchNorm."""
    rng = np.random.default_rng(seed)
    padded = Window((3, 3), padding=(1, 0, 2, 1))
    layers: list[tuple[str, Layer]] = [
        ("image", Input((3, 7, 6))),
        ("plain", Conv2d(3, 8, Window((3, 2), (2, 1)), generator=rng, dtype=dtype)),
        ("n1", BatchNorm(8, dtype=dtype)),
        ("r1", ReLU()),
        ("grouped", Conv2d(8, 12, padded, groups=4, bias=False, padding_mode="replicate", generator=rng, dtype=dtype)),
        ("n2", BatchNorm(12, affine=False, eps=0.1, dtype=dtype)),
        ("r2", ReLU()),
        ("depthwise", Conv2d(12, 12, padded, groups=12, generator=rng, dtype=dtype)),
        ("n3", BatchNorm(12, dtype=dtype)),
        ("up", ConvTranspose2d(12, 5, Window((3, 3), (2, 2)), bias=False, generator=rng, dtype=dtype)),
        ("n4", BatchNorm(5, dtype=dtype)),
        ("r4", ReLU()),
        ("flat", Flatten()),
    ]
    layers += [("hidden", Linear(5 * 3 * 15, 16, generator=rng, dtype=dtype)), ("n5", BatchNorm(16, dtype=dtype))]
    layers += [("r5", ReLU()), ("scores", Linear(16, 4, bias=False, generator=rng, dtype=dtype))]
    layers += [("n6", BatchNorm(4, dtype=dtype))]
    nodes, before = [], ()
    for name, layer in layers:
        nodes.append(NetworkNode(name, name, layer, before))
        before = (name,)
    return lived(Network(nodes, before[0], dtype=dtype), seed)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-12)])
def test_predictions_are_the_same(dtype, tolerance, seed):
    net = everything(dtype, seed)
    folded = fold_batch_norm(net)
    assert not any(isinstance(node.layer, BatchNorm) for node in folded.nodes)
    images = np.random.default_rng(seed).standard_normal((6, 3, 7, 6))
    expected, found = net.predict(images), folded.predict(images)
    assert found.dtype == dtype
    # Of the scores' size: a score near 0 is a difference of larger numbers, in either network.
    assert np.abs(found - expected).max() <= tolerance * np.abs(expected).max()


@pytest.mark.parametrize("preset", ["resnet20-cifar10", "notes-cifar10"])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float64", 1e-12)])
def test_classic_networks_predict_the_same(preset, dtype, tolerance):
    net = lived(compile_graph(presets.load(preset), dtype=dtype), seed=1)
    folded = fold_batch_norm(net)
    assert sum(isinstance(node.layer, BatchNorm) for node in folded.nodes) == 0
    images = np.random.default_rng(0).random((2, *net.input_shape))
    expected = net.predict(images)
    assert np.abs(folded.predict(images) - expected).max() <= tolerance * np.abs(expected).max()


def test_nodes_keep_their_places_and_the_network_its_arrays():
    net = everything("float32")
    before = net.state_dict()
    folded = fold_batch_norm(net)
    assert [(node.id, node.name, node.inputs) for node in folded.nodes] == [
        (node.id, node.name, node.inputs) for node in net.nodes
    ]
    assert isinstance(folded.node("n2").layer, Identity)
    assert "grouped.bias" in folded.state_dict()
    assert all(np.array_equal(before[key], array) for key, array in net.state_dict().items())
    ours, theirs = net.parameters, folded.parameters
    assert not any(np.shares_memory(ours[key], theirs[key]) for key in ours.keys() & theirs.keys())


def test_what_cannot_be_folded_stays(small_network):
    """A BatchNorm after something else, one whose convolution is read twice, one behind the output."""
    rng = np.random.default_rng(0)
    nodes = [
        NetworkNode("image", "image", Input((4, 3, 3))),
        NetworkNode("first", "first", BatchNorm(4), ("image",)),
        NetworkNode("conv", "conv", Conv2d(4, 4, Window((1, 1)), generator=rng), ("first",)),
        NetworkNode("norm", "norm", BatchNorm(4), ("conv",)),
        NetworkNode("add", "add", Add(), ("conv", "norm")),
        NetworkNode("out", "out", Conv2d(4, 4, Window((3, 3)), generator=rng), ("add",)),
        NetworkNode("behind", "behind", BatchNorm(4), ("out",)),
    ]
    net = lived(Network(nodes, "out"), 1)
    folded = fold_batch_norm(net)
    assert all(isinstance(folded.node(name).layer, BatchNorm) for name in ("first", "norm", "behind"))
    images = rng.standard_normal((2, 4, 3, 3))
    assert np.array_equal(folded.predict(images), net.predict(images))


def test_a_second_batch_norm_on_the_first_stays(make_chain):
    linear = Linear(3, 3, generator=np.random.default_rng(0))
    net = lived(make_chain(("image", Input((3,))), ("fc", linear), ("a", BatchNorm(3)), ("b", BatchNorm(3))), 2)
    folded = fold_batch_norm(net)
    assert isinstance(folded.node("a").layer, Identity)
    assert isinstance(folded.node("b").layer, BatchNorm)
    images = np.random.default_rng(1).standard_normal((4, 3))
    np.testing.assert_allclose(folded.predict(images), net.predict(images), rtol=1e-5, atol=1e-6)
