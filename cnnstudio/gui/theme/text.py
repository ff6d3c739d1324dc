"""How the window writes numbers: a shape looks the same on a card, in a table, in a tooltip."""

from __future__ import annotations

import math
from collections.abc import Sequence

TIMES = "\u00d7"
MINUS = "\u2212"
UNKNOWN = "?"


def shape_text(shape: Sequence[int] | None) -> str:
    """`(20, 28, 28)` as `20 × 28 × 28`; None as `?`."""
    return UNKNOWN if shape is None else f" {TIMES} ".join(str(size) for size in shape)


def size_text(size: object) -> str:
    """A size that is an int or (height, width) as `5 × 5`; None as an empty text."""
    if size is None:
        return ""
    pair = size if isinstance(size, (tuple, list)) else (size, size)
    return f" {TIMES} ".join(str(each) for each in pair)


def count_text(count: int | None) -> str:
    """`1256080` as `1,256,080`; None as `?`."""
    return UNKNOWN if count is None else f"{count:,}".replace("-", MINUS)


def bytes_text(count: int | None) -> str:
    """`62720` as `61 KB` (1 KB = 1,024 bytes), three figures at most; None as `?`."""
    if count is None:
        return UNKNOWN
    amount = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 9.95 else f"{amount:.1f} {unit}"
        amount /= 1024
    raise AssertionError("the last unit takes every amount")


def value_text(value: float, digits: int = 4) -> str:
    """A number of an array: `digits` significant figures, a real minus sign, `NaN` and `∞` named."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "\u221e" if value > 0 else f"{MINUS}\u221e"
    size = abs(value)
    if size != 0 and (size < 1e-3 or size >= 1e6):
        return f"{value:.{digits - 2}e}".replace("-", MINUS)
    decimals = max(0, digits - len(str(int(size)))) if size >= 1 else digits
    return f"{value:.{decimals}f}".replace("-", MINUS)


def number_text(value: float) -> str:
    """A number as one would type it: `0.001`, `1e-05`, `64`."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def percent_text(share: float | None, decimals: int = 1) -> str:
    """`0.912` as `91.2 %`; None and NaN as `–`."""
    return "\u2013" if share is None or math.isnan(share) else f"{100 * share:.{decimals}f} %"


def duration_text(seconds: float | None) -> str:
    """`75.3` as `1 min 15 s`; None as an empty text."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
