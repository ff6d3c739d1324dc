"""One question or statement, with a few answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import Glyph, button, label

TEXT_WIDTH = 380


@dataclass(frozen=True, slots=True)
class Answer:
    """A button: `id` is what the question returns; the look is that of buttons."""

    id: str
    text: str
    look: str = ""


class QuestionDialog(QDialog):
    """Asks; `answer` is the id chosen, or `cancel` when it was closed. The first answer is the default."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        text: str,
        answers: Sequence[Answer],
        parent: QWidget | None = None,
        *,
        icon: str = "warning",
        token: str = "warning",
        details: str = "",
    ) -> None:
        super().__init__(parent)
        self.setObjectName("questionDialog")
        self.setWindowTitle("CNN Studio")
        self.setModal(True)
        self.answer = "cancel"
        headline = label(title, "heading", "questionDialog.title")
        headline.setWordWrap(True)
        headline.setFixedSize(TEXT_WIDTH, headline.heightForWidth(TEXT_WIDTH))
        body = label(text, "", "questionDialog.text")
        body.setWordWrap(True)
        body.setFixedSize(TEXT_WIDTH, body.heightForWidth(TEXT_WIDTH))
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(headline)
        words.addWidget(body)
        if details:
            note = QPlainTextEdit(details)
            note.setObjectName("questionDialog.details")
            note.setReadOnly(True)
            note.setFont(theme.number_font(-1))
            note.setFixedHeight(140)
            words.addWidget(note)
        mark = QVBoxLayout()
        mark.addWidget(Glyph(theme, icon, 28, token))
        mark.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addLayout(mark)
        row.addLayout(words)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for place, each in enumerate(answers):
            made = button(each.text, each.look or ("primary" if place == 0 else ""), f"answer.{each.id}")
            made.clicked.connect(lambda _checked=False, chosen=each.id: self._choose(chosen))
            buttons.insertWidget(1, made)  # the default stands at the right
            made.setDefault(place == 0)
            made.setAutoDefault(True)  # Enter means the answer that has the keyboard, not the default
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 20, 20, 16)
        outer.setSpacing(16)
        outer.addLayout(row)
        outer.addLayout(buttons)

    def ask(self) -> str:
        """Wait for the answer."""
        self.exec()
        return self.answer

    def _choose(self, chosen: str) -> None:
        self.answer = chosen
        self.accept()
