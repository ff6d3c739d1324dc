"""How long each layer takes: measured in the background on a batch that fits, the newest wish first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic

import numpy as np
from psygnal import Signal

from cnnstudio.compile import compile_graph, physical_memory
from cnnstudio.data import Dataset
from cnnstudio.engine import Interrupted, Network, Profile, ProfileControl, TrainingConfig, profile
from cnnstudio.explain.text import bytes_text, count_text
from cnnstudio.graph import Graph, Report, memory
from cnnstudio.graph.shapes import size_text
from cnnstudio.session.fitting import faults, input_shape
from cnnstudio.session.messages import SessionError
from cnnstudio.session.worker import LatestWorker

REPEATS = 5
LIGHT_WORK = 5e11
"""Multiply-adds of a whole measurement that a usual computer is done with in some ten seconds."""
LIGHT_SHARE, HEAVY_SHARE = 0.25, 0.8
"""Parts of the computer's memory: what the first batch stays below, and what none may go beyond."""
SLOW_RATE, LONG_SECONDS = 2e10, 30.0
"""Multiply-adds a second that two cores manage in any case, to warn by and not to promise."""

Layers = tuple[object, ...]
"""What decides how long a network takes: ids, kinds, parameters and wires, without names and places."""


class ProfilingState(StrEnum):
    EMPTY = "empty"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"
    """`ProfilingSession.error` says why."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What is to be measured. dataset: None unless it is loaded; network: None unless compiled already.

    training: whether a run computes at the moment.
    """

    graph: Graph
    report: Report
    config: TrainingConfig
    dataset: Dataset | None
    network: Network | None
    training: bool


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was found, and of what.

    Attributes:
        report: of the network as it was measured.
        pictures: which ones went through, in a sentence.
        disturbed: a training run computed at the same time, so that the times are too long.
    """

    profile: Profile
    report: Report
    batch_size: int
    repeats: int
    pictures: str
    disturbed: bool


@dataclass(slots=True)
class _Wish:
    """A measurement under way."""

    report: Report
    layers: Layers
    batch_size: int
    repeats: int
    pictures: str
    control: ProfileControl = field(default_factory=ProfileControl)
    begun: float = field(default_factory=monotonic)
    disturbed: bool = False


@dataclass(frozen=True, slots=True)
class _Outcome:
    wish: _Wish
    profile: Profile | None = None
    error: str = ""


class ProfilingSession:
    """The measurement at hand. To be used from one thread, which also polls.

    bench: gives what is drawn and loaded now. changed: state or result differ. progressed: `progress` differs.
    """

    changed = Signal()
    progressed = Signal()

    def __init__(self, bench: Callable[[], Bench]) -> None:
        self._bench = bench
        self._worker: LatestWorker[_Outcome] = LatestWorker("profiling")
        self._wish: _Wish | None = None
        self._measured: Layers = ()
        self.state = ProfilingState.EMPTY
        self.result: Measurement | None = None
        """The last measurement that came to its end; it stays while a newer one is under way or called off."""
        self.error = ""
        self.called_off = False
        """Whether the one begun last was called off."""
        self.progress: tuple[int, int] = (0, 0)
        """Layers timed, and in all; (0, 0) while the network is being made."""

    # -- before it begins

    def problem(self) -> str | None:
        """Why nothing can be measured now, and what to do; None when it can."""
        bench = self._bench()
        if not len(bench.graph):
            return "There is no network to measure yet: draw one, or choose a classic one."
        if (fault := faults(bench.report)) is not None:
            return fault
        if bench.training:
            return "A training run is computing, and would make every time too long: pause it, or let it end."
        return None

    def first_batch_size(self) -> int:
        """A batch to begin with: the training run's, halved until memory and patience bear it."""
        bench = self._bench()
        one, size, most = memory(bench.graph, 1), bench.config.batch_size, physical_memory() or float("inf")
        fixed = one.training_total - one.training_peak
        while size > 1 and (
            fixed + size * one.training_peak > LIGHT_SHARE * most or _work(bench.report, size, REPEATS) > LIGHT_WORK
        ):
            size //= 2
        return size

    def warning(self, batch_size: int, repeats: int = REPEATS) -> str:
        """What such a measurement would cost, where that is much; an empty text where it is little."""
        bench, most = self._bench(), physical_memory()
        size = memory(bench.graph, batch_size).training_total
        if most is not None and size > HEAVY_SHARE * most:
            return _too_large(batch_size, size, most)
        if most is not None and size > LIGHT_SHARE * most:
            return (
                f"This takes about {bytes_text(size)} of memory, of {bytes_text(most)} that the computer has: "
                "fewer pictures are enough to see which layer is slow."
            )
        work = _work(bench.report, batch_size, repeats)
        if work > LONG_SECONDS * SLOW_RATE:
            return (
                f"This is {count_text(round(work / 1e9))} billion multiply-adds, and may take a minute or more: "
                "fewer pictures are enough to see which layer is slow."
            )
        return ""

    def pictures_text(self, batch_size: int) -> str:
        """Which pictures a measurement would use: those of the data set where they fit, else noise."""
        bench = self._bench()
        data, shape = _fitting(bench), input_shape(bench.report)
        if data is not None:
            number = min(batch_size, len(data.train.images))
            which = f"The first {count_text(number)} training pictures" if number > 1 else "The first training picture"
            return f"{which} of {data.title}{', over and over' if number < batch_size else ''}."
        if shape is None:
            return ""
        return (
            f"Random noise of {size_text(shape)}, as no data is loaded that fits; times do not depend on what is seen."
        )

    # -- what the user does

    def start(self, batch_size: int, repeats: int = REPEATS) -> None:
        """Measure the network as it is drawn now; a measurement under way gives way.

        Raises SessionError where `problem` has something to say, and for a batch beyond the computer's memory.
        """
        if (problem := self.problem()) is not None:
            raise SessionError(problem)
        bench, most = self._bench(), physical_memory()
        size = memory(bench.graph, batch_size).training_total
        if most is not None and size > HEAVY_SHARE * most:
            raise SessionError(_too_large(batch_size, size, most))
        if self._wish is not None:
            self._wish.control.interrupt()
        wish = _Wish(bench.report, _layers(bench.graph), batch_size, repeats, self.pictures_text(batch_size))
        self._wish, self.called_off = wish, False
        graph, network, seed, images = bench.graph.copy(), bench.network, bench.config.seed, _images(bench, batch_size)
        self._worker.submit(
            lambda: _measure(wish, lambda: compile_graph(graph, seed) if network is None else network, images)
        )
        self.progress, self.error = (0, 0), ""
        self._enter(ProfilingState.WORKING)

    def cancel(self) -> None:
        """Call off what is under way; an older result stays."""
        if self._wish is not None:
            self._wish.control.interrupt()
            self._wish, self.called_off = None, True
            self._enter(ProfilingState.EMPTY if self.result is None else ProfilingState.READY)

    def clear(self) -> None:
        """Forget it all: another project is open."""
        self.cancel()
        self.result, self.error, self.called_off = None, "", False
        self._enter(ProfilingState.EMPTY)

    # -- what came of it

    @property
    def stale(self) -> bool:
        """Whether the drawing is no longer the one that was measured, names and places aside."""
        return self.result is not None and _layers(self._bench().graph) != self._measured

    @property
    def seconds_left(self) -> float | None:
        """By the passes that are over; None while none is."""
        done, total = self.progress
        if self._wish is None or not total or done * (self._wish.repeats + 1) < total:
            return None
        return (monotonic() - self._wish.begun) * (total - done) / done

    # -- the clock

    def poll(self) -> None:
        """Take in progress and result."""
        outcome = self._worker.results.take()
        if (wish := self._wish) is None:
            return
        wish.disturbed |= self._bench().training
        if isinstance(outcome, _Outcome) and outcome.wish is wish:
            self._take(wish, outcome)
        elif (progress := (wish.control.done, wish.control.total)) != self.progress:
            self.progress = progress
            self.progressed.emit()

    def close(self, timeout: float) -> bool:
        """Call off and join; False when the worker did not end within `timeout` seconds."""
        if self._wish is not None:
            self._wish.control.interrupt()
        return self._worker.close(timeout)

    def _take(self, wish: _Wish, outcome: _Outcome) -> None:
        if outcome.profile is None:
            self._fail(outcome.error)
            return
        self.result = Measurement(
            outcome.profile, wish.report, wish.batch_size, wish.repeats, wish.pictures, wish.disturbed
        )
        self._wish, self._measured = None, wish.layers
        self._enter(ProfilingState.READY)

    def _fail(self, error: str) -> None:
        self._wish, self.error = None, error
        self._enter(ProfilingState.FAILED)

    def _enter(self, state: ProfilingState) -> None:
        self.state = state
        self.changed.emit()


