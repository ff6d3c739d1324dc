"""Ranges and ticks of the curves: round numbers that change seldom, so that the axes of a growing curve stay calm."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_STEPS = (1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 6.0, 8.0, 10.0)
_USUAL = 6_000
"""A run of so many iterations is still seen well as a whole."""
_LINES = 4
"""Lines of the grid above the lowest one."""


def round_up(value: float) -> float:
    """The next number of the forms 1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8 times a power of ten; 1 for nothing useful."""
    if not math.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in _STEPS if step * power >= value * (1 - 1e-9))


def ceiling(losses: NDArray[np.floating], others: NDArray[np.floating]) -> float:
    """Top of a loss axis: above where the run began, 99 % of its finite `losses`, and all `others`.

    A single spike may leave the picture; it would press everything else flat.
    """
    finite, marks = losses[np.isfinite(losses)], others[np.isfinite(others)]
    tops = [float(finite[0]), float(np.quantile(finite, 0.99))] if finite.size else []
    tops += [float(marks.max())] if marks.size else []
    return round_up(max(tops)) if tops else 1.0


def value_ticks(top: float) -> list[tuple[float, str]]:
    """Places and texts from 0 to `top`, evenly, all with as many decimals as the step needs."""
    step = top / _LINES
    plain = 1e-3 <= step < 1e4
    decimals = len(f"{step:.3g}".partition(".")[2]) if plain else 0
    texts = [f"{index * step:.{decimals}f}" if plain else f"{index * step:.2g}" for index in range(_LINES + 1)]
    return [(index * step, "0" if index == 0 else text) for index, text in enumerate(texts)]


def share_ticks() -> list[tuple[float, str]]:
    """Places and texts of an axis from nothing to all."""
    return [(index / _LINES, f"{25 * index} %") for index in range(_LINES + 1)]


def power_range(values: NDArray[np.floating]) -> tuple[int, int]:
    """Powers of ten that enclose the positive finite values."""
    usable = values[np.isfinite(values) & (values > 0)]
    if not usable.size:
        return -2, 1
    low, high = math.floor(math.log10(float(usable.min()))), math.ceil(math.log10(float(usable.max())))
    return low, max(high, low + 1)


def power_ticks(low: int, high: int) -> list[tuple[float, str]]:
    """Places (as logarithms) and texts of the powers of ten from `low` to `high`, five at most."""
    step = max(1, math.ceil((high - low) / 5))
    return [(float(power), f"{10.0**power:g}") for power in range(low, high + 1, step)]


def horizon(done: int, total: int) -> int:
    """Where the axis of a run of `total` iterations ends when `done` are done.

    At its end, if it is of a usual length; a very long one would press its beginning into the first pixels, so its
    axis begins short and doubles whenever the curve has come half across.
    """
    end = total
    while end > 4 * max(done, _USUAL // 4):
        end = math.ceil(end / 2)
    return end


def iteration_ticks(per_epoch: int, total: int, most: int = 6) -> list[tuple[float, str]]:
    """Ticks at ends of epochs, thinned out to `most`; round numbers where no epoch is known."""
    if total <= 0:
        return [(0.0, "0")]
    step = per_epoch if 0 < per_epoch <= total else max(1, round(round_up(total / (most - 1))))
    every = step * max(1, math.ceil(total / step / (most - 1)))
    return [(float(place), f"{place:,}") for place in range(0, total + 1, every)]
