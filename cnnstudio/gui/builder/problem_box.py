"""Problems of a layer or of the network, each with the buttons that mend it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.graph import Fix, Problem, Severity
from cnnstudio.gui.builder.fix_button import FixButton, fix_menu
from cnnstudio.gui.canvas.notes import unbroken
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import Glyph, button, label, look
from cnnstudio.gui.widgets.tabs import tab_through

SHOWN = 3
"""So many ways to mend a problem stand as buttons; the others wait in a menu."""


class ProblemBox(QFrame):
    """One problem: a glyph, the sentence, and what can be done about it."""

    fix_wanted = Signal(object)  # Fix

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problem")
        self._fixes: tuple[Fix, ...] = ()
        self._glyph = Glyph(theme, "error", 16, "danger")
        self.message = label("", "", "problemText")
        self.message.setWordWrap(True)
        self.message.setMinimumWidth(1)  # the broadest letters are to widen no panel
        self.buttons = [FixButton(theme, number, self) for number in range(SHOWN)]
        self.more = button("", "link", "problemMore")
        self.go = button(self.tr("Show"), "link", "problemShow")
        links = QHBoxLayout()
        links.setSpacing(8)
        links.addWidget(self.more)
        links.addWidget(self.go)
        links.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.message, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addLayout(head)
        for number, each in enumerate(self.buttons):
            column.addWidget(each)
            each.clicked.connect(lambda _checked=False, number=number: self.fix_wanted.emit(self._fixes[number]))
        column.addLayout(links)
        self.more.clicked.connect(self._open_more)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Where Tab stops, as far as they show."""
        return (*self.buttons, self.more, self.go)

    def show_problem(self, problem: Problem, *, elsewhere: bool) -> None:
        """`elsewhere`: the panel is not the faulty layer's own, so that going there is of use."""
        error = problem.severity is Severity.ERROR
        wanted = "inset" if error else "warning"
        if self.property("look") != wanted:
            look(self, wanted)
        self._glyph.set_icon("error" if error else "warning", "danger" if error else "warning")
        self.message.setText(unbroken(problem.message))
        self._fixes = problem.fixes
        for number, each in enumerate(self.buttons):
            each.setVisible(number < len(self._fixes))
            if number < len(self._fixes):
                each.show_fix(self._fixes[number])
        others = len(self._fixes) - SHOWN
        self.more.setVisible(others > 0)
        self.more.setText(self.tr("{count} more\u2026").format(count=others))
        self.go.setVisible(elsewhere and problem.node is not None)

    def _open_more(self) -> None:
        menu = fix_menu(self._fixes[SHOWN:], self.fix_wanted.emit, self)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))


class ProblemList(QWidget):
    """All problems at one place; boxes are kept and filled anew, so that nothing flickers."""

    fix_wanted = Signal(object)  # Fix
    node_wanted = Signal(str)

    def __init__(self, theme: Theme, *, elsewhere: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._elsewhere = theme, elsewhere
        self._problems: Sequence[Problem] = ()
        self._boxes: list[ProblemBox] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        self._problems = problems
        if len(self._boxes) < len(problems):
            self._boxes += [self._make_box(number) for number in range(len(self._boxes), len(problems))]
            tab_through(self, [stop for box in self._boxes for stop in box.stops])
        for number, box in enumerate(self._boxes):
            box.setVisible(number < len(problems))
            if number < len(problems):
                box.show_problem(problems[number], elsewhere=self._elsewhere)
        self.setVisible(bool(problems))

    def _make_box(self, number: int) -> ProblemBox:
        box = ProblemBox(self._theme, self)
        box.fix_wanted.connect(self.fix_wanted)
        box.go.clicked.connect(lambda: self.node_wanted.emit(str(self._problems[number].node)))
        self._column.addWidget(box)
        return box
