"""The gradient check: it passes what is right and finds what is wrong."""

from __future__ import annotations

import numpy as np

from cnnstudio.engine import gradcheck, gradcheck_layer
from cnnstudio.engine.layers import Sigmoid


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


class NotANumber(Sigmoid):
    def chain(self, out, d_y, y):
        out.fill(np.nan)


def test_what_is_not_a_number_never_passes():
    report = gradcheck_layer(NotANumber(), [np.ones((1, 2))])
    assert len(report.failures) == 2
