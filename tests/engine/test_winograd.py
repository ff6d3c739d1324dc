"""Winograd's convolution against the direct one: the same algebra, and how much of float32 it gives away."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.engine.kernels import convolution, parallel, winograd
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.kernels.winograd_matrices import FORMS, STEP, matrices


def worst(found, expected):
    """Largest difference, as a part of the largest value."""
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    return abs(found - expected).max() / abs(expected).max()


def problem(shape, outside, padding, dtype="float64", seed=0, kernel=3):
    """(x, weight, bias, window, output size, d_output): pixels as a ReLU leaves them, weights as Kaiming draws them."""
    generator = np.random.default_rng(seed)
    window = Window((kernel, kernel), padding=padding)
    size = window.output_size((shape[1], shape[2]))
    x = np.maximum(generator.standard_normal(shape), 0)
    weight = generator.standard_normal((kernel, kernel, shape[3], outside)) * np.sqrt(2 / (kernel**2 * shape[3]))
    bias = generator.standard_normal(outside)
    d_output = generator.standard_normal((shape[0], *size, outside))
    x, weight, bias, d_output = (array.astype(dtype) for array in (x, weight, bias, d_output))
    return x, weight, bias, window, size, d_output


def errors(shape, outside, padding, reference, dtype="float64", seed=0, kernel=3):
    """Worst error of the outputs, and of the gradients by input and weight, against `convolution` in `reference`."""
    x, weight, bias, window, size, d_output = problem(shape, outside, padding, dtype, seed, kernel)
    origin = (padding[0], padding[2])
    y = winograd.convolve(x, weight, bias, window, origin, size)
    d_x, d_weight = winograd.gradients(d_output, x, weight, window)
    np.testing.assert_array_equal(winograd.weight_gradient(d_output, x, window, origin), d_weight)
    exact_x, exact_weight, exact_bias, exact_d = (array.astype(reference) for array in (x, weight, bias, d_output))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winograd, "suits", lambda *_, **__: False)  # or wide layers would be compared with themselves
        expected = (
            convolution.convolve(exact_x, exact_weight, exact_bias, window, size),
            *convolution.gradients(exact_d, exact_x, exact_weight, window),
        )
    return [worst(found.astype(reference), exact) for found, exact in zip((y, d_x, d_weight), expected, strict=True)]


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: str(form.kernel))
def test_the_matrices_give_four_outputs_of_a_kernel(form):
    made = matrices(form, np.dtype(np.float64))
    generator = np.random.default_rng(0)
    tile, kernel = generator.standard_normal(form.tile), generator.standard_normal(form.kernel)
    found = made.outputs @ ((made.kernels @ kernel) * (made.inputs @ tile))
    assert len(found) == STEP
    np.testing.assert_allclose(found, np.correlate(tile, kernel, "valid"), atol=1e-14)


@pytest.mark.parametrize(
    ("shape", "outside", "padding"),
    [
        pytest.param((2, 8, 8, 3), 5, (1, 1, 1, 1), id="whole tiles"),
        pytest.param((2, 30, 29, 8), 4, (1, 1, 1, 1), id="cut tiles"),
        pytest.param((1, 5, 7, 70), 130, (0, 1, 2, 0), id="more channels than a block, asymmetric"),
        pytest.param((3, 1, 1, 4), 4, (1, 1, 1, 1), id="one pixel"),
        pytest.param((2, 2, 5, 2), 3, (2, 2, 2, 2), id="padding of two"),
        pytest.param((1, 3, 3, 2), 2, (0, 0, 0, 0), id="one output"),
        pytest.param((1, 4, 4, 2), 3, (9, 0, 7, 3), id="tiles of padding alone"),
        pytest.param((2, 9, 6, 520), 65, (1, 1, 1, 1), id="very wide"),
    ],
)
@pytest.mark.parametrize("kernel", FORMS)
def test_it_is_the_direct_convolution(shape, outside, padding, kernel):
    if kernel == 5:
        padding = tuple(side + 1 for side in padding)
    assert max(errors(shape, outside, padding, "float64", kernel=kernel)) < 1e-12


@given(
    st.tuples(st.integers(1, 4), st.integers(5, 19), st.integers(5, 19), st.integers(1, 5)),
    st.integers(1, 5),
    st.tuples(*[st.integers(0, 8)] * 4),
    st.booleans(),
    st.sampled_from([1, 4, 64]),
    st.integers(1, 3),
    st.sampled_from(list(FORMS)),
)
@settings(max_examples=200)
def test_any_size_and_padding_cut_into_any_groups(shape, outside, padding, tiny_groups, few, workers, kernel):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "worker_count", lambda: workers)
        patch.setattr(winograd, "MIN_TILES", few)
        if tiny_groups:
            patch.setattr(winograd, "GROUP_BYTES", 1)
            patch.setattr(winograd, "KEPT_BYTES", 1)
            patch.setattr(winograd, "BLOCK", 2)
            patch.setattr(winograd, "SMALL_PRODUCT", 2)
        assert max(errors(shape, outside, padding, "float64", kernel=kernel)) < 1e-10


@pytest.mark.parametrize(
    ("shape", "outside"),
    [((4, 32, 32, 64), 64), ((8, 16, 16, 64), 128), ((8, 8, 8, 256), 256), ((1, 28, 28, 512), 512)],
)
def test_float32_is_off_by_less_than_one_part_in_a_hundred_thousand(shape, outside):
    assert max(errors(shape, outside, (1, 1, 1, 1), "float64", dtype="float32")) < 1e-5


@pytest.mark.parametrize(("shape", "outside"), [((64, 14, 14, 20), 50), ((64, 16, 16, 32), 32), ((64, 8, 8, 32), 64)])
def test_with_kernels_of_five_the_gradient_by_the_weight_may_be_off_by_twice_that(shape, outside):
    *others, of_weight = errors(shape, outside, (2, 2, 2, 2), "float64", dtype="float32", kernel=5)
    assert max(others) < 1e-5
    assert of_weight < 2e-5


def test_without_a_bias_none_is_added():
    x, weight, _, window, size, _ = problem((1, 6, 6, 3), 2, (1, 1, 1, 1))
    found = winograd.convolve(x, weight, None, window, (1, 1), size)
    assert worst(found, convolution.convolve(x, weight, None, window, size)) < 1e-12


def test_an_empty_batch_has_no_outputs_and_no_gradient():
    x, weight, bias, window, size, d_output = problem((1, 6, 6, 3), 2, (1, 1, 1, 1))
    assert winograd.convolve(x[:0], weight, bias, window, (1, 1), size).shape == (0, 6, 6, 2)
    d_x, d_weight = winograd.gradients(d_output[:0], x[:0], weight, window)
    assert d_x.shape == (0, 6, 6, 3)
    assert not d_weight.any()


WIDE, SAME = (8, 16, 16, 64), Window((3, 3), padding=(1, 1, 1, 1))


def test_it_suits_wide_layers_of_many_tiles():
    assert winograd.suits(WIDE, 64, SAME, (16, 16))
    assert not winograd.suits((8, 16, 16, 3), 64, SAME, (16, 16))
    assert not winograd.suits(WIDE, 8, SAME, (16, 16))
    assert winograd.suits(WIDE, 8, SAME, (16, 16), back=True)
    assert not winograd.suits(WIDE, 64, SAME, (16, 16), groups=2)
    assert not winograd.suits((64, 2, 2, 64), 64, SAME, (2, 2)), "a tile gives four outputs only"
    assert winograd.suits((32, 14, 14, 20), 50, Window((5, 5), padding=(2, 2, 2, 2)), (14, 14))


def test_few_tiles_do_not_pay():
    assert winograd.suits((2, 14, 14, 512), 512, SAME, (14, 14))
    assert not winograd.suits((1, 14, 14, 512), 512, SAME, (14, 14))


@pytest.mark.parametrize(
    "window", [Window((3, 3), (2, 2)), Window((4, 4)), Window((3, 5)), Window((3, 3), dilation=(2, 2))]
)
def test_other_windows_are_refused(window):
    x, weight, bias, _, size, d_output = problem((1, 12, 12, 2), 2, (0, 0, 0, 0))
    assert not winograd.suits(WIDE, 64, window, window.output_size((16, 16)))
    with pytest.raises(ValueError, match="kernels of 3 or 5"):
        winograd.convolve(x, weight, bias, window, (0, 0), size)
    with pytest.raises(ValueError, match="kernels of 3 or 5"):
        winograd.gradients(d_output, x, weight, window)
