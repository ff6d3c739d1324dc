"""Settings looked at when they are made: each comes back as Python's own number, or ConfigError says what it takes."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from numbers import Real
from typing import SupportsIndex, TypeGuard

from cnnstudio.engine.errors import ConfigError


def at_least(name: str, value: object, least: float = 0.0) -> float:
    """A finite number of at least `least`."""
    if not (is_number(value) and least <= value < math.inf):
        raise ConfigError(f"{name} is {value!r}; it takes a number of at least {least:g}.")
    return float(value)


def above_zero(name: str, value: object) -> float:
    """A finite number above 0."""
    if not (is_number(value) and 0 < value < math.inf):
        raise ConfigError(f"{name} is {value!r}; it takes a number above 0.")
    return float(value)


def share(name: str, value: object) -> float:
    """A number from 0 to below 1."""
    if not (is_number(value) and 0 <= value < 1):
        raise ConfigError(f"{name} is {value!r}; it takes a number from 0 to below 1.")
    return float(value)


def whole(name: str, value: object, least: int) -> int:
    """A whole number of at least `least`."""
    number = operator.index(value) if isinstance(value, SupportsIndex) and not isinstance(value, bool) else None
    if number is None or number < least:
        raise ConfigError(f"{name} is {value!r}; it takes a whole number of at least {least}.")
    return number


def truth(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{name} is {value!r}; it takes true or false.")
    return value


def one_of(name: str, value: object, choices: Iterable[str]) -> str:
    known = tuple(choices)
    if not isinstance(value, str) or value not in known:
        raise ConfigError(f"{name} is {value!r}; it takes one of: {', '.join(known)}.")
    return value


def is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, Real) and not isinstance(value, bool)
