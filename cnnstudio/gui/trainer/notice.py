"""A note in the side column: what is wrong, in one sentence, and the buttons that mend it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets import Glyph, button, label

MOST = 2
"""Buttons that a note may have."""


class Notice(QFrame):
    """Hidden while there is nothing to say. `mended` carries the number of the button that was pressed."""

    mended = Signal(object)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("look", "warning")
        self._glyph = Glyph(theme, "warning", 16, "warning")
        self.title = label("", "strong", f"{name}Title")
        self.text = label("", "", f"{name}Text")
        self.text.setWordWrap(True)
        self.buttons = [button("", "link", f"{name}Button{number}") for number in range(MOST)]
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._glyph)
        head.addWidget(self.title, 1)
        column.addLayout(head)
        column.addWidget(self.text)
        for number, part in enumerate(self.buttons):
            part.clicked.connect(lambda _checked=False, number=number: self.mended.emit(number))
            row = QHBoxLayout()
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(part)
            row.addStretch(1)
            column.addLayout(row)
        self.tell("", "")

    def tell(self, title: str, text: str, actions: Sequence[str] = (), *, grave: bool = False) -> None:
        """Say something, or with an empty `text` nothing; `grave` marks a failure rather than a warning."""
        self._glyph.set_icon("error" if grave else "warning", "danger" if grave else "warning")
        self.title.setText(title)
        self.text.setText(text)
        for number, part in enumerate(self.buttons):
            part.setText(actions[number] if number < len(actions) else "")
            part.setVisible(number < len(actions))
        self.setVisible(bool(text))
