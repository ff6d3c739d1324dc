"""Layers that multiply by learned weights: kernels that slide, and full connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

from cnnstudio.graph.catalogue import offers
from cnnstudio.graph.catalogue.windows import (
    DILATION,
    KERNEL_SIZE,
    PADDING,
    SIZE_FORMULA,
    check_mirror,
    joined,
    maps_only,
    padding_sides,
    padding_text,
    room_term,
    slide,
    sliding_terms,
    window_text,
    windows,
)
from cnnstudio.graph.errors import Chain, RankError, ShapeError
from cnnstudio.graph.geometry import Window
from cnnstudio.graph.keeping import Kept, keeps_input
from cnnstudio.graph.params import Params, ParamSpec, ParamType, pair
from cnnstudio.graph.shapes import BYTES_PER_VALUE, Shape, size_text
from cnnstudio.graph.specs import Doubt, Family, LayerSpec
from cnnstudio.graph.terms import Term, named, number
from cnnstudio.graph.views import EVERYTHING, WHOLE, Groups, Painted, View

BIAS = ParamSpec("bias", ParamType.FLAG, "Bias", "Add one learned number to each output channel.", default=True)


def _integer(params: Params, name: str) -> int:
    value = params[name]
    assert isinstance(value, int)
    return value


def _named(params: Params, name: str) -> Term:
    return named(name, _integer(params, name))


def _fitting_groups(groups: int, arriving: int, leaving: int) -> Iterator[Params]:
    for count in offers.divisors_near(groups, arriving, leaving):
        yield {"groups": count}
    if arriving % groups == 0:
        for channels in (leaving - leaving % groups, leaving + groups - leaving % groups):
            yield {"out_channels": channels}


def _conv_doubt(params: Params, inputs: tuple[Shape, ...]) -> Doubt | None:
    """A stride that does not come out: pixels behind the last window that no window sees.

    Padding that goes unseen is no loss, a window smaller than its stride leaves pixels out on purpose, and less than
    a hundredth of the maps is nothing to warn of (Caffe's NiN loses one row of 224): the size's working says it.
    """
    both = windows(params)
    if both[0].stride == both[1].stride == 1:
        return None
    axes = []
    for name, far, size, window in zip(("row", "column"), ("bottom", "right"), inputs[0][1:], both, strict=True):
        lost = offers.unseen(size, window)
        if lost > 0 and 100 * lost >= size and window.extent >= window.stride:
            axes.append((f"{lost} {name}{'s' if lost > 1 else ''}", far, room_term(size, window), window.stride, lost))
    if not axes:
        return None
    steps = " and ".join(dict.fromkeys(f"({room.text}) / {stride}" for _, _, room, stride, _ in axes))
    plural = len(axes) > 1 or axes[0][4] > 1
    return Doubt(
        f"{steps} {'are' if ' and ' in steps else 'is'} not whole: {' and '.join(each[0] for each in axes)} at the "
        f"{' and '.join(each[1] for each in axes)} {'are' if plural else 'is'} never seen.",
        tuple(offers.to_whole_steps(inputs[0][1:], both)),
    )


def _conv_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    (shape,) = inputs
    rows, columns = slide("Conv2d", params, shape)
    out_channels, groups = _integer(params, "out_channels"), _integer(params, "groups")
    if shape[0] % groups or out_channels % groups:
        raise ShapeError(
            f"Conv2d: {groups} groups must divide the channels; {shape[0]} arrived and {out_channels} leave.",
            arrived=inputs,
            expected=f"channels divisible by {groups}",
            offers=_fitting_groups(groups, shape[0], out_channels),
        )
    check_mirror("Conv2d", params, "padding_mode", shape, windows(params))
    return out_channels, rows, columns


def _conv_weights(params: Params, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
    out_channels = _integer(params, "out_channels")
    weight = (out_channels, inputs[0][0] // _integer(params, "groups"), *pair(params["kernel_size"]))
    return {"weight": weight, "bias": (out_channels,)} if params["bias"] else {"weight": weight}


def _conv_macs(params: Params, inputs: tuple[Shape, ...], output: Shape) -> int:
    return prod(_conv_weights(params, inputs)["weight"]) * output[1] * output[2]


def _conv_keeps(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
    """Its input; a frame that is not of zeros is put around a copy, which is kept instead."""
    channels, *size = inputs[0]
    rows, columns = (
        pixels + window.before + window.after for pixels, window in zip(size, windows(params), strict=True)
    )
    if params["padding_mode"] == "zeros" or [rows, columns] == size:
        return Kept(input=True)
    return Kept(own=BYTES_PER_VALUE * channels * rows * columns)


def _conv_terms(params: Params, inputs: tuple[Shape, ...]) -> tuple[Term, ...]:
    return sliding_terms(_named(params, "out_channels"), params, inputs[0])


def _conv_view(params: Params, inputs: tuple[Shape, ...], port: int) -> View:
    groups = _integer(params, "groups")
    channels = WHOLE if groups == 1 else Groups(_integer(params, "out_channels") // groups, inputs[0][0] // groups)
    return View(channels, *windows(params))


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
    view=_conv_view,
    keeps=_conv_keeps,
    summary=_conv_summary,
    derivation=_conv_terms,
    doubt=_conv_doubt,
    formula=f"{SIZE_FORMULA}; parameters = out × (in / groups · kernel area + bias)",
)


def _to_vector(shape: Shape) -> Iterator[Mapping[int, Chain]]:
    yield {0: (("Flatten", {}),)}
    if shape[1:] != (1, 1):
        yield {0: (("AdaptiveAvgPool2d", {"output_size": 1}), ("Flatten", {}))}


def _linear_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    (shape,) = inputs
    if len(shape) != 1:
        raise RankError(
            f"Linear takes a vector; {size_text(shape)} arrived.",
            arrived=inputs,
            expected="a vector",
            inserts=_to_vector(shape),
        )
    return (_integer(params, "out_features"),)


def _linear_weights(params: Params, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
    out_features = _integer(params, "out_features")
    weight = (out_features, inputs[0][0])
    return {"weight": weight, "bias": (out_features,)} if params["bias"] else {"weight": weight}


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
    view=lambda params, inputs, port: EVERYTHING,
    keeps=keeps_input,
    summary=lambda params: str(params["out_features"]),
    derivation=lambda params, inputs: (_named(params, "out_features"),),
    formula="parameters = out × (in + bias)",
)


def _transposed_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    (shape,) = inputs
    maps_only("ConvTranspose2d", shape)
    stride, extra = pair(params["stride"]), pair(params["output_padding"])
    if extra[0] >= stride[0] or extra[1] >= stride[1]:
        raise ShapeError(
            f"ConvTranspose2d: output padding stays below the stride; it is {size_text(extra)}, the stride "
            f"{size_text(stride)}.",
            arrived=inputs,
            expected=f"output padding below {size_text(stride)}",
            offers=(
                {"output_padding": tuple(min(each, most - 1) for each, most in zip(extra, stride, strict=True))},
                {"stride": tuple(max(each + 1, least) for each, least in zip(extra, stride, strict=True))},
            ),
        )
    kernel = pair(params["kernel_size"])
    sides = padding_sides(params["padding"], kernel, (1, 1))
    rows, columns = (
        (shape[axis + 1] - 1) * stride[axis] + kernel[axis] - sum(sides[axis]) + extra[axis] for axis in range(2)
    )
    if rows < 1 or columns < 1:
        raise ShapeError(
            f"ConvTranspose2d: the padding takes away more than there is; {size_text((rows, columns))} pixels "
            "would be left.",
            arrived=inputs,
            expected="less padding",
            offers=({"padding": _padding_left(params, shape)}, {"padding": 0}),
        )
    return _integer(params, "out_channels"), rows, columns


def _padding_left(params: Params, shape: Shape) -> tuple[int, ...]:
    """The most padding, alike on both sides, that leaves a pixel on each axis."""
    kernel, stride = pair(params["kernel_size"]), pair(params["stride"])
    sides = padding_sides(params["padding"], kernel, (1, 1))
    painted = [(size - 1) * step + taps for size, step, taps in zip(shape[1:], stride, kernel, strict=True)]
    return tuple(min((full - 1) // 2, max(both)) for full, both in zip(painted, sides, strict=True))


def _transposed_weights(params: Params, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
    out_channels = _integer(params, "out_channels")
    weight = (inputs[0][0], out_channels, *pair(params["kernel_size"]))
    return {"weight": weight, "bias": (out_channels,)} if params["bias"] else {"weight": weight}


def _transposed_macs(params: Params, inputs: tuple[Shape, ...], output: Shape) -> int:
    return prod(_transposed_weights(params, inputs)["weight"]) * inputs[0][1] * inputs[0][2]


def _transposed_terms(params: Params, inputs: tuple[Shape, ...]) -> tuple[Term, ...]:
    kernel, stride, extra = pair(params["kernel_size"]), pair(params["stride"]), pair(params["output_padding"])
    sizes = []
    for axis, (before, after) in enumerate(padding_sides(params["padding"], kernel, (1, 1))):
        size = (number(inputs[0][axis + 1]) - 1) * stride[axis] + kernel[axis]
        for taken in [number(2) * before] if before == after else [number(before), number(after)]:
            size = size - taken if taken.value else size
        sizes.append(size + extra[axis] if extra[axis] else size)
    return _named(params, "out_channels"), *sizes


def _transposed_view(params: Params, inputs: tuple[Shape, ...], port: int) -> View:
    """At stride 1 it is a convolution with the padding that is left of a full one; above, places differ."""
    kernel, stride = pair(params["kernel_size"]), pair(params["stride"])
    sides = padding_sides(params["padding"], kernel, (1, 1))
    if stride != (1, 1):
        rows, columns = (Painted(Window(kernel[axis], stride[axis], 1, *sides[axis])) for axis in range(2))
        return View(
            WHOLE,
            rows,
            columns,
            f"It makes {size_text(stride)} places out of each one that comes in; what a value sees of them differs "
            "from place to place.",
        )
    vertical, horizontal = (
        Window(kernel[axis], before=kernel[axis] - 1 - sides[axis][0], after=kernel[axis] - 1 - sides[axis][1])
        for axis in range(2)
    )
    return View(WHOLE, vertical, horizontal)


CONV_TRANSPOSE2D = LayerSpec(
    kind="ConvTranspose2d",
    family=Family.CONVOLUTION,
    help="each value paints a kernel",
    params=(
        ParamSpec("out_channels", ParamType.INTEGER, "Output channels", "How many maps leave.", initial=16),
        KERNEL_SIZE,
        ParamSpec(
            "stride",
            ParamType.SIZE,
            "Stride",
            "Pixels from one painted kernel to the next: how many times larger the maps become.",
            default=1,
            maximum=1024,
        ),
        ParamSpec(
            "padding",
            ParamType.PADDING,
            "Padding",
            "Pixels taken away around the maps that leave.",
            default=0,
            minimum=0,
            maximum=1024,
        ),
        ParamSpec(
            "output_padding",
            ParamType.SIZE,
            "Output padding",
            "Pixels added at the bottom and right; below the stride.",
            default=0,
            minimum=0,
            maximum=1023,
        ),
        BIAS,
    ),
    output_shape=_transposed_shape,
    weights=_transposed_weights,
    macs=_transposed_macs,
    view=_transposed_view,
    keeps=keeps_input,
    summary=lambda params: joined(window_text(params), str(params["out_channels"]), padding_text(params)),
    derivation=_transposed_terms,
    formula=(
        "size = (size − 1)·stride + kernel − padding + output padding; parameters = out × (in · kernel area + bias)"
    ),
)

KINDS = (CONV2D, CONV_TRANSPOSE2D, LINEAR)
