"""The vocabulary in which a layer kind is declared, once: its ports, parameters, and the rules that follow.

Palette, property panel, validation, analysis, file format and tests all read these declarations; nothing else in
the program knows a kind by name except the engine's layer and its row in `compile`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cnnstudio.graph.keeping import Keeps, Place, keeps_nothing
from cnnstudio.graph.params import Params, ParamSpec, check_params, find_param
from cnnstudio.graph.shapes import Shape
from cnnstudio.graph.terms import Term, number
from cnnstudio.graph.views import SAME, Step, Unrolled, View


class Family(StrEnum):
    SOURCE = "source"
    CONVOLUTION = "convolution"
    POOLING = "pooling"
    NORMALIZATION = "normalization"
    ACTIVATION = "activation"
    REGULARIZATION = "regularization"
    SHAPE = "shape"


@dataclass(frozen=True, slots=True)
class Ports:
    """How many inputs a kind takes; `maximum` None means any number from `minimum` on."""

    minimum: int = 1
    maximum: int | None = 1

    @property
    def variadic(self) -> bool:
        return self.maximum is None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A layer that can be computed, but perhaps not as meant; `offers` are parameters that would fit."""

    message: str
    offers: tuple[Params, ...]


def _no_doubt(params: Params, inputs: tuple[Shape, ...]) -> Doubt | None:
    return None


def _no_arrays(params: Params, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:
    return {}


def _no_macs(params: Params, inputs: tuple[Shape, ...], output: Shape) -> int:
    return 0


def _same(params: Params, inputs: tuple[Shape, ...], port: int) -> View | Unrolled:
    return SAME


def unchanged(params: Params, inputs: tuple[Shape, ...]) -> Shape:
    """The shape rule of kinds that change values only."""
    return inputs[0]


def _as_it_arrives(params: Params, inputs: tuple[Shape, ...]) -> tuple[Term, ...]:
    return tuple(number(each) for each in inputs[0])


def _no_summary(params: Params) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """A layer kind, declared once.

    Attributes:
        output_shape: (params, input shapes) -> output shape; raises ShapeError when they do not fit.
        weights: name and PyTorch shape of each learned array.
        buffers: name and shape of each array that is kept but not learned.
        macs: multiply-adds for one image; convolution and linear multiplies only (torchvision's convention).
        view: what one value depends on of the input on a port (counted from 0), in evaluation.
        step: what the kind does to the receptive field.
        keeps: what backward needs of a forward pass.
        place: where the output lies when nothing is kept, as in evaluation.
        summary: the main parameters as a card shows them, such as "5×5, 20, pad 2".
        formula: how its figures come about, in words.
        derivation: the output shape worked out with the layer's own values, one Term an axis (see `workings`).
        doubt: what to warn of, once the shapes are known to fit.
        tint: the colour group, where it differs from the family.
    """

    kind: str
    family: Family
    help: str
    output_shape: Callable[[Params, tuple[Shape, ...]], Shape]
    formula: str
    params: tuple[ParamSpec, ...] = ()
    ports: Ports = field(default_factory=Ports)
    weights: Callable[[Params, tuple[Shape, ...]], Mapping[str, Shape]] = _no_arrays
    buffers: Callable[[Params, tuple[Shape, ...]], Mapping[str, Shape]] = _no_arrays
    macs: Callable[[Params, tuple[Shape, ...], Shape], int] = _no_macs
    view: Callable[[Params, tuple[Shape, ...], int], View | Unrolled] = _same
    keeps: Keeps = keeps_nothing
    place: Place = Place.NEW
    summary: Callable[[Params], str] = _no_summary
    derivation: Callable[[Params, tuple[Shape, ...]], tuple[Term, ...]] = _as_it_arrives
    doubt: Callable[[Params, tuple[Shape, ...]], Doubt | None] = _no_doubt
    tint: str = ""

    @property
    def colour(self) -> str:
        """Which of the theme's family colours the kind wears."""
        return self.tint or self.family.value

    def step(self, params: Params, shape: Shape) -> Step:
        """What the kind does to the receptive field of what arrives, in this shape, on its first input."""
        return self.view(params, (shape,), 0).step

    def param(self, name: str) -> ParamSpec:
        """Raises ParameterError, naming what the kind takes, when there is no such parameter."""
        return find_param(self.kind, self.params, name)

    def check(self, params: Params) -> dict[str, object]:
        """All parameters in declared order and normal form, defaults filled in. Raises ParameterError."""
        return check_params(self.kind, self.params, params)

    def first_params(self) -> dict[str, object]:
        """What a layer of this kind starts with when it is drawn by hand."""
        return {each.name: each.first_value for each in self.params}
