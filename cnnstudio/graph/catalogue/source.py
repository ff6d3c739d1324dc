"""Where pictures come in."""

from __future__ import annotations

from cnnstudio.graph.params import Params, ParamSpec, ParamType
from cnnstudio.graph.shapes import Shape, size_text
from cnnstudio.graph.specs import Doubt, Family, LayerSpec, Ports
from cnnstudio.graph.terms import number

COLOURS = (1, 3, 4)
"""How many channels pictures have: grey, colour, colour and transparency."""
MOST_COLOURS = max(COLOURS)
LEAST_SIDE = 8
"""Pixels from which on two different numbers are rather height and width than channels and height."""


def _shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    shape = params["shape"]
    assert isinstance(shape, tuple)
    return shape


def _summary(params: Params) -> str:
    shape = _shape(params, ())
    if len(shape) == 1:
        return f"{shape[0]} features"
    channels = {1: "grey picture", 3: "colour picture"}.get(shape[0], f"map of {shape[0]} channels")
    return f"{size_text(shape[1:])} {channels}"


def _doubt(params: Params, inputs: tuple[Shape, ...]) -> Doubt | None:
    """A picture written as height × width × channels, as courses and TensorFlow do."""
    shape = _shape(params, inputs)
    if len(shape) != 3 or shape[0] <= MOST_COLOURS or shape[2] not in COLOURS:
        return None
    first, second, last = shape
    if min(first, second) < LEAST_SIDE:
        return None
    meant = (last, first, second)
    return Doubt(
        f"{first} channels of {size_text(shape[1:])} pixels: shapes are channels × height × width, so perhaps "
        f"{size_text(meant)} is meant.",
        ({"shape": meant},),
    )


INPUT = LayerSpec(
    kind="Input",
    family=Family.SOURCE,
    help="the picture that comes in",
    params=(
        ParamSpec(
            "shape",
            ParamType.SHAPE,
            "Shape",
            "Channels, height and width of one picture; one number for a plain vector.",
            initial=(1, 28, 28),
        ),
    ),
    ports=Ports(0, 0),
    output_shape=_shape,
    formula="output = shape",
    summary=_summary,
    doubt=_doubt,
    derivation=lambda params, inputs: tuple(number(each) for each in _shape(params, inputs)),
)

KINDS = (INPUT,)
