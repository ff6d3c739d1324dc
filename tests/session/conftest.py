"""A studio with its digits loaded, a clock hand for its workers, and a training run that the test conducts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from time import monotonic

import pytest

from cnnstudio.data import Dataset
from cnnstudio.engine import IterationDone, Network, RunStarted, TrainingConfig, TrainingControl, TrainingEvent
from cnnstudio.session import DataState, Studio

Until = Callable[..., None]


@pytest.fixture
def until() -> Until:
    """`until(studio, condition)`: poll as the screen's timer does, until the condition holds."""

    def wait(studio: Studio, condition: Callable[[], object], seconds: float = 30) -> None:
        deadline, tick = monotonic() + seconds, threading.Event()
        studio.poll()
        while not condition():
            assert monotonic() < deadline, "the condition did not come true in time"
            tick.wait(0.002)
            studio.poll()

    return wait


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / "settings"


@pytest.fixture
def studio(settings: Path, until: Until) -> Iterator[Studio]:
    made = Studio(settings)
    until(made, lambda: made.data.state is DataState.READY)
    yield made
    assert made.close(timeout=10)


class Conductor:
    """A training run whose batches are done when the test says so. `rates`: the learning rate of each."""

    def __init__(self) -> None:
        self._permits = threading.Semaphore(0)
        self.rates: list[float] = []
        self.fault: Exception | None = None

    def batches(self, number: int) -> None:
        self._permits.release(number)

    def train(
        self, net: Network, data: Dataset, config: TrainingConfig, control: TrainingControl
    ) -> Iterator[TrainingEvent]:
        yield RunStarted(100, config.epochs, len(data.train), len(data.validation))
        for iteration in count(1):
            self._permits.acquire()
            if self.fault is not None:
                raise self.fault
            rate = config.learning_rate if control.learning_rate is None else control.learning_rate
            self.rates.append(rate)
            for array in net.parameters.values():
                array += 1
            yield IterationDone(iteration, 1, 1 / iteration, 0.5, rate)


@pytest.fixture
def conductor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Conductor]:
    made = Conductor()
    monkeypatch.setattr("cnnstudio.session.run.train", made.train)
    yield made
    made.batches(1000)
