"""FIND SETTINGS: the question turned round. One says what a layer is to give; the answers say what to change for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.graph import Answer, Graph, Wanted
from cnnstudio.graph.commands import Command
from cnnstudio.graph.params import ParamType
from cnnstudio.graph.specs import Family, LayerSpec
from cnnstudio.gui.builder.answer_list import AnswerList, breaks
from cnnstudio.gui.canvas.notes import breakable
from cnnstudio.gui.theme import Theme, count_text
from cnnstudio.gui.widgets import parsing
from cnnstudio.gui.widgets.basics import Card, button, label
from cnnstudio.gui.widgets.choices import ChoiceField
from cnnstudio.gui.widgets.fields import TextField
from cnnstudio.session import SolvingSession

PAUSE = 200
"""Milliseconds without a key after which a wish is taken as typed."""
LARGEST = 65536
SIZE, FIELD = "size", "field"


class SolveCard(Card):
    """Closed, it is one line. The wish stays while one goes from layer to layer, and so does whether it is open.

    `run` does a command and says why it was refused, as everywhere in the panel.
    """

    done = Signal(object)
    """An answer (Answer) that was done."""

    def __init__(
        self, theme: Theme, solving: SolvingSession, run: Callable[[Command], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent=parent, inset=True)
        self.setObjectName("solveCard")
        self._theme, self._solving, self._run = theme, solving, run
        self._node, self._refusal = "", ""
        self._solvable = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._ask)
        self.toggle = button(self.tr("Find settings for a target"), "fold", "solve.toggle")
        self.toggle.setCheckable(True)
        self.toggle.setIconSize(QSize(14, 14))
        self.toggle.setToolTip(self.tr("Say which output size or field you want; see what to change, and its price."))
        self.toggle.toggled.connect(self._fold)
        self.goal = ChoiceField(theme, ((SIZE, self.tr("Output size")), (FIELD, self.tr("Field at least"))))
        self.goal.setObjectName("solve.goal")
        self.goal.setAccessibleName(self.tr("What is wanted"))
        self.goal.setMinimumWidth(112)
        self.goal.setMaximumWidth(136)
        self.goal.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.goal.committed.connect(lambda _value: self._ask())
        self.wish = TextField(
            theme, checked_size, parsing.read_sizes, parsing.show_sizes, parsing.step_sizes, optional=True
        )
        self.wish.setObjectName("solve.wish")
        self.wish.setAccessibleName(self.tr("Height × width in pixels"))
        self.wish.setFixedWidth(96)
        self.wish.edit.setPlaceholderText("16")
        self.wish.edit.textEdited.connect(lambda _text: self._typed())
        self.wish.edit.returnPressed.connect(self._entered)
        self.wish.committed.connect(lambda _value: self._ask())
        self.message = label("", "small", "solve.message")
        self.message.setWordWrap(True)
        self.list = AnswerList(theme)
        self.list.chosen.connect(self._apply)
        self.list.looked_at.connect(self._preview)
        self.preview = label("", "small", "solve.preview")
        self.preview.setWordWrap(True)
        self._lay_out()
        solving.changed.connect(self._show)
        self._fold(False)

    def _lay_out(self) -> None:
        column = self.layout()
        assert column is not None
        column.setContentsMargins(12, 6, 12, 6)
        question = QHBoxLayout()
        question.setSpacing(8)
        question.addWidget(self.goal, 1)
        question.addWidget(self.wish)
        self._inside = QWidget()
        inside = QVBoxLayout(self._inside)
        inside.setContentsMargins(0, 6, 0, 6)
        inside.setSpacing(8)
        inside.addLayout(question)
        inside.addWidget(self.message)
        inside.addWidget(self.preview)
        inside.addWidget(self.list)
        self.header.insertWidget(0, self.toggle)
        self.body.addWidget(self._inside)

    @property
    def open(self) -> bool:
        return self.toggle.isChecked()

    @property
    def typing(self) -> bool:
        """Whether a wish has been typed that is not asked yet."""
        return self._pause.isActive()

    def show_layer(self, graph: Graph, node_id: str) -> None:
        """Ask for another layer, or for the same one after an edit; hidden at layers that have no size to change."""
        spec = graph.spec(node_id)
        if node_id != self._node:
            self._refusal = ""
        self._node, self._solvable = node_id, solvable(spec)
        self.setVisible(self._solvable)
        self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is worked out that nobody sees, as of a layer of another project that has the id of this one."""
        super().hideEvent(event)
        self._ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.open:
            self.toggle.setChecked(False)
            self.toggle.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            super().keyPressEvent(event)

    # -- the question

    def _fold(self, open_: bool) -> None:
        self.toggle.setIcon(self._theme.icons.icon("chevron-down" if open_ else "chevron-right", "muted"))
        self._inside.setVisible(open_)
        self._ask()
        if open_:
            self.wish.setFocus(Qt.FocusReason.OtherFocusReason)

    def _typed(self) -> None:
        self._refusal = ""
        self._pause.start()

    def _entered(self) -> None:
        """Enter in the field asks at once; once the answers are there, it leads to them."""
        if self.typing:
            self._ask()
        elif self.list.answers:
            self.list.setFocus(Qt.FocusReason.TabFocusReason)

    def _wanted(self) -> Wanted | None:
        """The wish as it stands in the field; None for none. Raises ValueError with the sentence that tells more."""
        text = self.wish.edit.text().strip()
        if not text:
            return None
        size = checked_size(parsing.read_sizes(text))
        return Wanted(output_size=size) if self.goal.value() == SIZE else Wanted(receptive_field=size)

    def _ask(self) -> None:
        self._pause.stop()
        try:
            wanted = self._wanted()
        except ValueError:
            wanted = None
        if wanted is None or not (self.open and self._solvable and self._node and self.isVisible()):
            self._solving.clear()
            self._show()
        else:
            self._solving.ask(self._node, wanted)

    # -- the answers

    def _show(self) -> None:
        if not self.open:
            return
        solution = self._solving.solution
        answers = () if solution is None else solution.answers
        self.list.show_answers(answers)
        message = self._refusal or self._message()
        self.message.setText(breakable(message))
        self.message.setVisible(bool(message))
        self.preview.setVisible(bool(answers))

    def _message(self) -> str:
        solution = self._solving.solution
        if solution is not None:
            return solution.reason
        if self._solving.question is not None:
            return self.tr("Trying\u2026")
        try:
            self._wanted()
        except ValueError as problem:
            return str(problem)
        if self.goal.value() == SIZE:
            return self.tr("Type the height and width that are to leave this layer, such as 16 or 16 × 24.")
        return self.tr("Type how many pixels one value is to see at least, such as 64 or 64 × 32.")

    def _preview(self, answer: object) -> None:
        if not isinstance(answer, Answer):
            self.preview.clear()
            return
        if breaks(answer):
            self.preview.setText(self.tr("It breaks the network further on; what it breaks can be mended afterwards."))
            return
        words = self.tr("The network then has {parameters} parameters and {macs} MACs.")
        self.preview.setText(words.format(parameters=count_text(answer.parameters), macs=count_text(answer.macs)))

    def _apply(self, answer: object) -> None:
        assert isinstance(answer, Answer)
        if self._solving.busy:
            return  # it is of the drawing before the last edit, which its command would take back
        self._refusal = self._run(answer.command)
        if self._refusal:
            self._show()
        else:
            self.done.emit(answer)


def solvable(spec: LayerSpec) -> bool:
    """Whether a layer of this kind has a size that can be changed for a wish."""
    sizes = (ParamType.SIZE, ParamType.PADDING)
    return spec.family is not Family.SOURCE and any(each.type in sizes for each in spec.params)


def checked_size(value: object) -> tuple[int, int]:
    """(height, width) of that, or of one number for both. Raises ValueError with a sentence."""
    numbers = value if isinstance(value, tuple) else (value, value)
    whole = [each for each in numbers if isinstance(each, int) and 1 <= each <= LARGEST]
    if len(numbers) == len(whole) == 2:
        return whole[0], whole[1]
    words = QCoreApplication.translate("SolveCard", "Enter a size from 1 to {largest} pixels, such as 16 or 16 × 24.")
    raise ValueError(words.format(largest=f"{LARGEST:,}"))
