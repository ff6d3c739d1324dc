"""What the network takes the picture for, and whether that is right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.explain import Inspection
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets import ScoreBars, SectionLabel, label, look

FEW = 10
"""Up to so many classes are all shown; of more, the five likeliest."""


class ScorePanel(QWidget):
    """Bars, and at the right of their heading the verdict."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scorePanel")
        self._few = ScoreBars(theme, limit=FEW)
        self._many = ScoreBars(theme, limit=5)
        for bars in (self._few, self._many):
            bars.setObjectName("scores")
            bars.setAccessibleName(self.tr("Scores of the classes"))
        self.verdict = label("", "small", "scoreVerdict")
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.note = label("", "small", "scoreNote")
        self.note.setWordWrap(True)
        head = QHBoxLayout()
        head.addWidget(SectionLabel(self.tr("Scores")))
        head.addWidget(self.verdict, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        for part in (self.note, self._few, self._many):
            column.addWidget(part)
        self.show_result(None, None, trained=False)

    @property
    def bars(self) -> ScoreBars:
        """Those in use."""
        return self._few if self._many.isHidden() else self._many

    def show_result(self, result: Inspection | None, right: str | None, *, trained: bool) -> None:
        """right: the picture's own class, where it is known; trained: the scores mean something."""
        if result is None or not len(result.scores):
            self._few.hide()
            self._many.hide()
            self._few.set_scores((), ())
            maps = self.tr("The network ends in maps, not in one score for each class.")
            self.note.setText(
                maps if result is not None else self.tr("They stand here once a picture has gone through the network.")
            )
            self.note.show()
            self._tell("", "small")
            return
        many = len(result.classes) > FEW
        self.note.hide()
        self._few.setVisible(not many)
        self._many.setVisible(many)
        self.bars.set_scores(result.classes, result.probabilities)
        self._judge(result, right, trained)

    def _judge(self, result: Inspection, right: str | None, trained: bool) -> None:
        predicted = result.predicted
        self.verdict.setToolTip("")
        if not trained:
            self._tell(self.tr("not trained: chance"), "small")
            self.verdict.setToolTip(self.tr("The network has random weights still: train it first."))
        elif right is None or predicted is None:
            self._tell("", "small")
        elif result.classes[predicted] == right:
            self._tell(self.tr("right"), "ok")
        else:
            self._tell(self.tr("wrong: it is {label}").format(label=right), "danger")

    def _tell(self, text: str, style: str) -> None:
        self.verdict.setText(text)
        if self.verdict.property("look") != style:
            look(self.verdict, style)
