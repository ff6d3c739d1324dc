"""Layers that only act in training, to keep a network from learning by heart."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from cnnstudio.graph.catalogue.windows import maps_only
from cnnstudio.graph.keeping import Keeps, Kept, Place
from cnnstudio.graph.params import Params, ParamSpec, ParamType
from cnnstudio.graph.shapes import BYTES_PER_VALUE, Shape
from cnnstudio.graph.specs import Family, LayerSpec, unchanged


def _probability(what: str, default: float) -> ParamSpec:
    return ParamSpec(
        "p",
        ParamType.REAL,
        "Probability",
        f"Probability to drop {what} in training; the kept ones are divided by 1 − p.",
        default=default,
        minimum=0,
        maximum=1,
        below_maximum=True,
    )


def _summary(params: Params) -> str:
    return f"p {params['p']:g}"


def _keeps_factors(decisions: Callable[[Shape], int]) -> Keeps:
    """What each value was multiplied with, 0 or 1 / (1 − p); so many decisions are taken for an image of a shape."""

    def keeps(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
        return Kept(own=BYTES_PER_VALUE * decisions(output) if params["p"] else 0)

    return keeps


DROPOUT = LayerSpec(
    kind="Dropout",
    family=Family.REGULARIZATION,
    help="silences values at random",
    params=(_probability("a value", 0.5),),
    output_shape=unchanged,
    keeps=_keeps_factors(prod),
    place=Place.SAME,
    summary=_summary,
    formula="y = x / (1 − p) or 0 in training, x in evaluation",
)


def _maps_unchanged(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    return maps_only("SpatialDropout", inputs[0])


SPATIAL_DROPOUT = LayerSpec(
    kind="SpatialDropout",
    family=Family.REGULARIZATION,
    help="silences whole maps",
    params=(_probability("a map", 0.5),),
    output_shape=_maps_unchanged,
    keeps=_keeps_factors(lambda shape: shape[0]),
    place=Place.SAME,
    summary=_summary,
    formula="y = x / (1 − p) or 0 in training, map by map; x in evaluation",
)

DROP_PATH = LayerSpec(
    kind="DropPath",
    family=Family.REGULARIZATION,
    help="skips a branch at random",
    params=(_probability("all that a picture gives", 0.1),),
    output_shape=unchanged,
    keeps=_keeps_factors(lambda shape: 1),
    place=Place.SAME,
    summary=_summary,
    formula="y = x / (1 − p) or 0 in training, picture by picture; x in evaluation",
)

KINDS = (DROPOUT, SPATIAL_DROPOUT, DROP_PATH)
