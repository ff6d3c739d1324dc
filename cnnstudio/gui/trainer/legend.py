"""The names of curves with a sample of their stroke, as they stand in a card's header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import elided

_SAMPLE, _GAP, _BETWEEN = 14, 6, 16
_LEAST = 36.0
"""Of a name in less room too little is left to be understood."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One curve: its name, colour token, and whether it is drawn thin, thick or as dots."""

    text: str
    token: str
    stroke: str = "thick"


class Legend(QWidget):
    def __init__(self, theme: Theme, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self.entries = theme, tuple(entries)
        self.setAccessibleName(", ".join(entry.text for entry in entries))
        self.setToolTip(self.accessibleName())
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self._theme.text_font(-1))
        words = sum(metrics.horizontalAdvance(entry.text) for entry in self.entries)
        return QSize(self._strokes + round(words) + 2, 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._strokes, 20)

    @property
    def names(self) -> list[str]:
        """The names as they fit: in a narrow card shortened, or left to the tool tip where that would say nothing."""
        metrics = QFontMetricsF(self._theme.text_font(-1))
        room = (self.width() - self._strokes) / len(self.entries)
        if self.width() >= self.sizeHint().width():
            return [entry.text for entry in self.entries]
        if room < _LEAST:
            return ["" for _entry in self.entries]
        return [elided(entry.text, metrics, room) for entry in self.entries]

    @property
    def _strokes(self) -> int:
        """Width of everything but the words."""
        return len(self.entries) * (_SAMPLE + _GAP) + (len(self.entries) - 1) * _BETWEEN

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self._theme.text_font(-1)
        metrics, middle, left = QFontMetricsF(font), self.height() / 2, 0.0
        painter.setFont(font)
        for entry, name in zip(self.entries, self.names, strict=True):
            color = self._theme.color(entry.token)
            if entry.stroke == "dots":
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
                painter.drawEllipse(QPointF(left + _SAMPLE / 2, middle), 4, 4)
            else:
                painter.setPen(QPen(color, 1 if entry.stroke == "thin" else 2.5))
                painter.drawLine(QPointF(left, middle), QPointF(left + _SAMPLE, middle))
            painter.setPen(self._theme.color("muted"))
            left += _SAMPLE + _GAP
            width = metrics.horizontalAdvance(name)
            painter.drawText(QRectF(left, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, name)
            left += width + _BETWEEN
