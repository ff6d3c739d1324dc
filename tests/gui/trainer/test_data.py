"""Choosing, loading and splitting the data, and what is said when data and network do not fit."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from cnnstudio.data import DataError, DownloadCancelled
from cnnstudio.graph.commands import RemoveNodes, SetParams
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.trainer import TrainerWorkspace
from cnnstudio.gui.trainer.data_dialog import DataDialog
from cnnstudio.gui.trainer.data_panel import percent_plain
from cnnstudio.project import DataChoice
from cnnstudio.session import DataState, RunState

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of pictures, two classes of twelve, 12 × 10 pixels in colour."""
    chance = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(12):
            picture = chance.integers(0, 255, (12, 10, 3), dtype=np.uint8)
            Image.fromarray(picture).save(tmp_path / "pets" / name / f"{number}.png")
    return tmp_path / "pets"


def node(window: MainWindow, kind: str) -> str:
    return [each.id for each in window.studio.graph.nodes.values() if each.kind == kind][-1]


def type_into(window: MainWindow, name: str, text: str) -> None:
    edit = window.findChild(QLineEdit, f"{name}.edit")
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)


def dialog_of(window: MainWindow) -> DataDialog:
    return window.findChild(DataDialog, "dataDialog")


def test_the_panel_shows_real_samples_with_their_labels(window: MainWindow, trainer: TrainerWorkspace) -> None:
    dataset = window.studio.data.dataset
    assert trainer.data.title.text() == dataset.title
    counts = f"{len(dataset.train):,} train · {len(dataset.validation)} validation · {len(dataset.test)} test"
    assert trainer.data.counts.text() == counts
    shelf = trainer.data.pictures
    QTest.mouseMove(shelf, shelf.grid.rect(3).center().toPoint())
    assert shelf.toolTip() in dataset.classes


def test_another_split_is_loaded_at_once(window: MainWindow, until) -> None:
    studio = window.studio
    before = len(studio.data.dataset.validation)
    type_into(window, "data.validation", "25 %")
    until(lambda: studio.data.state is DataState.READY and len(studio.data.dataset.validation) > before)
    assert studio.data.choice.validation == 0.25
    type_into(window, "data.seed", "7")
    until(lambda: studio.data.state is DataState.READY)
    assert studio.data.choice.seed == 7


def test_a_share_out_of_range_is_refused_in_words(window: MainWindow, trainer: TrainerWorkspace) -> None:
    type_into(window, "data.validation", "95 %")
    assert trainer.data.validation.error == "Enter a share from 0 % to 90 %."
    assert window.studio.data.choice.validation == 0.1
    assert (percent_plain(0.1), percent_plain(0.125)) == ("10 %", "12.5 %")


def test_the_dialog_says_of_each_set_how_it_comes_here(window: MainWindow, until) -> None:
    QTest.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    rows = {row.info.name: row for row in dialog_of(window).rows.rows}
    assert rows["digits"].state_text() == "comes with CNN Studio"
    assert rows["mnist"].state_text() == "download 11 MB"
    assert rows["mnist"].facts() == "1 × 28 × 28 · 70,000 pictures · 10 classes"
    until(lambda: rows["digits"].hasFocus())
    QTest.keyClick(rows["digits"], Qt.Key.Key_Down)
    assert rows["mnist"].hasFocus()
    QTest.keyClick(dialog_of(window), Qt.Key.Key_Escape)


def test_a_download_shows_its_progress_and_can_be_cancelled(
    window: MainWindow, trainer: TrainerWorkspace, until
) -> None:
    data, under_way = window.studio.data, threading.Event()

    def slow(choice, cache_dir, progress, cancel):
        progress(3_000_000, 11_000_000, "train-images-idx3-ubyte.gz")
        under_way.set()
        cancel.wait(30)
        raise DownloadCancelled("The download was cancelled.")

    data._load = slow
    trainer.choose_data()
    dialog = dialog_of(window)
    row = next(row for row in dialog.rows.rows if row.info.name == "mnist")
    QTest.mouseClick(row, LEFT)
    until(lambda: data.progress[0] == 3_000_000)
    assert under_way.is_set()
    assert trainer.data.counts.text() == "train-images-idx3-ubyte.gz: 2.9 MB of 10 MB"
    assert trainer.data.progress.share == pytest.approx(3 / 11)
    assert not trainer.run_bar.main.isEnabled()
    assert trainer.start_page.offer == ""
    QTest.mouseClick(trainer.data.cancel_button, LEFT)
    assert data.state is DataState.EMPTY
    assert trainer.data.fetch.text() == "Download 11 MB"
    assert trainer.start_page.offer == "load"


