"""The training run as the screen sees it: start, pause, step, stop, and what it has told so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from time import monotonic

from psygnal import Signal

from cnnstudio.data import Dataset
from cnnstudio.engine import (
    EpochDone,
    Evaluating,
    IterationDone,
    Network,
    RunDone,
    RunFailed,
    RunStarted,
    TrainingConfig,
)
from cnnstudio.project import Weights
from cnnstudio.session.history import History
from cnnstudio.session.layer_settings import for_layers
from cnnstudio.session.messages import SessionError
from cnnstudio.session.pace import Pace
from cnnstudio.session.run import Ended, Gate, Letter, Run
from cnnstudio.session.standing import Drawing
from cnnstudio.session.weights import Floats

Filters = tuple[str, Floats]
"""A node id and its weight, (out, in, height, width) or (out, in)."""


class RunState(StrEnum):
    IDLE = "idle"
    """Nothing runs; nothing has run yet, or the last run was stopped."""
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    """Stop was asked for; the batch under way ends first."""
    FINISHED = "finished"
    """The last run did all its epochs."""
    FAILED = "failed"
    """The last run broke off; `TrainingSession.error` says why."""

    @property
    def active(self) -> bool:
        """Whether a run is under way."""
        return self in (RunState.RUNNING, RunState.PAUSED, RunState.STOPPING)


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is. epoch and iteration count what is done or under way, from 1; 0 before the first.

    evaluating: the split that is being evaluated at the moment, or None. images_per_second, seconds_left: None
    until they are known.
    """

    epoch: int = 0
    epochs: int = 0
    iteration: int = 0
    iterations: int = 0
    images_per_second: float | None = None
    seconds_left: float | None = None
    evaluating: str | None = None

    @property
    def fraction(self) -> float:
        """Share of the iterations that are done, 0 to 1."""
        return self.iteration / self.iterations if self.iterations else 0.0


@dataclass(frozen=True, slots=True)
class Material:
    """What a run needs.

    Attributes:
        network: makes a network for the run alone; called in the run's thread, since a large one takes its time.
        learning: names of the layers that have something to learn or to keep.
        drawing: what is trained, to tell later whether it is still drawn so.
    """

    network: Callable[[], Network]
    learning: frozenset[str]
    data: Dataset
    drawing: Drawing


@dataclass(frozen=True, slots=True)
class Past:
    """What the last run left to be seen."""

    state: RunState
    history: History
    progress: RunProgress
    error: str | None
    drawing: Drawing | None


