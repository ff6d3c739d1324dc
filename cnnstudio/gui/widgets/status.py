"""The strip at the bottom: problems, size of the network, the run, and what undo would take back."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import button, label, look
from cnnstudio.gui.widgets.elided import ElidedLabel

HEIGHT = 26


class StatusBar(QFrame):
    """Its parts keep their places; the text at the right is shortened rather than pushing the others."""

    problems_clicked = Signal()
    run_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        self.setFixedHeight(HEIGHT)
        self.problems = button("", "status", "status.problems")
        self.problems.clicked.connect(self.problems_clicked)
        self.layers = label("", "small", "status.layers")
        self.run = button("", "status", "status.run")
        self.run.clicked.connect(self.run_clicked)
        self.detail = ElidedLabel("small", "status.detail")
        self.detail.setFont(theme.text_font(-1))
        self.detail.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 16, 0)
        row.setSpacing(20)
        for widget in (self.problems, self.layers, self.run):
            row.addWidget(widget)
        row.addWidget(self.detail, 1)
        self._standing = self._passing = ""

    def set_problems(self, count: int, *, warnings: int = 0) -> None:
        """Faults first; only when there are none, warnings."""
        if count:
            words = self.tr("1 problem") if count == 1 else self.tr("{count} problems").format(count=count)
            level = "danger"
        elif warnings:
            words = self.tr("1 warning") if warnings == 1 else self.tr("{count} warnings").format(count=warnings)
            level = "warning"
        else:
            words, level = self.tr("No problems"), ""
        self.problems.setText(words)
        look(self.problems, "status", level=level)

    def set_layers(self, count: int) -> None:
        self.layers.setText(self.tr("1 layer") if count == 1 else self.tr("{count} layers").format(count=count))

    def set_run(self, text: str, level: str = "") -> None:
        """What the training does; `level` is ok, warning, danger or nothing."""
        self.run.setText(text)
        self.run.setVisible(bool(text))
        look(self.run, "status", level=level)

    def set_undo(self, text: str) -> None:
        self._standing = self.tr("Undo: {what}").format(what=text) if text else ""
        self._show_detail()

    def set_passing(self, text: str) -> None:
        """A word about what is under the cursor; it stands in for the undo text while it is not empty."""
        self._passing = text
        self._show_detail()

    def _show_detail(self) -> None:
        self.detail.setText(self._passing or self._standing)
