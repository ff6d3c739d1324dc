"""The names of curves with a sample of their stroke, as they stand in a card's header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.gui.theme import Theme

_SAMPLE, _GAP, _BETWEEN = 14, 6, 16


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
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self._theme.text_font(-1))
        width = sum(_SAMPLE + _GAP + metrics.horizontalAdvance(entry.text) for entry in self.entries)
        return QSize(round(width + _BETWEEN * (len(self.entries) - 1)) + 2, 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self._theme.text_font(-1)
        metrics, middle, left = QFontMetricsF(font), self.height() / 2, 0.0
        painter.setFont(font)
        for entry in self.entries:
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
            width = metrics.horizontalAdvance(entry.text)
            painter.drawText(QRectF(left, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, entry.text)
            left += width + _BETWEEN
