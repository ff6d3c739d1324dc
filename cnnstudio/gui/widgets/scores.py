"""Class scores as bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.gui.theme import Theme, percent_text
from cnnstudio.gui.widgets.basics import elided

ROW = 28


class ScoreBars(QWidget):
    """The likeliest classes: name, bar, percent. Always `limit` rows high, so that nothing below it moves."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, limit: int = 5) -> None:
        super().__init__(parent)
        self._theme, self._limit = theme, limit
        self._rows: list[tuple[str, float]] = []
        self._names: tuple[str, ...] = ()
        self.setFixedHeight(limit * ROW)
        self.setMinimumWidth(160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def rows(self) -> list[tuple[str, float]]:
        """(name, share) as shown, the likeliest first."""
        return list(self._rows)

    def set_scores(self, names: Sequence[str], shares: np.ndarray | Sequence[float]) -> None:
        """`shares` (K,) from 0 to 1 for the K named classes; two empty sequences clear the bars."""
        values = np.asarray(shares, float)
        order = np.argsort(-np.nan_to_num(values, nan=-1.0), kind="stable")[: self._limit]
        self._names = tuple(names)
        self._rows = [(str(names[index]), float(values[index])) for index in order]
        self.setAccessibleDescription(", ".join(f"{name} {percent_text(share)}" for name, share in self._rows))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(232, self._limit * ROW)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        bold, plain, figures = theme.text_font(0, True), theme.text_font(), theme.number_font(-1)
        metrics = QFontMetricsF(bold)
        widest = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        names = min(widest, 0.38 * self.width()) + 14
        percents = QFontMetricsF(figures).horizontalAdvance("100.0 %") + 10
        for row, (name, share) in enumerate(self._rows):
            line = QRectF(0, row * ROW, self.width(), ROW)
            painter.setFont(bold if row == 0 else plain)
            painter.setPen(theme.color("text"))
            place = QRectF(0, line.top(), names - 8, ROW)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | middle, elided(name, metrics, place.width()))
            painter.setFont(figures)
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | middle, percent_text(share))
            groove = QRectF(names, line.center().y() - 7, self.width() - names - percents, 14)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(groove, 3, 3)
            length = groove.width() * min(1.0, max(0.0, share)) if np.isfinite(share) else 0.0
            if length > 0:
                painter.setBrush(theme.color("accent" if row == 0 else "muted"))
                bar = QRectF(groove.left(), groove.top(), max(2.0, length), groove.height())
                painter.drawRoundedRect(bar, min(3.0, bar.width() / 2), 3)
