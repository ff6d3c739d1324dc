"""The optimizers, by the reference sheet and by PyTorch."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from cnnstudio.engine.optimizers import SGD, AdaGrad, Adam, AdamW, ArraySettings, Optimizer, RMSprop

REFERENCE = [
    (lambda: SGD(0.9), [0.9, 0.61, 0.049]),
    (lambda: SGD(0.9, nesterov=True), [0.81, 0.349, -0.4559]),
    (lambda: SGD(0.9, weight_decay=0.1), [0.89, 0.5821, -0.000831]),
    (lambda: Adam(), [0.900000001, 0.803481799, 0.707681677]),
    (lambda: Adam(weight_decay=0.1), [0.900000001, 0.802947335, 0.706609995]),
    (lambda: AdamW(weight_decay=0.1), [0.890000001, 0.784581799, 0.680935859]),
    (lambda: AdaGrad(), [0.9, 0.810557281, 0.730378908]),
    (lambda: RMSprop(), [1e-7, -0.895322822, -1.698827294]),
]
NAMES = ["momentum", "Nesterov", "momentum and L2", "Adam", "Adam and L2", "AdamW", "AdaGrad", "RMSprop"]


@pytest.mark.parametrize(("make", "expected"), REFERENCE, ids=NAMES)
def test_three_steps_of_the_reference_sheet(make, expected):
    optimizer, p = make(), np.array([1.0])
    seen = []
    for gradient in (1.0, 2.0, 3.0):
        optimizer.step({"p": p}, {"p": np.array([gradient])}, 0.1)
        seen.append(p[0])
    np.testing.assert_allclose(seen, expected, atol=5e-10)


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda: SGD(), lambda optim, p: optim.SGD(p, 0.1)),
        (lambda: SGD(0.9), lambda optim, p: optim.SGD(p, 0.1, momentum=0.9)),
        (
            lambda: SGD(0.8, nesterov=True, weight_decay=0.01),
            lambda optim, p: optim.SGD(p, 0.1, momentum=0.8, nesterov=True, weight_decay=0.01),
        ),
        (lambda: Adam(weight_decay=0.01), lambda optim, p: optim.Adam(p, 0.1, weight_decay=0.01)),
        (lambda: AdamW(weight_decay=0.01), lambda optim, p: optim.AdamW(p, 0.1, weight_decay=0.01)),
        (lambda: AdaGrad(weight_decay=0.01), lambda optim, p: optim.Adagrad(p, 0.1, weight_decay=0.01)),
        (lambda: RMSprop(weight_decay=0.01), lambda optim, p: optim.RMSprop(p, 0.1, weight_decay=0.01)),
    ],
    ids=["SGD", "momentum", "Nesterov and L2", "Adam and L2", "AdamW", "AdaGrad and L2", "RMSprop and L2"],
)
def test_twenty_steps_equal_pytorch(ours, theirs):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")
    generator = np.random.default_rng(0)
    # One array of more values than a cache-sized piece, one tiny one.
    start = {"large": generator.standard_normal((300, 700)), "small": generator.standard_normal(3)}
    parameters = {name: each.copy() for name, each in start.items()}
    their_parameters = {name: torch.tensor(each, requires_grad=True) for name, each in start.items()}
    optimizer, their_optimizer = ours(), theirs(torch.optim, list(their_parameters.values()))
    for _ in range(20):
        gradients = {name: generator.standard_normal(each.shape) for name, each in start.items()}
        optimizer.step(parameters, gradients, 0.1)
        for name, each in their_parameters.items():
            each.grad = torch.tensor(gradients[name])
        their_optimizer.step()
    for name, each in parameters.items():
        np.testing.assert_allclose(each, their_parameters[name].detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.oracle
def test_arrays_with_settings_of_their_own_are_pytorchs_groups():
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")
    generator = np.random.default_rng(1)
    start = {"body": generator.standard_normal(50), "head": generator.standard_normal(9)}
    for ours, theirs in ((SGD(0.9, weight_decay=0.1), "SGD"), (AdamW(weight_decay=0.1), "AdamW")):
        parameters = {name: each.copy() for name, each in start.items()}
        tensors = {name: torch.tensor(each, requires_grad=True) for name, each in start.items()}
        groups = [{"params": [tensors["body"]], "lr": 0.002, "weight_decay": 0.3}, {"params": [tensors["head"]]}]
        more = {"momentum": 0.9} if theirs == "SGD" else {}
        optimizer = getattr(torch.optim, theirs)(groups, 0.02, weight_decay=0.1, **more)
        for _ in range(5):
            gradients = {name: generator.standard_normal(each.shape) for name, each in start.items()}
            ours.step(parameters, gradients, 0.02, {"body": ArraySettings(0.1, weight_decay=0.3)})
            for name, each in tensors.items():
                each.grad = torch.tensor(gradients[name])
            optimizer.step()
        for name, each in parameters.items():
            np.testing.assert_allclose(each, tensors[name].detach().numpy(), rtol=1e-12)


def test_l1_pulls_by_the_sign_and_elastic_net_is_both():
    p, nothing = np.array([2.0, -2.0, 0.0]), np.zeros(3)
    SGD(l1=0.1).step({"p": p}, {"p": nothing}, 0.5)
    np.testing.assert_allclose(p, [1.95, -1.95, 0])
    SGD(l1=0.1, weight_decay=1.0).step({"p": p}, {"p": nothing}, 0.5)
    np.testing.assert_allclose(p, [1.95 / 2 - 0.05, -1.95 / 2 + 0.05, 0])


def test_penalties_of_an_arrays_own_take_the_place_of_the_others():
    arrays = {"p": np.ones(1), "q": np.ones(1)}
    settings = {"p": ArraySettings(learning_rate_factor=2.0, l1=0.5)}
    SGD(weight_decay=0.1).step(arrays, {key: np.zeros(1) for key in arrays}, 0.1, settings)
    assert arrays["p"][0] == pytest.approx(1 - 0.2 * 0.5)
    assert arrays["q"][0] == pytest.approx(1 - 0.1 * 0.1)


@pytest.mark.parametrize(
    "optimizer",
    [SGD(0.9, weight_decay=0.1), SGD(0.9, nesterov=True), Adam(weight_decay=0.1), AdamW(), AdaGrad(l1=0.1), RMSprop()],
    ids=type,
)
def test_gradients_are_left_alone_and_precision_kept(optimizer: Optimizer):
    p, gradient = np.ones(5, np.float32), np.full(5, 0.5, np.float32)
    optimizer.step({"p": p}, {"p": gradient}, 0.1)
    assert np.array_equal(gradient, np.full(5, 0.5))
    assert p.dtype == np.float32
    assert (p < 1).all()


def test_a_parameter_without_gradient_stays():
    p, q = np.ones(2), np.ones(2)
    SGD().step({"p": p, "q": q}, {"p": np.ones(2)}, 0.5)
    assert p.tolist() == [0.5, 0.5]
    assert q.tolist() == [1, 1]


@pytest.mark.parametrize(
    "optimizer", [SGD(0.9), AdaGrad(), RMSprop(), Adam(), AdamW(weight_decay=0.1)], ids=lambda each: type(each).__name__
)
def test_small_arrays_move_as_each_would_alone_whoever_else_takes_part(optimizer):
    """Small arrays move together as a long one; what is remembered of each stays its own when the company changes."""
    generator = np.random.default_rng(0)
    start = {
        name: generator.standard_normal(shape) for name, shape in {"a": (3, 4), "b": (5,), "c": (200, 100)}.items()
    }
    together = {name: array.copy() for name, array in start.items()}
    alone = {name: array.copy() for name, array in start.items()}
    others = {name: copy.deepcopy(optimizer) for name in start}
    for names in ("abc", "ab", "bac", "b", "cab"):
        gradients = {name: generator.standard_normal(start[name].shape[::-1]).T for name in names}
        optimizer.step(together, gradients, 0.1)
        for name in start:
            others[name].step(alone, {name: gradients[name]} if name in names else {}, 0.1)
    for name in start:
        np.testing.assert_allclose(together[name], alone[name], rtol=1e-13, err_msg=name)


@pytest.mark.parametrize(
    ("optimizer", "arrays"), [(SGD(), 0), (SGD(0.9), 1), (AdaGrad(), 1), (RMSprop(), 1), (Adam(), 2)]
)
def test_no_more_is_remembered_than_the_rule_needs(optimizer, arrays):
    optimizer.step({"p": np.ones(5)}, {"p": np.ones(5)}, 0.1)
    assert optimizer.remembers == arrays
