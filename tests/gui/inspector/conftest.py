"""A window on the workspace Inspect, with real digits at hand and the session's clock running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnnstudio.gui.app import create_window
from cnnstudio.gui.inspector import InspectorWorkspace
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.theme import Theme
from cnnstudio.session import DataState, InspectionState

LONG = 60_000


@pytest.fixture
def theme(qapp) -> Iterator[Theme]:
    theme = Theme("light")
    theme.apply(qapp)
    yield theme
    theme.deleteLater()


@pytest.fixture
def window(tmp_path: Path, qtbot) -> Iterator[MainWindow]:
    """The whole window at 1280 × 800 with Inspect in front and digits loaded."""
    window = create_window(settings_dir=tmp_path / "settings")
    qtbot.addWidget(window)
    window.theme.set_mode("light")
    window.resize(1280, 800)
    window.show_workspace("inspect")
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.studio.data.state is DataState.READY, timeout=LONG)
    yield window
    window.leave()


@pytest.fixture
def inspector(window: MainWindow) -> InspectorWorkspace:
    workspace = window.workspaces["inspect"]
    assert isinstance(workspace, InspectorWorkspace)
    return workspace


@pytest.fixture
def until(qtbot) -> Callable[[Callable[[], bool]], None]:
    """Wait until something is so, with time enough for a loaded machine."""
    return lambda condition: qtbot.waitUntil(condition, timeout=LONG)


@pytest.fixture
def shown(window: MainWindow, until) -> Callable[[], None]:
    """Wait until the picture at hand has been computed."""
    return lambda: until(lambda: window.studio.inspection.state is InspectionState.READY)
