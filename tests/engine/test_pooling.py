"""The pooling kernels against the definition; and that cutting into tiles changes nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.engine.kernels import adaptive, parallel, pooling, stochastic
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.layers import EVALUATION, MaxPool2d, Mode, StochasticPool2d


@st.composite
def pools(draw):
    """(x, window, size, ceil_mode): any legal pooling, with many ties."""
    kernel = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    dilation = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    extent = Window(kernel, dilation=dilation).extent
    sides = tuple(draw(st.integers(0, extent[axis // 2] // 2)) for axis in range(4))
    window = Window(kernel, (draw(st.integers(1, 4)), draw(st.integers(1, 4))), sides, dilation)
    room = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    shape = draw(st.integers(1, 3)), extent[0] + room[0], extent[1] + room[1], draw(st.sampled_from([2, 5]))
    x = np.random.default_rng(draw(st.integers(0, 1000))).integers(-2, 3, shape).astype(np.float64)
    ceil_mode = draw(st.booleans())
    return x, window, window.output_size(shape[1:3], ceil_mode=ceil_mode)


def seen(x, window, i, j):
    """(row, column) of the pixels under a window, in row-major order."""
    for a, b in itertools.product(range(window.kernel[0]), range(window.kernel[1])):
        row = i * window.stride[0] + a * window.dilation[0] - window.padding[0]
        column = j * window.stride[1] + b * window.dilation[1] - window.padding[2]
        if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
            yield row, column


def max_by_definition(x, window, d_y):
    """(maxima, gradient by x), slowly, window by window."""
    y, d_x = np.full_like(d_y, -np.inf), np.zeros_like(x)
    for n, i, j, c in np.ndindex(y.shape):
        pixels = list(seen(x, window, i, j))
        values = [x[n, row, column, c] for row, column in pixels]
        if values:
            y[n, i, j, c] = max(values)
            d_x[n, *pixels[int(np.argmax(values))], c] += d_y[n, i, j, c]
    return y, d_x


@given(pools(), st.booleans(), st.booleans(), st.integers(1, 3))
@settings(max_examples=200)
def test_max_pool_and_its_gradient_equal_the_definition(configuration, tiny_blocks, long_pixels, workers):
    x, window, size = configuration
    d_y = np.random.default_rng(1).standard_normal((len(x), *size, x.shape[3]))
    expected, expected_d_x = max_by_definition(x, window, d_y)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "worker_count", lambda: workers)
        if tiny_blocks:
            patch.setattr(parallel, "CACHE_VALUES", 8)
        if long_pixels:
            patch.setattr(pooling, "LONG_PIXEL", 1)
        alone = pooling.max_pool(x, window, size)
        y, winners = pooling.max_pool_and_winners(x, window, size)
        d_x = pooling.max_pool_gradient(d_y, winners, window, x.shape[1:3])
    assert np.array_equal(alone, expected)
    assert np.array_equal(y, expected)
    np.testing.assert_allclose(d_x, expected_d_x, atol=1e-12)


@pytest.mark.parametrize("channels", [1, 4, 5, 20, 64])
@pytest.mark.parametrize(
    ("window", "size", "ceil_mode"),
    [
        (Window((2, 2), (2, 2)), (6, 8), False),
        (Window((2, 2), (2, 2)), (7, 5), False),
        (Window((2, 2), (2, 2)), (7, 5), True),
        (Window((3, 3), (2, 2)), (8, 8), True),
        (Window((3, 3), (2, 2)), (8, 9), False),
        (Window((3, 3), (1, 1), (1, 1, 1, 1)), (5, 4), False),
        (Window((1, 3), (1, 3)), (3, 7), False),
    ],
)
def test_pools_of_real_networks_equal_the_definition_in_single_precision(channels, window, size, ceil_mode):
    x = np.random.default_rng(0).integers(0, 3, (2, *size, channels)).astype(np.float32)
    positions = window.output_size(size, ceil_mode=ceil_mode)
    d_y = np.random.default_rng(1).integers(-8, 9, (2, *positions, channels)).astype(np.float32)
    y, winners = pooling.max_pool_and_winners(x, window, positions)
    expected, expected_d_x = max_by_definition(x, window, d_y)
    assert np.array_equal(y, expected)
    assert np.array_equal(pooling.max_pool(x, window, positions), expected)
    assert np.array_equal(pooling.max_pool_gradient(d_y, winners, window, size), expected_d_x)
    assert winners.dtype == np.uint8


def test_max_pool_finds_the_winner_of_a_window_of_more_taps_than_a_byte_counts():
    x = np.random.default_rng(0).permutation(2 * 40 * 17).reshape(2, 40, 17, 1).astype(np.float64)
    window = Window((20, 17), (20, 17))
    d_y = np.arange(1.0, 5).reshape(2, 2, 1, 1)
    y, winners = pooling.max_pool_and_winners(x, window, (2, 1))
    expected, expected_d_x = max_by_definition(x, window, d_y)
    assert np.array_equal(y, expected)
    assert np.array_equal(pooling.max_pool_gradient(d_y, winners, window, (40, 17)), expected_d_x)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("at", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("long_pixel", [1, 2])
def test_max_pool_of_what_is_not_a_number_has_no_gradient(monkeypatch, stride, at, long_pixel):
    monkeypatch.setattr(pooling, "LONG_PIXEL", long_pixel)
    x = np.array([[3.0, 1.0], [2.0, 4.0]])
    x[at] = np.nan
    window = Window((2, 2), (stride, stride))
    y, winners = pooling.max_pool_and_winners(x.reshape(1, 2, 2, 1), window, (1, 1))
    assert np.isnan(y.item())
    assert not pooling.max_pool_gradient(np.ones_like(y), winners, window, (2, 2)).any()


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("gradient", [np.inf, np.nan])
def test_max_pool_gives_a_gradient_that_is_not_finite_to_the_winner_alone(stride, gradient):
    window = Window((2, 2), (stride, stride))
    y, winners = pooling.max_pool_and_winners(np.array([[1.0, 3], [2, 3]]).reshape(1, 2, 2, 1), window, (1, 1))
    d_x = pooling.max_pool_gradient(np.full_like(y, gradient), winners, window, (2, 2))
    np.testing.assert_array_equal(d_x[0, :, :, 0], [[0, gradient], [0, 0]])


def test_max_pool_looked_up_without_training_goes_backward_all_the_same():
    pool = MaxPool2d(Window((3, 3), (2, 2)), ceil_mode=True)
    x = np.random.default_rng(0).standard_normal((2, 6, 6, 3))
    (trained, in_training), (looked_up, in_evaluation) = (
        pool.forward([x], Mode(training)) for training in (True, False)
    )
    assert np.array_equal(trained, looked_up)
    d_y = np.random.default_rng(1).standard_normal(trained.shape)
    (expected,), _ = pool.backward(d_y, in_training)
    (d_x,), _ = pool.backward(d_y, in_evaluation)
    assert np.array_equal(d_x, expected)


@given(pools(), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=100)
def test_avg_pool_and_its_gradient_equal_the_definition(configuration, tiny_blocks, long_pixels, count_include_pad):
    x, window, size = configuration
    most = min(1, min(window.kernel) // 2)
    window = Window(window.kernel, window.stride, tuple(min(side, most) for side in window.padding))
    size = window.output_size(x.shape[1:3])
    d_y = np.random.default_rng(1).standard_normal((len(x), *size, x.shape[3]))
    expected, expected_d_x = np.empty_like(d_y), np.zeros_like(x)
    for n, i, j in np.ndindex(d_y.shape[:3]):
        pixels = list(seen(x, window, i, j))
        count = window.kernel[0] * window.kernel[1] if count_include_pad else len(pixels)
        expected[n, i, j] = sum(x[n, row, column] for row, column in pixels) / count
        for row, column in pixels:
            expected_d_x[n, row, column] += d_y[n, i, j] / count
    with pytest.MonkeyPatch.context() as patch:
        if tiny_blocks:
            patch.setattr(parallel, "CACHE_VALUES", 8)
        if long_pixels:
            patch.setattr(pooling, "LONG_PIXEL", 1)
        y = pooling.avg_pool(x, window, size, count_include_pad=count_include_pad)
        d_x = pooling.avg_pool_gradient(d_y, window, x.shape[1:3], count_include_pad=count_include_pad)
    np.testing.assert_allclose(y, expected, atol=1e-12)
    np.testing.assert_allclose(d_x, expected_d_x, atol=1e-12)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_adaptive_average_equals_the_definition(height, width, rows, columns):
    x = np.random.default_rng(0).standard_normal((2, height, width, 3))
    y = adaptive.average(x, (rows, columns))
    for i, j in np.ndindex(rows, columns):
        top, bottom = i * height // rows, -(-(i + 1) * height // rows)
        left, right = j * width // columns, -(-(j + 1) * width // columns)
        np.testing.assert_allclose(y[:, i, j], x[:, top:bottom, left:right].mean(axis=(1, 2)), atol=1e-12)


@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 9), st.integers(1, 9), st.booleans())
def test_adaptive_maximum_and_its_gradient_equal_the_definition(height, width, rows, columns, tiny_tiles):
    """With many ties: the first in row-major order gets the gradient."""
    x = np.random.default_rng(0).integers(-2, 3, (3, height, width, 2)).astype(np.float64)
    d_y = np.random.default_rng(1).standard_normal((3, rows, columns, 2))
    expected_d_x = np.zeros_like(x)
    with pytest.MonkeyPatch.context() as patch:
        if tiny_tiles:
            patch.setattr(parallel, "CACHE_VALUES", 8)
        y, places = adaptive.maximum(x, (rows, columns))
        d_x = adaptive.maximum_gradient(d_y, places, (height, width))
    for n, i, j, c in np.ndindex(d_y.shape):
        top, bottom = i * height // rows, -(-(i + 1) * height // rows)
        left, right = j * width // columns, -(-(j + 1) * width // columns)
        bin_ = x[n, top:bottom, left:right, c]
        row, column = np.unravel_index(bin_.argmax(), bin_.shape)
        assert y[n, i, j, c] == bin_.max()
        expected_d_x[n, top + row, left + column, c] += d_y[n, i, j, c]
    np.testing.assert_allclose(d_x, expected_d_x, atol=1e-12)


# Stochastic pooling


@st.composite
def stochastic_pools(draw):
    """(x, window, size): windows that lie inside, zeros and negative values among what they see."""
    kernel = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    window = Window(kernel, (draw(st.integers(1, 4)), draw(st.integers(1, 4))))
    shape = draw(st.integers(1, 3)), kernel[0] + draw(st.integers(0, 4)), kernel[1] + draw(st.integers(0, 4)), 2
    x = np.random.default_rng(draw(st.integers(0, 1000))).integers(-3, 4, shape).astype(np.float64)
    return x, window, window.output_size(shape[1:3])


@given(stochastic_pools(), st.booleans())
def test_stochastic_pool_equals_the_definition(configuration, tiny_tiles):
    """Slowly, window by window: shares of the sum of what is above 0; drawn, and as weights of a mean."""
    x, window, size = configuration
    dice = np.random.default_rng(1).random((len(x), *size, 2))
    d_y = np.random.default_rng(2).standard_normal(dice.shape)
    drawn, mean = np.zeros_like(d_y), np.zeros_like(d_y)
    d_drawn, d_mean = np.zeros_like(x), np.zeros_like(x)
    for n, i, j, c in np.ndindex(d_y.shape):
        pixels = list(seen(x, window, i, j))
        strengths = np.array([max(0.0, x[n, row, column, c]) for row, column in pixels])
        if strengths.sum() == 0:
            continue
        shares = strengths / strengths.sum()
        mean[n, i, j, c] = shares @ strengths
        for pixel, strength in zip(pixels, strengths, strict=True):
            if strength > 0:
                d_mean[n, *pixel, c] += d_y[n, i, j, c] * (2 * strength - shares @ strengths) / strengths.sum()
        chosen = int(np.argmax(np.cumsum(strengths) > dice[n, i, j, c] * strengths.sum()))
        drawn[n, i, j, c] = strengths[chosen]
        d_drawn[n, *pixels[chosen], c] += d_y[n, i, j, c]
    with pytest.MonkeyPatch.context() as patch:
        if tiny_tiles:
            patch.setattr(parallel, "CACHE_VALUES", 8)
        y, taps = stochastic.draw(x, window, dice)
        d_x = stochastic.draw_gradient(d_y, taps, window, x.shape[1:3])
        weighed, totals = stochastic.weigh(x, window, size)
        d_weighed = stochastic.weigh_gradient(d_y, x, weighed, totals, window)
    assert np.array_equal(y, drawn)
    np.testing.assert_allclose(d_x, d_drawn, atol=1e-12)
    np.testing.assert_allclose(weighed, mean, atol=1e-12)
    np.testing.assert_allclose(d_weighed, d_mean, atol=1e-12)


def test_stochastic_pool_draws_each_value_as_often_as_its_share():
    x = np.tile(np.array([[1.0, 2.0], [0.0, 5.0]])[None, :, :, None], (4000, 1, 1, 1))
    pool = StochasticPool2d(Window((2, 2), (2, 2)))
    y, _ = pool.forward([x], Mode(training=True, generator=np.random.default_rng(0)))
    values, counts = np.unique(y, return_counts=True)
    assert values.tolist() == [1, 2, 5]
    np.testing.assert_allclose(counts / 4000, [1 / 8, 2 / 8, 5 / 8], atol=0.02)
    mean, _ = pool.forward([x[:1]], EVALUATION)
    assert mean.item() == pytest.approx((1 + 4 + 25) / 8)
    assert y.mean() == pytest.approx(mean.item(), abs=0.1)


@pytest.mark.parametrize("training", [True, False])
def test_stochastic_pool_of_nothing_above_zero_is_zero_without_a_gradient(training):
    pool = StochasticPool2d(Window((2, 2), (2, 2)))
    x = np.array([[0.0, -1.0], [0.0, 0.0]])[None, :, :, None]
    y, saved = pool.forward([x], Mode(training, np.random.default_rng(0)))
    assert y.item() == 0
    (d_x,), _ = pool.backward(np.ones_like(y), saved)
    assert not d_x.any()


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_stochastic_pool_passes_on_what_is_not_finite(training, bad):
    x = np.array([[1.0, 2.0], [bad, 0.0]])[None, :, :, None]
    y, _ = StochasticPool2d(Window((2, 2), (2, 2))).forward([x], Mode(training, np.random.default_rng(0)))
    assert not np.isfinite(y.item())


def test_stochastic_pool_draws_the_same_for_a_seed():
    x = np.random.default_rng(0).random((2, 8, 8, 3), np.float32)
    first, second, other = (
        StochasticPool2d(Window((2, 2), (2, 2))).forward([x], Mode(True, np.random.default_rng(seed)))[0]
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
