"""The gradient check: it passes what is right and finds what is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.engine import ConfigError, InputError, gradcheck, gradcheck_layer
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.layers import Conv2d, Flatten, Input, Linear, MaxPool2d, Sigmoid
from cnnstudio.engine.losses import SVM, CrossEntropy


def pictures() -> np.ndarray:
    return np.random.default_rng(0).random((4, 2, 6, 6))


def test_a_right_network_passes(small_network):
    report = gradcheck(small_network(), pictures(), [0, 1, 2, 1])
    assert report.passed, str(report)
    assert report.checked == 4 * 20 + 4 * 4 + 3  # 20 of each large array, all of each small one
    assert (
        report.worst.error < 1e-7
    )  # the relative error says nothing where a derivative is 0, as of a bias before BatchNorm
    assert str(report).startswith("99 of 99 derivatives agree; worst: ")


def test_it_works_on_a_copy(small_network):
    net = small_network()
    before = net.state_dict()
    gradcheck(net, pictures(), [0, 1, 2, 1], entries=2)
    assert all(np.array_equal(before[key], each) for key, each in net.state_dict().items())


def test_bytes_are_read_as_the_network_reads_them(small_network):
    report = gradcheck(small_network(), (pictures() * 255).astype(np.uint8), [0, 1, 2, 1], "svm", entries=5)
    assert report.passed, str(report)


class Slanted(Sigmoid):
    """A sigmoid whose slope is one per cent off."""

    def chain(self, out, d_y, y):
        super().chain(out, d_y, y)
        out *= 1.01


def test_a_wrong_derivative_is_found_and_placed():
    given = np.linspace(-2, 2, 12).reshape(3, 4)
    report = gradcheck_layer(Slanted(), [given])
    assert not report.passed
    assert report.worst.array == "input 0"
    assert abs(report.worst.relative_error - 0.01 / 1.01) < 1e-4
    assert "backward says" in str(report)


class Crooked(Conv2d):
    """A convolution that gets the derivative by one of its weights wrong."""

    def backward(self, d_output, saved, *, input_gradient=True):
        d_inputs, gradients = super().backward(d_output, saved, input_gradient=input_gradient)
        gradients["weight"][0, 1, 1, 2] += 0.5  # row 0, column 1, in 1, out 2
        return d_inputs, gradients


def test_the_worst_entry_stands_where_pytorch_would_show_it(make_chain):
    generator = np.random.default_rng(0)
    conv = Crooked(2, 3, Window((2, 3)), generator=generator)
    linear = Linear(15, 3, generator=generator)
    net = make_chain(("image", Input((2, 2, 7))), ("conv", conv), ("f", Flatten()), ("scores", linear))
    report = gradcheck(net, generator.random((3, 2, 2, 7)), [0, 1, 2], entries=1000)
    assert len(report.failures) == 1
    assert (report.worst.array, report.worst.index) == ("conv.weight", (2, 1, 0, 1))
    assert report.worst.analytic - report.worst.numeric == pytest.approx(0.5, abs=1e-6)
    assert "worst: conv.weight[2, 1, 0, 1], backward says" in str(report)
    single = gradcheck_layer(conv, [generator.random((3, 2, 7, 2))], entries=1000)
    assert (single.worst.array, single.worst.index) == ("weight", (2, 1, 0, 1))


def test_a_loss_with_settings_is_checked_too(small_network):
    for loss in (CrossEntropy(0.1, (1, 2, 3)), SVM(margin=3), "mse"):
        report = gradcheck(small_network(), pictures(), [0, 1, 2, 1], loss, entries=5)
        assert report.passed, str(report)


class NotANumber(Sigmoid):
    def chain(self, out, d_y, y):
        out.fill(np.nan)


def test_what_cannot_be_checked_is_refused_in_a_sentence(small_network):
    net = small_network()
    with pytest.raises(InputError, match="takes pictures of 2 × 6 × 6; 2 × 6 × 5 arrived"):
        gradcheck(net, pictures()[..., :5], [0, 1, 2, 1])
    with pytest.raises(InputError, match=r"bytes .* or floating-point numbers"):
        gradcheck(net, np.ones((4, 2, 6, 6), int), [0, 1, 2, 1])
    for entries in (0, -1):
        with pytest.raises(ConfigError, match=f"entries is {entries}; it takes a whole number of at least 1"):
            gradcheck(net, pictures(), [0, 1, 2, 1], entries=entries)
        with pytest.raises(ConfigError, match=f"entries is {entries}; "):
            gradcheck_layer(Sigmoid(), [np.ones((1, 2))], entries=entries)


def test_what_is_not_a_number_never_passes():
    report = gradcheck_layer(NotANumber(), [np.ones((1, 2))])
    assert len(report.failures) == 2


def test_maps_may_lie_in_memory_as_they_like():
    maps = np.random.default_rng(0).random((2, 3, 6, 6)).transpose(0, 2, 3, 1)
    assert gradcheck_layer(MaxPool2d(Window((2, 2), (2, 2))), [maps]).passed
