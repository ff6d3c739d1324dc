"""The vocabulary in which a layer kind is declared, once: its ports, parameters, and the rules that follow.

Palette, property panel, validation, analysis, file format and tests all read these declarations; nothing else in
the program knows a kind by name except the engine's layer and its row in `compile`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from cnnstudio.graph.errors import ParameterError
from cnnstudio.graph.terms import Term, number
from cnnstudio.graph.views import POINTWISE as POINTWISE
from cnnstudio.graph.views import SAME, Unrolled, View
from cnnstudio.graph.views import Step as Step
from cnnstudio.graph.views import Uneven as Uneven
from cnnstudio.graph.views import WholeInput as WholeInput

Shape = tuple[int, ...]
"""A shape without the batch axis: (channels, height, width) of maps or (features,) of a vector."""

Params = Mapping[str, object]
LARGEST = 65_536
"""No single size or count may be larger: it bounds every product that follows from a drawing."""
LARGEST_OUTPUT = 2**40
"""No layer may give more numbers for one image. Concat and Flatten would otherwise grow them without end."""


class Family(StrEnum):
    SOURCE = "source"
    CONVOLUTION = "convolution"
    POOLING = "pooling"
    NORMALIZATION = "normalization"
    ACTIVATION = "activation"
    REGULARIZATION = "regularization"
    SHAPE = "shape"


class ParamType(StrEnum):
    """What a parameter's value looks like; the property panel has one editor for each."""

    INTEGER = "integer"
    REAL = "real"
    FLAG = "flag"
    CHOICE = "choice"
    SIZE = "size"
    """An int, or (height, width)."""
    PADDING = "padding"
    """An int, (height, width), (top, bottom, left, right), or one of the words that `choices` has."""
    SHAPE = "shape"
    """(channels, height, width) or (features,)."""


class Required:
    """Marks a parameter that has no default."""

    def __repr__(self) -> str:
        return "required"


REQUIRED = Required()


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """One parameter of a layer kind: its type, range, default, and how to speak of it.

    `initial` is what the palette gives a layer that is dropped on the canvas; it is the default unless said.
    `choices` are the values of a CHOICE, and the words that a PADDING takes beside numbers.
    """

    name: str
    type: ParamType
    label: str
    help: str
    default: object = REQUIRED
    initial: object = None
    minimum: float = 1
    maximum: float = LARGEST
    below_maximum: bool = False
    above_minimum: bool = False
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    @property
    def first_value(self) -> object:
        return self.initial if self.required else self.default

    def check(self, value: object) -> object:
        """The value in its one normal form (lists as tuples, an equal pair as an int).

        Raises:
            ParameterError: wrong type or out of range; the message says what the parameter takes.
        """
        if value is None and self.optional:
            return None
        return _CHECKS[self.type](self, value)

    def refuse(self, value: object) -> ParameterError:
        return ParameterError(f"{self.name} is {quoted(value)}; it takes {self.range_text}.")

    @property
    def range_text(self) -> str:
        low, high = _number_text(self.minimum), _number_text(self.maximum)
        match self.type:
            case ParamType.FLAG:
                return "true or false"
            case ParamType.CHOICE:
                return " or ".join(f'"{choice}"' for choice in self.choices)
            case ParamType.SIZE:
                return f"a whole number from {low} to {high}, or such a (height, width)"
            case ParamType.PADDING:
                forms = [f"a whole number from {low} to {high}", "(height, width)", "(top, bottom, left, right)"]
                forms += [f'"{word}"' for word in self.choices]
                return f"{', '.join(forms[:-1])} or {forms[-1]}"
            case ParamType.SHAPE:
                return f"(channels, height, width) or (features,), each from {low} to {high}"
            case ParamType.INTEGER:
                return f"a whole number from {low} to {high}"
            case _:
                if math.isinf(self.maximum):
                    return f"a number above {low}" if self.above_minimum else f"a number of at least {low}"
                above = "above" if self.above_minimum else "from"
                below = "to below" if self.below_maximum else "to"
                return f"a number {above} {low} {below} {high}"


def quoted(value: object) -> str:
    """A value as a message shows it: never longer than a few words."""
    try:
        text = repr(value)
    except ValueError:  # a whole number with more digits than Python writes out
        text = "a huge number"
    return text if len(text) <= 40 else text[:37] + "..."


def _number_text(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:g}"


def _whole(param: ParamSpec, value: object, shown: object) -> int:
    if isinstance(value, bool):
        raise param.refuse(shown)
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise param.refuse(shown) from None
    if not param.minimum <= number <= param.maximum:
        raise param.refuse(shown)
    return number


