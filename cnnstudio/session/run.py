"""One training run: the thread that does it, the gate that holds it, and the letters that it posts.

The worker has a network of its own and never reads the document. It can be held and stopped between any two events
of the training generator, which are at most one batch apart.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from cnnstudio.data import Dataset
from cnnstudio.engine import (
    EpochDone,
    Evaluating,
    IterationDone,
    Network,
    RunDone,
    RunFailed,
    TrainingConfig,
    TrainingControl,
    TrainingEvent,
    train,
)
from cnnstudio.project import Weights
from cnnstudio.session.mailbox import Mailbox, Slot
from cnnstudio.session.weights import Floats, copy_weights, weight_of

FILTER_SECONDS = 0.1
"""Filters of the watched layer are copied at most this often."""
WEIGHT_SECONDS = 1.0
"""All weights are copied at most this often while an epoch runs, and at the end of each."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The worker's last letter. error: a sentence when something unforeseen broke."""

    stopped: bool
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """An event of a run. clock: seconds of work since the run began, pauses left out."""

    event: TrainingEvent | Ended
    clock: float


class Gate:
    """Lets the worker through, holds it, lets it through for one iteration, or sends it home."""

    def __init__(self, *, paused: bool = False, steps: int = 0) -> None:
        self._news = threading.Condition()
        self._paused = paused
        self._steps = steps
        self._stopped = False
        self._waiting = False

    def pause(self) -> None:
        with self._news:
            self._paused, self._steps = True, 0

    def resume(self) -> None:
        with self._news:
            self._paused, self._steps = False, 0
            self._news.notify_all()

    def step(self) -> None:
        """One more iteration, then pause."""
        with self._news:
            self._paused, self._steps = True, self._steps + 1
            self._news.notify_all()

    def stop(self) -> None:
        with self._news:
            self._stopped = True
            self._news.notify_all()

    @property
    def stopped(self) -> bool:
        with self._news:
            return self._stopped

    @property
    def resting(self) -> bool:
        """Whether the worker is held at this moment: no batch is under way."""
        with self._news:
            return self._waiting and not self._open()

    def holds(self) -> bool:
        """Whether the next `wait` would have to wait."""
        with self._news:
            return not self._open()

    def wait(self) -> bool:
        """Return when work may go on: True to go on, False to stop."""
        with self._news:
            self._waiting = True
            self._news.wait_for(self._open)
            self._waiting = False
            return not self._stopped

    def iteration_done(self) -> None:
        with self._news:
            self._steps = max(0, self._steps - 1)

    def _open(self) -> bool:
        return self._stopped or not self._paused or self._steps > 0


class Run:
    """A run under way. Everything public may be used from the screen's thread.

    letters: events in order. weights, filters: the latest copies. watched: node id of the layer whose weight goes
    into `filters`.
    """

    def __init__(self, network: Callable[[], Network], data: Dataset, config: TrainingConfig, gate: Gate) -> None:
        """network: makes the run's own network, in its thread."""
        self.gate = gate
        self.control = TrainingControl()
        self.letters: Mailbox[Letter] = Mailbox()
        self.weights: Slot[Weights] = Slot()
        self.filters: Slot[tuple[str, Floats]] = Slot()
        self.watched: str | None = None
        self._make = network
        self._data = data
        self._config = config
        self._first_weights: Weights = {}
        self._began = 0.0
        self._held = 0.0
        self._filters_at = self._weights_at = float("-inf")
        self.thread = threading.Thread(target=self._work, name="cnnstudio-training")

    def start(self) -> None:
        self.thread.start()

    def abandon(self) -> None:
        """End at once, also in the middle of a batch."""
        self.gate.stop()
        self.control.interrupt()

    # -- in the worker

    def _work(self) -> None:
        self._began = perf_counter()
        error = None
        try:
            self._prepare()
            if not self.gate.stopped:
                self._train()
        except MemoryError:
            error = "Training needs more memory than this computer has free: make the batch or the network smaller."
        except Exception as fault:  # noqa: BLE001 - a thread has nobody else to tell
            error = f"Training broke off: {' '.join(str(fault).split()) or type(fault).__name__}"
        if error is not None and self._first_weights:
            self.weights.post(self._first_weights)
        self._post(Ended(self.gate.stopped, error))

    def _prepare(self) -> None:
        self._network = self._make()
        del self._make  # it may hold on to a network of its own, which is out of date once this one has learned
        self._first_weights = copy_weights(self._network)
        self._began = perf_counter()

    def _train(self) -> None:
        for event in train(self._network, self._data, self._config, self.control):
            self._post(event)
            self._copy_news(event)
            if not self._pass_gate():
                break
        if self.gate.stopped:
            self._post_weights()

    def _post(self, event: TrainingEvent | Ended) -> None:
        self.letters.post(Letter(event, perf_counter() - self._began - self._held))

    def _pass_gate(self) -> bool:
        if self.gate.holds():
            self._post_filters()
            self._post_weights()
            held_at = perf_counter()
            go_on = self.gate.wait()
            self._held += perf_counter() - held_at
            return go_on
        return self.gate.wait()

    def _copy_news(self, event: TrainingEvent) -> None:
        now = perf_counter()
        match event:
            case IterationDone():
                self.gate.iteration_done()
                if now - self._filters_at >= FILTER_SECONDS:
                    self._post_filters()
                if now - self._weights_at >= WEIGHT_SECONDS:
                    self._post_weights()
            case EpochDone() | RunDone():
                self._post_filters()
                self._post_weights()
            case RunFailed():
                # What was learned is not finite any more: the network keeps what it had before the run.
                self.weights.post(self._first_weights)
            case Evaluating():
                pass

    def _post_weights(self) -> None:
        self._weights_at = perf_counter()
        self.weights.post(copy_weights(self._network))

    def _post_filters(self) -> None:
        watched = self.watched
        if watched is None:
            return
        self._filters_at = perf_counter()
        weight = weight_of(self._network, watched)
        if weight is not None:
            self.filters.post((watched, weight))
