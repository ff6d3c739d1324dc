"""Non-linear functions of one value at a time; softmax, of one position's channels."""

from __future__ import annotations

from collections.abc import Mapping

from cnnstudio.graph.keeping import Place, keeps_input, keeps_output
from cnnstudio.graph.params import Params, ParamSpec, ParamType
from cnnstudio.graph.shapes import Shape
from cnnstudio.graph.specs import Family, LayerSpec, unchanged
from cnnstudio.graph.views import EVERYTHING, WHOLE, View

RELU = LayerSpec(
    kind="ReLU",
    family=Family.ACTIVATION,
    help="max(0, x)",
    output_shape=unchanged,
    keeps=keeps_output,
    place=Place.OVER,
    formula="y = max(0, x)",
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
    keeps=keeps_input,
    place=Place.OVER,
    summary=lambda params: f"slope {params['negative_slope']:g}",
    formula="y = x above 0, slope · x below",
)


def _one_slope(params: Params, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
    return {"weight": (1,)}


PRELU = LayerSpec(
    kind="PReLU",
    family=Family.ACTIVATION,
    help="a learned slope below zero",
    output_shape=unchanged,
    weights=_one_slope,
    keeps=keeps_input,
    place=Place.OVER,
    formula="y = x above 0, slope · x below; parameters = 1, the slope",
)

ELU = LayerSpec(
    kind="ELU",
    family=Family.ACTIVATION,
    help="bends to −α below zero",
    params=(
        ParamSpec(
            "alpha",
            ParamType.REAL,
            "Alpha",
            "How far below zero the values can get.",
            default=1.0,
            minimum=0,
            maximum=1000,
        ),
    ),
    output_shape=unchanged,
    keeps=keeps_input,
    place=Place.OVER,
    summary=lambda params: f"alpha {params['alpha']:g}",
    formula="y = x above 0, α · (e^x − 1) below",
)

GELU = LayerSpec(
    kind="GELU",
    family=Family.ACTIVATION,
    help="x by its normal probability",
    params=(
        ParamSpec(
            "approximate",
            ParamType.CHOICE,
            "Approximation",
            "none: the exact probability; tanh: the formula that older networks were trained with.",
            default="none",
            choices=("none", "tanh"),
        ),
    ),
    output_shape=unchanged,
    keeps=keeps_input,
    place=Place.OVER,
    summary=lambda params: "tanh" if params["approximate"] == "tanh" else "",
    formula="y = x · Φ(x), Φ the normal distribution; tanh: x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2",
)

SILU = LayerSpec(
    kind="SiLU",
    family=Family.ACTIVATION,
    help="x times its own sigmoid",
    output_shape=unchanged,
    keeps=keeps_input,
    place=Place.OVER,
    formula="y = x / (1 + e^−x)",
)

SIGMOID = LayerSpec(
    kind="Sigmoid",
    family=Family.ACTIVATION,
    help="squashes to 0 … 1",
    output_shape=unchanged,
    keeps=keeps_output,
    place=Place.OVER,
    formula="y = 1 / (1 + e^−x)",
)

TANH = LayerSpec(
    kind="Tanh",
    family=Family.ACTIVATION,
    help="squashes to −1 … 1",
    output_shape=unchanged,
    keeps=keeps_output,
    place=Place.OVER,
    formula="y = (e^x − e^−x) / (e^x + e^−x)",
)


def _softmax_view(params: Params, inputs: tuple[Shape, ...], port: int) -> View:
    """A share depends on all that it is a share of: the channels at its place, or the whole vector."""
    return EVERYTHING if len(inputs[0]) == 1 else View(channels=WHOLE)


SOFTMAX = LayerSpec(
    kind="Softmax",
    family=Family.ACTIVATION,
    help="shares that sum to one",
    output_shape=unchanged,
    view=_softmax_view,
    keeps=keeps_output,
    formula="y = e^x / Σ e^x, over the channels",
)

KINDS = (RELU, LEAKY_RELU, PRELU, ELU, GELU, SILU, SIGMOID, TANH, SOFTMAX)
