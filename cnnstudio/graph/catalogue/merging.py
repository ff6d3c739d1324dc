"""Layers that change the form of what passes, or bring several paths together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from cnnstudio.graph.catalogue.windows import check_mirror, joined, maps_only, padded_term, padding_sides, padding_text
from cnnstudio.graph.errors import Chain, ShapeError
from cnnstudio.graph.geometry import Window
from cnnstudio.graph.keeping import Place
from cnnstudio.graph.params import Params, ParamSpec, ParamType, pair
from cnnstudio.graph.shapes import Shape, size_text
from cnnstudio.graph.specs import Family, LayerSpec, Ports, unchanged
from cnnstudio.graph.terms import Term, number, product
from cnnstudio.graph.views import SAME, Axis, Between, Painted, Unrolled, View


def _listed(inputs: tuple[Shape, ...]) -> str:
    texts = [size_text(shape) for shape in inputs]
    return ", ".join(texts[:-1]) + " and " + texts[-1]


def _flat(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    return (prod(inputs[0]),)


FLATTEN = LayerSpec(
    kind="Flatten",
    family=Family.SHAPE,
    help="maps to one long vector",
    output_shape=_flat,
    view=lambda params, inputs, port: Unrolled(),
    derivation=lambda params, inputs: (product(inputs[0]),),
    place=Place.OVER,
    formula="features = channels × height × width",
)


def _pad_windows(params: Params) -> tuple[Window, Window]:
    (top, bottom), (left, right) = padding_sides(params["padding"], (1, 1), (1, 1))
    mode = str(params["mode"])
    return Window(before=top, after=bottom, fill=mode), Window(before=left, after=right, fill=mode)


def _pad_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    channels, height, width = maps_only("Pad2d", inputs[0])
    vertical, horizontal = _pad_windows(params)
    check_mirror("Pad2d", params, "mode", inputs[0], (vertical, horizontal))
    return channels, vertical.positions(height), horizontal.positions(width)


def _pad_terms(params: Params, inputs: tuple[Shape, ...]) -> tuple[Term, ...]:
    channels, *sizes = inputs[0]
    rows, columns = (
        padded_term(number(size), window.before, window.after)
        for size, window in zip(sizes, _pad_windows(params), strict=True)
    )
    return number(channels), rows, columns


def _pad_view(params: Params, inputs: tuple[Shape, ...], port: int) -> View:
    """One pixel seen, further back."""
    rows, columns = _pad_windows(params)
    return View(rows=rows, columns=columns)


PAD2D = LayerSpec(
    kind="Pad2d",
    family=Family.SHAPE,
    help="a frame around the maps",
    params=(
        ParamSpec(
            "padding",
            ParamType.PADDING,
            "Padding",
            "Pixels added around the maps; four numbers are top, bottom, left, right.",
            initial=1,
            minimum=0,
            maximum=1024,
        ),
        ParamSpec(
            "mode",
            ParamType.CHOICE,
            "Mode",
            "What stands in the padding: zeros, the mirrored maps, or their repeated edge.",
            default="zeros",
            choices=("zeros", "reflect", "replicate"),
        ),
    ),
    output_shape=_pad_shape,
    view=_pad_view,
    derivation=_pad_terms,
    summary=lambda params: joined(padding_text(params), "" if params["mode"] == "zeros" else str(params["mode"])),
    formula="height = top + height + bottom, width = left + width + right",
)


def _upsample_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    channels, height, width = maps_only("Upsample", inputs[0])
    rows, columns = pair(params["scale_factor"])
    return channels, rows * height, columns * width


def _upsample_terms(params: Params, inputs: tuple[Shape, ...]) -> tuple[Term, ...]:
    channels, height, width = inputs[0]
    rows, columns = pair(params["scale_factor"])
    return number(channels), number(rows) * height, number(columns) * width


def _upsample_view(params: Params, inputs: tuple[Shape, ...], port: int) -> View:
    scale = pair(params["scale_factor"])
    if scale == (1, 1):
        return SAME
    rows, columns = (_enlarged(each, str(params["mode"])) for each in scale)
    return View(
        rows=rows,
        columns=columns,
        uneven=f"It makes {size_text(scale)} places out of each one that comes in; "
        "their steps over the picture are not whole.",
    )


def _enlarged(scale: int, mode: str) -> Axis:
    return Between(scale) if mode == "bilinear" else Painted(Window(scale, scale))


UPSAMPLE = LayerSpec(
    kind="Upsample",
    family=Family.SHAPE,
    help="larger maps, nothing learned",
    params=(
        ParamSpec(
            "scale_factor",
            ParamType.SIZE,
            "Scale",
            "How many times higher and wider the maps become.",
            initial=2,
            maximum=1024,
        ),
        ParamSpec(
            "mode",
            ParamType.CHOICE,
            "Mode",
            "nearest repeats each pixel; bilinear passes evenly from one to the next.",
            default="nearest",
            choices=("nearest", "bilinear"),
        ),
    ),
    output_shape=_upsample_shape,
    view=_upsample_view,
    derivation=_upsample_terms,
    summary=lambda params: joined(
        "×" + "·".join(str(each) for each in dict.fromkeys(pair(params["scale_factor"]))),
        "" if params["mode"] == "nearest" else str(params["mode"]),
    ),
    formula="size = scale · size",
)


def _alike(inputs: tuple[Shape, ...], *, channels: bool) -> Iterator[Mapping[int, Chain]]:
    """Layers that give every branch the shape of one of them.

    First what touches the fewest branches with the fewest layers, and takes none of the channels away.
    """
    ways = []
    # Where channels do not count, inputs of one size are one target.
    targets = {(shape if channels else shape[1:]): shape for shape in reversed(inputs)}
    for target in reversed(targets.values()):
        chains = [_chain(shape, target, channels) for shape in inputs]
        known = [chain for chain in chains if chain is not None]
        if len(known) == len(inputs):
            rank = (sum(map(bool, known)), sum(map(len, known)), -target[0])
            ways.append((rank, {port: chain for port, chain in enumerate(known) if chain}))
    yield from (way for _, way in sorted(ways, key=lambda each: each[0]))


def _chain(shape: Shape, target: Shape, channels: bool) -> Chain | None:
    """Layers from one shape to another: to its size, and to its channels where they count; None for no good way."""
    if len(target) == 1:
        flat: Chain = (("Flatten", {}),) if len(shape) == 3 else ()
        return flat if not channels or prod(shape) == target[0] else (*flat, ("Linear", {"out_features": target[0]}))
    if len(shape) == 1:
        return None
    sizes = list(zip(shape[1:], target[1:], strict=True))
    steps = tuple(-(-old // new) for old, new in sizes)
    shrinks = shape[1:] != target[1:] and all(
        -(-old // step) == new for (old, new), step in zip(sizes, steps, strict=True)
    )
    overlapping = None if shrinks else _overlapping(sizes)
    if channels and shrinks:
        return (("Conv2d", {"out_channels": target[0], "kernel_size": 1, "stride": steps}),)
    if channels and overlapping is not None:
        return (("Conv2d", {"out_channels": target[0], **overlapping}),)
    resize: Chain
    if shape[1:] == target[1:]:
        resize = ()
    elif shrinks:
        resize = (("MaxPool2d", {"kernel_size": steps, "ceil_mode": True}),)
    elif overlapping is not None:
        resize = (("MaxPool2d", overlapping),)
    elif all(new % old == 0 for old, new in sizes):
        resize = (("Upsample", {"scale_factor": tuple(new // old for old, new in sizes)}),)
    elif all(old <= new < 2 * old for old, new in sizes):
        height, width = (new - old for old, new in sizes)
        resize = (("Pad2d", {"padding": (height // 2, height - height // 2, width // 2, width - width // 2)}),)
    elif all(old >= 2 * new for old, new in sizes):
        resize = (("AdaptiveAvgPool2d", {"output_size": target[1:]}),)
    else:
        return None
    if not channels or shape[0] == target[0]:
        return resize
    return (*resize, ("Conv2d", {"out_channels": target[0], "kernel_size": 1}))


def _overlapping(sizes: Sequence[tuple[int, int]]) -> Params | None:
    """Kernel and stride of windows that overlap by less than they move on and just fill the maps: 27 to 13 by 3 and 2.

    None where they would not, or where nothing would shrink by half or more.
    """
    strides = tuple(old // new for old, new in sizes)
    kernels = tuple(old - (new - 1) * stride for (old, new), stride in zip(sizes, strides, strict=True))
    if max(strides) < 2 or not all(
        stride <= kernel < 2 * stride for kernel, stride in zip(kernels, strides, strict=True)
    ):
        return None
    return {"kernel_size": kernels, "stride": strides}


def _add_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    if len(set(inputs)) != 1:
        raise ShapeError(
            f"Add takes inputs of one shape; {_listed(inputs)} arrived.",
            arrived=inputs,
            expected=f"{size_text(inputs[0])} on every input",
            inserts=_alike(inputs, channels=True),
        )
    return inputs[0]


ADD = LayerSpec(
    kind="Add",
    family=Family.SHAPE,
    help="the sum of its inputs",
    ports=Ports(2, None),
    output_shape=_add_shape,
    formula="y = x₁ + x₂ + …",
)


def _concat_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    if len({shape[1:] for shape in inputs}) != 1:
        raise ShapeError(
            f"Concat joins channels and takes inputs of one height and width; {_listed(inputs)} arrived.",
            arrived=inputs,
            expected=f"channels × {size_text(inputs[0][1:])} on every input" if inputs[0][1:] else "vectors",
            inserts=_alike(inputs, channels=False),
        )
    return sum(shape[0] for shape in inputs), *inputs[0][1:]


def _concat_terms(params: Params, inputs: tuple[Shape, ...]) -> tuple[Term, ...]:
    first, *others = inputs
    channels = sum((number(shape[0]) for shape in others), start=number(first[0]))
    return channels, *(number(each) for each in first[1:])


def _concat_view(params: Params, inputs: tuple[Shape, ...], port: int) -> View:
    """The channels of the inputs before it are none of its own."""
    return View(channels=Window(before=sum(shape[0] for shape in inputs[:port])))


CONCAT = LayerSpec(
    kind="Concat",
    family=Family.SHAPE,
    help="channels side by side",
    ports=Ports(2, None),
    output_shape=_concat_shape,
    view=_concat_view,
    derivation=_concat_terms,
    formula="channels = sum of the inputs' channels",
)


IDENTITY = LayerSpec(
    kind="Identity",
    family=Family.SHAPE,
    help="passes everything on",
    output_shape=unchanged,
    place=Place.SAME,
    formula="y = x",
)

KINDS = (FLATTEN, PAD2D, UPSAMPLE, ADD, CONCAT, IDENTITY)
