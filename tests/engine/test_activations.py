"""Activations far from zero, where formulas overflow or lose their digits; and the figures of the reference sheet."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnnstudio.engine.kernels.normal import density, probability_below
from cnnstudio.engine.layers import ELU, EVALUATION, GELU, PReLU, SiLU, TanhGELU

FAR = np.array([-1e30, -1e4, -50.0, -9.0, 0.0, 9.0, 50.0, 1e4, 1e30])


def forward(layer, x):
    return layer.forward([x], EVALUATION)[0]


def slope(layer, x):
    y, saved = layer.forward([x], EVALUATION)
    return layer.backward(np.ones_like(y), saved)[0][0]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (GELU(), [-0.158655, 0.345731, 0.841345, 1.954500]),
        (TanhGELU(), [-0.158808, 0.345714, 0.841192, 1.954598]),
    ],
    ids=["exact", "tanh"],
)
def test_gelu_at_the_reference_points(layer, expected):
    np.testing.assert_allclose(forward(layer, np.array([-1, 0.5, 1, 2])), expected, atol=5e-7)


def test_the_normal_probability_is_right_to_the_last_digits():
    """Against Python's erfc, one value at a time; in the lower tail too, where 1 + erf has nothing left."""
    x = np.concatenate([np.linspace(-12, 12, 4801), [-1.5, 0.0, 1.5], np.nextafter(math.sqrt(2), [0, 2])])
    expected = np.array([math.erfc(-value / math.sqrt(2)) / 2 for value in x])
    np.testing.assert_allclose(probability_below(x), expected, rtol=2e-13, atol=0)
    assert np.abs(probability_below(x) - expected).max() < 5e-16
    single = probability_below(x.astype(np.float32))
    assert single.dtype == np.float32
    assert np.abs(single - expected).max() < 3e-7


def test_the_normal_probability_has_its_ends_and_passes_on_what_is_not_a_number():
    assert probability_below(np.array([-np.inf, -1e300, 1e300, np.inf])).tolist() == [0, 0, 1, 1]
    assert np.isnan(probability_below(np.array([np.nan]))).all()


def test_the_density_is_the_slope_of_the_probability():
    x = np.linspace(-4, 4, 81)
    slopes = (probability_below(x + 1e-5) - probability_below(x - 1e-5)) / 2e-5
    np.testing.assert_allclose(density(x), slopes, atol=1e-9)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("layer", [GELU(), TanhGELU(), SiLU()], ids=["gelu", "tanh gelu", "silu"])
def test_far_from_zero_it_is_zero_or_the_identity(layer, dtype):
    x = FAR[1:-1].astype(dtype)
    np.testing.assert_allclose(forward(layer, x), np.maximum(x, 0), atol=2e-3)
    np.testing.assert_allclose(slope(layer, x)[x != 0], (x > 0)[x != 0], atol=2e-3)
    assert slope(layer, x)[x == 0] == 0.5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_elu_does_not_overflow(dtype):
    x = FAR.astype(dtype)
    np.testing.assert_allclose(forward(ELU(2.0), x), np.where(x > 0, x, 2 * np.expm1(np.minimum(x, 0))), rtol=1e-6)
    np.testing.assert_allclose(slope(ELU(2.0), x), np.where(x > 0, 1, 2 * np.exp(np.minimum(x, 0))), rtol=1e-6)


def test_prelu_starts_from_a_quarter_and_sums_its_slopes_gradient_over_everything():
    layer = PReLU()
    x = np.array([[[[-1.0, 2.0]], [[-3.0, -4.0]]]], np.float32)
    y, saved = layer.forward([x], EVALUATION)
    assert y.ravel().tolist() == [-0.25, 2, -0.75, -1]
    (d_x,), gradients = layer.backward(np.array([[[[1.0, 1.0]], [[2.0, 3.0]]]], np.float32), saved)
    assert d_x.ravel().tolist() == [0.25, 1, 0.5, 0.75]
    assert gradients["weight"].tolist() == [-1 - 6 - 12]
