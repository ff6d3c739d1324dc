"""Typed text to values and back, for the fields: forgiving to read, one way to write.

Readers never fail: text that says nothing sensible comes back as it is, and the range check then refuses it with
the sentence that tells what would do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QCoreApplication

from cnnstudio.gui.theme import number_text, size_text

Check = Callable[[object], object]
"""The value in its normal form; raises ValueError whose text tells what is taken."""

_SEPARATORS = re.compile(r"[\s,;xX\u00d7\u00b7*()\[\]]+")
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-"})


def read_int(text: str) -> object:
    cleaned = text.translate(_MINUS).replace(",", "").replace(" ", "")
    try:
        return int(cleaned)
    except ValueError:
        return text


def read_float(text: str) -> object:
    """Decimal point or comma, scientific notation as `1e-3` or `1·10^-3`."""
    cleaned = text.translate(_MINUS).replace(" ", "").replace("\u00b710^", "e").replace("*10^", "e")
    if "." not in cleaned:
        cleaned = cleaned.replace(",", ".")
    try:
        return float(cleaned)
    except ValueError:
        return text


def read_sizes(text: str) -> object:
    """`5`, `5 × 3`, `1, 28, 28`: an int for one number, a tuple for several."""
    parts = [part for part in _SEPARATORS.split(text.translate(_MINUS).strip()) if part]
    try:
        numbers = tuple(int(part) for part in parts)
    except ValueError:
        return text.strip()
    if not numbers:
        return text.strip()
    return numbers[0] if len(numbers) == 1 else numbers


def read_padding(text: str) -> object:
    word = text.strip().lower()
    return word if word in ("same", "valid") else read_sizes(text)


def read_shape(text: str) -> object:
    sizes = read_sizes(text)
    return (sizes,) if isinstance(sizes, int) else sizes


def show_int(value: object) -> str:
    return "" if value is None else str(value)


def show_float(value: object) -> str:
    return number_text(value) if isinstance(value, (int, float)) else show_int(value)


def show_sizes(value: object) -> str:
    return size_text(value)


def show_padding(value: object) -> str:
    if isinstance(value, str):
        return value
    return size_text(value).replace("\u00d7", "\u00b7")


def show_shape(value: object) -> str:
    return size_text(value if isinstance(value, (tuple, list)) else (value,))


def whole(minimum: int, maximum: int) -> Check:
    """Check of a whole number in a range, ends included."""

    def check(value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum:
            return value
        words = QCoreApplication.translate("Field", "Enter a whole number from {low} to {high}.")
        raise ValueError(words.format(low=f"{minimum:,}", high=f"{maximum:,}"))

    return check


def real(minimum: float, maximum: float, *, above: bool = False, below: bool = False) -> Check:
    """Check of a number in a range; `above` and `below` leave out the end."""

    def check(value: object) -> object:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            low = value > minimum if above else value >= minimum
            high = value < maximum if below else value <= maximum
            if low and high:
                return float(value)
        words = _range_words(above, below if math.isfinite(maximum) else None)
        raise ValueError(words.format(low=number_text(minimum), high=number_text(maximum)))

    return check


def _range_words(above: bool, below: bool | None) -> str:
    """The whole sentence, since word order differs between languages; `below` None: there is no upper end."""
    translate = QCoreApplication.translate
    if below is None:
        if above:
            return translate("Field", "Enter a number above {low}.")
        return translate("Field", "Enter a number from {low}.")
    if above:
        if below:
            return translate("Field", "Enter a number above {low} to below {high}.")
        return translate("Field", "Enter a number above {low} to {high}.")
    if below:
        return translate("Field", "Enter a number from {low} to below {high}.")
    return translate("Field", "Enter a number from {low} to {high}.")


def step_int(value: object, direction: int) -> object:
    return value + direction if isinstance(value, int) else value


def step_sizes(value: object, direction: int) -> object:
    if isinstance(value, tuple):
        return tuple(each + direction for each in value)
    return step_int(value, direction)


def step_plain(value: object, direction: int) -> object:
    """A tenth at a time, written without rounding dust."""
    if not isinstance(value, (int, float)):
        return value
    return float(Decimal(repr(float(value))) + Decimal("0.1") * direction)


def step_scale(value: object, direction: int) -> object:
    """Along 1, 2, 5, 10, ...: how learning rates are tried."""
    if not isinstance(value, (int, float)) or value <= 0:
        return value
    exponent = math.floor(math.log10(value))
    marks = [float(f"{digit}e{exponent + shift}") for shift in (-1, 0, 1) for digit in (1, 2, 5)]
    for _ in range(abs(direction)):
        if direction > 0:
            value = min(mark for mark in marks if mark > value * (1 + 1e-9))
        else:
            value = max(mark for mark in marks if mark < value * (1 - 1e-9))
        exponent = math.floor(math.log10(value) + 1e-9)
        marks = [float(f"{digit}e{exponent + shift}") for shift in (-1, 0, 1) for digit in (1, 2, 5)]
    return value
