"""A window on the workspace Inspect, with real digits at hand and the session's clock running."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cnnstudio.gui.inspector import InspectorWorkspace
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.session import InspectionState


@pytest.fixture
def window(open_window: Callable[[str], MainWindow]) -> MainWindow:
    """The whole window with this workspace in front."""
    return open_window("inspect")


@pytest.fixture
def inspector(window: MainWindow) -> InspectorWorkspace:
    workspace = window.workspaces["inspect"]
    assert isinstance(workspace, InspectorWorkspace)
    return workspace


@pytest.fixture
def shown(window: MainWindow, until) -> Callable[[], None]:
    """Wait until the picture at hand has been computed."""
    return lambda: until(lambda: window.studio.inspection.state is InspectionState.READY)