def _measure(wish: _Wish, network: Callable[[], Network], images: Callable[[], np.ndarray]) -> _Outcome:
    try:
        wish.control.checkpoint()
        return _Outcome(wish, profile(network(), images(), repeats=wish.repeats, control=wish.control))
    except Interrupted:
        return _Outcome(wish, error="The measurement was called off.")
    except MemoryError:
        return _Outcome(wish, error="The layers of so many pictures do not fit into memory: choose fewer.")
    except ValueError as error:
        return _Outcome(wish, error=str(error))
    except Exception as fault:  # noqa: BLE001 - said where this measurement, not a newer one, is waited for
        return _Outcome(wish, error=f"The layers could not be measured: {fault}")


def _images(bench: Bench, number: int) -> Callable[[], np.ndarray]:
    """What makes the batch (N, C, H, W), later and elsewhere."""
    data, shape = _fitting(bench), input_shape(bench.report)
    if data is not None:
        images = data.train.images
        return lambda: images[np.arange(number) % len(images)]
    return lambda: np.random.default_rng(0).random((number, *(shape or ())), dtype=np.float32)


def _fitting(bench: Bench) -> Dataset | None:
    data = bench.dataset
    return data if data is not None and len(data.train.images) and data.shape == input_shape(bench.report) else None


def _work(report: Report, batch_size: int, repeats: int) -> float:
    """Multiply-adds: forward, and about twice that backward, and once more than `repeats` to warm up."""
    return 3.0 * report.macs * batch_size * (repeats + 1)


def _too_large(batch_size: int, size: int, most: int) -> str:
    pictures = f"{count_text(batch_size)} pictures at once take" if batch_size > 1 else "This network takes"
    remedy = "choose fewer" if batch_size > 1 else "make it smaller"
    return f"{pictures} {bytes_text(size)} of memory, and the computer has {bytes_text(most)}: {remedy}."


def _layers(graph: Graph) -> Layers:
    state = graph.state
    return (*((node.id, node.kind, dict(node.params)) for node in state.nodes), state.inputs)
