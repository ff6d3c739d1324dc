"""Reports leave the window: every format by the name's end, whole or not at all, and onto the clipboard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from cnnstudio.explain.reports import SUFFIXES, render
from cnnstudio.graph import memory, presets
from cnnstudio.gui.dialogs.save_text import file_name
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.session import DEFAULT_PRESET


@pytest.fixture
def window(open_window) -> MainWindow:
    return open_window("build")


def ask(window: MainWindow) -> QFileDialog:
    assert window.actions_table.run("file.export_report")
    found = window.findChild(QFileDialog, "saveTextDialog")
    assert found is not None
    return found


TITLE = presets.info(DEFAULT_PRESET).title


def report_of(window: MainWindow, form: str) -> str:
    """With the memory of the training run's batch, under the classic network's name."""
    studio, config = window.studio, window.studio.config
    held = memory(studio.graph, config.batch_size, config.optimizer, config.momentum)
    return render(studio.graph, form, title=TITLE, memory=held)


@pytest.mark.parametrize("form", SUFFIXES)
def test_the_names_end_says_the_format(window: MainWindow, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"net{SUFFIXES[form]}"
    dialog = ask(window)
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    assert path.read_text(encoding="utf-8") == report_of(window, form) + "\n"
    assert window.messages.text.text() == f"Wrote the report to {path}."


def test_a_sensible_name_follows_the_format(window: MainWindow) -> None:
    dialog = ask(window)
    assert Path(dialog.selectedFiles()[0]).name == f"{TITLE} report.md"
    (line,) = (each for each in dialog.nameFilters() if each.endswith("(*.svg)"))
    dialog.selectNameFilter(line)
    dialog.filterSelected.emit(line)
    assert Path(dialog.selectedFiles()[0]).name == f"{TITLE} report.svg"
    assert dialog.defaultSuffix() == "svg"
    dialog.reject()


def test_what_stood_in_the_file_stays_when_it_cannot_be_written(window: MainWindow, tmp_path: Path) -> None:
    folder = tmp_path / "net.md"
    folder.mkdir()
    window.reports.write(folder)
    assert folder.is_dir()
    assert "cannot be written" in window.messages.text.text()
    assert list(tmp_path.glob(".net*")) == []


def test_a_project_is_never_overwritten_by_a_report(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "mine.cnnstudio"
    window.studio.save(path)
    before = path.read_bytes()
    window.reports.write(path)
    assert path.read_bytes() == before
    assert "is the name of a project" in window.messages.text.text()


def test_a_name_without_an_end_gets_markdown(window: MainWindow, tmp_path: Path) -> None:
    window.reports.write(tmp_path / "net")
    assert (tmp_path / "net").read_text(encoding="utf-8").startswith("| Layer |")


def test_an_end_of_no_format_is_refused_and_nothing_written(window: MainWindow, tmp_path: Path) -> None:
    window.reports.write(tmp_path / "net.pdf")
    assert list(tmp_path.glob("net*")) == []
    assert window.messages.text.text() == (
        "'net.pdf' ends in '.pdf'; the name of this report may end in .txt, .csv, .md, .json or .svg."
    )


def test_it_can_be_copied(window: MainWindow) -> None:
    window.show_workspace("train")
    assert window.actions_table.run("file.copy_report")
    assert QGuiApplication.clipboard().text() == report_of(window, "markdown")


def test_the_json_carries_the_title(window: MainWindow, tmp_path: Path) -> None:
    window.studio.save(tmp_path / "mine.cnnstudio")
    window.reports.write(tmp_path / "mine.json")
    assert "mine" in json.dumps(json.loads((tmp_path / "mine.json").read_text(encoding="utf-8")))


def test_an_empty_drawing_has_nothing_to_report(window: MainWindow) -> None:
    for each in tuple(window.studio.graph.nodes):
        window.studio.graph.remove(each)
    window.reports.export()
    assert window.findChild(QFileDialog, "saveTextDialog") is None
    assert "no network to report on" in window.messages.text.text()


def test_a_title_becomes_a_name_that_every_file_system_takes() -> None:
    assert file_name('a/b: "c"? ') == "a-b- -c"
    assert file_name("../..") == "network"
