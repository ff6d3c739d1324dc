"""What a run came to: the accuracy on pictures that the network never saw, and how it got there."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from cnnstudio.gui.theme import Theme, percent_text, value_text
from cnnstudio.gui.trainer.stopwatch import time_text
from cnnstudio.gui.widgets import GRID, Card, label
from cnnstudio.session import History, RunState

WIDTH = 240
NONE = "\u2013"
LEAST_FIRST = ("rate", "time", "training", "best", "test_loss", "validation")
"""Rows in the order in which they go from a card that is too low for all; the first two also stand elsewhere."""


class ResultCard(Card):
    """Always as large as at the end, so that nothing moves when the figures come."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setObjectName("resultCard")
        self.setFixedWidth(WIDTH)
        self._theme = theme
        self.accuracy = _Figure(theme)
        self.accuracy.setObjectName("testAccuracy")
        self.caption = label("", "small", "testCaption")
        self.caption.setWordWrap(True)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.accuracy)
        self.body.addWidget(self.caption)
        self.body.addSpacing(GRID)
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(7)
        self._values: dict[str, QLabel] = {}
        self._names: dict[str, QLabel] = {}
        for name, text in (
            ("test_loss", self.tr("Test loss")),
            ("validation", self.tr("Validation")),
            ("best", self.tr("Best epoch")),
            ("training", self.tr("Training")),
            ("rate", self.tr("Learning rate")),
            ("time", self.tr("Time")),
        ):
            self._add(name, text)
        self.body.addLayout(self._grid)
        self.body.addStretch(1)

    def _add(self, name: str, text: str) -> None:
        row = self._grid.rowCount()
        value = label(NONE, "number", f"result.{name}")
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._names[name] = label(text, "muted")
        self._grid.addWidget(self._names[name], row, 0)
        self._grid.addWidget(value, row, 1)
        self._grid.setColumnStretch(1, 1)
        self._values[name] = value

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low card the rows that are needed least give way: none is cut."""
        super().resizeEvent(event)
        self.caption.setFixedHeight(2 * self.caption.fontMetrics().lineSpacing() + 2)
        row = max(each.sizeHint().height() for each in self._names.values()) + self._grid.verticalSpacing()
        top = self.caption.y() + self.caption.height() + 3 * GRID
        fits = max(0, (self.height() - GRID - top) // row)
        gone = LEAST_FIRST[: max(0, len(LEAST_FIRST) - fits)]
        for name, value in self._values.items():
            value.setVisible(name not in gone)
            self._names[name].setVisible(name not in gone)

    def text(self, name: str) -> str:
        """What stands in a row: test_loss, validation, best, training, rate or time."""
        return self._values[name].text()

    def show_history(self, history: History, state: RunState, seconds: float, *, earlier: bool = False) -> None:
        """earlier: the run was of an earlier drawing; its result is muted and said to be that one's."""
        test = history.test
        accuracy = None if test is None else test.test_accuracy
        self.accuracy.setText(percent_text(accuracy))
        good = accuracy is not None and accuracy > 0.5  # green praises: not where more is wrong than right
        self.accuracy.set_token("muted" if accuracy is None or earlier else "ok" if good else "text")
        self.caption.setText(self._caption(history, state, earlier))
        self._set("test_loss", NONE if test is None or test.test_loss is None else value_text(test.test_loss))
        last = history.epochs[-1] if history.epochs else None
        self._set("training", percent_text(None if last is None else last.training_accuracy))
        self._set("validation", percent_text(None if last is None else last.validation_accuracy))
        checked = [epoch for epoch in history.epochs if epoch.validation_accuracy is not None]
        best = max(checked, key=lambda epoch: epoch.validation_accuracy or 0.0, default=None)
        words = self.tr("{epoch} · {accuracy}")
        self._set(
            "best",
            NONE if best is None else words.format(accuracy=percent_text(best.validation_accuracy), epoch=best.epoch),
        )
        rate = float(history.learning_rates[-1]) if len(history) else math.nan
        self._set("rate", f"{rate:g}" if np.isfinite(rate) else NONE)
        self._set("time", time_text(seconds) if seconds else NONE)

    def _caption(self, history: History, state: RunState, earlier: bool) -> str:
        if history.test is not None:
            if history.test.test_accuracy is None:
                return self.tr("This data has no test pictures.")
            if earlier:
                return self.tr("of the test pictures were recognized by an earlier drawing")
            return self.tr("of the test pictures are recognized")
        if state.active:
            return self.tr("on the test pictures, once the last epoch is done")
        if state is RunState.FAILED:
            return self.tr("The run broke off before the test.")
        if len(history):
            return self.tr("The run was stopped before the test.")
        return self.tr("Accuracy on the test pictures, after the last epoch")

    def _set(self, name: str, text: str) -> None:
        if self._values[name].text() != text:
            self._values[name].setText(text)


class _Figure(QLabel):
    """The one large number of the workspace, in a colour token."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(NONE)
        self._theme, self._token = theme, "muted"
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFixedHeight(40)
        theme.changed.connect(self.update)

    def set_token(self, token: str) -> None:
        if token != self._token:
            self._token = token
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._theme.text_font(16, bold=True))
        painter.setPen(self._theme.color(self._token))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
