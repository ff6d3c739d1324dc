"""Renaming a layer where its name stands."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from cnnstudio.gui.theme import Theme


class NameEditor(QLineEdit):
    """A line over the card's name. Enter and leaving take the name, Escape does not; a refusal is said below."""

    closed = Signal(bool)  # whether the keyboard was still here, and so wants to go back to the canvas

    def __init__(self, theme: Theme, name: str, zoom: float, take: Callable[[str], str], home: QWidget) -> None:
        """`take` tries a name and answers with why it was refused, or nothing."""
        super().__init__(name, home)
        self._take, self._former, self._done = take, name, False
        self._bubble: QLabel | None = None
        self.setObjectName("nameEditor")
        self.setAccessibleName(self.tr("Name of the layer"))
        self.setMaxLength(64)
        font = theme.text_font(0, bold=True)
        font.setPixelSize(max(8, round(font.pixelSize() * zoom)))
        self.setFont(font)
        self.selectAll()
        self.textEdited.connect(lambda _text: self._say(""))

    def open_at(self, area: QRect) -> None:
        self.setGeometry(area)
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._commit()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        if self._done:  # Qt asks also when the line is hidden
            return super().focusNextPrevChild(forward)
        self._commit()  # Tab ends the naming as Enter does; the way goes on from the canvas
        return True

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason and not self._done:
            if self.text() != self._former:
                self._take(self.text())
            self.cancel()

    def cancel(self) -> None:
        """Close, and leave the name as it stands."""
        if not self._done:
            self._done = True
            focused = self.hasFocus()
            self._say("")
            self.hide()
            self.deleteLater()
            self.closed.emit(focused)

    def _commit(self) -> None:
        if self.text() == self._former:
            self.cancel()
            return
        reason = self._take(self.text())
        if reason:
            self._say(reason)
        else:
            self.cancel()

    def _say(self, reason: str) -> None:
        if self._bubble is not None:
            self._bubble.deleteLater()
            self._bubble = None
        self.setProperty("wrong", bool(reason))
        self.style().unpolish(self)
        self.style().polish(self)
        home = self.parentWidget()
        if reason and home is not None:
            self._bubble = QLabel(reason, home)
            self._bubble.setObjectName("nameError")
            self._bubble.setTextFormat(Qt.TextFormat.PlainText)
            self._bubble.setProperty("look", "bubble")
            self._bubble.setWordWrap(True)
            self._bubble.setFixedWidth(240)
            self._bubble.adjustSize()
            self._bubble.move(self.x(), self.geometry().bottom() + 4)
            self._bubble.show()
