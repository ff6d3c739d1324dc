"""The look: colours, fonts, style sheet, icons, and how numbers are written."""

from __future__ import annotations

from cnnstudio.explain.text import (
    bytes_text,
    count_text,
    duration_text,
    number_text,
    percent_text,
    shape_text,
    size_text,
    value_text,
)
from cnnstudio.gui.theme.fonts import Fonts
from cnnstudio.gui.theme.palette import DARK, LIGHT, Palette
from cnnstudio.gui.theme.theme import MODES, Theme

__all__ = [
    "DARK",
    "LIGHT",
    "MODES",
    "Fonts",
    "Palette",
    "Theme",
    "bytes_text",
    "count_text",
    "duration_text",
    "number_text",
    "percent_text",
    "shape_text",
    "size_text",
    "value_text",
]
