"""ONNX's published node cases, and which of them are ours to run.

The stored outputs are the oracle; ONNX's reference evaluator is not asked. Every case of the operators that our
kinds, losses and optimizers cover stands either in `RUN` or, with the reason, in `OUT_OF_SCOPE`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Node:
    """One node with what goes in and what must come out.

    Attributes:
        inputs: by their place; None where an optional one is left out.
        outputs: all that the case stores.
    """

    operator: str
    attributes: Mapping[str, Any]
    inputs: tuple[Array | None, ...]
    outputs: tuple[Array, ...]

    def given(self, place: int) -> Array | None:
        return self.inputs[place] if place < len(self.inputs) else None

    def __getitem__(self, place: int) -> Array:
        """An input that must be there."""
        array = self.given(place)
        assert array is not None
        return array

    def get(self, name: str, default: Any = None) -> Any:
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else value


@lru_cache(maxsize=1)
def published() -> Mapping[str, Any]:
    """All cases of one node each, by name; what repeats one as a graph of simpler nodes ("expanded") is left out."""
    from onnx.backend.test.loader import load_model_tests

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some cases overflow on purpose while ONNX makes them
        cases = load_model_tests(kind="node")
    return {
        case.name: case
        for case in cases
        if "_expanded" not in case.name and case.model is not None and len(case.model.graph.node) == 1
    }


def operator_of(name: str) -> str:
    return str(published()[name].model.graph.node[0].op_type)


def node(name: str) -> Node:
    from onnx.helper import get_attribute_value

    case = published()[name]
    (made,) = case.model.graph.node
    ((inputs, outputs),) = case.data_sets
    arriving = iter(inputs)
    return Node(
        made.op_type,
        {each.name: get_attribute_value(each) for each in made.attribute},
        tuple(next(arriving) if each else None for each in made.input),
        tuple(outputs),
    )


def _named(prefix: str, names: str) -> tuple[str, ...]:
    return tuple(f"test_{prefix}{'_' if prefix else ''}{name}" for name in names.split())


RUN: Mapping[str, tuple[str, ...]] = {
    "Conv": (
        *_named("basic_conv", "with_padding without_padding"),
        *_named("conv_with", "strides_padding strides_no_padding strides_and_asymmetric_padding autopad_same"),
    ),
    "ConvTranspose": (
        "test_convtranspose",
        *_named("convtranspose", "1d output_shape pad kernel_shape pads autopad_same"),
    ),
    "MaxPool": _named(
        "maxpool",
        "1d_default 2d_uint8 2d_precomputed_pads with_argmax_2d_precomputed_pads 2d_precomputed_strides "
        "with_argmax_2d_precomputed_strides 2d_precomputed_same_upper 2d_default 2d_same_upper 2d_same_lower "
        "2d_strides 2d_ceil 2d_ceil_output_size_reduce_by_one 2d_dilations",
    ),
    "AveragePool": _named(
        "averagepool",
        "1d_default 2d_precomputed_pads 2d_precomputed_pads_count_include_pad 2d_precomputed_strides "
        "2d_precomputed_same_upper 2d_default 2d_same_upper 2d_same_lower 2d_pads_count_include_pad 2d_strides "
        "2d_ceil 2d_ceil_last_window_starts_on_pad",
    ),
    "GlobalAveragePool": ("test_globalaveragepool", "test_globalaveragepool_precomputed"),
    "GlobalMaxPool": ("test_globalmaxpool", "test_globalmaxpool_precomputed"),
    "BatchNormalization": _named("batchnorm", "example epsilon example_training_mode epsilon_training_mode"),
    "LayerNormalization": (
        *_named("layer_normalization_4d", "axis0 axis1 axis2 axis3"),
        *_named("layer_normalization_4d_axis_negative", "1 2 3 4"),
        *_named("layer_normalization_3d", "axis0_epsilon axis1_epsilon axis2_epsilon"),
        *_named("layer_normalization_3d_axis_negative", "1_epsilon 2_epsilon 3_epsilon"),
        *_named("layer_normalization_2d", "axis0 axis1 axis_negative_1 axis_negative_2"),
        "test_layer_normalization_default_axis",
    ),
    "InstanceNormalization": _named("instancenorm", "example epsilon"),
    "GroupNormalization": _named("group_normalization", "example epsilon"),
    "LRN": (*_named("lrn", "default"), "test_lrn"),
    "Relu": ("test_relu",),
    "LeakyRelu": ("test_leakyrelu", *_named("leakyrelu", "example default")),
    "Elu": ("test_elu", *_named("elu", "example default")),
    "Gelu": _named("gelu", "tanh_1 tanh_2 default_1 default_2"),
    "Sigmoid": ("test_sigmoid", "test_sigmoid_example"),
    "Tanh": ("test_tanh", "test_tanh_example"),
    "Swish": ("test_swish",),
    "Softmax": _named("softmax", "example large_number axis_0 axis_1 axis_2 negative_axis default_axis"),
    "Dropout": (
        *_named("dropout", "default default_ratio default_mask default_mask_ratio default_old random_old"),
        *_named("training_dropout_zero_ratio", "mask"),
        "test_training_dropout_zero_ratio",
    ),
    "Flatten": (
        *_named("flatten", "axis0 axis1 axis2 axis3 default_axis"),
        *_named("flatten", "negative_axis1 negative_axis2 negative_axis3 negative_axis4"),
    ),
    "Pad": _named("", "constant_pad constant_pad_axes constant_pad_negative_axes edge_pad reflect_pad"),
    "Resize": _named(
        "resize_upsample",
        "scales_nearest scales_nearest_axes_2_3 scales_nearest_axes_3_2 scales_linear sizes_nearest_not_smaller",
    ),
    "Upsample": ("test_upsample_nearest",),
    "Add": ("test_add",),
    "Sum": _named("sum", "example two_inputs"),
    "Concat": (
        *_named("concat_1d_axis", "0 negative_1"),
        *_named("concat_2d_axis", "0 1 negative_1 negative_2"),
        *_named("concat_3d_axis", "0 1 2 negative_1 negative_2 negative_3"),
    ),
    "Identity": ("test_identity",),
    "Gemm": (
        *_named("gemm_default", "zero_bias no_bias scalar_bias single_elem_vector_bias vector_bias"),
        *_named("gemm", "transposeA transposeB alpha beta all_attributes"),
    ),
    "MatMul": _named("matmul", "2d 4d_1d 1d_1d"),
    "SoftmaxCrossEntropyLoss": (
        *_named("sce", "none none_log_prob sum sum_log_prob mean mean_log_prob mean_3d mean_3d_log_prob"),
        *_named("sce_mean_no_weight_ii", "log_prob 3d 3d_log_prob 4d 4d_log_prob"),
        "test_sce_mean_no_weight_ii",
        *_named("sce_NCd1d2d3d4d5_none_no_weight", "log_prob"),
        "test_sce_NCd1d2d3d4d5_none_no_weight",
        *_named("sce_none_weights", "log_prob"),
        "test_sce_none_weights",
        *_named("sce_mean_weight", "log_prob ii ii_log_prob ii_3d ii_3d_log_prob ii_4d ii_4d_log_prob"),
        "test_sce_mean_weight",
        *_named("sce_NCd1d2d3d4d5_mean_weight", "log_prob"),
        "test_sce_NCd1d2d3d4d5_mean_weight",
        *_named("sce_NCd1_mean_weight_negative_ii", "log_prob"),
        "test_sce_NCd1_mean_weight_negative_ii",
        *_named("sce_NCd1d2d3_sum_weight_high_ii", "log_prob"),
        "test_sce_NCd1d2d3_sum_weight_high_ii",
        *_named("sce_NCd1d2d3_none_no_weight_negative_ii", "log_prob"),
        "test_sce_NCd1d2d3_none_no_weight_negative_ii",
    ),
    "Adagrad": ("test_adagrad", "test_adagrad_multiple"),
    "Momentum": ("test_momentum", "test_nesterov_momentum", "test_momentum_multiple"),
}
"""The cases that are run, by operator."""

OUT_OF_SCOPE: Mapping[str, tuple[str, ...]] = {
    "three dimensions: our maps have two": (
        "test_convtranspose_3d",
        *_named("maxpool_3d", "default dilations dilations_use_ref_impl dilations_use_ref_impl_large"),
        *_named("averagepool_3d", "default dilations_small"),
        *_named("averagepool_3d_dilations_large_count_include_pad_is_0_ceil_mode_is", "True False"),
        *_named("averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is", "True False"),
    ),
    "ConvTranspose2d has neither dilation nor groups, AvgPool2d no dilation": (
        *_named("convtranspose", "dilations group_2 group_2_image_3"),
        "test_averagepool_2d_dilations",
    ),
    "a pool that pads by more than half its window is refused, as by PyTorch": (
        "test_maxpool_2d_pads",
        "test_averagepool_2d_pads",
    ),
    "PReLU has one slope for all channels": _named("prelu", "example broadcast"),
    "dropout in training: the stored masks are those of another generator of chance": (
        *_named("training_dropout", "default default_mask mask"),
        "test_training_dropout",
    ),
    "padding that goes round to the other side is no mode of Pad2d": ("test_wrap_pad",),
    "smaller maps, scales that are not whole, cubic interpolation, other grids than half_pixel": (
        *_named("resize_downsample_scales", "nearest linear linear_align_corners linear_half_pixel_symmetric"),
        *_named("resize_downsample_scales", "linear_antialias cubic cubic_align_corners cubic_antialias"),
        *_named("resize_downsample_scales", "cubic_A_n0p5_exclude_outside"),
        *_named("resize_downsample_sizes", "nearest nearest_not_larger nearest_not_smaller linear_antialias cubic"),
        *_named("resize_downsample_sizes", "cubic_antialias linear_pytorch_half_pixel"),
        *_named("resize_upsample_scales", "linear_align_corners linear_half_pixel_symmetric cubic cubic_asymmetric"),
        *_named("resize_upsample_scales", "cubic_align_corners cubic_A_n0p5_exclude_outside"),
        *_named("resize_upsample_sizes", "nearest nearest_axes_2_3 nearest_axes_3_2 nearest_not_larger cubic"),
        *_named("resize_upsample_sizes_nearest", "ceil_half_pixel floor_align_corners round_prefer_ceil_asymmetric"),
        *_named("resize_tf_crop_and_resize", "axes_2_3 axes_3_2 extrapolation_value"),
        "test_resize_tf_crop_and_resize",
    ),
    "sums of whole numbers, which wrap round": _named("add", "int8 int16 uint8 uint16 uint32 uint64"),
    "inputs of several shapes: Add takes one": ("test_add_bcast",),
    "Add takes at least two inputs": ("test_sum_one_input",),
    "sequences and optional values": ("test_identity_sequence", "test_identity_opt"),
    "a bias of its own for each image": ("test_gemm_default_matrix_bias",),
    "two stacks of matrices: the weight of Linear is one matrix": _named("matmul", "3d 4d bcast 1d_3d"),
    "the cases give plain numbers for logarithms of probabilities; our cross-entropy makes its own of the scores": (
        *_named("nllloss", "NC NCd1 NCd1_ii NCd1_weight NCd1_weight_ii NCd1_mean_weight_negative_ii"),
        *_named("nllloss", "NCd1d2 NCd1d2_reduction_mean NCd1d2_reduction_sum NCd1d2_no_weight_reduction_mean_ii"),
        *_named("nllloss_NCd1d2_with_weight", "reduction_mean reduction_sum reduction_sum_ii"),
        "test_nllloss_NCd1d2_with_weight",
        *_named("nllloss_NCd1d2d3", "none_no_weight_negative_ii sum_weight_high_ii"),
        *_named("nllloss_NCd1d2d3d4d5", "mean_weight none_no_weight"),
    ),
    "Adam without its corrections, from running means that are handed in": ("test_adam", "test_adam_multiple"),
}
"""Cases of the same operators that say nothing about us, by reason."""

OPERATORS = frozenset(RUN) | {"PRelu", "NegativeLogLikelihoodLoss", "Adam"}
"""What our kinds, losses and optimizers cover."""
