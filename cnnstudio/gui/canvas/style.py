"""Fonts, pens and brushes of the canvas: made once per look, since a paint may ask for them a thousand times."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPen

from cnnstudio.gui.theme import Theme

TOKENS = (
    "background", "surface", "raised", "border", "text", "muted", "accent", "ok", "warning", "danger",
    "source", "convolution", "linear", "pooling", "normalization", "activation", "regularization", "shape",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """One look of the canvas. `colors` holds every token of the palette."""

    theme: Theme
    colors: dict[str, QColor]
    name: QFont
    body: QFont
    figures: QFont
    small_figures: QFont
    note: QFont
    link: QFont
    far: QFont
    shadow: QColor
    accent_tint: QColor
    danger_tint: QColor
    wire: QColor
    grid: QColor

    @classmethod
    def of(cls, theme: Theme) -> Style:
        colors = {token: theme.color(token) for token in TOKENS}
        return cls(
            theme=theme,
            colors=colors,
            name=theme.text_font(0, bold=True),
            body=theme.text_font(-1),
            figures=theme.number_font(-1),
            small_figures=theme.number_font(-2),
            note=theme.text_font(-1),
            link=theme.text_font(-1, bold=True),
            far=theme.text_font(9, bold=True),
            shadow=QColor(0, 0, 0, 90) if theme.dark else QColor(20, 30, 45, 26),
            accent_tint=theme.color("accent", 0.14),
            danger_tint=theme.color("danger", 0.10),
            wire=QColor(theme.palette.blend("muted", 0.85, "background")),
            grid=QColor(theme.palette.blend("muted", 0.30 if theme.dark else 0.36, "background")),
        )

    def pen(self, token: str, width: float = 1.0) -> QPen:
        """A pen with round ends in the colour of a token."""
        return line(self.colors[token], width)


def line(color: QColor, width: float) -> QPen:
    return QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def fitted(text: str, font: QFont, width: float) -> str:
    """The text, with an ellipsis at its end where it is wider than `width`."""
    metrics = QFontMetricsF(font)
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def text_width(text: str, font: QFont) -> float:
    return QFontMetricsF(font).horizontalAdvance(text)
