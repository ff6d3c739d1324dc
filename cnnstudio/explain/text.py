"""How numbers are written, the same wherever they stand: on a card, in a table, in a tooltip, on the command line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cnnstudio.graph.shapes import size_text as joined

UNKNOWN = "?"
MINUS = "\u2212"


def shape_text(shape: Sequence[int] | None) -> str:
    """`(20, 28, 28)` as `20 × 28 × 28`; None as `?`."""
    return UNKNOWN if shape is None else joined(shape)


def size_text(size: object) -> str:
    """A size that is an int or (height, width) as `5 × 5`; None as an empty text."""
    if size is None:
        return ""
    return joined(size if isinstance(size, (tuple, list)) else (size, size))


def count_text(count: int | None) -> str:
    """`1256080` as `1,256,080`; None as `?`."""
    return UNKNOWN if count is None else f"{count:,}".replace("-", MINUS)


def bytes_text(count: int | None) -> str:
    """`62720` as `61 KB` (1 KB = 1,024 bytes), three figures at most; None as `?`."""
    if count is None:
        return UNKNOWN
    amount, unit = float(count), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 9.95 else f"{amount:.1f} {unit}"


def value_text(value: float, digits: int = 4) -> str:
    """A number of an array: `digits` significant figures, a real minus sign, `NaN` and `∞` named."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
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
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
