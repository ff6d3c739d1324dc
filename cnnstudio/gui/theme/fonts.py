"""Two typefaces: one to read, one whose figures all have the same width."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

READING = ("Inter", "Noto Sans", "Ubuntu", "Cantarell", "DejaVu Sans", "Liberation Sans")
FIGURES = (
    "JetBrains Mono",
    "SF Mono",
    "Menlo",
    "Cascadia Mono",
    "Consolas",
    "DejaVu Sans Mono",
    "Noto Sans Mono",
    "Liberation Mono",
)
X_HEIGHT = 6.6
"""Height of a small x that body text is set to, in pixels: wide faces such as DejaVu get a smaller size."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """Families and the body size in pixels; steps up and down the scale are whole pixels."""

    reading: str
    figures: str
    body: int

    def text(self, step: int = 0, bold: bool = False) -> QFont:
        return self._font(self.reading, QFont.StyleHint.SansSerif, step, bold)

    def number(self, step: int = 0, bold: bool = False) -> QFont:
        return self._font(self.figures, QFont.StyleHint.Monospace, step, bold)

    def _font(self, family: str, hint: QFont.StyleHint, step: int, bold: bool) -> QFont:
        font = QFont(family)
        font.setStyleHint(hint)
        font.setPixelSize(self.body + step)
        font.setBold(bold)
        return font


def pick_fonts() -> Fonts:
    """Best families of this machine; needs a QGuiApplication."""
    installed = set(QFontDatabase.families())
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    candidates = READING if sys.platform.startswith("linux") else (system, *READING)
    reading = next((family for family in candidates if family in installed), system)
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    figures = next((family for family in FIGURES if family in installed), fixed)
    return Fonts(reading, figures, _body_size(reading))


def _body_size(family: str) -> int:
    """The size of 12 to 14 pixels that comes nearest to the x-height we read well."""

    def distance(size: int) -> float:
        font = QFont(family)
        font.setPixelSize(size)
        return abs(QFontMetricsF(font).xHeight() - X_HEIGHT)

    return min((12, 13, 14), key=distance)
