"""The convolution kernels against the definition, written as loops; and that cutting into blocks changes nothing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnstudio.engine.kernels import convolution, memory, parallel
from cnnstudio.engine.kernels.padding import pad, pad_gradient
from cnnstudio.engine.kernels.window import Window, copy_padded
from cnnstudio.engine.layers import EVALUATION, ConvTranspose2d


def by_definition(x, weight, bias, window, size, groups):
    """y[n, i, j, o] = bias[o] + Σ x[n, s i + d a - top, s j + d b - left, c] weight[a, b, c, o], one term at a time."""
    n, height, width, _ = x.shape
    kh, kw, inside, outside = weight.shape
    y = np.zeros((n, *size, outside)) + bias
    for i, j, a, b, o in itertools.product(range(size[0]), range(size[1]), range(kh), range(kw), range(outside)):
        row = i * window.stride[0] + a * window.dilation[0] - window.padding[0]
        column = j * window.stride[1] + b * window.dilation[1] - window.padding[2]
        first = o // (outside // groups) * inside
        if 0 <= row < height and 0 <= column < width:
            y[:, i, j, o] += x[:, row, column, first : first + inside] @ weight[a, b, :, o]
    return y


def gradients_by_definition(d_y, x, weight, window, groups):
    d_x, d_weight = np.zeros_like(x), np.zeros_like(weight)
    _, height, width, _ = x.shape
    kh, kw, inside, outside = weight.shape
    for i, j, a, b, o in itertools.product(
        range(d_y.shape[1]), range(d_y.shape[2]), range(kh), range(kw), range(outside)
    ):
        row = i * window.stride[0] + a * window.dilation[0] - window.padding[0]
        column = j * window.stride[1] + b * window.dilation[1] - window.padding[2]
        part = slice(o // (outside // groups) * inside, o // (outside // groups) * inside + inside)
        if 0 <= row < height and 0 <= column < width:
            d_x[:, row, column, part] += d_y[:, i, j, o, None] * weight[a, b, :, o]
            d_weight[a, b, :, o] += d_y[:, i, j, o] @ x[:, row, column, part]
    return d_x, d_weight


@st.composite
def convolutions(draw):
    """(x, weight, bias, window, size, groups) of any legal configuration, small."""
    small = st.integers(1, 3)
    groups, inside, outside = draw(small), draw(small), draw(small)
    window = Window(
        (draw(small), draw(small)),
        (draw(small), draw(small)),
        tuple(draw(st.integers(0, 3)) for _ in range(4)),
        (draw(st.integers(1, 2)), draw(st.integers(1, 2))),
    )
    height = max(1, window.extent[0] - window.padding[0] - window.padding[1]) + draw(st.integers(0, 4))
    width = max(1, window.extent[1] - window.padding[2] - window.padding[3]) + draw(st.integers(0, 4))
    generator = np.random.default_rng(draw(st.integers(0, 1000)))
    x = generator.standard_normal((draw(st.integers(1, 4)), height, width, groups * inside))
    weight = generator.standard_normal((*window.kernel, inside, groups * outside))
    bias = generator.standard_normal(groups * outside)
    return x, weight, bias, window, window.output_size((height, width)), groups


@given(convolutions(), st.booleans(), st.integers(1, 3))
@settings(max_examples=150)
def test_any_configuration_equals_the_definition(configuration, tiny_blocks, workers):
    """Also when every block holds a line or two, so that images are cut, and with any number of threads."""
    x, weight, bias, window, size, groups = configuration
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "worker_count", lambda: workers)
        if tiny_blocks:
            patch.setattr(convolution, "SCRATCH_BYTES", 256)
            patch.setattr(convolution, "MIN_ROWS", 1)
            patch.setattr("cnnstudio.engine.kernels.depthwise.CACHE_VALUES", 16)
        y = convolution.convolve(x, weight, bias, window, size, groups)
        d_y = np.random.default_rng(1).standard_normal(y.shape)
        d_x = convolution.input_gradient(d_y, weight, window, x.shape[1:3], groups)
        d_weight = convolution.weight_gradient(d_y, x, window, groups)
        both = convolution.gradients(d_y, x, weight, window, groups)
        d_bias = convolution.bias_gradient(d_y)
    expected_d_x, expected_d_weight = gradients_by_definition(d_y, x, weight, window, groups)
    np.testing.assert_allclose(y, by_definition(x, weight, bias, window, size, groups), atol=1e-12)
    np.testing.assert_allclose(d_x, expected_d_x, atol=1e-12)
    np.testing.assert_allclose(d_weight, expected_d_weight, atol=1e-12)
    np.testing.assert_allclose(both[0], expected_d_x, atol=1e-12)
    np.testing.assert_allclose(both[1], expected_d_weight, atol=1e-12)
    np.testing.assert_allclose(d_bias, d_y.sum(axis=(0, 1, 2)), atol=1e-12)


def test_the_columns_of_a_batch_never_exist_at_once(monkeypatch):
    """Gathered whole they would take kernel area × the input; what is asked for stays about SCRATCH_BYTES."""
    asked = []
    monkeypatch.setattr(memory, "empty", lambda shape, dtype: asked.append(shape) or np.empty(shape, dtype))
    x = np.ones((64, 28, 28, 16), np.float32)
    weight = np.ones((7, 7, 16, 8), np.float32)
    window = Window((7, 7), padding=(3, 3, 3, 3))
    y = convolution.convolve(x, weight, None, window, (28, 28))
    convolution.gradients(y, x, weight, window)
    working = [shape for shape in asked if shape not in (x.shape, y.shape)]
    assert working
    assert max(np.prod(shape) for shape in working) * 4 <= 2 * convolution.SCRATCH_BYTES


@pytest.mark.parametrize("mode", ["reflect", "replicate"])
@given(st.tuples(*[st.integers(0, 3)] * 4))
@settings(max_examples=30)
def test_continued_padding_is_numpys_and_its_gradient_the_transpose(mode, sides):
    top, bottom, left, right = sides
    generator = np.random.default_rng(0)
    x = generator.standard_normal((2, 4, 5, 3))
    padded = pad(x, sides, mode)
    numpys = {"reflect": "reflect", "replicate": "edge"}[mode]
    assert np.array_equal(padded, np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), numpys))
    d_padded = generator.standard_normal(padded.shape)
    # <pad(x), d> = <x, padᵀ(d)>
    assert np.sum(padded * d_padded) == pytest.approx(np.sum(x * pad_gradient(d_padded, sides, mode)), abs=1e-10)


@given(st.integers(-4, 7), st.integers(-4, 7))
def test_copy_padded_places_crops_and_fills(top, left):
    x = np.arange(1.0, 7).reshape(1, 2, 3, 1)
    out = np.full((1, 4, 5, 1), np.nan)
    copy_padded(out, x, top, left, fill=-1)
    for row, column in np.ndindex(4, 5):
        inside = 0 <= row - top < 2 and 0 <= column - left < 3
        assert out[0, row, column, 0] == (x[0, row - top, column - left, 0] if inside else -1)


# Transposed


def transposed_by_definition(x, weight, bias, window, size):
    """Every value paints its kernel; what falls outside of `size` is dropped."""
    y = np.zeros((len(x), *size, weight.shape[2])) + bias
    for i, j, a, b in itertools.product(*(range(each) for each in (*x.shape[1:3], *window.kernel))):
        row = i * window.stride[0] + a - window.padding[0]
        column = j * window.stride[1] + b - window.padding[2]
        if 0 <= row < size[0] and 0 <= column < size[1]:
            y[:, row, column] += x[:, i, j] @ weight[a, b].T
    return y


@st.composite
def transposed(draw):
    """(x, layer) of any legal configuration, small."""
    small = st.integers(1, 4)
    inside, outside, stride = draw(small), draw(small), (draw(small), draw(small))
    window = Window((draw(small), draw(small)), stride, tuple(draw(st.integers(0, 3)) for _ in range(4)))
    extra = draw(st.integers(0, stride[0] - 1)), draw(st.integers(0, stride[1] - 1))
    height, width = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    span = window.span((height, width))
    assume(span[0] + extra[0] > sum(window.padding[:2]))
    assume(span[1] + extra[1] > sum(window.padding[2:]))
    generator = np.random.default_rng(draw(st.integers(0, 1000)))
    layer = ConvTranspose2d(
        inside, outside, window, output_padding=extra, bias=draw(st.booleans()), generator=generator, dtype=np.float64
    )
    return generator.standard_normal((draw(st.integers(1, 3)), height, width, inside)), layer


@given(transposed())
@settings(max_examples=150)
def test_any_transposed_configuration_equals_the_definition(configuration):
    x, layer = configuration
    window, extra = layer.window, layer.output_padding
    span = window.span(x.shape[1:3])
    size = span[0] - sum(window.padding[:2]) + extra[0], span[1] - sum(window.padding[2:]) + extra[1]
    weight, bias = layer.parameters["weight"], layer.parameters.get("bias", 0.0)
    y, saved = layer.forward([x], EVALUATION)
    np.testing.assert_allclose(y, transposed_by_definition(x, weight, bias, window, size), atol=1e-12)
    # It is linear in x, weight and bias: each gradient is what the same painting makes of unit steps.
    d_y = np.random.default_rng(0).standard_normal(y.shape)
    (d_x,), gradients = layer.backward(d_y, saved)
    step_x = np.random.default_rng(1).standard_normal(x.shape)
    step_weight = np.random.default_rng(2).standard_normal(weight.shape)
    moved = transposed_by_definition(step_x, weight, 0.0, window, size)
    assert (d_x * step_x).sum() == pytest.approx((d_y * moved).sum(), abs=1e-10)
    moved = transposed_by_definition(x, step_weight, 0.0, window, size)
    assert (gradients["weight"] * step_weight).sum() == pytest.approx((d_y * moved).sum(), abs=1e-10)
    if "bias" in gradients:
        np.testing.assert_allclose(gradients["bias"], d_y.sum(axis=(0, 1, 2)), atol=1e-12)
