"""Problems of a layer or of the network, each with the button that mends it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.graph import Problem, Severity
from cnnstudio.gui.canvas.notes import fix_text, unbroken
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import Glyph, button, label


class ProblemBox(QFrame):
    """One problem: a glyph, the sentence, and what can be done about it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problem")
        self.setProperty("look", "inset")
        self._glyph = Glyph(theme, "error", 16, "danger")
        self.message = label("", "", "problemText")
        self.message.setWordWrap(True)
        self.message.setContentsMargins(5, 0, 0, 0)  # as far in as the links below it
        self.fix = button("", "link", "problemFix")
        self.go = button(self.tr("Show"), "link", "problemShow")
        links = QHBoxLayout()
        links.setSpacing(8)
        links.addWidget(self.fix)
        links.addWidget(self.go)
        links.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.message)
        words.addLayout(links)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 10, 6)
        row.setSpacing(8)
        row.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def show_problem(self, problem: Problem, *, elsewhere: bool) -> None:
        """`elsewhere`: the panel is not the faulty layer's own, so that going there is of use."""
        error = problem.severity is Severity.ERROR
        self._glyph.set_icon("error" if error else "warning", "danger" if error else "warning")
        self.message.setText(unbroken(problem.message))
        self.fix.setVisible(problem.fix is not None)
        if problem.fix is not None:
            self.fix.setText(fix_text(problem.fix))
        self.go.setVisible(elsewhere and problem.node is not None)


class ProblemList(QWidget):
    """All problems at one place; boxes are kept and filled anew, so that nothing flickers."""

    fix_wanted = Signal(object)  # Problem
    node_wanted = Signal(str)

    def __init__(self, theme: Theme, *, elsewhere: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._elsewhere = theme, elsewhere
        self._problems: tuple[Problem, ...] = ()
        self._boxes: list[ProblemBox] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_problems(self, problems: tuple[Problem, ...]) -> None:
        self._problems = problems
        while len(self._boxes) < len(problems):
            self._boxes.append(self._make_box(len(self._boxes)))
        for number, box in enumerate(self._boxes):
            box.setVisible(number < len(problems))
            if number < len(problems):
                box.show_problem(problems[number], elsewhere=self._elsewhere)
        self.setVisible(bool(problems))

    def _make_box(self, number: int) -> ProblemBox:
        box = ProblemBox(self._theme, self)
        box.fix.clicked.connect(lambda: self.fix_wanted.emit(self._problems[number]))
        box.go.clicked.connect(lambda: self.node_wanted.emit(str(self._problems[number].node)))
        self._column.addWidget(box)
        return box
