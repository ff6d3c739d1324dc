"""Layers that multiply by learned weights: kernels that slide, and full connection."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from cnnstudio.graph.catalogue.windows import (
    DILATION,
    KERNEL_SIZE,
    PADDING,
    SIZE_FORMULA,
    joined,
    padding_text,
    slide,
    window_text,
    windows,
)
from cnnstudio.graph.errors import RankError, ShapeError
from cnnstudio.graph.specs import (
    Family,
    LayerSpec,
    Params,
    ParamSpec,
    ParamType,
    Shape,
    Step,
    WholeInput,
    pair,
    size_text,
)

BIAS = ParamSpec("bias", ParamType.FLAG, "Bias", "Add one learned number to each output channel.", default=True)


def _integer(params: Params, name: str) -> int:
    value = params[name]
    assert isinstance(value, int)
    return value


def _conv_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    (shape,) = inputs
    rows, columns = slide("Conv2d", params, shape)
    out_channels, groups = _integer(params, "out_channels"), _integer(params, "groups")
    if shape[0] % groups or out_channels % groups:
        raise ShapeError(
            f"Conv2d: {groups} groups must divide the channels; {shape[0]} arrived and {out_channels} leave.",
            arrived=inputs,
            expected=f"channels divisible by {groups}",
        )
    _check_mirror(params, shape)
    return out_channels, rows, columns


def _check_mirror(params: Params, shape: Shape) -> None:
    """Reflection takes its pixels from inside, without the edge pixel: it cannot pad by the whole size."""
    if params["padding_mode"] != "reflect":
        return
    for size, window in zip(shape[1:], windows(params), strict=True):
        if max(window.before, window.after) >= size:
            raise ShapeError(
                f"Conv2d: reflecting pads by at most {size - 1} of {size} pixels; "
                f"{max(window.before, window.after)} are asked for.",
                arrived=(shape,),
                expected="padding below the size of the maps",
            )


def _conv_weights(params: Params, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
    out_channels = _integer(params, "out_channels")
    weight = (out_channels, inputs[0][0] // _integer(params, "groups"), *pair(params["kernel_size"]))
    return {"weight": weight, "bias": (out_channels,)} if params["bias"] else {"weight": weight}


def _conv_macs(params: Params, inputs: tuple[Shape, ...], output: Shape) -> int:
    return prod(_conv_weights(params, inputs)["weight"]) * output[1] * output[2]


def _conv_summary(params: Params) -> str:
    groups, dilation = _integer(params, "groups"), pair(params["dilation"])
    return joined(
        window_text(params),
        str(params["out_channels"]),
        padding_text(params),
        f"dilation {dilation[0]}" if dilation != (1, 1) else "",
        f"{groups} groups" if groups > 1 else "",
    )


CONV2D = LayerSpec(
    kind="Conv2d",
    family=Family.CONVOLUTION,
    help="kernels slide over maps",
    params=(
        ParamSpec(
            "out_channels",
            ParamType.INTEGER,
            "Output channels",
            "How many kernels, and so how many maps leave.",
            initial=16,
        ),
        KERNEL_SIZE,
        ParamSpec("stride", ParamType.SIZE, "Stride", "Pixels from one window to the next.", default=1, maximum=1024),
        PADDING,
        DILATION,
        ParamSpec(
            "groups",
            ParamType.INTEGER,
            "Groups",
            "Channels are split into so many groups that do not see each other.",
            default=1,
        ),
        BIAS,
        ParamSpec(
            "padding_mode",
            ParamType.CHOICE,
            "Padding mode",
            "What stands in the padding: zeros, the mirrored maps, or their repeated edge.",
            default="zeros",
            choices=("zeros", "reflect", "replicate"),
        ),
    ),
    output_shape=_conv_shape,
    weights=_conv_weights,
    macs=_conv_macs,
    step=lambda params, shape: windows(params),
    summary=_conv_summary,
    formula=f"{SIZE_FORMULA}; parameters = out × (in / groups · kernel area + bias)",
)


def _linear_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    (shape,) = inputs
    if len(shape) != 1:
        raise RankError(
            f"Linear takes a vector; {size_text(shape)} arrived.",
            arrived=inputs,
            expected="a vector",
            insert="Flatten",
        )
    return (_integer(params, "out_features"),)


def _linear_weights(params: Params, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
    out_features = _integer(params, "out_features")
    weight = (out_features, inputs[0][0])
    return {"weight": weight, "bias": (out_features,)} if params["bias"] else {"weight": weight}


def _whole_input(params: Params, shape: Shape) -> Step:
    return WholeInput()


LINEAR = LayerSpec(
    kind="Linear",
    family=Family.CONVOLUTION,
    tint="linear",
    help="every input to every output",
    params=(
        ParamSpec(
            "out_features",
            ParamType.INTEGER,
            "Output features",
            "How many numbers leave; the last layer has one a class.",
            initial=10,
        ),
        BIAS,
    ),
    output_shape=_linear_shape,
    weights=_linear_weights,
    macs=lambda params, inputs, output: inputs[0][0] * output[0],
    step=_whole_input,
    summary=lambda params: str(params["out_features"]),
    formula="parameters = out × (in + bias)",
)

KINDS = (CONV2D, LINEAR)
