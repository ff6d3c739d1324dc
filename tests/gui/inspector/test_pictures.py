"""From where a picture comes, how it is fitted, and what the network takes it for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton

from cnnstudio.engine import TrainingConfig
from cnnstudio.explain import Inspection
from cnnstudio.graph.commands import SetParams
from cnnstudio.gui.inspector import InspectorWorkspace
from cnnstudio.gui.inspector.samples_dialog import SamplesDialog, name_of, sample_paths
from cnnstudio.gui.inspector.score_panel import ScorePanel
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.theme import Theme
from cnnstudio.resources import sample_images_dir
from cnnstudio.session import InspectionState, RunState

LEFT = Qt.MouseButton.LeftButton
CAT = sample_images_dir() / "chelsea.jpg"


def press(window: MainWindow, name: str) -> None:
    QTest.mouseClick(window.findChild(QPushButton, name), LEFT)


def test_an_empty_workspace_says_what_to_do(window: MainWindow, inspector: InspectorWorkspace) -> None:
    assert inspector.pages.currentIndex() == 0
    assert inspector.start_page.state.title.text() == "No picture yet"
    assert inspector.start_page.data.isEnabled()
    assert inspector.scores.note.isVisible()
    assert not window.actions_table["inspect.clear"].isEnabled()


def test_a_picture_from_a_file(window: MainWindow, inspector: InspectorWorkspace, shown) -> None:
    press(window, "startOpen")
    dialog = window.findChild(QFileDialog, "pictureDialog")
    dialog.fileSelected.emit(str(CAT))
    dialog.close()
    shown()
    assert inspector.pages.currentIndex() == 1
    assert inspector.picture.source.text() == "chelsea.jpg"
    assert inspector.picture.shape.text() == "300 × 451 brought to 1 × 8 × 8"
    assert np.array_equal(inspector.picture.view._picture, window.studio.inspection.picture)


def test_a_picture_dropped_on_the_window(window: MainWindow, inspector: InspectorWorkspace, shown) -> None:
    window.show_workspace("build")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(CAT))])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(600, 400), copy, data, LEFT, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(600, 400), copy, data, LEFT, none))
    shown()
    assert window.current_workspace == "inspect"
    assert inspector.picture.source.text() == "chelsea.jpg"


def test_a_sample_chosen_with_the_keyboard(window: MainWindow, inspector: InspectorWorkspace, until, shown) -> None:
    QTest.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    dialog = window.findChild(SamplesDialog, "samplesDialog")
    expected = sample_paths(sample_images_dir())
    until(lambda: len(dialog.paths) == len(expected))
    until(lambda: dialog.grid.hasFocus())
    QTest.keyClick(dialog.grid, Qt.Key.Key_Right)
    QTest.keyClick(dialog.grid, Qt.Key.Key_Right)
    assert dialog.name.text() == name_of(expected[1])
    QTest.keyClick(dialog.grid, Qt.Key.Key_Return)
    shown()
    assert inspector.picture.source.text() == expected[1].name


def test_a_folder_without_pictures_is_said(theme: Theme, tmp_path: Path, qtbot) -> None:
    (tmp_path / "notes.txt").write_text("nothing to see")
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    dialog = SamplesDialog(theme, tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog._timer.isActive())
    assert dialog.paths == []
    assert name_of(Path("a/digit-4-on_paper.png")) == "digit 4 on paper"
    empty = SamplesDialog(theme, tmp_path / "nowhere")
    qtbot.addWidget(empty)
    assert empty.name.text() == f"There are no pictures in {tmp_path / 'nowhere'}."
    empty.reject()


def test_test_pictures_one_after_the_other(window: MainWindow, inspector: InspectorWorkspace, until) -> None:
    dataset, session = window.studio.data.dataset, window.studio.inspection
    press(window, "startData")
    until(lambda: session.state is InspectionState.READY)
    assert np.array_equal(session.picture, dataset.test.images[0])
    QTest.mouseClick(inspector.bar.after, LEFT)
    assert inspector.bar.index == 1
    QTest.mouseClick(inspector.bar.before, LEFT)
    QTest.mouseClick(inspector.bar.before, LEFT)
    assert inspector.bar.index == len(dataset.test) - 1
    edit = window.findChild(QLineEdit, "pictureNumber.edit")
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "12")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    until(lambda: session.state is InspectionState.READY and session.source_text == "Test picture 12")
    assert np.array_equal(session.picture, dataset.test.images[12])
    assert session.label == dataset.classes[dataset.test.labels[12]]
    edit.selectAll()
    QTest.keyClicks(edit, str(len(dataset.test)))
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert inspector.bar.number.error == f"Enter a whole number from 0 to {len(dataset.test) - 1}."
    press(window, "pictureRandom")
    assert 0 <= inspector.bar.index < len(dataset.test)
    inspector.show_file(CAT)
    assert inspector.bar.index is None
    QTest.mouseClick(inspector.bar.after, LEFT)
    assert inspector.bar.index == 0
    until(lambda: session.state is InspectionState.READY)


def test_the_bar_fits_into_the_smallest_window(window: MainWindow, inspector: InspectorWorkspace, until) -> None:
    window.resize(window.minimumSize())
    bar = inspector.bar
    until(lambda: bar.layout().minimumSize().width() <= bar.width())
    assert not bar.after.isVisible()
    window.resize(1280, 800)
    until(lambda: bar.after.isVisible())


def test_while_the_next_picture_is_computed_the_last_one_stays(
    window: MainWindow, inspector: InspectorWorkspace, shown
) -> None:
    inspector.show_test_picture(0)
    shown()
    first = inspector.picture.view._picture
    inspector.show_test_picture(1)
    assert window.studio.inspection.state is InspectionState.WORKING
    assert inspector.pages.currentIndex() == 1
    assert inspector.picture.view._picture is first
    assert inspector.scores.bars.rows
    shown()
    assert inspector.picture.view._picture is not first


def test_light_and_dark_exchanged(window: MainWindow, inspector: InspectorWorkspace, shown) -> None:
    inspector.show_file(sample_images_dir() / "digit-4-on-paper.png")
    shown()
    before = window.studio.inspection.picture
    assert inspector.picture.shape.text() == "looks like dark ink on paper"
    QTest.mouseClick(inspector.picture.invert, LEFT)
    shown()
    assert np.array_equal(window.studio.inspection.picture, 255 - before)


def test_the_fit_is_a_choice(window: MainWindow, inspector: InspectorWorkspace, shown) -> None:
    inspector.show_file(CAT)
    shown()
    contained = window.studio.inspection.picture
    assert (contained[:, 0] == 0).all()
    inspector.picture.fit.box.setCurrentIndex(1)
    inspector.picture.fit.box.activated.emit(1)
    shown()
    assert window.studio.inspection.fit == "cover"
    assert not np.array_equal(window.studio.inspection.picture, contained)


def test_a_file_that_is_no_picture(window: MainWindow, inspector: InspectorWorkspace, tmp_path: Path, until) -> None:
    (tmp_path / "fake.png").write_bytes(b"GIF8 or so")
    inspector.show_file(tmp_path / "fake.png")
    until(lambda: window.studio.inspection.state is InspectionState.FAILED)
    assert inspector.pages.currentIndex() == 0
    assert inspector.start_page.state.title.text() == "This picture cannot be shown"
    assert "fake.png" in inspector.start_page.state.text.text()
    assert inspector.start_page.samples.isVisible()


def test_a_faulty_network_points_to_build(window: MainWindow, inspector: InspectorWorkspace, shown, until) -> None:
    inspector.show_file(CAT)
    shown()
    conv = next(node for node in window.studio.graph.nodes.values() if node.kind == "Conv2d")
    window.editor.run(SetParams(conv.id, kernel_size=30))
    until(lambda: window.studio.inspection.state is InspectionState.FAILED)
    assert conv.name in inspector.start_page.state.text.text()
    assert np.array_equal(inspector.picture.view._picture, window.studio.inspection.original)
    press(window, "startBuild")
    assert window.current_workspace == "build"
    window.editor.undo()
    shown()
    assert inspector.pages.currentIndex() == 1


def test_the_picture_is_taken_away(window: MainWindow, inspector: InspectorWorkspace, shown) -> None:
    inspector.show_test_picture(3)
    shown()
    assert window.actions_table.run("inspect.clear")
    assert inspector.pages.currentIndex() == 0
    assert inspector.picture.view._picture is None
    assert inspector.picture.view.overlay is None


def test_scores_as_bars_and_whether_they_are_right(
    window: MainWindow, inspector: InspectorWorkspace, shown, until
) -> None:
    inspector.show_test_picture(0)
    shown()
    assert inspector.scores.verdict.text() == "not trained: chance"
    window.studio.training.start(TrainingConfig(epochs=10))
    until(lambda: window.studio.training.state is RunState.FINISHED)
    shown()
    result, label = window.studio.inspection.result, window.studio.inspection.label
    rows = inspector.scores.bars.rows
    assert len(rows) == 10
    assert rows[0] == (result.classes[result.predicted], pytest.approx(result.probabilities.max()))
    right = result.classes[result.predicted] == label
    assert inspector.scores.verdict.text() == ("right" if right else f"wrong: it is {label}")
    assert inspector.picture.source.text() == f"Test picture 0 · it is {label}"


def test_of_many_classes_the_five_likeliest(theme: Theme, qtbot) -> None:
    panel = ScorePanel(theme)
    qtbot.addWidget(panel)
    panel.show()
    shares = np.arange(100, dtype=np.float32) / 4950
    names = tuple(f"class {number}" for number in range(100))
    panel.show_result(Inspection(np.zeros((1, 8, 8)), {}, shares, shares, names), "class 3", trained=True)
    assert [name for name, _ in panel.bars.rows] == [f"class {number}" for number in (99, 98, 97, 96, 95)]
    assert panel.verdict.text() == "wrong: it is class 3"
    panel.show_result(Inspection(np.zeros((1, 8, 8)), {}, shares[:0], shares[:0], ()), None, trained=True)
    assert panel.note.text() == "The network ends in maps, not in one score for each class."