def test_data_that_cannot_be_read_is_told_with_a_way_on(window: MainWindow, trainer: TrainerWorkspace, until) -> None:
    data = window.studio.data

    def broken(choice, cache_dir, progress, cancel):
        raise DataError("pets.zip is damaged: fetch it again.")

    data._load = broken
    data.load(DataChoice("pets.zip"))
    until(lambda: data.state is DataState.FAILED)
    assert trainer.data.trouble.text() == "pets.zip is damaged: fetch it again."
    assert trainer.data.fetch.text() == "Try again"
    assert trainer.start_page.offer == "choose"
    QTest.mouseClick(trainer.start_page.state.button, LEFT)
    assert dialog_of(window).isVisible()
    dialog_of(window).reject()


def test_a_folder_of_pictures_and_the_buttons_that_make_it_fit(
    window: MainWindow, trainer: TrainerWorkspace, folder: Path, until
) -> None:
    studio = window.studio
    trainer.choose_data()
    QTest.mouseClick(window.findChild(QPushButton, "dataFolder"), LEFT)
    ask = window.findChild(QFileDialog, "dataFolderDialog")
    ask.fileSelected.emit(str(folder))
    ask.close()
    until(lambda: studio.data.state is DataState.READY)
    assert studio.data.dataset.shape == (3, 12, 10)
    assert trainer.data.side.isVisible()

    # The sentence names both sides, and there are two ways out of it.
    assert "3 × 12 × 10" in trainer.start_page.state.text.text()
    assert not trainer.run_bar.main.isEnabled()
    texts = [remedy.text for remedy in trainer._obstacle.remedies]
    assert texts == ["Set input to 3 × 12 × 10", "Bring the pictures to 8 × 8"]
    QTest.mouseClick(trainer.start_page.state.button, LEFT)
    assert studio.graph.node(node(window, "Input")).params["shape"] == (3, 12, 10)
    assert window.editor.stack.undoText() == "set input shape to 3 × 12 × 10"

    # Next: two classes, ten scores.
    assert trainer.start_page.state.button.text() == "Set fc2 to 2"
    QTest.mouseClick(trainer.start_page.state.button, LEFT)
    assert studio.graph.node(node(window, "Linear")).params["out_features"] == 2
    assert trainer.start_page.offer == "train"
    QTest.mouseClick(trainer.start_page.state.button, LEFT)
    until(lambda: studio.training.state is RunState.FINISHED)


def test_pictures_are_brought_to_the_network_instead(
    window: MainWindow, trainer: TrainerWorkspace, folder: Path, until
) -> None:
    studio = window.studio
    studio.data.load(DataChoice(str(folder)))
    until(lambda: studio.data.state is DataState.READY)
    assert trainer.start_page.second.text() == "Bring the pictures to 8 × 8"
    QTest.mouseClick(trainer.start_page.second, LEFT)
    assert not trainer.start_page.second.isVisible()
    until(lambda: studio.data.state is DataState.READY)
    assert studio.data.dataset.shape == (1, 8, 8)
    assert (trainer.data.side.value(), trainer.data.mode.value()) == ((8, 8), "grey")
    type_into(window, "data.size", "16")
    until(lambda: studio.data.state is DataState.READY)
    assert studio.data.dataset.shape == (1, 16, 16)


def test_after_a_run_a_misfit_stands_in_the_column_with_its_button(
    window: MainWindow, trainer: TrainerWorkspace, until
) -> None:
    studio = window.studio
    trainer.start()
    until(lambda: studio.training.state is RunState.FINISHED)
    assert not trainer.misfit.isVisible()
    window.editor.run(SetParams(node(window, "Linear"), out_features=7))
    assert trainer.misfit.isVisible()
    assert "7" in trainer.misfit.text.text()
    assert "10" in trainer.misfit.text.text()
    assert not trainer.run_bar.main.isEnabled()
    QTest.mouseClick(trainer.misfit.buttons[0], LEFT)
    assert not trainer.misfit.isVisible()
    assert trainer.run_bar.main.isEnabled()


def test_maps_at_the_end_get_a_classifier(window: MainWindow, trainer: TrainerWorkspace) -> None:
    tail = [each.id for each in window.studio.graph.nodes.values() if each.kind in ("Flatten", "Linear")]
    relu = [each.id for each in window.studio.graph.nodes.values() if each.kind == "ReLU"][-1]
    window.editor.run(RemoveNodes([*tail, relu]))
    assert trainer.start_page.state.button.text() == "Add Flatten and Linear"
    QTest.mouseClick(trainer.start_page.state.button, LEFT)
    assert window.studio.report[window.studio.report.output].output_shape == (10,)
    assert trainer.start_page.offer == "train"
    window.editor.undo()
    assert trainer.start_page.offer == "mend"


def test_a_fault_of_the_drawing_comes_first(window: MainWindow, trainer: TrainerWorkspace) -> None:
    window.editor.run(SetParams(node(window, "Conv2d"), kernel_size=40))
    assert "conv2" in trainer.start_page.state.text.text()
    assert trainer.start_page.offer == "mend"
    assert not window.actions_table["train.start"].isEnabled()
