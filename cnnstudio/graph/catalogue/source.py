"""Where pictures come in."""

from __future__ import annotations

from cnnstudio.graph.params import Params, ParamSpec, ParamType
from cnnstudio.graph.shapes import Shape, size_text
from cnnstudio.graph.specs import Family, LayerSpec, Ports
from cnnstudio.graph.terms import number


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
    derivation=lambda params, inputs: tuple(number(each) for each in _shape(params, inputs)),
)

KINDS = (INPUT,)
