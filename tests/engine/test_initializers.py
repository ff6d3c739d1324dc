"""What weights start from: bounds and spreads by their formulas, fans and gains as PyTorch counts them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.engine import ConfigError, Network, NetworkNode, initialize
from cnnstudio.engine.initialization import activation_gain, following_gain
from cnnstudio.engine.initializers import PIECE, Constant, Fans, Kaiming, Normal, Xavier, draw_normal
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.layers import (
    ELU,
    GELU,
    Add,
    BatchNorm,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Identity,
    Input,
    LeakyReLU,
    Linear,
    MaxPool2d,
    PReLU,
    ReLU,
    Sigmoid,
    Tanh,
)
from cnnstudio.graph import presets


def fresh() -> np.random.Generator:
    return np.random.default_rng(0)


def wide() -> Network:
    """Every layer that is drawn, large enough for statistics, each before another activation."""
    nodes = [
        NetworkNode("image", "image", Input((8, 6, 6))),
        NetworkNode("conv", "conv", Conv2d(8, 64, Window((3, 5)), groups=4, generator=fresh()), ("image",)),
        NetworkNode("norm", "norm", BatchNorm(64), ("conv",)),
        NetworkNode("relu", "relu", ReLU(), ("norm",)),
        NetworkNode("up", "up", ConvTranspose2d(64, 32, Window((3, 3)), generator=fresh()), ("relu",)),
        NetworkNode("tanh", "tanh", Tanh(), ("up",)),
        NetworkNode("flat", "flat", Flatten(), ("tanh",)),
        NetworkNode("scores", "scores", Linear(768, 40, generator=fresh()), ("flat",)),
    ]
    return Network(nodes, "scores")


FANS = {"conv": Fans(2 * 15, 64 * 15), "up": Fans(32 * 9, 64 * 9), "scores": Fans(768, 40)}
GAINS = {"conv": math.sqrt(2), "up": 5 / 3, "scores": 1.0}


def test_fans_are_counted_in_pytorchs_layout():
    for name, fans in FANS.items():
        assert Fans.of(wide().array(f"{name}.weight").shape) == fans


@pytest.mark.parametrize("name", FANS)
@pytest.mark.parametrize(
    ("initializer", "std"),
    [
        ("normal_small", lambda fans, gain: 0.01),
        ("normal_large", lambda fans, gain: 0.05),
        (Normal(0.3), lambda fans, gain: 0.3),
        ("xavier_normal", lambda fans, gain: gain * math.sqrt(2 / (fans.fan_in + fans.fan_out))),
        ("kaiming_normal", lambda fans, gain: gain / math.sqrt(fans.fan_in)),
    ],
    ids=["small", "large", "of any size", "Xavier", "Kaiming"],
)
def test_normal_ones_are_the_standard_normal_numbers_times_their_spread(name, initializer, std):
    net = wide()
    initialize(net, initializer, seed=5)
    index = [node.id for node in net.nodes].index(name)
    weight = net.parameters[name, "weight"]
    expected = np.random.default_rng([5, index]).normal(0, std(FANS[name], GAINS[name]), weight.size)
    np.testing.assert_array_equal(weight.reshape(-1), expected.astype(np.float32))
    assert weight.std() == pytest.approx(std(FANS[name], GAINS[name]), rel=0.05)
    assert abs(weight.mean()) < 5 * weight.std() / math.sqrt(weight.size)
    assert not net.parameters[name, "bias"].any()


@pytest.mark.parametrize("name", FANS)
@pytest.mark.parametrize(
    ("initializer", "bound"),
    [
        ("default", lambda fans, gain: 1 / math.sqrt(fans.fan_in)),
        ("xavier_uniform", lambda fans, gain: gain * math.sqrt(6 / (fans.fan_in + fans.fan_out))),
        ("kaiming_uniform", lambda fans, gain: gain * math.sqrt(3 / fans.fan_in)),
    ],
)
def test_uniform_ones_fill_their_bounds_evenly(name, initializer, bound):
    net = wide()
    initialize(net, initializer, seed=5)
    most, weight = bound(FANS[name], GAINS[name]), net.parameters[name, "weight"]
    assert np.abs(weight).max() <= most
    assert np.abs(weight).max() > 0.99 * most
    assert weight.std() == pytest.approx(most / math.sqrt(3), rel=0.05)
    assert net.parameters[name, "bias"].any() == (initializer == "default")


@pytest.mark.parametrize(
    ("initializer", "value"), [("zeros", 0), ("constant", np.float32(0.01)), (Constant(-0.5), -0.5)]
)
def test_constants(initializer, value):
    net = wide()
    initialize(net, initializer)
    assert all((net.parameters[name, "weight"] == value).all() for name in FANS)
    assert not net.predict(np.zeros((1, 8, 6, 6))).any(), "biases start from 0"


def test_default_is_what_a_network_is_compiled_with():
    graph = presets.load("digits-small")
    compiled, net = compile_graph(graph, seed=3), compile_graph(graph, seed=8)
    initialize(net, "default", seed=3)
    for key, array in net.state_dict().items():
        np.testing.assert_array_equal(array, compiled.state_dict()[key], err_msg=key)


def test_other_layers_keep_what_they_have():
    net = wide()
    net.load_state_dict({"norm.weight": np.full(64, 3), "norm.running_mean": np.full(64, 2)}, strict=False)
    initialize(net, "kaiming_normal")
    assert (net.array("norm.weight") == 3).all()
    assert (net.array("norm.running_mean") == 2).all()


def test_each_layer_has_a_stream_of_its_own():
    def weights(width: int) -> np.ndarray:
        nodes = [
            NetworkNode("image", "image", Input((4,))),
            NetworkNode("hidden", "hidden", Linear(4, width, generator=fresh()), ("image",)),
            NetworkNode("scores", "scores", Linear(4, 3, generator=fresh()), ("image",)),
        ]
        net = Network(nodes, "scores")
        initialize(net, "xavier_normal", seed=1)
        return net.array("scores.weight")

    assert np.array_equal(weights(5), weights(50))


def test_both_precisions_start_alike():
    net = wide()
    double = net.snapshot(np.float64)
    for each in (net, double):
        initialize(each, "kaiming_normal", seed=2)
    assert np.array_equal(net.array("up.weight"), double.array("up.weight").astype(np.float32))


def test_large_arrays_are_drawn_piece_by_piece_from_one_stream():
    array = np.empty(PIECE + 7)
    draw_normal(array, 2.0, np.random.default_rng(3))
    np.testing.assert_array_equal(array, np.random.default_rng(3).normal(0, 2, PIECE + 7))


def test_unknown_and_impossible_ones_are_refused():
    with pytest.raises(ConfigError, match=r"There is no initializer 'orthogonal'; there are: default, zeros,"):
        initialize(wide(), "orthogonal")
    with pytest.raises(ConfigError, match="std is -1; it takes a number of at least 0"):
        Normal(-1)
    with pytest.raises(ConfigError, match="value is nan; it takes a finite number"):
        Constant(math.nan)
    for unknown in (3, ["zeros"]):
        with pytest.raises(ConfigError, match="There is no initializer"):
            initialize(wide(), unknown)
    for seed in (-1, 1.5):
        with pytest.raises(ConfigError, match=f"seed is {seed}; it takes a whole number of at least 0"):
            initialize(wide(), "default", seed)


# The gain of what follows


@pytest.mark.parametrize(
    ("between", "gain"),
    [
        ([BatchNorm(3), ReLU()], math.sqrt(2)),
        ([MaxPool2d(Window((2, 2), (2, 2))), Tanh()], 5 / 3),
        ([Identity(), LeakyReLU(0.2)], math.sqrt(2 / 1.04)),
        ([PReLU()], math.sqrt(2 / (1 + 0.25**2))),
        ([Sigmoid(), ReLU()], 1.0),
        ([GELU()], math.sqrt(2)),
        ([ELU()], math.sqrt(2)),
        ([], 1.0),
    ],
)
def test_the_nearest_activation_gives_the_gain(make_chain, between, gain):
    layers = [(f"layer {index}", layer) for index, layer in enumerate(between)]
    conv = Conv2d(1, 3, Window((1, 1)), generator=fresh())
    after = Linear(12, 2, generator=fresh())
    net = make_chain(
        ("image", Input((1, 4, 4))), ("conv", conv), *layers, ("f", Flatten()), ("after", after), ("r", ReLU())
    )
    assert following_gain(net, "conv") == pytest.approx(gain)
    assert following_gain(net, "after") == pytest.approx(math.sqrt(2))


def test_a_merge_is_passed_over():
    nodes = [
        NetworkNode("image", "image", Input((4,))),
        NetworkNode("a", "a", Linear(4, 4, generator=fresh()), ("image",)),
        NetworkNode("add", "add", Add(), ("a", "image")),
        NetworkNode("relu", "relu", ReLU(), ("add",)),
    ]
    assert following_gain(Network(nodes, "relu"), "a") == pytest.approx(math.sqrt(2))


@pytest.mark.oracle
def test_gains_and_spreads_equal_pytorchs():
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")
    init = torch.nn.init
    for layer, name, parameter in (
        (ReLU(), "relu", None),
        (Tanh(), "tanh", None),
        (Sigmoid(), "sigmoid", None),
        (LeakyReLU(0.1), "leaky_relu", 0.1),
    ):
        assert activation_gain(layer) == pytest.approx(init.calculate_gain(name, parameter))
    net = wide()
    for name, gain in GAINS.items():
        weight = torch.tensor(net.array(f"{name}.weight"))
        assert init._calculate_fan_in_and_fan_out(weight) == (FANS[name].fan_in, FANS[name].fan_out)
        torch.manual_seed(0)
        for ours, theirs in (
            (Xavier(), init.xavier_uniform_),
            (Xavier(normal=True), init.xavier_normal_),
        ):
            initialize(net, ours)
            assert net.array(f"{name}.weight").std() == pytest.approx(theirs(weight, gain).std().item(), rel=0.06)
        initialize(net, Kaiming(normal=True))
        spread = init.kaiming_normal_(weight, nonlinearity="linear").std().item() * gain
        assert net.array(f"{name}.weight").std() == pytest.approx(spread, rel=0.06)
