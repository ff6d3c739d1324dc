"""One picture under inspection: loaded, fitted to the network and computed in the background, newest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from cnnstudio.data import DataError, Split, fit_picture, is_dark_on_light, load_picture
from cnnstudio.data.pictures import Fit
from cnnstudio.engine import Network
from cnnstudio.explain import Inspection, inspect_picture
from cnnstudio.graph import Report
from cnnstudio.session.worker import LatestWorker

Picture = NDArray[np.uint8]
"""(channels, height, width); 1 channel is grey, 3 are red, green and blue."""


class InspectionState(StrEnum):
    EMPTY = "empty"
    """There is no picture."""
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"
    """`InspectionSession.error` says why; the picture may be there all the same."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to look at the picture: the network, its report, frozen, and the classes' names where known.

    network: called in the background, since a large one takes its time to be made; it may raise ValueError.
    """

    network: Callable[[], Network]
    report: Report
    classes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a job found: the pictures as far as they could be had, the result or the reason why there is none."""

    ticket: int
    original: Picture | None
    picture: Picture | None = None
    result: Inspection | None = None
    error: str | None = None


class InspectionSession:
    """The picture at hand and what the network makes of it. To be used from one thread, which also polls.

    subject: gives what the present network takes; it raises ValueError with a sentence when the drawing is faulty.
    """

    changed = Signal()

    def __init__(self, subject: Callable[[], Subject]) -> None:
        self._subject = subject
        self._worker: LatestWorker[_Outcome] = LatestWorker("inspection")
        self._read: Callable[[], Picture] | None = None
        self._ticket = 0
        self._fit: Fit = "contain"
        self._invert = False
        self.state = InspectionState.EMPTY
        self.original: Picture | None = None
        """The picture as it came."""
        self.picture: Picture | None = None
        """The picture as the network takes it."""
        self.source_text = ""
        """Where the picture comes from: a file's name, or which one of the data set."""
        self.label: str | None = None
        """The right class, where it is known."""
        self.error: str | None = None
        self.result: Inspection | None = None

    # -- what the user does

    def show_file(self, path: str | Path) -> None:
        """Inspect the picture in a file."""
        path = Path(path)
        self._show(lambda: load_picture(path), path.name, None)

    def show_array(self, array: Picture, text: str, label: str | None = None) -> None:
        """Inspect a picture (C, H, W); `text` says where it comes from."""
        kept = np.array(array, dtype=np.uint8)
        self._show(lambda: kept, text, label)

    def show_sample(self, split: Split, index: int, name: str = "picture", classes: tuple[str, ...] = ()) -> None:
        """Inspect one picture of a data set's split. `name` is what the text calls it, as in "test image 12"."""
        label = int(split.labels[index])
        self.show_array(split.images[index], f"{name} {index}", classes[label] if label < len(classes) else str(label))

    def clear(self) -> None:
        """Take the picture away."""
        self._ticket += 1
        self._read = None
        self.original = self.picture = self.result = self.error = self.label = None
        self.source_text = ""
        self._enter(InspectionState.EMPTY)

    @property
    def fit(self) -> Fit:
        """How a picture of another shape is brought to the network's: "contain", "cover" or "stretch"."""
        return self._fit

    @fit.setter
    def fit(self, fit: Fit) -> None:
        if fit != self._fit:
            self._fit = fit
            self.refresh()

    @property
    def invert(self) -> bool:
        """Whether light and dark are exchanged, for dark ink on paper and a network that learned white on black."""
        return self._invert

    @invert.setter
    def invert(self, invert: bool) -> None:
        if invert != self._invert:
            self._invert = invert
            self.refresh()

    @property
    def looks_inverted(self) -> bool:
        """Whether the picture looks like dark ink on light paper, so that `invert` is worth offering."""
        return self.original is not None and is_dark_on_light(self.original)

    def refresh(self) -> None:
        """Compute the picture at hand again, because the network or the fitting changed."""
        if self._read is None:
            return
        self._ticket += 1
        ticket, read, fit, invert = self._ticket, self._read, self._fit, self._invert
        original = self.original
        try:
            subject = self._subject()
        except ValueError as error:
            reason = str(error)
            self._worker.submit(lambda: _without_network(ticket, original, read, reason))
        else:
            self._worker.submit(lambda: _inspect(ticket, original, read, subject, fit, invert))
        self._enter(InspectionState.WORKING)

    # -- the clock

    def poll(self) -> None:
        """Take in the newest result; emits `changed` when there is one."""
        outcome = self._worker.results.take()
        if isinstance(outcome, Exception):
            self.result, self.error = None, f"The picture could not be computed: {outcome}"
            self._enter(InspectionState.FAILED)
        elif outcome is not None and outcome.ticket == self._ticket:
            self.original, self.picture = outcome.original, outcome.picture
            self.result, self.error = outcome.result, outcome.error
            self._enter(InspectionState.FAILED if outcome.error else InspectionState.READY)

    def close(self, timeout: float) -> bool:
        """Join the worker; False when it did not end within `timeout` seconds."""
        return self._worker.close(timeout)

    def _show(self, read: Callable[[], Picture], text: str, label: str | None) -> None:
        self._read = read
        self.original = self.picture = self.result = None
        self.source_text, self.label = text, label
        self.refresh()

    def _enter(self, state: InspectionState) -> None:
        self.state = state
        self.changed.emit()


def _inspect(
    ticket: int,
    original: Picture | None,
    read: Callable[[], Picture],
    subject: Subject,
    fit: Fit,
    invert: bool,
) -> _Outcome:
    picture = None
    try:
        original = read() if original is None else original
        picture = fit_picture(original, _input_shape(subject.report), fit, invert=invert)
        result = inspect_picture(subject.network(), subject.report, picture, subject.classes)
    except MemoryError:
        return _Outcome(ticket, original, picture, None, "The layers of this picture do not fit into memory.")
    except ValueError as error:
        return _Outcome(ticket, original, picture, None, str(error))
    return _Outcome(ticket, original, picture, result)


def _without_network(ticket: int, original: Picture | None, read: Callable[[], Picture], reason: str) -> _Outcome:
    try:
        return _Outcome(ticket, read() if original is None else original, error=reason)
    except DataError as error:
        return _Outcome(ticket, None, error=str(error))


def _input_shape(report: Report) -> tuple[int, int, int]:
    shape = next((row.output_shape for row in report if not row.input_shapes), None)
    if shape is None or len(shape) != 3:
        raise DataError("The network takes a vector, not a picture: give its Input layer channels, height and width.")
    channels, height, width = shape
    return channels, height, width
