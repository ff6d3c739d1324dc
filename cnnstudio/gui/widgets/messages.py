"""Notes that float above the work and go away: nothing moves when they come."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QHBoxLayout, QSizePolicy, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import Glyph, button, icon_button, label

_LEVELS = {
    "info": ("info", "accent"),
    "ok": ("check", "ok"),
    "warning": ("warning", "warning"),
    "error": ("error", "danger"),
}
SHOWN = 6000
"""Milliseconds that a note without urgency stays."""


class MessageBar(QFrame):
    """One note at the lower edge of its parent. Errors and warnings stay until closed, others leave by themselves."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setProperty("look", "toast")
        self._callback: Callable[[], object] | None = None
        self._glyph = Glyph(theme, "info", 18, "accent")
        self.text = label("", "", "messageText")
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action = button("", "link", "messageAction")
        self.action.clicked.connect(self._act)
        self.close_button = icon_button(theme, "close", self.tr("Close this message"), "messageClose")
        self.close_button.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.setSpacing(10)
        row.addWidget(self._glyph)
        row.addWidget(self.text, 1)
        row.addWidget(self.action)
        row.addWidget(self.close_button)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(24)
        shadow.setOffset(0, 4)
        shadow.setColor(theme.color("text", 0.25) if not theme.dark else Qt.GlobalColor.black)
        self.setGraphicsEffect(shadow)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN)
        self._timer.timeout.connect(self.dismiss)
        parent.installEventFilter(self)
        self.hide()

    def show_message(
        self, level: str, text: str, action: str = "", callback: Callable[[], object] | None = None
    ) -> None:
        """Show one sentence; `level` is info, ok, warning or error. `action` names a button that calls `callback`."""
        icon, token = _LEVELS.get(level, _LEVELS["info"])
        self._glyph.set_icon(icon, token)
        self.text.setText(text)
        self.setAccessibleDescription(text)
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self._callback = callback
        self.show()
        self._place()
        self.raise_()
        if level in ("warning", "error"):
            self._timer.stop()
        else:
            self._timer.start()

    def dismiss(self) -> None:
        self._timer.stop()
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _act(self) -> None:
        callback = self._callback
        self.dismiss()
        if callback is not None:
            callback()

    def _place(self) -> None:
        home = self.parentWidget()
        if home is None:
            return
        fixed = self.action.sizeHint().width() * (not self.action.isHidden()) + 110
        words = self.text.fontMetrics().horizontalAdvance(self.text.text()) + 8
        width = min(640, max(240, home.width() - 48), words + fixed)
        self.setFixedWidth(width)
        height = max(self.heightForWidth(width), 42)
        self.setFixedHeight(height)
        self.move((home.width() - width) // 2, home.height() - height - 20)
