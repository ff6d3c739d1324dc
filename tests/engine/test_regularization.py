"""Penalties, the max-norm constraint and clipping, by hand, by differences and by PyTorch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cnnstudio.engine import LayerSettings, Network, NetworkNode, TrainingConfig
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.layers import Conv2d, ConvTranspose2d, Flatten, Input, Linear
from cnnstudio.engine.regularization import array_settings, clip_norm, clip_value, max_norms, penalty

SGD = TrainingConfig(optimizer="sgd", momentum=0.0)


# Penalties


def test_a_penalty_is_half_the_squares_and_the_sizes(make_chain):
    linear = Linear(2, 1, generator=np.random.default_rng(0))
    net = make_chain(("image", Input((2,))), ("scores", linear))
    net.load_state_dict({"scores.weight": [[3, -4]], "scores.bias": [2]})
    assert penalty(net, replace(SGD, weight_decay=0.1)) == pytest.approx(0.1 / 2 * (9 + 16 + 4))
    assert penalty(net, replace(SGD, l1=0.1)) == pytest.approx(0.1 * (3 + 4 + 2))
    own = {"scores": LayerSettings(l1=1.0, l2=0.0)}
    assert penalty(net, replace(SGD, l1=0.1, weight_decay=0.1, layers=own)) == pytest.approx(9)
    assert penalty(net, replace(SGD, optimizer="adamw", weight_decay=0.1)) == 0


def test_a_step_goes_down_the_slope_of_loss_and_penalty(small_network):
    """Elastic net, with settings of a layer's own: what the optimizer adds is the penalty's derivative."""
    net = small_network(dtype="float64")
    config = replace(
        SGD, l1=0.3, weight_decay=0.2, layers={"conv2": LayerSettings(l2=0.7), "norm": LayerSettings(l1=0)}
    )
    stepped = net.snapshot()
    nothing = {key: np.zeros_like(array) for key, array in net.parameters.items()}
    config.make_optimizer().step(stepped.parameters, nothing, 1.0, array_settings(net, config))
    for key, array in net.parameters.items():
        for index in list(np.ndindex(array.shape))[:3]:
            value = array[index]
            if value == 0:
                continue  # |p| has no slope there
            sides = []
            for side in (1e-6, -1e-6):
                array[index] = value + side
                sides.append(penalty(net, config))
            array[index] = value
            slope = (sides[0] - sides[1]) / 2e-6
            assert value - stepped.parameters[key][index] == pytest.approx(slope, abs=1e-7)


def test_a_frozen_layer_is_not_penalized(small_network):
    net, config = small_network(), replace(SGD, l1=1.0)
    frozen = replace(config, layers={"conv": LayerSettings(frozen=True)})
    conv = sum(float(np.abs(net.array(f"conv.{name}")).sum()) for name in ("weight", "bias"))
    assert penalty(net, config) - penalty(net, frozen) == pytest.approx(conv, rel=1e-5)


# Max-norm


def units() -> Network:
    generator = np.random.default_rng(0)
    return Network(
        [
            NetworkNode("image", "image", Input((2, 5, 5))),
            NetworkNode("conv", "conv", Conv2d(2, 4, Window((3, 3)), groups=2, generator=generator), ("image",)),
            NetworkNode("up", "up", ConvTranspose2d(4, 3, Window((2, 2)), generator=generator), ("conv",)),
            NetworkNode("flat", "flat", Flatten(), ("up",)),
            NetworkNode("scores", "scores", Linear(48, 2, generator=generator), ("flat",)),
        ],
        "scores",
    )


def test_each_units_vector_is_shortened_to_the_bound_and_no_other_changes():
    net = units()
    before = net.state_dict()
    for bound in max_norms(net, replace(SGD, max_norm=0.6, layers={"up": LayerSettings(max_norm=0.9)})):
        bound.apply()
    after, shortened, kept = net.state_dict(), 0, 0
    for name, most, axes in (("conv", 0.6, (1, 2, 3)), ("up", 0.9, (0, 2, 3)), ("scores", 0.6, (1,))):
        old, new = before[f"{name}.weight"], after[f"{name}.weight"]
        lengths = np.sqrt(np.square(old).sum(axis=axes, keepdims=True))
        np.testing.assert_allclose(new, old * np.minimum(1, most / lengths), rtol=1e-6)
        assert np.array_equal(after[f"{name}.bias"], before[f"{name}.bias"])
        shortened, kept = shortened + int((lengths > most).sum()), kept + int((lengths <= most).sum())
    assert shortened
    assert kept


def test_a_vector_of_nothing_stays_nothing():
    net = units()
    for array in net.parameters.values():
        array.fill(0)
    for bound in max_norms(net, replace(SGD, max_norm=0.5)):
        bound.apply()
    assert all(not array.any() for array in net.parameters.values())


def test_without_a_bound_nothing_is_bounded():
    assert max_norms(units(), SGD) == []
    assert [each.node.name for each in max_norms(units(), replace(SGD, layers={"up": LayerSettings(max_norm=1)}))] == [
        "up"
    ]


@pytest.mark.oracle
def test_max_norm_equals_pytorchs_renorm():
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")
    net = units()
    before = net.state_dict()
    for bound in max_norms(net, replace(SGD, max_norm=0.5)):
        bound.apply()
    for name, axis in (("conv", 0), ("up", 1), ("scores", 0)):
        expected = torch.renorm(torch.tensor(before[f"{name}.weight"]), 2, axis, 0.5).numpy()
        np.testing.assert_allclose(net.array(f"{name}.weight"), expected, rtol=1e-5)


# Clipping


def test_gradients_longer_than_the_bound_are_scaled_down_together():
    gradients = {("a", "weight"): np.array([3.0]), ("b", "weight"): np.array([[0.0, -4.0]])}
    assert clip_norm(gradients, 1.0) == pytest.approx(5)
    np.testing.assert_allclose(gradients["a", "weight"], [0.6], rtol=1e-6)
    np.testing.assert_allclose(gradients["b", "weight"], [[0, -0.8]], rtol=1e-6)
    once = gradients["a", "weight"].copy()
    assert clip_norm(gradients, 2.0) == pytest.approx(1)
    assert np.array_equal(gradients["a", "weight"], once)


def test_a_norm_too_large_for_float32_is_still_clipped():
    gradients = {("a", "weight"): np.full(4, 1e30, np.float32)}
    assert clip_norm(gradients, 1.0) == pytest.approx(2e30)
    np.testing.assert_allclose(gradients["a", "weight"], 0.5, rtol=1e-6)


def test_what_is_not_finite_is_left_to_be_found():
    gradients = {("a", "weight"): np.array([np.inf, 1.0]), ("b", "weight"): np.array([2.0])}
    assert clip_norm(gradients, 1.0) == np.inf
    assert gradients["a", "weight"].tolist() == [np.inf, 1.0]
    assert gradients["b", "weight"].tolist() == [2.0]


def test_values_are_brought_within_the_bound():
    gradients = {("a", "weight"): np.array([-3.0, 0.2, 7.0])}
    clip_value(gradients, 0.5)
    assert gradients["a", "weight"].tolist() == [-0.5, 0.2, 0.5]


@pytest.mark.oracle
@pytest.mark.parametrize("most", [0.5, 100.0])
def test_clipping_equals_pytorch(most):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")
    generator = np.random.default_rng(0)
    gradients = {(name, "weight"): generator.standard_normal(shape) for name, shape in (("a", (3, 4)), ("b", 5))}
    tensors = [torch.zeros(each.shape, requires_grad=True, dtype=torch.float64) for each in gradients.values()]
    for ours, theirs in (
        (clip_norm, torch.nn.utils.clip_grad_norm_),
        (clip_value, torch.nn.utils.clip_grad_value_),
    ):
        given = {key: each.copy() for key, each in gradients.items()}
        for tensor, each in zip(tensors, given.values(), strict=True):
            tensor.grad = torch.tensor(each)
        found, expected = ours(given, most), theirs(tensors, most)
        if found is not None:
            assert found == pytest.approx(expected.item(), rel=1e-12)
        for tensor, each in zip(tensors, given.values(), strict=True):
            np.testing.assert_allclose(each, tensor.grad.numpy(), rtol=1e-12)
