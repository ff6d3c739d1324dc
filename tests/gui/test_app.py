"""The composition root: one call gives a wired window, one more runs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSlider, QWidget

from cnnstudio.graph import presets
from cnnstudio.gui.app import create_window, run_app
from cnnstudio.gui.main_window import PLACES, MainWindow
from cnnstudio.project import Project, save_project

Open = Callable[..., MainWindow]


@pytest.fixture
def open_window(tmp_path: Path, qtbot) -> Iterator[Open]:
    windows: list[MainWindow] = []

    def opened(project: str | Path | None = None) -> MainWindow:
        window = create_window(project, settings_dir=tmp_path / "settings")
        qtbot.addWidget(window)
        windows.append(window)
        return window

    yield opened
    for window in windows:
        window.leave()


def test_it_begins_with_the_small_network_and_its_digits(open_window: Open, qtbot) -> None:
    window = open_window()
    assert not window.isVisible()
    assert window.current_workspace == "build"
    assert window.studio.graph == presets.load("digits-small")
    qtbot.waitUntil(lambda: window.studio.data.dataset is not None)
    assert window.studio.data.choice.source == "digits"
    assert not window.studio.modified


def test_it_opens_a_project_file(open_window: Open, tmp_path: Path) -> None:
    path = tmp_path / "mine.cnnstudio"
    save_project(Project(graph=presets.load("lenet5-caffe")), path)
    window = open_window(path)
    assert window.studio.graph == presets.load("lenet5-caffe")
    assert window.header.title.text() == "mine"


def test_it_opens_a_preset_by_name(open_window: Open) -> None:
    assert open_window("lenet5-cs231n").studio.graph == presets.load("lenet5-cs231n")


def test_a_file_that_cannot_be_read_is_told_in_the_window(open_window: Open, tmp_path: Path) -> None:
    window = open_window(tmp_path / "nowhere.cnnstudio")
    window.show()
    assert window.messages.isVisible()
    assert "nowhere" in window.messages.text.text()
    assert window.studio.graph == presets.load("digits-small")


def test_every_workspace_is_there_and_answers(open_window: Open) -> None:
    window = open_window()
    window.show()
    for place in PLACES:
        window.show_workspace(place)
        assert window.pages.currentWidget() is window.workspaces[place]
        assert window.workspaces[place].isVisible()
    answered = {each for workspace in window.workspaces.values() for each in workspace.handlers()}
    rows = {row.id for row in window.actions_table.rows.values() if row.workspace}
    assert rows <= answered


@pytest.mark.parametrize("place", PLACES)
def test_every_interactive_widget_has_a_name(open_window: Open, place: str) -> None:
    window = open_window()
    kinds = (QAbstractButton, QLineEdit, QComboBox, QSlider)
    nameless = [
        f"{type(each).__name__} in {_path(each)}"
        for kind in kinds
        for each in window.workspaces[place].findChildren(kind)
        if not each.objectName()
    ]
    assert nameless == []


def _path(widget: QWidget) -> str:
    above = widget.parentWidget()
    names = []
    while above is not None:
        names.append(above.objectName() or type(above).__name__)
        above = above.parentWidget()
    return " < ".join(names[:4])


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_both_looks_can_be_drawn_in_every_workspace(open_window: Open, mode: str, qtbot) -> None:
    window = open_window()
    window.show()
    qtbot.waitExposed(window)
    window.theme.set_mode(mode)
    for place in PLACES:
        window.show_workspace(place)
        corner = window.grab().toImage().pixelColor(window.width() // 2, 4)
        assert corner == window.theme.color("surface")


def test_running_ends_with_code_0(tmp_path: Path, qapp) -> None:
    assert run_app(quit_after=0.2, settings_dir=tmp_path / "settings") == 0
    assert (tmp_path / "settings" / "settings.json").is_file()


def test_running_ends_with_code_0_while_it_trains(tmp_path: Path, qapp) -> None:
    states: list[object] = []

    def train() -> None:
        window = next(each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow))
        if window.studio.training.state.active:
            states.append(window.studio.training.progress.iteration)
            clock.stop()
            window.leave()
        elif window.studio.data.dataset is not None:
            window.actions_table.run("train.start")

    clock = QTimer()
    clock.setInterval(50)
    clock.timeout.connect(train)
    clock.start()
    assert run_app(settings_dir=tmp_path / "settings") == 0
    assert states
