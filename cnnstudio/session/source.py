"""The data set at hand: chosen, read or downloaded in the background, with progress and cancel."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from time import monotonic

from psygnal import Signal

from cnnstudio.data import CACHE_VARIABLE, DataError, Dataset, DownloadCancelled, is_available, load_dataset
from cnnstudio.data.progress import Cancel, Progress
from cnnstudio.project import DataChoice, Settings
from cnnstudio.session.fitting import known_set
from cnnstudio.session.mailbox import Slot

Load = Callable[[DataChoice, Path | None, Progress, Cancel], Dataset]
"""(choice, cache folder or None for the usual one, progress, cancel) -> the data set; DataError, DownloadCancelled."""


class DataState(StrEnum):
    EMPTY = "empty"
    """Nothing is loaded; the choice may name a set that has to be downloaded first."""
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    """`DataSource.error` says why."""


def load_choice(
    choice: DataChoice,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Dataset:
    """The data set that a choice means. Raises DataError, DownloadCancelled."""
    return load_dataset(
        choice.source,
        choice.seed,
        validation=choice.validation,
        size=choice.size,
        mode=choice.mode,
        cache_dir=cache_dir,
        progress=progress,
        cancel=cancel,
    )


@dataclass
class _Loading:
    """One loading under way, and where its thread leaves the news."""

    choice: DataChoice
    load: Load
    cache_dir: Path | None
    cancelled: threading.Event = field(default_factory=threading.Event)
    progress: Slot[tuple[int, int, str]] = field(default_factory=Slot)
    outcome: Slot[Dataset | Exception] = field(default_factory=Slot)
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        # A daemon, unlike the other workers: a connection that does not answer cannot be interrupted, and it must
        # not hold the program when the window is closed.
        self.thread = threading.Thread(target=self._work, name="cnnstudio-data", daemon=True)
        self.thread.start()

    def _work(self) -> None:
        try:
            self.outcome.post(self.load(self.choice, self.cache_dir, self._report, self.cancelled))
        except Exception as error:  # noqa: BLE001 - the screen's thread decides what to say about it
            self.outcome.post(error)

    def _report(self, done: int, total: int, text: str) -> None:
        self.progress.post((done, total, text))


def download_folder(settings: Settings) -> Path | None:
    """Where data sets go: None leaves it to the data room, which asks the environment first, then takes the cache."""
    chosen = settings.download_folder
    return None if chosen is None or os.environ.get(CACHE_VARIABLE) else Path(chosen)


class DataSource:
    """The choice of data and the data itself. To be used from one thread, which also polls."""

    changed = Signal()

    def __init__(self, choice: DataChoice, load: Load = load_choice, cache_dir: Path | None = None) -> None:
        self._load = load
        self._loading: _Loading | None = None
        self._leaving: list[_Loading] = []
        self.cache_dir = cache_dir
        """Where downloaded data sets lie; None for the usual place."""
        self.choice = choice
        self.state = DataState.EMPTY
        self.dataset: Dataset | None = None
        self.progress: tuple[int, int, str] = (0, 0, "")
        """Bytes done, bytes in all (0 while unknown), and the file at hand."""
        self.error: str | None = None

    @property
    def title(self) -> str:
        """The name of the data to show, also before it is loaded."""
        if self.dataset is not None:
            return self.dataset.title
        known = known_set(self.choice)
        return known.title if known else Path(self.choice.source).name or self.choice.source

    @property
    def needs_download(self) -> bool:
        """Whether `load` of the present choice would go to the network."""
        return self.dataset is None and not self.at_hand(self.choice)

    def at_hand(self, choice: DataChoice) -> bool:
        """Whether a choice can be read without a download."""
        known = known_set(choice)
        return known is None or is_available(known.name, self.cache_dir)

    def choose(self, choice: DataChoice) -> None:
        """Take a choice without loading it; what was loaded before goes, unless it is the same."""
        if choice != self.choice or self.state is not DataState.READY:
            self._drop()
            self.choice = choice
            self._enter(DataState.EMPTY)

    def load(self, choice: DataChoice | None = None) -> None:
        """Read a choice (the present one unless given) in the background; a loading under way gives way."""
        self._drop()
        self.choice = self.choice if choice is None else choice
        self._loading = _Loading(self.choice, self._load, self.cache_dir)
        self._enter(DataState.LOADING)

    def cancel(self) -> None:
        """Give up a loading under way."""
        if self._loading is not None:
            self._drop()
            self._enter(DataState.EMPTY)

    def poll(self) -> None:
        """Take in the worker's news; emits `changed` when there are any."""
        self._leaving = [each for each in self._leaving if each.thread.is_alive()]
        loading = self._loading
        if loading is None:
            return
        progress = loading.progress.take()
        outcome = loading.outcome.take()
        if progress is not None:
            self.progress = progress
        if outcome is None:
            if progress is not None:
                self.changed.emit()
            return
        loading.thread.join()
        self._loading = None
        if isinstance(outcome, Dataset):
            self.dataset = outcome
            self._enter(DataState.READY)
        elif isinstance(outcome, DownloadCancelled):
            self._enter(DataState.EMPTY)
        else:
            self._enter(DataState.FAILED, _sentence(outcome, self.choice))

    def close(self, timeout: float) -> bool:
        """Cancel and join; False when a thread did not end within `timeout` seconds."""
        deadline = monotonic() + timeout
        self._drop()
        for each in self._leaving:
            each.thread.join(max(0.0, deadline - monotonic()))
        return not any(each.thread.is_alive() for each in self._leaving)

    def _drop(self) -> None:
        if self._loading is not None:
            self._loading.cancelled.set()
            self._leaving.append(self._loading)
            self._loading = None
        self.dataset = None
        self.progress = (0, 0, "")

    def _enter(self, state: DataState, error: str | None = None) -> None:
        self.state = state
        self.error = error
        self.changed.emit()


def _sentence(error: Exception, choice: DataChoice) -> str:
    if isinstance(error, DataError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"{choice.source} does not fit into memory: choose a smaller size for its pictures."
    return f"{choice.source} cannot be read: {' '.join(str(error).split()) or type(error).__name__}"
