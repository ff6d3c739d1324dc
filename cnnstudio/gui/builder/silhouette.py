"""A network's outline in little: every card a block in its family's colour, from left to right."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.graph.commands import CARD_PITCH
from cnnstudio.gui.builder.stories import Outline
from cnnstudio.gui.theme import Theme

DEEP, BROAD = 0.72, 0.8
"""What of a card's place along and across the way its block fills."""
LARGEST = (20.0, 15.0)
"""Pixels of a place, along and across: a network of three layers is no giant."""


class Silhouette(QWidget):
    """Shows an outline as large as there is room; where branches lie beside each other, blocks lie below each other."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._outline: Outline = ()
        self.setObjectName("silhouette")
        self.setMinimumHeight(16)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_outline(self, outline: Outline) -> None:
        self._outline = outline
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._outline:
            return
        lanes = [x / CARD_PITCH[0] for x, _, _ in self._outline]
        depths = [y / CARD_PITCH[1] for _, y, _ in self._outline]
        along = min(LARGEST[0], self.width() / (max(depths) + 1))
        across = min(LARGEST[1], self.height() / (max(lanes) + 1))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for lane, depth, (_, _, tint) in zip(lanes, depths, self._outline, strict=True):
            painter.setBrush(self._theme.color(tint))
            painter.drawRect(QRectF(depth * along, lane * across, DEEP * along, BROAD * across))
