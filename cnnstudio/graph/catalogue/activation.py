"""Non-linear functions of one value at a time; softmax, of one position's channels."""

from __future__ import annotations

from cnnstudio.graph.specs import (
    POINTWISE,
    Family,
    LayerSpec,
    Params,
    ParamSpec,
    ParamType,
    Shape,
    Step,
    WholeInput,
    unchanged,
)

RELU = LayerSpec(
    kind="ReLU", family=Family.ACTIVATION, help="max(0, x)", output_shape=unchanged, formula="y = max(0, x)"
)

LEAKY_RELU = LayerSpec(
    kind="LeakyReLU",
    family=Family.ACTIVATION,
    help="a small slope below zero",
    params=(
        ParamSpec(
            "negative_slope",
            ParamType.REAL,
            "Negative slope",
            "What negative values are multiplied by.",
            default=0.01,
            minimum=0,
            maximum=1,
        ),
    ),
    output_shape=unchanged,
    summary=lambda params: f"slope {params['negative_slope']:g}",
    formula="y = x above 0, slope · x below",
)

SIGMOID = LayerSpec(
    kind="Sigmoid",
    family=Family.ACTIVATION,
    help="squashes to 0 … 1",
    output_shape=unchanged,
    formula="y = 1 / (1 + e^−x)",
)

TANH = LayerSpec(
    kind="Tanh",
    family=Family.ACTIVATION,
    help="squashes to −1 … 1",
    output_shape=unchanged,
    formula="y = (e^x − e^−x) / (e^x + e^−x)",
)


def _softmax_step(params: Params, shape: Shape) -> Step:
    """A share depends on all that it is a share of: the channels at its place, or the whole vector."""
    return WholeInput() if len(shape) == 1 else POINTWISE


SOFTMAX = LayerSpec(
    kind="Softmax",
    family=Family.ACTIVATION,
    help="shares that sum to one",
    output_shape=unchanged,
    step=_softmax_step,
    formula="y = e^x / Σ e^x, over the channels",
)

KINDS = (RELU, LEAKY_RELU, SIGMOID, TANH, SOFTMAX)
