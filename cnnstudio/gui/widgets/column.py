"""The column at the left of a workspace: panels one below the other, scrolling when the window is low."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import GRID, look

WIDTH = 284
SCROLL_BAR = 10
"""Its width, as the style sheet has it."""


class Column(QWidget):
    """Fixed in width, on the panels' surface, with a hair line at its right edge."""

    def __init__(self, theme: Theme, parts: Sequence[QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedWidth(WIDTH)
        inside = QWidget()
        look(inside, "transparent")
        column = QVBoxLayout(inside)
        column.setSpacing(2 * GRID)
        self._column = column
        self._make_room(0, 0)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        self.area = QScrollArea()
        self.area.setObjectName("column")
        self.area.setWidget(inside)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.verticalScrollBar().rangeChanged.connect(self._make_room)
        home = QVBoxLayout(self)
        home.setContentsMargins(0, 0, 1, 0)
        home.addWidget(self.area)
        theme.changed.connect(self.update)

    def _make_room(self, _least: int, most: int) -> None:
        """The scroll bar stands in the margin, so that the panels are as wide with it as without."""
        bar = SCROLL_BAR if most > 0 else 0
        self._column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID - bar, 2 * GRID)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("surface"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), self._theme.color("border"))
