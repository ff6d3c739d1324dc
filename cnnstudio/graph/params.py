"""A parameter of a layer kind or a block, declared once: its type, range, default, and how to speak of it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cnnstudio.graph.errors import ParameterError
from cnnstudio.graph.shapes import size_text

Params = Mapping[str, object]
LARGEST = 65_536
"""No single size or count may be larger: it bounds every product that follows from a drawing."""


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


def value_text(value: object) -> str:
    """A parameter's value in words: on, automatic, 3 × 5; the four sides of a padding as code has them."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (tuple, list)):
        return size_text(value) if len(value) < 4 else f"({', '.join(map(str, value))})"
    if isinstance(value, float):
        return f"{value:g}"
    return "automatic" if value is None else value if isinstance(value, str) else quoted(value)


def pair(value: object) -> tuple[int, int]:
    """A checked SIZE parameter as (height, width)."""
    if isinstance(value, tuple):
        return value
    assert isinstance(value, int)
    return value, value
