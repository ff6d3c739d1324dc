"""Layers that bring values to a common scale."""

from __future__ import annotations

from collections.abc import Mapping

from cnnstudio.graph.specs import Family, LayerSpec, Params, ParamSpec, ParamType, Shape, unchanged

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
    formula="y = (x − mean) / √(variance + ε) · scale + shift; parameters = 2 × channels",
)

KINDS = (BATCH_NORM,)
