"""Two parts one above the other, equally high whatever is in them."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

GAP, LEAST = 12, 190


class Halves(QWidget):
    """A layout would give more room to the part that asks for more; then more filters would press the curves flat."""

    def __init__(self, above: QWidget, below: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._above, self._below = above, below
        for part in (above, below):
            part.setParent(self)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        width = max(part.minimumSizeHint().width() for part in (self._above, self._below))
        return QSize(width, 2 * LEAST + GAP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        height = (self.height() - GAP) // 2
        self._above.setGeometry(0, 0, self.width(), height)
        self._below.setGeometry(0, self.height() - height, self.width(), height)