class TrainingSession:
    """One training run at a time, in a thread of its own. To be used from one thread, which also polls.

    supply: gives the network to train and the data; it raises SessionError when there is
    nothing to train or nothing to train on. keep: takes the weights learned so far. weight_of: the present weight
    of a node, for filters while no run is under way.
    """

    state_changed = Signal(object)
    progressed = Signal()

    def __init__(
        self,
        supply: Callable[[TrainingConfig], Material],
        keep: Callable[[Weights], None],
        weight_of: Callable[[str], Floats | None],
        config: Callable[[], TrainingConfig],
    ) -> None:
        self._supply = supply
        self._keep = keep
        self._weight_of = weight_of
        self._config = config
        self._run: Run | None = None
        self._leaving: list[Run] = []
        self._state = RunState.IDLE
        self._pace = Pace()
        self._watched: str | None = None
        self._filters: Filters | None = None
        self.history = History()
        self.drawing: Drawing | None = None
        """What the history is of; None while there is none."""
        self.progress = RunProgress()
        self.run_config = config()
        """The settings of the present or last run."""
        self.run_id = 0
        self.error: str | None = None

    # -- what the user does

    @property
    def state(self) -> RunState:
        return self._state

    def start(self, config: TrainingConfig | None = None) -> None:
        """Train on from the present weights; the curves begin anew.

        Raises:
            SessionError: a run is under way, the drawing is faulty, or the data does not fit it.
        """
        self._begin(config, Gate())
        self._enter(RunState.RUNNING)

    def pause(self) -> None:
        """Hold the run after the present batch. Without effect unless running."""
        if self._run is not None and self._state is RunState.RUNNING:
            self._run.gate.pause()
            self._enter(RunState.PAUSED)

    def resume(self) -> None:
        """Go on. Without effect unless paused."""
        if self._run is not None and self._state is RunState.PAUSED:
            self._run.gate.resume()
            self._enter(RunState.RUNNING)

    def step(self) -> None:
        """One more iteration, then pause; begins a run when none is under way. Raises SessionError as `start`."""
        if self._state is RunState.STOPPING:
            return
        if self._run is None:
            self._begin(None, Gate(paused=True, steps=1))
        else:
            self._run.gate.step()
        self._enter(RunState.PAUSED)

    def stop(self) -> None:
        """End the run after the present batch; what it has learned stays. Without effect when none is under way."""
        if self._run is not None:
            self._run.gate.stop()
            self._enter(RunState.STOPPING)

    def forget(self) -> Past:
        """Let the last run's curves and figures go; what is returned is for `recall`. Not to be called in a run."""
        past = Past(self._state, self.history, self.progress, self.error, self.drawing)
        self.abandon()
        return past

    def recall(self, past: Past) -> None:
        """Show an earlier run's curves and figures again. Not to be called in a run."""
        self.history, self.progress, self.error = past.history, past.progress, past.error
        self.drawing = past.drawing
        self._enter(past.state)
        self.progressed.emit()

    def adopt(self, history: History, drawing: Drawing) -> None:
        """Show the curves of a project that was opened, which are of its drawing."""
        self.history = history
        self.drawing = drawing if len(history) else None

    def abandon(self) -> None:
        """Forget the run at once, because its network is gone; its thread ends in the background."""
        if self._run is not None:
            self._run.abandon()
            self._leaving.append(self._run)
            self._run = None
        self.run_id += 1
        self.history = History()
        self.drawing = None
        self.progress = RunProgress()
        self.error = None
        self._filters = None
        self._enter(RunState.IDLE)

    def set_learning_rate(self, learning_rate: float) -> None:
        """Change the learning rate of the run under way, from its next iteration on. Raises ConfigError."""
        config = replace(self.run_config, learning_rate=learning_rate)
        self.run_config = config
        if self._run is not None:
            self._run.control.learning_rate = config.learning_rate

    # -- the live filters

    @property
    def watched(self) -> str | None:
        """The node whose weight `filters` shows."""
        return self._watched

    @watched.setter
    def watched(self, node_id: str | None) -> None:
        if node_id != self._watched:
            self._watched = node_id
            self._filters = None
        if self._run is not None:
            self._run.watched = node_id

    @property
    def filters(self) -> Filters | None:
        """The watched node and its latest weight; None where none is watched or it has no weight."""
        if self._watched is None:
            return None
        if self._filters is None or self._filters[0] != self._watched:
            weight = self._weight_of(self._watched)
            self._filters = None if weight is None else (self._watched, weight)
        return self._filters

    def weights_replaced(self) -> None:
        """The network has other weights now: filters are to be read anew."""
        if self._run is None:
            self._filters = None

    # -- the clock

    def poll(self) -> None:
        """Take in the worker's news; emits `progressed` once when there are any."""
        self._leaving = [run for run in self._leaving if run.thread.is_alive()]
        run = self._run
        if run is None:
            return
        letters = run.letters.drain()
        for letter in letters:
            self._take(letter)
        weights = run.weights.take()
        if weights is not None:
            self._keep(weights)
        filters = run.filters.take()
        if filters is not None and filters[0] == self._watched:
            self._filters = filters
        end = next((each.event for each in letters if isinstance(each.event, Ended)), None)
        if end is not None:
            self._end(run, end)
        if letters or weights is not None or filters is not None:
            self.progressed.emit()

    def close(self, timeout: float) -> bool:
        """Stop and join every run; False when one did not end within `timeout` seconds."""
        deadline = monotonic() + timeout
        runs = [*self._leaving, *([self._run] if self._run is not None else [])]
        for run in runs:
            run.abandon()
        for run in runs:
            run.thread.join(max(0.0, deadline - monotonic()))
        self.poll()
        return not any(run.thread.is_alive() for run in runs)

    # -- inside

    def _begin(self, config: TrainingConfig | None, gate: Gate) -> None:
        if self._run is not None:
            raise SessionError("A training run is under way; stop it before you start another.")
        config = self._config() if config is None else config
        material = self._supply(config)
        config = for_layers(config, material.learning)
        self.run_id += 1
        self.run_config = config
        self.history = History()
        self.drawing = material.drawing
        self.progress = RunProgress(epochs=config.epochs)
        self.error = None
        self._pace = Pace()
        self._run = Run(material.network, material.data, config, gate)
        self._run.watched = self._watched
        self._run.start()

    def _end(self, run: Run, end: Ended) -> None:
        run.thread.join()
        self._run = None
        self._filters = None
        self.progress = replace(self.progress, evaluating=None, seconds_left=None)
        if end.error is not None:
            self.error = end.error
        if self.error is not None:
            self._enter(RunState.FAILED)
        elif self.history.test is not None:
            self._enter(RunState.FINISHED)
        else:
            self._enter(RunState.IDLE)

    def _take(self, letter: Letter) -> None:
        event, clock = letter.event, letter.clock
        match event:
            case RunStarted():
                iterations = event.iterations_per_epoch * event.epochs
                self.progress = RunProgress(epochs=event.epochs, iterations=iterations)
            case IterationDone():
                self.history.add(event)
                self._pace.iteration(clock, event.iteration)
                self._measure(event.epoch, event.iteration, None)
            case Evaluating():
                self._measure(self.progress.epoch, self.progress.iteration, event.split)
            case EpochDone():
                self.history.epochs.append(event)
                self._pace.evaluation(clock)
                self._measure(event.epoch, event.iteration, None)
            case RunDone():
                self.history.test = event
            case RunFailed():
                self.error = event.message
            case Ended():
                pass

    def _measure(self, epoch: int, iteration: int, evaluating: str | None) -> None:
        progress = self.progress
        evaluations = progress.epochs - len(self.history.epochs)
        self.progress = replace(
            progress,
            epoch=epoch,
            iteration=iteration,
            evaluating=evaluating,
            images_per_second=self._pace.images_per_second(self.run_config.batch_size),
            seconds_left=self._pace.seconds_left(progress.iterations - iteration, evaluations),
        )

    def _enter(self, state: RunState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
