"""Colour maps as tables of 256 colours.

Diverging data (weights, gradients) get a symmetric map whose middle is the card's own surface, so that zero leaves no
mark; magnitudes get viridis (van der Walt and Smith, 2015), perceptually uniform, through its published anchors.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from cnnstudio.gui.theme import Palette

LEVELS = 256
MIDDLE = 127
"""Index of zero in a diverging table: levels 0 to 254 are symmetric around it."""

_VIRIDIS = (
    "#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70", "#7ad151",
    "#bddf26", "#fde725",
)  # fmt: skip


def diverging(palette: Palette) -> np.ndarray:
    """(256, 3) uint8: negative end, surface at `MIDDLE`, positive end."""
    ends = np.stack([_rgb(palette.negative), _rgb(palette.surface), _rgb(palette.positive)])
    table = np.empty((LEVELS, 3), np.uint8)
    position = np.clip(np.arange(LEVELS) / MIDDLE, 0, 2)
    for channel in range(3):
        table[:, channel] = np.round(np.interp(position, (0, 1, 2), ends[:, channel]))
    return table


def magnitude(_palette: Palette) -> np.ndarray:
    """(256, 3) uint8: viridis, from dark (nothing) to bright (most)."""
    anchors = np.stack([_rgb(color) for color in _VIRIDIS])
    place = np.linspace(0, 1, len(anchors))
    at = np.linspace(0, 1, LEVELS)
    return np.stack([np.round(np.interp(at, place, anchors[:, c])) for c in range(3)], 1).astype(np.uint8)


def grey(_palette: Palette) -> np.ndarray:
    """(256, 3) uint8: black to white, for pictures of one channel."""
    return np.repeat(np.arange(LEVELS, dtype=np.uint8)[:, None], 3, axis=1)


TABLES = {"diverging": diverging, "magnitude": magnitude, "grey": grey}


def table(kind: str, palette: Palette) -> np.ndarray:
    """(256, 3) uint8 of the map named `diverging`, `magnitude` or `grey`. Raises KeyError for another name."""
    return TABLES[kind](palette)


def levels(values: np.ndarray, kind: str, low: float, high: float) -> np.ndarray:
    """Indices (uint8, same shape) into a table of `kind` for values between `low` and `high`; NaN becomes the low end.

    A diverging range is used symmetrically: its larger end counts for both.
    """
    # Divided first: a factor would be infinite for the smallest numbers there are.
    if kind == "diverging":
        limit = max(abs(low), abs(high)) or 1.0
        scaled = values / limit * MIDDLE + MIDDLE
        top = 2 * MIDDLE
    else:
        span = (high - low) or 1.0
        scaled = (np.asarray(values, np.float64) - low) / span * (LEVELS - 1)
        top = LEVELS - 1
    scaled = np.nan_to_num(scaled, nan=0.0, posinf=top, neginf=0.0)
    return np.clip(np.rint(scaled), 0, top).astype(np.uint8)


def value_range(values: np.ndarray, kind: str) -> tuple[float, float]:
    """(low, high) that the finite values span; symmetric for a diverging map, from 0 at the lowest for magnitudes."""
    finite = values[np.isfinite(values)] if values.size else values
    if not finite.size:
        return (-1.0, 1.0) if kind == "diverging" else (0.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    if kind == "diverging":
        limit = max(abs(low), abs(high)) or 1.0
        return -limit, limit
    low = min(low, 0.0)
    return low, high if high > low else low + 1.0


def color_table(kind: str, palette: Palette) -> list[int]:
    """The table as the QRgb values that an indexed QImage takes."""
    return [QColor(int(r), int(g), int(b)).rgb() for r, g, b in table(kind, palette)]


def _rgb(color: str) -> np.ndarray:
    made = QColor(color)
    return np.array([made.red(), made.green(), made.blue()], float)
