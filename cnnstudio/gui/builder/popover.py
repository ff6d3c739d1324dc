"""A panel that lies over the workspace until something is chosen in it, or a click beside it or Escape closes it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget
from shiboken6 import isValid

EDGE = 8
"""Pixels that stay free around the panel."""


class Popover(QWidget):
    """Covers its parent; `panel` is what shows. It is no window of its own: that needs no help from a window manager.

    Closed, it deletes itself and gives the keyboard back to who had it.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._before: QWidget | None = None
        self.panel = QFrame(self)
        self.panel.setProperty("look", "popup")
        parent.installEventFilter(self)
        self.hide()

    def open_at(self, corner: QPoint, size: QSize) -> None:
        """Show with the upper left corner of the panel at `corner` of the parent, or as near as there is room."""
        home = self.parentWidget()
        assert home is not None
        self._before = QApplication.focusWidget()
        self.setGeometry(home.rect())
        size = size.boundedTo(home.size() - QSize(2 * EDGE, 2 * EDGE))
        room = home.size() - size
        left = max(EDGE, min(corner.x(), room.width() - EDGE))
        top = max(EDGE, min(corner.y(), room.height() - EDGE))
        self.panel.setGeometry(left, top, size.width(), size.height())
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.close()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.panel.geometry().contains(event.position().toPoint()):
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
            self._before = None
