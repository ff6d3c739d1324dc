"""Layers that change the form of what passes, or bring several paths together."""

from __future__ import annotations

from math import prod

from cnnstudio.graph.errors import ShapeError
from cnnstudio.graph.specs import Family, LayerSpec, Params, Ports, Shape, size_text, unchanged


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
    formula="features = channels × height × width",
)


def _add_shape(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    if len(set(inputs)) != 1:
        raise ShapeError(
            f"Add takes inputs of one shape; {_listed(inputs)} arrived.",
            arrived=inputs,
            expected=f"{size_text(inputs[0])} on every input",
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
        )
    return sum(shape[0] for shape in inputs), *inputs[0][1:]


CONCAT = LayerSpec(
    kind="Concat",
    family=Family.SHAPE,
    help="channels side by side",
    ports=Ports(2, None),
    output_shape=_concat_shape,
    formula="channels = sum of the inputs' channels",
)


IDENTITY = LayerSpec(
    kind="Identity", family=Family.SHAPE, help="passes everything on", output_shape=unchanged, formula="y = x"
)

KINDS = (FLATTEN, ADD, CONCAT, IDENTITY)
