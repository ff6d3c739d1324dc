"""Layers that only act in training, to keep a network from learning by heart."""

from __future__ import annotations

from cnnstudio.graph.catalogue.windows import maps_only
from cnnstudio.graph.specs import Family, LayerSpec, Params, ParamSpec, ParamType, Shape, unchanged


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


DROPOUT = LayerSpec(
    kind="Dropout",
    family=Family.REGULARIZATION,
    help="silences values at random",
    params=(_probability("a value", 0.5),),
    output_shape=unchanged,
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
    summary=_summary,
    formula="y = x / (1 − p) or 0 in training, map by map; x in evaluation",
)

DROP_PATH = LayerSpec(
    kind="DropPath",
    family=Family.REGULARIZATION,
    help="skips a branch at random",
    params=(_probability("all that a picture gives", 0.1),),
    output_shape=unchanged,
    summary=_summary,
    formula="y = x / (1 − p) or 0 in training, picture by picture; x in evaluation",
)

KINDS = (DROPOUT, SPATIAL_DROPOUT, DROP_PATH)
