"""The pooling kernels against the definition; and that cutting into tiles changes nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.engine.kernels import parallel, pooling
from cnnstudio.engine.kernels.window import Window


@st.composite
def pools(draw):
    """(x, window, size, ceil_mode): any legal pooling, with many ties."""
    kernel = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    dilation = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    extent = Window(kernel, dilation=dilation).extent
    sides = tuple(draw(st.integers(0, extent[axis // 2] // 2)) for axis in range(4))
    window = Window(kernel, (draw(st.integers(1, 4)), draw(st.integers(1, 4))), sides, dilation)
    shape = draw(st.integers(1, 3)), extent[0] + draw(st.integers(0, 4)), extent[1] + draw(st.integers(0, 4)), 2
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


@given(pools(), st.booleans(), st.integers(1, 3))
@settings(max_examples=100)
def test_max_pool_and_its_gradient_equal_the_definition(configuration, tiny_tiles, workers):
    x, window, size = configuration
    d_y = np.random.default_rng(1).standard_normal((len(x), *size, 2))
    expected, expected_d_x = np.empty_like(d_y), np.zeros_like(x)
    for n, i, j, c in np.ndindex(expected.shape):
        pixels = list(seen(x, window, i, j))
        values = [x[n, row, column, c] for row, column in pixels]
        expected[n, i, j, c] = max(values, default=-np.inf)
        if values:
            expected_d_x[n, *pixels[int(np.argmax(values))], c] += d_y[n, i, j, c]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "worker_count", lambda: workers)
        if tiny_tiles:
            patch.setattr(pooling, "CACHE_VALUES", 8)
        y = pooling.max_pool(x, window, size)
        d_x = pooling.max_pool_gradient(d_y, x, y, window)
    assert np.array_equal(y, expected)
    np.testing.assert_allclose(d_x, expected_d_x, atol=1e-12)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_adaptive_average_equals_the_definition(height, width, rows, columns):
    x = np.random.default_rng(0).standard_normal((2, height, width, 3))
    y = pooling.adaptive_avg_pool(x, (rows, columns))
    for i, j in np.ndindex(rows, columns):
        top, bottom = i * height // rows, -(-(i + 1) * height // rows)
        left, right = j * width // columns, -(-(j + 1) * width // columns)
        np.testing.assert_allclose(y[:, i, j], x[:, top:bottom, left:right].mean(axis=(1, 2)), atol=1e-12)
