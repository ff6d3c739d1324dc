"""A whole and its parts: a bar of pieces one after the other, and the swatches of its key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.gui.theme import Theme

HEIGHT, GAP = 12, 1.0


class StackBar(QWidget):
    """Pieces in their colours, on a groove that stands for `whole`. Always of one height."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._parts: tuple[tuple[str, int], ...] = ()
        self._whole = 0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def shares(self) -> tuple[float, ...]:
        """Of each piece in the whole, 0 to 1."""
        return tuple(size / self._whole if self._whole else 0.0 for _token, size in self._parts)

    def set_parts(self, parts: Sequence[tuple[str, int]], whole: int) -> None:
        """(colour token, size) of each piece; `whole` is as long as the bar."""
        self._parts, self._whole = tuple(parts), whole
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(area, 3, 3)
        painter.setClipPath(shape)
        painter.fillRect(area, self._theme.color("border", 0.55))
        left = 0.0
        for (token, size), share in zip(self._parts, self.shares, strict=True):
            if size:
                width = max(2.0, share * area.width())
                painter.fillRect(QRectF(left, 0, max(1.0, width - GAP), area.height()), self._theme.color(token))
                left += width


class Swatch(QWidget):
    """The small square of a key."""

    def __init__(self, theme: Theme, token: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._token = theme, token
        self.setFixedSize(10, 10)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color(self._token))
        painter.setBrush(self._theme.color(self._token))
        painter.drawRoundedRect(QRectF(0.5, 0.5, 9, 9), 2, 2)
