"""The bar that drives a run: its buttons, and how far it is. Its parts keep their places while the numbers change."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.trainer.plan import Plan
from cnnstudio.gui.trainer.stopwatch import time_text
from cnnstudio.gui.widgets import GRID, Card, ProgressLine, button, icon_button, time_left_text
from cnnstudio.gui.widgets.elided import ElidedLabel
from cnnstudio.session import RunProgress, RunState

BUTTON = 88
ROOMY = 640
"""Width of the bar below which the line of progress leaves its room to the words, which tell it too."""


class RunBar(Card):
    """`main_clicked` is Train, Pause or Resume, whatever the state makes of it."""

    main_clicked = Signal()
    step_clicked = Signal()
    stop_clicked = Signal()
    reset_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setObjectName("runBar")
        self.main = button(self.tr("Train"), "primary", "trainButton")
        self.step = button(self.tr("Step"), "", "stepButton")
        self.stop = button(self.tr("Stop"), "", "stopButton")
        self.step.setToolTip(self.tr("Train on one batch, then pause"))
        self.stop.setToolTip(self.tr("End the run after this batch; what was learned stays"))
        self.reset = icon_button(theme, "reset", self.tr("Reset weights: begin again from random ones"), "resetButton")
        self.reset.clicked.connect(self.reset_clicked)
        self.title = ElidedLabel("strong", "runTitle")
        self.detail = ElidedLabel("small", "runDetail")
        self.progress = ProgressLine(theme)
        self.progress.setObjectName("runProgress")
        self.progress.setAccessibleName(self.tr("Progress of the run"))
        for part, signal in (
            (self.main, self.main_clicked),
            (self.step, self.step_clicked),
            (self.stop, self.stop_clicked),
        ):
            part.setFixedWidth(BUTTON)
            part.clicked.connect(signal)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        for part in (self.main, self.step, self.stop):
            row.addWidget(part)
        words = QVBoxLayout()
        words.setSpacing(2)
        for line in (self.title, self.detail):
            words.addWidget(line)
        row.addWidget(self.reset)
        row.addSpacing(GRID)
        row.addLayout(words, 3)
        row.addSpacing(2 * GRID)
        row.addWidget(self.progress, 3)
        self.body.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.progress.setVisible(self.width() >= ROOMY)

    def show_state(self, state: RunState, obstacle: str, resettable: bool) -> None:
        """Names and enables the buttons.

        obstacle: why no run can begin; empty when one can. resettable: there are learned weights to forget.
        """
        ready = not obstacle
        texts = {
            RunState.RUNNING: self.tr("Pause"),
            RunState.PAUSED: self.tr("Resume"),
            RunState.STOPPING: self.tr("Stopping"),
        }
        self.main.setText(texts.get(state, self.tr("Train on") if resettable else self.tr("Train")))
        goes_on = self.tr("Goes on from the weights learned so far; reset them to begin anew.")
        self.main.setToolTip(obstacle if obstacle and not state.active else goes_on if resettable else "")
        self.main.setEnabled(state is not RunState.STOPPING and (ready or state.active))
        self.step.setEnabled(state is RunState.PAUSED or (ready and not state.active))
        self.stop.setEnabled(state in (RunState.RUNNING, RunState.PAUSED))
        self.reset.setEnabled(resettable)

    def show_plan(self, plan: Plan) -> None:
        """Before a run: what one would be like."""
        self.title.setText(plan.title)
        self.detail.setText(plan.detail)
        self.progress.set_progress(0, 1)

    def show_progress(self, state: RunState, progress: RunProgress) -> None:
        """During a run: where it is, how fast, how long still."""
        where = self.tr("Epoch {epoch} of {epochs} · iteration {iteration} of {iterations}")
        self.title.setText(
            where.format(
                epoch=progress.epoch,
                epochs=progress.epochs,
                iteration=f"{progress.iteration:,}",
                iterations=f"{progress.iterations:,}",
            )
            if progress.iterations
            else self.tr("Beginning")
        )
        self.detail.setText(self._pace(state, progress))
        self.progress.set_progress(progress.iteration, max(1, progress.iterations))

    def _pace(self, state: RunState, progress: RunProgress) -> str:
        if state is RunState.PAUSED:
            return self.tr("Paused")
        if state is RunState.STOPPING:
            return self.tr("Stopping after this batch")
        if progress.evaluating == "test":
            return self.tr("Measuring on the test pictures")
        if progress.evaluating:
            return self.tr("Checking on the validation pictures")
        left = progress.seconds_left
        return time_left_text(progress.images_per_second, None if left is None or left < 1 else left)

    def show_end(self, state: RunState, progress: RunProgress, seconds: float) -> None:
        """After a run: how it ended."""
        took = self.tr("took {time}").format(time=time_text(seconds)) if seconds else ""
        done = self.tr("{iterations} iterations").format(iterations=f"{progress.iteration:,}")
        titles = {
            RunState.FINISHED: (
                self.tr("Finished · 1 epoch")
                if progress.epoch == 1
                else self.tr("Finished · {epochs} epochs").format(epochs=progress.epoch)
            ),
            RunState.FAILED: self.tr("Broke off in epoch {epoch}").format(epoch=progress.epoch),
        }
        stopped = self.tr("Stopped in epoch {epoch}").format(epoch=progress.epoch)
        self.title.setText(titles.get(state, stopped))
        self.detail.setText(" · ".join(part for part in (done, took) if part))
        self.progress.set_progress(progress.iteration, max(1, progress.iterations))