def _integer(param: ParamSpec, value: object) -> object:
    return _whole(param, value, value)


def _real(param: ParamSpec, value: object) -> object:
    if isinstance(value, (bool, str)):
        raise param.refuse(value)
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise param.refuse(value) from None
    too_low = number <= param.minimum if param.above_minimum else number < param.minimum
    too_high = number >= param.maximum if param.below_maximum else number > param.maximum
    if not math.isfinite(number) or too_low or too_high:
        raise param.refuse(value)
    return number


def _flag(param: ParamSpec, value: object) -> object:
    if not isinstance(value, bool):
        raise param.refuse(value)
    return value


def _choice(param: ParamSpec, value: object) -> object:
    if not isinstance(value, str) or value not in param.choices:
        raise param.refuse(value)
    return value


def _numbers(param: ParamSpec, value: object, lengths: tuple[int, ...]) -> tuple[int, ...]:
    if not isinstance(value, (tuple, list)) or len(value) not in lengths:
        raise param.refuse(value)
    return tuple(_whole(param, each, value) for each in value)


def _size(param: ParamSpec, value: object) -> object:
    if isinstance(value, (tuple, list)):
        height, width = _numbers(param, value, (2,))
        return height if height == width else (height, width)
    return _whole(param, value, value)


def _padding(param: ParamSpec, value: object) -> object:
    if isinstance(value, str):
        return _choice(param, value)
    if not isinstance(value, (tuple, list)):
        return _whole(param, value, value)
    sides = _numbers(param, value, (2, 4))
    if len(sides) == 4:
        top, bottom, left, right = sides
        if (top, left) != (bottom, right):
            return sides
        sides = (top, left)
    return sides[0] if sides[0] == sides[1] else sides


def _shape(param: ParamSpec, value: object) -> object:
    return _numbers(param, value, (1, 3))


_CHECKS: Mapping[ParamType, Callable[[ParamSpec, object], object]] = {
    ParamType.INTEGER: _integer,
    ParamType.REAL: _real,
    ParamType.FLAG: _flag,
    ParamType.CHOICE: _choice,
    ParamType.SIZE: _size,
    ParamType.PADDING: _padding,
    ParamType.SHAPE: _shape,
}


def find_param(owner: str, declared: Sequence[ParamSpec], name: str) -> ParamSpec:
    """The declaration of `owner`'s parameter `name`. Raises ParameterError, naming what there is."""
    for each in declared:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in declared) or "none"
    raise ParameterError(f"{owner} has no parameter {name}; it has: {known}.")


def check_params(owner: str, declared: Sequence[ParamSpec], params: Params) -> dict[str, object]:
    """All declared parameters, in that order and in normal form, defaults filled in. Raises ParameterError."""
    for name in params:
        find_param(owner, declared, name)
    missing = [each.name for each in declared if each.required and each.name not in params]
    if missing:
        raise ParameterError(f"{owner} needs {', '.join(missing)}.")
    try:
        return {each.name: each.check(params.get(each.name, each.default)) for each in declared}
    except ParameterError as error:
        raise ParameterError(f"{owner}: {error}") from None


@dataclass(frozen=True, slots=True)
class Ports:
    """How many inputs a kind takes; `maximum` None means any number from `minimum` on."""

    minimum: int = 1
    maximum: int | None = 1

    @property
    def variadic(self) -> bool:
        return self.maximum is None


FLOAT32 = 4
"""Bytes of a value; activations, weights and gradients are counted in this precision."""


class Place(StrEnum):
    """Where a layer's output lies in memory."""

    NEW = "new"
    """In an array of its own."""
    OVER = "over"
    """In the place of its input where that serves nobody else, as ReLU "in place"; otherwise in one of its own."""
    SAME = "same"
    """In its input, which it hands on as it is."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a layer holds on to in training until its gradient is computed.

    Attributes:
        input, output: whether its inputs or its output are among it; those are arrays that others may keep as well.
        own: bytes for one image of what it keeps besides, such as a mask.
    """

    input: bool = False
    output: bool = False
    own: int = 0


Keeps = Callable[[Params, tuple[Shape, ...], Shape], Kept]
"""(params, input shapes, output shape) -> what is kept."""


def keeps_nothing(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
    return Kept()


def keeps_input(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
    return Kept(input=True)


def keeps_output(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
    return Kept(output=True)


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


def size_text(shape: Sequence[object]) -> str:
    """A shape as people read it: 20 × 28 × 28."""
    return " × ".join(str(each) for each in shape)


def pair(value: object) -> tuple[int, int]:
    """A checked SIZE parameter as (height, width)."""
    if isinstance(value, tuple):
        return value
    assert isinstance(value, int)
    return value, value
