"""A network's outline in little: every card a block in its family's colour, from left to right, line by line."""

from __future__ import annotations

from math import ceil

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
LEAST = 4.0
"""Where places would be shorter than this, the way goes on in another line."""
LINE_GAP = 0.7
"""Between two lines, in places."""


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

    def blocks(self) -> list[QRectF]:
        """Where each card's block lies."""
        lanes = [x / CARD_PITCH[0] for x, _, _ in self._outline]
        depths = [round(y / CARD_PITCH[1]) for _, y, _ in self._outline]
        length, breadth = max(depths) + 1, max(lanes) + 1 + LINE_GAP
        lines = max(1, ceil(length * LEAST / max(1, self.width())))
        each = ceil(length / lines)
        along = min(LARGEST[0], self.width() / each)
        across = min(LARGEST[1], self.height() / (lines * breadth))
        return [
            QRectF(depth % each * along, (depth // each * breadth + lane) * across, DEEP * along, BROAD * across)
            for lane, depth in zip(lanes, depths, strict=True)
        ]

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._outline:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for block, (_, _, tint) in zip(self.blocks(), self._outline, strict=True):
            painter.setBrush(self._theme.color(tint))
            painter.drawRect(block)
