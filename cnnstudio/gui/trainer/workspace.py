"""Train: what to learn from, how, the run itself, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from time import perf_counter

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.engine import TrainingConfig
from cnnstudio.gui.actions import Actions
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.trainer.curve_cards import AccuracyCard, LossCard
from cnnstudio.gui.trainer.data_dialog import DataDialog
from cnnstudio.gui.trainer.data_panel import DataPanel
from cnnstudio.gui.trainer.filters_card import FiltersCard
from cnnstudio.gui.trainer.halves import Halves
from cnnstudio.gui.trainer.learning_panel import LearningPanel
from cnnstudio.gui.trainer.notice import Notice
from cnnstudio.gui.trainer.plan import plan_for
from cnnstudio.gui.trainer.remedies import Obstacle, find_obstacle
from cnnstudio.gui.trainer.result_card import ResultCard
from cnnstudio.gui.trainer.run_bar import RunBar
from cnnstudio.gui.trainer.start_page import StartPage
from cnnstudio.gui.trainer.stopwatch import Stopwatch
from cnnstudio.gui.undo import Editor
from cnnstudio.gui.widgets import GRID, label, look
from cnnstudio.gui.widgets.column import Column
from cnnstudio.project import DataChoice
from cnnstudio.session import DataState, History, Level, Message, RunState, SessionError, Standing, Studio

FRAME = 0.2
"""Seconds between two drawings of a run at full speed; more would cost it more than it shows (tests/benchmarks)."""


class TrainerWorkspace(QWidget):
    """Tells the session what the user wants and shows what the session has to say; it owns no truth.

    Signals:
        progress_shown: a run's progress stands on the page; whoever shows it elsewhere keeps step.
    """

    progress_shown = Signal()

    def __init__(self, studio: Studio, editor: Editor, theme: Theme, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("trainer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        look(self, "workspace")
        self._studio, self._editor, self._theme, self._actions = studio, editor, theme, actions
        self._obstacle: Obstacle | None = None
        self._clock = Stopwatch()
        self._drawn = 0.0
        self._stale = True
        self.data = DataPanel(theme)
        self.misfit = Notice(theme, "misfit")
        self.learning = LearningPanel(theme)
        self.failure = Notice(theme, "failure")
        self.run_bar = RunBar(theme)
        self.start_page = StartPage(theme)
        self.loss = LossCard(theme)
        self.accuracy = AccuracyCard(theme)
        self.filters = FiltersCard(theme, self.tr("Filters"))
        self.result = ResultCard(theme, self.tr("Result"))
        self._lay_out()
        self._connect()
        self._show_project()

    # -- what the window asks

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """Who answers the actions of this workspace."""
        return {
            "train.start": self.start,
            "train.pause": self.pause,
            "train.step": self.step,
            "train.stop": self.stop,
            "train.reset": self.reset,
            "train.data": self.choose_data,
        }

    def save_state(self) -> dict[str, list[int]]:
        """What the window shall find again."""
        return {"logarithmic": [int(self.loss.logarithmic.isChecked())]}

    def restore_state(self, state: Mapping[str, object]) -> None:
        """Take up what `save_state` gave; what does not fit is passed over."""
        self.loss.logarithmic.setChecked(state.get("logarithmic") == [1])

    # -- what the user does

    def start(self) -> None:
        """Train, or go on after a pause."""
        training = self._studio.training
        if training.state is RunState.PAUSED:
            training.resume()
        elif not training.state.active:
            self._attempt(lambda: training.start(self._studio.config))

    def pause(self) -> None:
        self._studio.training.pause()

    def step(self) -> None:
        self._attempt(self._studio.training.step)

    def stop(self) -> None:
        self._studio.training.stop()

    def reset(self) -> None:
        """Fresh random weights; a slip is taken back by the button beside the message."""
        try:
            bring_back = self._studio.reset_weights()
        except SessionError as problem:
            self._tell(Level.WARNING, str(problem))
            return
        text = self.tr("The weights are random again; the next run begins from nothing.")
        undo = partial(self._attempt, bring_back)
        self._studio.message.emit(Message(Level.INFO, text, self.tr("Undo"), undo))

    def choose_data(self) -> None:
        """Ask for another data set."""
        if self._studio.training.state.active:
            return
        dialog = DataDialog(self._theme, self._studio.data, self)
        dialog.chosen.connect(self._take_choice)
        dialog.open()

    def _attempt(self, step: Callable[[], object]) -> bool:
        try:
            step()
        except SessionError as problem:
            self._tell(Level.WARNING, str(problem))
            return False
        return True

    def _tell(self, level: Level, text: str) -> None:
        self._studio.message.emit(Message(level, text))

    def _main_clicked(self) -> None:
        if self._studio.training.state is RunState.RUNNING:
            self.pause()
        else:
            self.start()

    def _take_choice(self, choice: DataChoice) -> None:
        self._studio.data.load(choice)

    def _take_config(self, config: TrainingConfig) -> None:
        if self._studio.training.state.active:
            self._studio.training.set_learning_rate(config.learning_rate)
        self._studio.config = config

    def _mend(self, number: int) -> None:
        remedies = self._obstacle.remedies if self._obstacle else ()
        if number < len(remedies):
            action = remedies[number].action
            if isinstance(action, DataChoice):
                self._take_choice(action)
            else:
                self._editor.run(action)

    def _watch(self, node: str | None) -> None:
        self._studio.training.watched = node
        self._show_filters()

    # -- what the session says

    def _show_project(self) -> None:
        """Another project: everything is new."""
        self._clock.reset()
        self.learning.set_config(self._studio.config)
        self.filters.set_report(self._studio.report)
        self._watch(self.filters.node)
        self._show_data()
        self._state_changed(self._studio.training.state)

    def _report_changed(self, report: object) -> None:
        self.filters.set_report(self._studio.report)
        self._show_fit()

    def _config_changed(self, config: TrainingConfig) -> None:
        self.learning.set_config(config)
        self._show_run()

    def _network_changed(self) -> None:
        if not self._studio.training.state.active:
            self._show_buttons()
            self._show_run()
            self._draw()

    def _show_data(self) -> None:
        self.data.show_source(self._studio.data)
        self._show_fit()

    def _show_fit(self) -> None:
        studio = self._studio
        self._obstacle = find_obstacle(studio.graph, studio.report, studio.data.dataset, studio.data.choice)
        self._show_buttons()
        self._show_run()

    def _state_changed(self, state: RunState) -> None:
        if state is RunState.RUNNING and not self._studio.training.history.iterations.size:
            self._clock.reset()
        self._clock.run(state in (RunState.RUNNING, RunState.STOPPING))
        focused = QApplication.focusWidget()
        self.data.set_running(state.active)
        self.learning.set_running(state.active)
        if focused is not None and self.isAncestorOf(focused) and not focused.isEnabled():
            self.run_bar.main.setFocus(Qt.FocusReason.OtherFocusReason)  # Qt would leave the keyboard nowhere
        self._show_buttons()
        self._show_run()
        self._draw()

    def _progressed(self) -> None:
        if self._studio.training.state is not RunState.RUNNING or perf_counter() - self._drawn >= FRAME:
            self._show_run()
            self._draw()
            self.progress_shown.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._draw()

    # -- showing it

    @property
    def _in_the_way(self) -> str:
        """Why no run can begin, and what to do; empty when one can."""
        if self._obstacle is not None:
            return self._obstacle.message
        return (self._studio.data_problem() or "") if self._studio.data.dataset is None else ""

    @property
    def _has_run(self) -> bool:
        """Whether there are curves to show. Those of another network are not; undo brings both back."""
        training = self._studio.training
        if training.state.active:
            return True
        ended = bool(len(training.history)) or training.state is RunState.FAILED
        return ended and self._studio.standing is not Standing.OTHER

    def _show_buttons(self) -> None:
        state, in_the_way = self._studio.training.state, self._in_the_way
        resettable = self._studio.trained and not state.active
        self.run_bar.show_state(state, in_the_way, resettable)
        may_begin = not in_the_way and not state.active
        for name, possible in (
            ("start", may_begin or state is RunState.PAUSED),
            ("pause", state is RunState.RUNNING),
            ("step", may_begin or state is RunState.PAUSED),
            ("stop", state in (RunState.RUNNING, RunState.PAUSED)),
            ("reset", resettable),
            ("data", not state.active),
        ):
            self._actions.set_enabled(f"train.{name}", possible)

    def _show_run(self) -> None:
        """The words of the bar, the notes, and which page stands above the filters."""
        studio = self._studio
        training, state = studio.training, studio.training.state
        standing, trained, has_run = studio.standing, studio.trained, self._has_run
        own = standing is Standing.PRESENT
        if state.active:
            self.run_bar.show_progress(state, training.progress)
        elif own and training.progress.iterations and (trained or state is RunState.FAILED):
            self.run_bar.show_end(state, training.progress, self._clock.seconds)
        else:
            dataset, config = studio.data.dataset, studio.config
            edited, fits = standing is Standing.EDITED, self._obstacle is None
            self.run_bar.show_plan(plan_for(dataset, config, trained=trained, edited=edited, fits=fits))
        self.pages.setCurrentIndex(1 if has_run else 0)
        self.earlier.setVisible(not own)
        self.start_page.show_source(studio.data, self.data.fetch_text(studio.data), self._obstacle, trained)
        remedies = self._obstacle.remedies if self._obstacle else ()
        # The start page says it itself; of data that is on its way or cannot be read the panel above tells.
        missing = not state.active and studio.data.state is DataState.EMPTY
        message = self._in_the_way if has_run and (self._obstacle is not None or missing) else ""
        self.misfit.tell(self.tr("Not ready to train"), message, [remedy.text for remedy in remedies])
        broke_off = (training.error or "") if state is RunState.FAILED and has_run else ""
        self.failure.tell(self.tr("Training broke off"), broke_off, grave=True)

    def _draw(self) -> None:
        """Curves, filters and figures; left for later while nobody can see them."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        training = self._studio.training
        history = training.history
        total = training.progress.iterations or (int(history.iterations[-1]) if len(history) else 1)
        epochs = training.progress.epochs if training.progress.iterations else 0
        per_epoch = total // epochs if epochs else (history.epochs[0].iteration if history.epochs else 0)
        self.loss.follow(history, per_epoch, total)
        self.accuracy.follow(history, per_epoch, total)
        if self._has_run:
            earlier = self._studio.standing is not Standing.PRESENT
            self.result.show_history(history, training.state, self._clock.seconds, earlier=earlier)
        else:
            self.result.show_history(History(), RunState.IDLE, 0)
        self._show_filters()
        self._drawn = perf_counter()

    def _show_filters(self) -> None:
        """Their weights take a network to be compiled: not while somebody draws who cannot see them."""
        if not self.isVisible():
            self._stale = True
            return
        filters = self._studio.training.filters
        self.filters.set_weight(None if filters is None else filters[1])

    def _start_page_clicked(self) -> None:
        match self.start_page.offer:
            case "train":
                self.start()
            case "load":
                self._studio.data.load()
            case "mend":
                self._mend(0)
            case "choose":
                self.choose_data()

    # -- building

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(Column(self._theme, (self.data, self.misfit, self.learning, self.failure)))
        self.earlier = label(self.tr("These curves are of an earlier drawing."), "muted", "earlierDrawing")
        self.earlier.hide()
        curves = QWidget()
        column = QVBoxLayout(curves)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.earlier)
        pair = QHBoxLayout()
        pair.setSpacing(12)
        column.addLayout(pair, 1)
        pair.addWidget(self.loss, 1)
        pair.addWidget(self.accuracy, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(curves)
        below = QWidget()
        lower = QHBoxLayout(below)
        lower.setContentsMargins(0, 0, 0, 0)
        lower.setSpacing(12)
        lower.addWidget(self.filters, 1)
        lower.addWidget(self.result)
        right = QVBoxLayout()
        right.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        right.setSpacing(12)
        right.addWidget(self.run_bar)
        right.addWidget(Halves(self.pages, below), 1)
        row.addLayout(right, 1)

    def _connect(self) -> None:
        studio = self._studio
        studio.project_changed.connect(self._show_project)
        studio.report_changed.connect(self._report_changed)
        studio.config_changed.connect(self._config_changed)
        studio.network_changed.connect(self._network_changed)
        studio.data.changed.connect(self._show_data)
        studio.training.state_changed.connect(self._state_changed)
        studio.training.progressed.connect(self._progressed)
        self.data.choose.connect(self.choose_data)
        self.data.edited.connect(self._take_choice)
        self.data.load.connect(lambda: studio.data.load())
        self.data.cancel.connect(lambda: studio.data.cancel())
        self.learning.edited.connect(self._take_config)
        self.misfit.mended.connect(self._mend)
        self.run_bar.main_clicked.connect(self._main_clicked)
        self.run_bar.step_clicked.connect(self.step)
        self.run_bar.stop_clicked.connect(self.stop)
        self.run_bar.reset_clicked.connect(self.reset)
        self.start_page.clicked.connect(self._start_page_clicked)
        self.start_page.second_clicked.connect(lambda: self._mend(1))
        self.filters.watch.connect(self._watch)
