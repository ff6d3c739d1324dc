"""The figures of the reference sheet that concern single layers."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.engine import LayerError
from cnnstudio.engine.kernels.window import Window, same_sides
from cnnstudio.engine.layers import (
    EVALUATION,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    DropPath,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    Linear,
    LocalResponseNorm,
    MaxPool2d,
    Mode,
    Pad2d,
    SpatialDropout,
    Upsample,
)

TRAINING = Mode(training=True)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def row_window(kernel: int, stride: int, padding: int = 0, dilation: int = 1) -> Window:
    """A window that slides along the width of maps one pixel high."""
    return Window((1, kernel), (1, stride), (0, 0, padding, padding), (1, dilation))


def row(*values: float) -> np.ndarray:
    return np.array(values, np.float64).reshape(1, 1, -1, 1)


# Batch normalization


def test_batch_norm_normalizes_with_the_biased_and_stores_the_unbiased_variance():
    layer = BatchNorm(1, dtype=np.float64)
    y, _ = layer.forward([np.array([[1.0], [2.0], [3.0], [6.0]])], TRAINING)
    np.testing.assert_allclose(y[:, 0], [-1.0690434, -0.5345217, 0, 1.6035651], atol=5e-8)
    assert layer.buffers["running_mean"][0] == pytest.approx(0.3, abs=1e-12)
    assert layer.buffers["running_var"][0] == pytest.approx(0.9 + 0.1 * 14 / 3, abs=1e-12)


def test_batch_norm_uses_the_running_statistics_in_evaluation_and_leaves_them():
    layer = BatchNorm(1, dtype=np.float64)
    layer.buffers = {"running_mean": np.array([1.0]), "running_var": np.array([4.0 - 1e-5])}
    y, _ = layer.forward([np.array([[5.0]])], EVALUATION)
    assert y[0, 0] == pytest.approx(2.0, abs=1e-12)
    assert layer.buffers["running_mean"][0] == 1.0


@pytest.mark.parametrize("shape", [(1, 3), (1, 1, 1, 3)])
def test_batch_norm_of_one_value_per_channel_is_an_error_in_training(shape):
    with pytest.raises(LayerError, match="more than one value per channel in training; use a batch of at least 2"):
        BatchNorm(3).forward([np.ones(shape, np.float32)], TRAINING)


def test_batch_norm_takes_one_picture_of_several_pixels_in_training():
    y, _ = BatchNorm(1).forward([np.arange(4, dtype=np.float32).reshape(1, 2, 2, 1)], TRAINING)
    assert y.mean() == pytest.approx(0, abs=1e-6)


def test_batch_norm_survives_a_mean_far_from_zero():
    """The variance is of what is left without the mean; mean of squares minus square of mean would be lost."""
    x = (10_000 + generator().standard_normal((512, 1))).astype(np.float32)
    y, _ = BatchNorm(1).forward([x], TRAINING)
    assert y.std() == pytest.approx(1, abs=1e-2)


# Normalization of each image by itself


def test_local_response_norm_divides_alpha_by_size():
    """PyTorch's convention; alpha 5e-4 of 5 channels is then the AlexNet paper's 1e-4."""
    x = np.array([1.0, 2.0, 3.0, 4.0]).reshape(1, 1, 1, 4)
    y, _ = LocalResponseNorm(3, alpha=0.3, beta=0.75, k=2).forward([x], EVALUATION)
    sums = np.array([1 + 4, 1 + 4 + 9, 4 + 9 + 16, 9 + 16])
    np.testing.assert_allclose(y.ravel(), x.ravel() / (2 + 0.1 * sums) ** 0.75, rtol=1e-12)
    x = 100 * generator().standard_normal((1, 2, 2, 8))
    y, _ = LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2).forward([x], EVALUATION)
    for c in range(8):
        near = (x[..., max(0, c - 2) : c + 3] ** 2).sum(axis=-1)
        np.testing.assert_allclose(y[..., c], x[..., c] / (2 + 1e-4 * near) ** 0.75, rtol=1e-12)


def test_local_response_norm_of_even_size_hears_one_more_channel_before():
    x = np.array([0.0, 0.0, 1.0, 0.0]).reshape(1, 1, 1, 4) + np.array([1e-9, 1e-9, 0, 1e-9])
    y, _ = LocalResponseNorm(2, alpha=2.0, beta=1.0, k=1.0).forward([x], EVALUATION)
    np.testing.assert_allclose(y.ravel() / x.ravel(), [1, 1, 0.5, 0.5], rtol=1e-9)


@pytest.mark.parametrize(
    ("layer", "axes"),
    [
        (LayerNorm((6, 4, 5), dtype=np.float64), (1, 2, 3)),
        (InstanceNorm(6, affine=True, dtype=np.float64), (1, 2)),
        (GroupNorm(1, 6, dtype=np.float64), (1, 2, 3)),
        (GroupNorm(6, 6, dtype=np.float64), (1, 2)),
    ],
    ids=["layer", "instance", "one group", "groups of one"],
)
@pytest.mark.parametrize("mode", [TRAINING, EVALUATION], ids=["training", "evaluation"])
def test_image_norms_bring_each_image_to_mean_0_and_variance_1(layer, axes, mode):
    x = 3 + 2 * generator().standard_normal((3, 4, 5, 6))
    y, _ = layer.forward([x], mode)
    np.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=axes), 1, atol=1e-4)
    alone, _ = layer.forward([x[1:2]], mode)
    np.testing.assert_allclose(alone[0], y[1], rtol=1e-12)


def test_image_norms_survive_a_mean_far_from_zero():
    x = (10_000 + generator().standard_normal((1, 16, 16, 2))).astype(np.float32)
    y, _ = GroupNorm(1, 2).forward([x], TRAINING)
    assert y.std() == pytest.approx(1, abs=1e-2)


def test_layer_norm_has_a_scale_for_every_value_in_pytorchs_order():
    layer = LayerNorm((2, 3, 4))
    assert layer.to_torch("weight", layer.parameters["weight"]).shape == (2, 3, 4)
    assert layer.from_torch("weight", np.zeros((2, 3, 4))).shape == layer.parameters["weight"].shape == (3, 4, 2)


# Pooling


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "floor", "ceil"),
    [
        (5, 2, 2, 0, 2, 3),
        (6, 3, 2, 0, 2, 3),
        (6, 3, 2, 1, 3, 4),
        (5, 3, 2, 0, 2, 2),
        (4, 2, 3, 1, 2, 2),
        (2, 2, 3, 1, 1, 1),
        (32, 3, 2, 0, 15, 16),
        (112, 3, 2, 0, 55, 56),
    ],
)
@pytest.mark.parametrize("layer", [MaxPool2d, AvgPool2d])
def test_pool_output_size(layer, size, kernel, stride, padding, floor, ceil):
    x = np.ones((1, 1, size, 1), np.float32)
    for ceil_mode, expected in ((False, floor), (True, ceil)):
        pool = layer(row_window(kernel, stride, padding), ceil_mode=ceil_mode)
        assert pool.forward([x], EVALUATION)[0].shape == (1, 1, expected, 1)


@pytest.mark.parametrize("layer", [MaxPool2d, AvgPool2d])
def test_pool_padding_above_half_the_window_is_an_error(layer):
    with pytest.raises(LayerError, match="pads by at most half its window; 2 is more than half of 3"):
        layer(row_window(3, 1, 2))


@pytest.mark.parametrize(("included", "expected"), [(True, [1, 3, 5, 3]), (False, [1.5, 3, 5, 6])])
def test_average_pool_divisor_counts_padding_but_not_the_overhang(included, expected):
    pool = AvgPool2d(row_window(3, 2, 1), ceil_mode=True, count_include_pad=included)
    y, _ = pool.forward([row(1, 2, 3, 4, 5, 6)], EVALUATION)
    np.testing.assert_allclose(y.ravel(), expected, rtol=1e-12)


def test_average_pool_divisor_in_two_directions():
    pool = AvgPool2d(Window((3, 3), (2, 2), (1, 1, 1, 1)), ceil_mode=True)
    y, _ = pool.forward([np.arange(1.0, 17).reshape(1, 4, 4, 1)], EVALUATION)
    np.testing.assert_allclose(y[0, :, :, 0], [[14 / 9, 20 / 6, 12 / 6], [38 / 6, 11, 6], [27 / 6, 7.5, 4]], rtol=1e-12)


@pytest.mark.parametrize(
    ("values", "winner"),
    [([[3, 3], [3, 3]], (0, 0)), ([[1, 3], [3, 3]], (0, 1)), ([[1, 2], [3, 3]], (1, 0)), ([[0, 1], [2, 3]], (1, 1))],
)
def test_max_pool_sends_a_tied_gradient_to_the_first_in_row_major_order(values, winner):
    pool = MaxPool2d(Window((2, 2), (2, 2)))
    y, saved = pool.forward([np.array(values, np.float64).reshape(1, 2, 2, 1)], TRAINING)
    (d_x,), _ = pool.backward(np.full_like(y, 5.0), saved)
    expected = np.zeros((2, 2))
    expected[winner] = 5
    assert np.array_equal(d_x[0, :, :, 0], expected)


def test_max_pool_padding_is_minus_infinity():
    pool = MaxPool2d(row_window(3, 1, 1))
    y, saved = pool.forward([row(-5, -4, -3)], TRAINING)
    assert y.ravel().tolist() == [-4, -3, -3]
    (d_x,), _ = pool.backward(np.ones_like(y), saved)
    assert d_x.ravel().tolist() == [0, 1, 2]


def test_max_pool_passes_on_what_is_not_a_number():
    y, _ = MaxPool2d(row_window(2, 2)).forward([row(1, np.nan, 2, 3)], EVALUATION)
    assert np.isnan(y.ravel()[0])
    assert y.ravel()[1] == 3


def test_adaptive_maximum_bins_overlap_where_they_must():
    y, saved = AdaptiveMaxPool2d((1, 3)).forward([row(1, 2, 3, 2, 1)], EVALUATION)
    assert y.ravel().tolist() == [2, 3, 2]
    (d_x,), _ = AdaptiveMaxPool2d((1, 3)).backward(np.ones_like(y), saved)
    assert d_x.ravel().tolist() == [0, 1, 1, 1, 0]


def test_adaptive_average_bins_overlap_where_they_must():
    y, _ = AdaptiveAvgPool2d((1, 3)).forward([row(1, 2, 3, 4, 5)], EVALUATION)
    np.testing.assert_allclose(y.ravel(), [1.5, 3, 4.5], rtol=1e-12)


# Convolution


@pytest.mark.parametrize(("kernel", "expected"), [([1, 2], [1, 0, 0, 0, 0]), ([1, 2, 3, 4], [2, 1, 0, 0, 0])])
def test_same_padding_puts_the_odd_pixel_behind(kernel, expected):
    shape = (1, len(kernel))
    layer = Conv2d(
        1, 1, Window(shape, padding=same_sides(shape, (1, 1))), bias=False, generator=generator(), dtype=np.float64
    )
    layer.parameters["weight"][...] = np.reshape(kernel, (1, -1, 1, 1))
    y, _ = layer.forward([row(1, 0, 0, 0, 0)], EVALUATION)
    assert y.ravel().tolist() == expected


def test_transposed_convolution_paints_its_kernel_for_every_value():
    layer = ConvTranspose2d(1, 1, row_window(3, 2), generator=generator(), dtype=np.float64)
    layer.parameters["weight"][...] = np.reshape([1, 10, 100], (1, 3, 1, 1))
    layer.parameters["bias"][...] = 0.5
    y, _ = layer.forward([row(1, 2, 3)], EVALUATION)
    assert y.ravel().tolist() == [1.5, 10.5, 102.5, 20.5, 203.5, 30.5, 300.5]


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "extra", "size"),
    [(2, 2, 0, 0, 14), (3, 2, 1, 1, 14), (4, 2, 1, 0, 14), (3, 1, 1, 0, 7), (5, 3, 0, 2, 25)],
)
def test_transposed_output_size(kernel, stride, padding, extra, size):
    """(n - 1) s - 2 p + k + output padding, for 7 pixels."""
    layer = ConvTranspose2d(1, 1, row_window(kernel, stride, padding), output_padding=(0, extra), generator=generator())
    assert layer.forward([np.ones((1, 1, 7, 1), np.float32)], EVALUATION)[0].shape == (1, 1, size, 1)


def test_lecture_exercise_ten_filters():
    """3×32×32 with ten 5×5 filters, stride 1, pad 2: output 10×32×32, 760 parameters."""
    layer = Conv2d(3, 10, Window((5, 5), padding=(2, 2, 2, 2)), generator=generator())
    assert layer.forward([np.zeros((1, 32, 32, 3), np.float32)], EVALUATION)[0].shape == (1, 32, 32, 10)
    assert sum(each.size for each in layer.parameters.values()) == 760


def test_224_with_5x5_kernels_and_no_padding_needs_55_layers_to_reach_4x4():
    window, size, layers = Window((5, 5)), (224, 224), 0
    while size > (4, 4):
        size, layers = window.output_size(size), layers + 1
    assert (size, layers) == ((4, 4), 55)


@pytest.mark.parametrize(
    ("layer", "fan_in"),
    [
        (Conv2d(3, 200, Window((5, 5)), generator=generator()), 75),
        (Conv2d(6, 200, Window((5, 5)), groups=2, generator=generator()), 75),
        (ConvTranspose2d(200, 3, Window((5, 5)), bias=False, generator=generator()), 75),
        (Linear(75, 400, generator=generator()), 75),
    ],
    ids=["conv", "grouped conv", "transposed conv", "linear"],
)
def test_default_initialization_is_uniform_in_one_over_the_root_of_fan_in(layer, fan_in):
    bound = 1 / np.sqrt(fan_in)
    for array in layer.parameters.values():
        assert np.abs(array).max() <= bound
        assert np.abs(array).max() > 0.97 * bound
        assert array.std() == pytest.approx(bound / np.sqrt(3), rel=0.08)
        assert abs(array.mean()) < 0.15 * bound


def test_large_arrays_are_drawn_piece_by_piece_from_the_same_stream():
    layer = Linear(2000, 300, generator=generator(3), dtype=np.float64)
    bound = 1 / np.sqrt(2000)
    expected = generator(3).uniform(-bound, bound, (300, 2000))
    assert np.array_equal(layer.parameters["weight"], expected)


# Dropout


def test_dropout_is_inverted():
    x = np.ones((100, 1000), np.float32)
    y, saved = Dropout(0.25).forward([x], Mode(training=True, generator=generator()))
    values, counts = np.unique(y, return_counts=True)
    np.testing.assert_allclose(values, [0, 1 / 0.75])
    assert counts[0] / x.size == pytest.approx(0.25, abs=0.005)
    (d_x,), _ = Dropout(0.25).backward(x, saved)
    assert np.array_equal(d_x, y)


@pytest.mark.parametrize("layer", [Dropout(0.9), SpatialDropout(0.9), DropPath(0.9)])
def test_dropout_of_any_kind_is_identity_in_evaluation(layer):
    x = generator().random((3, 2, 2, 4), np.float32)
    assert np.array_equal(layer.forward([x], EVALUATION)[0], x)


@pytest.mark.parametrize("layer", [Dropout(), SpatialDropout(), DropPath(0.5)])
def test_dropout_of_any_kind_draws_the_same_for_a_seed(layer):
    x = np.ones((30, 1, 2, 20), np.float32)
    first, second, other = (layer.forward([x], Mode(training=True, generator=generator(seed)))[0] for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_spatial_dropout_silences_whole_maps_of_single_images():
    x = np.ones((200, 3, 4, 50), np.float32)
    y, saved = SpatialDropout(0.25).forward([x], Mode(training=True, generator=generator()))
    maps = y.transpose(0, 3, 1, 2).reshape(-1, 12)
    assert (maps == maps[:, :1]).all()
    np.testing.assert_allclose(np.unique(maps), [0, 1 / 0.75])
    assert (maps[:, 0] == 0).mean() == pytest.approx(0.25, abs=0.02)
    assert np.array_equal(SpatialDropout(0.25).backward(x, saved)[0][0], y)


@pytest.mark.parametrize("shape", [(4000, 2, 1, 3), (4000, 5)])
def test_drop_path_silences_whole_images(shape):
    x = np.ones(shape, np.float32)
    y, saved = DropPath(0.25).forward([x], Mode(training=True, generator=generator()))
    images = y.reshape(4000, -1)
    assert (images == images[:, :1]).all()
    np.testing.assert_allclose(np.unique(images), [0, 1 / 0.75])
    assert (images[:, 0] == 0).mean() == pytest.approx(0.25, abs=0.03)
    assert np.array_equal(DropPath(0.25).backward(x, saved)[0][0], y)


# Larger maps


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("zeros", [0, 0, 1, 2, 3, 0]), ("reflect", [3, 2, 1, 2, 3, 2]), ("replicate", [1, 1, 1, 2, 3, 3])],
)
def test_a_frame_is_of_zeros_the_mirrored_maps_or_their_edge(mode, expected):
    y, _ = Pad2d((0, 0, 2, 1), mode).forward([row(1, 2, 3)], EVALUATION)
    assert y.ravel().tolist() == expected


@pytest.mark.parametrize(
    ("bilinear", "expected"), [(False, [0, 0, 4, 4, 8, 8]), (True, [0, 1, 3, 5, 7, 8])], ids=["nearest", "bilinear"]
)
def test_upsampling_repeats_or_passes_evenly(bilinear, expected):
    y, _ = Upsample((1, 2), bilinear=bilinear).forward([row(0, 4, 8)], EVALUATION)
    assert y.ravel().tolist() == expected
