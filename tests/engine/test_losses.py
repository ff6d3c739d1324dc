"""The losses, by the reference sheet, by hand, by differences and by PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnnstudio.engine import ConfigError, InputError
from cnnstudio.engine.losses import LOSS_FUNCTIONS, SVM, CrossEntropy, Loss, SquaredError, find_loss

cross_entropy, svm, mse = CrossEntropy(), SVM(), SquaredError()

SETTINGS: dict[str, Loss] = {
    **LOSS_FUNCTIONS,
    "smooth": CrossEntropy(label_smoothing=0.2),
    "weighted": CrossEntropy(class_weights=(0.5, 2, 1, 1, 3, 0.1, 1)),
    "smooth and weighted": CrossEntropy(0.1, (0.5, 2, 1, 1, 3, 0.1, 1)),
    "wide margin": SVM(margin=2.5),
}


def scores(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float64)


def labels(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_cross_entropy_of_the_reference_sheet():
    loss, gradient = cross_entropy(scores([2, 1, 0.1]), labels(0))
    assert loss == pytest.approx(0.4170300163, abs=5e-11)
    np.testing.assert_allclose(gradient.sum(), 0, atol=1e-15)


def test_label_smoothing_of_the_reference_sheet():
    loss, gradient = CrossEntropy(label_smoothing=0.1)(scores([2, 1, 0.1]), labels(0))
    assert loss == pytest.approx(0.5136966829, abs=5e-11)
    np.testing.assert_allclose(gradient, [[-0.2743321945, 0.2090996374, 0.0652325571]], atol=5e-11)


def test_class_weights_weigh_the_mean():
    """ln 2 for each picture, whatever its weight; and the heavy class pulls three times as hard."""
    loss, gradient = CrossEntropy(class_weights=(3, 1))(scores([0, 0], [0, 0]), labels(0, 1))
    assert loss == pytest.approx(math.log(2))
    np.testing.assert_allclose(gradient, np.array([[-1.5, 1.5], [0.5, -0.5]]) / 4)


def test_a_weighted_mean_of_batches_is_the_mean_of_all():
    generator = np.random.default_rng(2)
    given, wanted = generator.standard_normal((30, 3)), generator.integers(0, 3, 30)
    for loss in (CrossEntropy(), CrossEntropy(0.1, (0.2, 5, 1)), SVM()):
        parts = [(given[part], wanted[part]) for part in (slice(0, 4), slice(4, 30))]
        total = sum(loss(*part)[0] * loss.weight(part[1]) for part in parts)
        assert total / loss.weight(wanted) == pytest.approx(loss(given, wanted)[0])


def test_a_class_that_is_ruled_out_costs_nothing_unless_it_is_the_right_one():
    assert cross_entropy(scores([0, 0, -math.inf]), labels(1))[0] == pytest.approx(math.log(2))


def test_settings_out_of_range_are_refused():
    for wrong in (-0.1, 1.0, "much", True):
        with pytest.raises(ConfigError, match=r"label_smoothing is .*; it takes a number from 0 to below 1"):
            CrossEntropy(label_smoothing=wrong)
    for wrong in ((), (1, 0), (1, -2), (1, math.inf), (1, "x")):
        with pytest.raises(ConfigError, match="it takes one number above 0 for each class"):
            CrossEntropy(class_weights=wrong)
    with pytest.raises(ConfigError, match="margin is 0; it takes a number above 0"):
        SVM(margin=0)


def test_class_weights_are_as_many_as_classes():
    with pytest.raises(InputError, match="There are 2 class weights for the network's 3 outputs"):
        CrossEntropy(class_weights=(1, 2))(scores([1, 2, 3]), labels(0))


def test_a_loss_goes_by_its_name_or_as_itself(small_network):
    assert find_loss("svm") is LOSS_FUNCTIONS["svm"]
    with pytest.raises(InputError, match="There is no loss 'hinge'; there are: cross_entropy, svm, mse"):
        find_loss("hinge")
    images, wanted = np.random.default_rng(0).random((4, 2, 6, 6)), labels(0, 1, 2, 0)
    net = small_network(p=0.0)
    value, gradients = net.loss_and_gradients(images, wanted, SVM(margin=1.0))
    by_name, same = net.loss_and_gradients(images, wanted, loss="svm")
    assert value == by_name
    assert all(np.array_equal(gradients[key], same[key]) for key in same)


def test_cross_entropy_does_not_overflow():
    loss, gradient = cross_entropy(scores([1000, 0]).astype(np.float32), labels(1))
    assert loss == 1000
    assert np.array_equal(gradient, [[1, -1]])


def test_svm_with_margin_ten():
    assert SVM(margin=10)(scores([13, -7, 11]), labels(0))[0] == 8


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


@pytest.mark.parametrize("name", SETTINGS)
def test_gradient_agrees_with_differences(name):
    generator = np.random.default_rng(0)
    given, wanted = generator.standard_normal((5, 7)) * 2, generator.integers(0, 7, 5)
    loss = SETTINGS[name]
    _, gradient = loss(given, wanted)
    for index in np.ndindex(given.shape):
        above, below = given.copy(), given.copy()
        above[index] += 1e-6
        below[index] -= 1e-6
        assert gradient[index] == pytest.approx((loss(above, wanted)[0] - loss(below, wanted)[0]) / 2e-6, abs=1e-8)


@pytest.mark.parametrize("name", SETTINGS)
def test_scores_are_left_alone_and_precision_kept(name):
    given = np.random.default_rng(0).random((3, 7)).astype(np.float32)
    before = given.copy()
    _, gradient = SETTINGS[name](given, labels(0, 3, 1))
    assert np.array_equal(given, before)
    assert gradient.dtype == np.float32


@pytest.mark.oracle
@pytest.mark.parametrize("name", SETTINGS)
def test_equals_pytorch(name):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")
    functional = torch.nn.functional
    match loss := SETTINGS[name]:
        case CrossEntropy(smoothing, weights):
            by_class = None if weights is None else torch.tensor(weights, dtype=torch.float64)
            oracle = torch.nn.CrossEntropyLoss(by_class, label_smoothing=smoothing)
        case SVM(margin):
            # PyTorch divides by the number of classes, the lecture does not.
            oracle = lambda given, wanted: functional.multi_margin_loss(given, wanted, margin=margin) * 7  # noqa: E731
        case SquaredError():
            oracle = lambda given, wanted: functional.mse_loss(given, functional.one_hot(wanted, 7).double())  # noqa: E731
    generator = np.random.default_rng(1)
    given, wanted = generator.standard_normal((5, 7)) * 3, generator.integers(0, 7, 5)
    theirs = torch.tensor(given, requires_grad=True)
    expected = oracle(theirs, torch.tensor(wanted))
    expected.backward()
    value, gradient = loss(given, wanted)
    assert value == pytest.approx(expected.item(), abs=1e-12)
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), atol=1e-12)
