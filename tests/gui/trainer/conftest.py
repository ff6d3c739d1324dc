"""A window on the workspace Train, with real digits and the session's clock running."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cnnstudio.engine import EpochDone, IterationDone
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.trainer import TrainerWorkspace
from cnnstudio.session import History


@pytest.fixture
def window(open_window: Callable[[str], MainWindow]) -> MainWindow:
    """The whole window with this workspace in front."""
    return open_window("train")


@pytest.fixture
def trainer(window: MainWindow) -> TrainerWorkspace:
    workspace = window.workspaces["train"]
    assert isinstance(workspace, TrainerWorkspace)
    return workspace


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
