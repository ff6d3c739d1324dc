"""Layers that summarize each window of a map by one number."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnnstudio.graph.catalogue.windows import (
    CEIL_MODE,
    DILATION,
    PADDING,
    SIZE_FORMULA,
    joined,
    maps_only,
    padding_text,
    slide,
    sliding_terms,
    window_text,
    windows,
)
from cnnstudio.graph.errors import ShapeError
from cnnstudio.graph.geometry import Window
from cnnstudio.graph.keeping import Kept
from cnnstudio.graph.params import Params, ParamSpec, ParamType, pair
from cnnstudio.graph.shapes import Shape, size_text
from cnnstudio.graph.specs import Family, LayerSpec
from cnnstudio.graph.terms import Term, named, number
from cnnstudio.graph.views import WHOLE, Shares, View

POOL_SIZE = ParamSpec(
    "kernel_size",
    ParamType.SIZE,
    "Kernel size",
    "Height and width of the window, in pixels.",
    initial=2,
    maximum=1024,
)
POOL_STRIDE = ParamSpec(
    "stride",
    ParamType.SIZE,
    "Stride",
    "Pixels from one window to the next; empty: as large as the window.",
    default=None,
    maximum=1024,
    optional=True,
)
POOL_FORMULA = f"{SIZE_FORMULA}; no parameters"


def _less_padding(params: Params) -> Iterator[Params]:
    sides, kernel = [], []
    for window in windows(params):
        sides += [min(side, window.extent // 2) for side in (window.before, window.after)]
        kernel.append(max(window.kernel, -(-(2 * max(window.before, window.after) - 1) // window.dilation) + 1))
    yield {"padding": tuple(sides)}
    yield {"kernel_size": tuple(kernel)}


def _pool_shape(kind: str, params: Params, inputs: tuple[Shape, ...]) -> Shape:
    (shape,) = inputs
    rows, columns = slide(kind, params, shape)
    for window in windows(params):
        if max(window.before, window.after) > window.extent // 2:
            raise ShapeError(
                f"{kind}: padding is at most half the window; {max(window.before, window.after)} is more than half "
                f"of {window.extent}.",
                arrived=inputs,
                expected=f"padding up to {window.extent // 2}",
                offers=_less_padding(params),
            )
    return shape[0], rows, columns


def _max_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    return _pool_shape("MaxPool2d", params, inputs)


def _avg_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    return _pool_shape("AvgPool2d", params, inputs)


def _keeps_winner(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
    """For each window the number of the tap that its value came from, and one more for none: a byte does up to 255."""
    taps = prod(pair(params["kernel_size"]))
    return Kept(own=prod(output) * (1 if taps < 1 << 8 else 2 if taps < 1 << 16 else 4))


def _pool_view(params: Params, inputs: tuple[Shape, ...], port: int) -> View:
    rows, columns = windows(params)
    return View(rows=rows, columns=columns)


def _pool_terms(params: Params, inputs: tuple[Shape, ...]) -> tuple[Term, ...]:
    return sliding_terms(number(inputs[0][0]), params, inputs[0])


def _pool_summary(params: Params) -> str:
    return joined(window_text(params), padding_text(params))


MAX_POOL = LayerSpec(
    kind="MaxPool2d",
    family=Family.POOLING,
    help="the strongest in each window",
    params=(POOL_SIZE, POOL_STRIDE, PADDING, DILATION, CEIL_MODE),
    output_shape=_max_shape,
    view=_pool_view,
    keeps=_keeps_winner,
    summary=_pool_summary,
    derivation=_pool_terms,
    formula=POOL_FORMULA,
)

AVG_POOL = LayerSpec(
    kind="AvgPool2d",
    family=Family.POOLING,
    help="the mean of each window",
    params=(
        POOL_SIZE,
        POOL_STRIDE,
        PADDING,
        CEIL_MODE,
        ParamSpec(
            "count_include_pad",
            ParamType.FLAG,
            "Count padding",
            "Whether the zeros of the padding count in the mean.",
            default=True,
        ),
    ),
    output_shape=_avg_shape,
    view=_pool_view,
    summary=_pool_summary,
    derivation=_pool_terms,
    formula=POOL_FORMULA,
)


def _stochastic_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    return _pool_shape("StochasticPool2d", params, inputs)


STOCHASTIC_POOL = LayerSpec(
    kind="StochasticPool2d",
    family=Family.POOLING,
    help="one drawn by its strength",
    params=(POOL_SIZE, POOL_STRIDE),
    output_shape=_stochastic_shape,
    view=_pool_view,
    keeps=_keeps_winner,
    summary=_pool_summary,
    derivation=_pool_terms,
    formula=(
        f"{SIZE_FORMULA}; share p = max(0, x) / Σ max(0, x); one x drawn by p in training, Σ p·x in evaluation; "
        "no parameters"
    ),
)


def _adaptive_shape(kind: str, params: Params, inputs: tuple[Shape, ...]) -> Shape:
    channels, *_ = maps_only(kind, inputs[0])
    return channels, *pair(params["output_size"])


def _adaptive_avg_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    return _adaptive_shape("AdaptiveAvgPool2d", params, inputs)


def _adaptive_max_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    return _adaptive_shape("AdaptiveMaxPool2d", params, inputs)


def _adaptive_view(params: Params, inputs: tuple[Shape, ...], port: int) -> View:
    """Plain windows where the output size divides the map's, all of the map where it is 1."""
    outputs, sizes = pair(params["output_size"]), inputs[0][1:]
    if outputs == (1, 1):
        return View(rows=WHOLE, columns=WHOLE)
    if any(size % count for size, count in zip(sizes, outputs, strict=True)):
        uneven = f"{size_text(sizes)} pixels do not divide into {size_text(outputs)} equal windows."
        return View(rows=Shares(outputs[0]), columns=Shares(outputs[1]), uneven=uneven)
    rows, columns = (Window(size // count, size // count) for size, count in zip(sizes, outputs, strict=True))
    return View(rows=rows, columns=columns)


def _bins(count: int, size: int) -> Term:
    """So many bins as asked for; the remark says which pixels one is made of."""
    if count == 1:
        return named("output_size", 1).noting(f"one bin of all {size} pixels")
    if size % count == 0:
        return named("output_size", count).noting(f"bins of {size} / {count} = {size // count} pixels")
    bounds = f"floor(i·{size} / {count}) to before ceil((i + 1)·{size} / {count})"
    return named("output_size", count).noting(f"bin i from pixel {bounds}")


def _adaptive_terms(params: Params, inputs: tuple[Shape, ...]) -> tuple[Term, ...]:
    channels, *sizes = inputs[0]
    counts = pair(params["output_size"])
    return number(channels), *(_bins(count, size) for count, size in zip(counts, sizes, strict=True))


def _keeps_place(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
    """For each value its place in the map, as a 64-bit number."""
    return Kept(own=8 * prod(output))


def _adaptive_summary(params: Params) -> str:
    return "to " + size_text(pair(params["output_size"]))


ADAPTIVE_FORMULA = "window i = [⌊i·size / out⌋, ⌈(i + 1)·size / out⌉); no parameters"

ADAPTIVE_AVG_POOL = LayerSpec(
    kind="AdaptiveAvgPool2d",
    family=Family.POOLING,
    help="means over a given grid",
    params=(
        ParamSpec(
            "output_size",
            ParamType.SIZE,
            "Output size",
            "Height and width that leave; 1 averages each whole map.",
            initial=1,
        ),
    ),
    output_shape=_adaptive_avg_shape,
    view=_adaptive_view,
    summary=_adaptive_summary,
    derivation=_adaptive_terms,
    formula=ADAPTIVE_FORMULA,
)

ADAPTIVE_MAX_POOL = LayerSpec(
    kind="AdaptiveMaxPool2d",
    family=Family.POOLING,
    help="the strongest of each cell",
    params=(
        ParamSpec(
            "output_size",
            ParamType.SIZE,
            "Output size",
            "Height and width that leave; 1 keeps the strongest of each whole map.",
            initial=1,
        ),
    ),
    output_shape=_adaptive_max_shape,
    view=_adaptive_view,
    keeps=_keeps_place,
    summary=_adaptive_summary,
    derivation=_adaptive_terms,
    formula=ADAPTIVE_FORMULA,
)

KINDS = (MAX_POOL, AVG_POOL, STOCHASTIC_POOL, ADAPTIVE_AVG_POOL, ADAPTIVE_MAX_POOL)
