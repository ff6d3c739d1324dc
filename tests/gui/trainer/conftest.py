"""A window on the workspace Train, with real digits and the session's clock running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnnstudio.engine import EpochDone, IterationDone
from cnnstudio.gui.app import create_window
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.trainer import TrainerWorkspace
from cnnstudio.session import DataState, History

LONG = 60_000


@pytest.fixture
def theme(qapp) -> Iterator[Theme]:
    theme = Theme("light")
    theme.apply(qapp)
    yield theme
    theme.deleteLater()


@pytest.fixture
def window(tmp_path: Path, qtbot) -> Iterator[MainWindow]:
    """The whole window at 1280 × 800 with Train in front and digits loaded."""
    window = create_window(settings_dir=tmp_path / "settings")
    qtbot.addWidget(window)
    window.theme.set_mode("light")
    window.resize(1280, 800)
    window.show_workspace("train")
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.studio.data.state is DataState.READY, timeout=LONG)
    yield window
    window.leave()


@pytest.fixture
def trainer(window: MainWindow) -> TrainerWorkspace:
    workspace = window.workspaces["train"]
    assert isinstance(workspace, TrainerWorkspace)
    return workspace


@pytest.fixture
def until(qtbot) -> Callable[[Callable[[], bool]], None]:
    """Wait until something is so, with time enough for a loaded machine."""
    return lambda condition: qtbot.waitUntil(condition, timeout=LONG)


@pytest.fixture
def make_history() -> Callable[..., History]:
    """A run whose loss falls as 2 / n; `epochs` of `length` iterations each are done."""

    def make(epochs: int, length: int, validation: bool = True) -> History:
        history = History()
        for iteration in range(1, epochs * length + 1):
            epoch = (iteration - 1) // length + 1
            history.add(IterationDone(iteration, epoch, 2 / iteration, 1 - 1 / iteration, 0.01))
            if iteration % length == 0:
                checked = (1 / epoch, 0.5 + 0.1 * (epoch % 3)) if validation else (None, None)
                history.epochs.append(EpochDone(epoch, iteration, 1.5 / epoch, 0.6 + 0.01 * epoch, *checked))
        return history

    return make
