"""The losses, by the reference sheet, by hand, by differences and by PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnnstudio.engine.losses import LOSS_FUNCTIONS, cross_entropy, mse, svm


def scores(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float64)


def labels(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_cross_entropy_of_the_reference_sheet():
    loss, gradient = cross_entropy(scores([2, 1, 0.1]), labels(0))
    assert loss == pytest.approx(0.4170300163, abs=5e-11)
    np.testing.assert_allclose(gradient.sum(), 0, atol=1e-15)


def test_cross_entropy_does_not_overflow():
    loss, gradient = cross_entropy(scores([1000, 0]).astype(np.float32), labels(1))
    assert loss == 1000
    assert np.array_equal(gradient, [[1, -1]])


def test_svm_with_margin_ten():
    assert svm(scores([13, -7, 11]), labels(0), margin=10)[0] == 8


def test_svm_of_the_lectures_three_examples():
    given = scores([3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1])
    answers = [svm(given[[row]], labels(row))[0] for row in range(3)]
    np.testing.assert_allclose(answers, [2.9, 0, 12.9], atol=1e-12)
    assert svm(given, labels(0, 1, 2))[0] == pytest.approx(15.8 / 3)


@pytest.mark.parametrize("classes", [2, 10])
def test_loss_at_the_start(classes):
    """A fresh network knows nothing: all scores are alike."""
    nothing = np.zeros((4, classes))
    assert cross_entropy(nothing, labels(0, 1, 0, 1))[0] == pytest.approx(math.log(classes))
    assert svm(nothing, labels(0, 1, 0, 1))[0] == pytest.approx(classes - 1)


def test_mse_is_the_mean_over_images_and_classes():
    assert mse(scores([1, 0, 2], [0, 0, 0]), labels(0, 2))[0] == pytest.approx((0 + 0 + 4 + 1) / 6)


@pytest.mark.parametrize("name", LOSS_FUNCTIONS)
def test_gradient_agrees_with_differences(name):
    generator = np.random.default_rng(0)
    given, wanted = generator.standard_normal((5, 7)) * 2, generator.integers(0, 7, 5)
    loss = LOSS_FUNCTIONS[name]
    _, gradient = loss(given, wanted)
    for index in np.ndindex(given.shape):
        above, below = given.copy(), given.copy()
        above[index] += 1e-6
        below[index] -= 1e-6
        assert gradient[index] == pytest.approx((loss(above, wanted)[0] - loss(below, wanted)[0]) / 2e-6, abs=1e-8)


@pytest.mark.parametrize("name", LOSS_FUNCTIONS)
def test_scores_are_left_alone_and_precision_kept(name):
    given = np.random.default_rng(0).random((3, 4)).astype(np.float32)
    before = given.copy()
    _, gradient = LOSS_FUNCTIONS[name](given, labels(0, 3, 1))
    assert np.array_equal(given, before)
    assert gradient.dtype == np.float32


@pytest.mark.oracle
@pytest.mark.parametrize("name", LOSS_FUNCTIONS)
def test_equals_pytorch(name):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")
    functional = torch.nn.functional
    oracle = {
        "cross_entropy": functional.cross_entropy,
        "svm": lambda given, wanted: functional.multi_margin_loss(given, wanted) * given.shape[1],
        "mse": lambda given, wanted: functional.mse_loss(given, functional.one_hot(wanted, 7).double()),
    }[name]
    generator = np.random.default_rng(1)
    given, wanted = generator.standard_normal((5, 7)) * 3, generator.integers(0, 7, 5)
    theirs = torch.tensor(given, requires_grad=True)
    expected = oracle(theirs, torch.tensor(wanted))
    expected.backward()
    loss, gradient = LOSS_FUNCTIONS[name](given, wanted)
    assert loss == pytest.approx(expected.item(), abs=1e-12)
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), atol=1e-12)
