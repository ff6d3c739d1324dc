"""The small plate beside the cursor of a plot: a caption and rows of name and value."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.gui.theme import Theme

_ROW, _PAD, _GAP = 17, 8, 12


class Readout(QWidget):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.caption = ""
        self.rows: tuple[tuple[str, str], ...] = ()
        self.setObjectName("plotReadout")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        theme.changed.connect(self.update)

    @property
    def text(self) -> str:
        """All that the plate says, one line a row."""
        return "\n".join([self.caption, *(f"{name} {value}" for name, value in self.rows)])

    def set_rows(self, caption: str, rows: tuple[tuple[str, str], ...]) -> None:
        if (caption, rows) == (self.caption, self.rows):
            return
        self.caption, self.rows = caption, rows
        names, values = QFontMetricsF(self._theme.text_font(-1)), QFontMetricsF(self._theme.number_font(-1))
        widths = [names.horizontalAdvance(name) + _GAP + values.horizontalAdvance(value) for name, value in rows]
        width = max([names.horizontalAdvance(caption), *widths])
        self.resize(math.ceil(width) + 2 * _PAD, _ROW * (1 + len(rows)) + _PAD)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.color("border"))
        painter.setBrush(theme.color("raised", 0.95))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        line = QRectF(_PAD, _PAD / 2, self.width() - 2 * _PAD, _ROW)
        left, right = (
            Qt.AlignmentFlag.AlignVCenter | each for each in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
        )
        painter.setFont(theme.text_font(-1))
        painter.setPen(theme.color("muted"))
        painter.drawText(line, left, self.caption)
        for name, value in self.rows:
            line.translate(0, _ROW)
            painter.setFont(theme.text_font(-1))
            painter.setPen(theme.color("muted"))
            painter.drawText(line, left, name)
            painter.setFont(theme.number_font(-1))
            painter.setPen(theme.color("text"))
            painter.drawText(line, right, value)
