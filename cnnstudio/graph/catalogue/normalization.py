"""Layers that bring values to a common scale."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from cnnstudio.graph.catalogue import offers
from cnnstudio.graph.catalogue.windows import maps_only
from cnnstudio.graph.errors import ShapeError
from cnnstudio.graph.geometry import POINT, Window
from cnnstudio.graph.keeping import Kept, keeps_input
from cnnstudio.graph.params import Params, ParamSpec, ParamType
from cnnstudio.graph.shapes import BYTES_PER_VALUE, Shape, size_text
from cnnstudio.graph.specs import Family, LayerSpec, unchanged
from cnnstudio.graph.views import EVERYTHING, WHOLE, Groups, View

EPS = ParamSpec(
    "eps",
    ParamType.REAL,
    "Epsilon",
    "Added to the variance, so that nothing is divided by zero.",
    default=1e-5,
    minimum=0,
    above_minimum=True,
    maximum=1,
)
AFFINE = ParamSpec("affine", ParamType.FLAG, "Affine", "Learn a scale and a shift for each channel.", default=True)


def _scale_and_shift(params: Params, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
    channels = (inputs[0][0],)
    return {"weight": channels, "bias": channels} if params["affine"] else {}


def _running_statistics(params: Params, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
    channels = (inputs[0][0],)
    return {"running_mean": channels, "running_var": channels}


# In training its statistics span the batch; what is counted here is evaluation, where it works value by value.
# It keeps its input, or a copy without its mean in its place where that mean is large beside the spread.
BATCH_NORM = LayerSpec(
    kind="BatchNorm",
    family=Family.NORMALIZATION,
    help="by channel, over the batch",
    params=(
        EPS,
        ParamSpec(
            "momentum",
            ParamType.REAL,
            "Momentum",
            "Weight of the newest batch in the running statistics.",
            default=0.1,
            minimum=0,
            maximum=1,
        ),
        AFFINE,
    ),
    output_shape=unchanged,
    weights=_scale_and_shift,
    buffers=_running_statistics,
    keeps=keeps_input,
    formula="y = (x − mean) / √(variance + ε) · scale + shift; parameters = 2 × channels",
)


def _keeps_moments(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
    """Its input, and the mean and the spread that each channel of each image is normalized with."""
    return Kept(input=True, own=BYTES_PER_VALUE * 2 * inputs[0][0])


def _by_value(params: Params, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
    return {"weight": inputs[0], "bias": inputs[0]} if params["affine"] else {}


LAYER_NORM = LayerSpec(
    kind="LayerNorm",
    family=Family.NORMALIZATION,
    help="each picture by itself",
    params=(
        EPS,
        ParamSpec("affine", ParamType.FLAG, "Affine", "Learn a scale and a shift for each value.", default=True),
    ),
    output_shape=unchanged,
    weights=_by_value,
    view=lambda params, inputs, port: EVERYTHING,
    keeps=_keeps_moments,
    formula="y = (x − mean) / √(variance + ε) · scale + shift, over all values; parameters = 2 × values",
)


def _instance_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    (shape,) = inputs
    if maps_only("InstanceNorm", shape)[1:] == (1, 1):
        raise ShapeError(
            f"InstanceNorm needs maps of more than one pixel, to have a variance; {size_text(shape)} arrived.",
            arrived=inputs,
            expected="more than one pixel",
        )
    return shape


def _instance_view(params: Params, inputs: tuple[Shape, ...], port: int) -> View:
    """Mean and variance are of the map itself, in evaluation too: every value depends on all of it."""
    return View(POINT, WHOLE, WHOLE)


INSTANCE_NORM = LayerSpec(
    kind="InstanceNorm",
    family=Family.NORMALIZATION,
    help="each map by itself",
    params=(
        EPS,
        ParamSpec("affine", ParamType.FLAG, "Affine", "Learn a scale and a shift for each channel.", default=False),
    ),
    output_shape=_instance_shape,
    weights=_scale_and_shift,
    view=_instance_view,
    keeps=_keeps_moments,
    formula="y = (x − mean) / √(variance + ε) · scale + shift, map by map; parameters = 2 × channels",
)


def _groups(params: Params) -> int:
    groups = params["num_groups"]
    assert isinstance(groups, int)
    return groups


def _group_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    (shape,) = inputs
    if shape[0] % _groups(params):
        raise ShapeError(
            f"GroupNorm: {_groups(params)} groups must divide the channels; {shape[0]} arrived.",
            arrived=inputs,
            expected=f"channels divisible by {_groups(params)}",
            offers=({"num_groups": count} for count in offers.divisors_near(_groups(params), shape[0])),
        )
    return shape


def _group_view(params: Params, inputs: tuple[Shape, ...], port: int) -> View:
    (shape,) = inputs
    own = shape[0] // _groups(params)
    uneven = ""
    if len(shape) == 1 and _groups(params) > 1:
        uneven = "Each value depends on the features of its own group, and no two groups see the same."
    return View(Groups(own, own), WHOLE, WHOLE, uneven)


GROUP_NORM = LayerSpec(
    kind="GroupNorm",
    family=Family.NORMALIZATION,
    help="channels in groups",
    params=(
        ParamSpec(
            "num_groups",
            ParamType.INTEGER,
            "Groups",
            "So many groups of channels are normalized apart; it divides the channels.",
            initial=4,
        ),
        EPS,
        AFFINE,
    ),
    output_shape=_group_shape,
    weights=_scale_and_shift,
    view=_group_view,
    keeps=_keeps_moments,
    summary=lambda params: f"{params['num_groups']} group" + ("s" if params["num_groups"] != 1 else ""),
    formula="y = (x − mean) / √(variance + ε) · scale + shift, group by group; parameters = 2 × channels",
)


def _maps_unchanged(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    return maps_only("LocalResponseNorm", inputs[0])


def _keeps_base(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
    """Its input, and for each value the k + α / size · Σ x² that it is divided by a power of."""
    return Kept(input=True, own=BYTES_PER_VALUE * prod(output))


def _neighbours(params: Params, inputs: tuple[Shape, ...], port: int) -> View:
    size = params["size"]
    assert isinstance(size, int)
    return View(channels=Window(size, before=size // 2, after=(size - 1) // 2))


LOCAL_RESPONSE_NORM = LayerSpec(
    kind="LocalResponseNorm",
    family=Family.NORMALIZATION,
    help="dampened by neighbours",
    params=(
        ParamSpec("size", ParamType.INTEGER, "Size", "How many neighbouring channels count.", initial=5),
        ParamSpec(
            "alpha",
            ParamType.REAL,
            "Alpha",
            "Strength; divided by the size, as in PyTorch. AlexNet's own 1e-4 of 5 channels is 5e-4 here.",
            default=1e-4,
            minimum=0,
            above_minimum=True,
            maximum=1000,
        ),
        ParamSpec("beta", ParamType.REAL, "Beta", "Exponent.", default=0.75, minimum=0, maximum=10),
        ParamSpec(
            "k",
            ParamType.REAL,
            "k",
            "What the sum starts from; AlexNet has 2.",
            default=1.0,
            minimum=0,
            above_minimum=True,
            maximum=1000,
        ),
    ),
    output_shape=_maps_unchanged,
    view=_neighbours,
    keeps=_keeps_base,
    summary=lambda params: f"size {params['size']}",
    formula="y = x / (k + α / size · Σ x²)^β, over the neighbouring channels; no parameters",
)

KINDS = (BATCH_NORM, LAYER_NORM, INSTANCE_NORM, GROUP_NORM, LOCAL_RESPONSE_NORM)
