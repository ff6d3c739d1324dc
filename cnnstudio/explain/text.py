"""How numbers are written, the same wherever they stand."""

from __future__ import annotations

import math

from cnnstudio.graph.specs import Shape, size_text

UNKNOWN = "?"
_MINUS = "\u2212"


def shape_text(shape: Shape | None) -> str:
    """`(20, 28, 28)` as `20 × 28 × 28`; None as `?`."""
    return UNKNOWN if shape is None else size_text(shape)


def count_text(count: int | None) -> str:
    """`1256080` as `1,256,080`; None as `?`."""
    return UNKNOWN if count is None else f"{count:,}"


def bytes_text(count: int | None) -> str:
    """`62720` as `61 KB` (1 KB = 1,024 bytes), three figures at most; None as `?`."""
    if count is None:
        return UNKNOWN
    amount, unit = float(count), "bytes"
    for larger in ("KB", "MB", "GB", "TB"):
        if amount < 1000:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 9.95 else f"{amount:.1f} {unit}"


def value_text(value: float, digits: int = 4) -> str:
    """A number of an array: `digits` significant figures, a real minus sign, `NaN` and `∞` named."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else f"{_MINUS}∞"
    size = abs(value)
    if size != 0 and (size < 1e-3 or size >= 1e6):
        return f"{value:.{digits - 2}e}".replace("-", _MINUS)
    decimals = max(0, digits - len(str(int(size)))) if size >= 1 else digits
    return f"{value:.{decimals}f}".replace("-", _MINUS)


def percent_text(share: float | None) -> str:
    """`0.912` as `91.2 %`; None and NaN as `–`."""
    return "\u2013" if share is None or math.isnan(share) else f"{100 * share:.1f} %"


def duration_text(seconds: float) -> str:
    """`75.3` as `1 min 15 s`."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
