"""What a newcomer does in the first hour, with mouse and keys on the whole window, from drawing to reopening."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton, QTableView, QWidget

from cnnstudio.compile import compile_graph
from cnnstudio.explain import value_region
from cnnstudio.graph import analyze
from cnnstudio.gui.app import create_window
from cnnstudio.gui.canvas.mime import layer_mime
from cnnstudio.gui.canvas.view import Canvas
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.widgets import MosaicView, PictureView
from cnnstudio.project import open_project
from cnnstudio.resources import sample_images_dir
from cnnstudio.session import DataState, InspectionState, RunState

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
LONG = 60_000


@pytest.fixture
def window(tmp_path: Path, qtbot) -> Iterator[MainWindow]:
    window = opened(qtbot, tmp_path / "settings")
    yield window
    window.leave()


def opened(qtbot, settings: Path, project: Path | None = None) -> MainWindow:
    window = create_window(project, settings_dir=settings)
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.studio.data.state is DataState.READY)
    return window


def drop(target: QWidget, place: QPoint, data: QMimeData) -> None:
    """Carry something over a widget and let go of it there."""
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QDragEnterEvent(place, copy, data, LEFT, none))
    QApplication.sendEvent(target, QDragMoveEvent(place, copy, data, LEFT, none))
    QApplication.sendEvent(target, QDropEvent(QPointF(place), copy, data, LEFT, none))


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    """Press, move in steps as a hand does, and release."""
    QTest.mousePress(widget, LEFT, pos=start)
    for step in range(1, 6):
        QTest.mouseMove(widget, start + (end - start) * (step / 5))
    QTest.mouseRelease(widget, LEFT, pos=end)


class Hand:
    """Knows where the cards of the canvas are."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.canvas = window.findChild(Canvas, "canvas")

    def node(self, name: str) -> str:
        return next(node.id for node in self.window.studio.graph.nodes.values() if node.name == name)

    def output(self, name: str) -> QPoint:
        return self.canvas.mapFromScene(QPointF(*self.canvas.mirror.cards[self.node(name)].output_point()))

    def input(self, name: str, port: int = 0) -> QPoint:
        return self.canvas.mapFromScene(QPointF(*self.canvas.mirror.cards[self.node(name)].input_point(port)))

    def connect(self, source: str, target: str) -> None:
        drag(self.canvas.viewport(), self.output(source), self.input(target))


def table_text(window: MainWindow, name: str) -> list[str]:
    """The row of a layer in the analysis table, as shown."""
    model = window.findChild(QTableView, "analysisTable").model()
    for row in range(model.rowCount()):
        texts = [str(model.index(row, column).data() or "") for column in range(model.columnCount())]
        if texts[0] == name:
            return texts
    raise AssertionError(f"{name} is not in the table")


def test_draw_train_look_inside_save_and_find_it_again(window: MainWindow, qtbot, tmp_path: Path) -> None:
    studio, hand = window.studio, Hand(window)
    graph = studio.graph

    # A convolution is dragged in: it stands alone, and says what it lacks.
    beside = hand.canvas.mapFromScene(QPointF(420, 300))
    drop(hand.canvas.viewport(), beside, layer_mime("Conv2d"))
    conv = next(node for node in graph.nodes.values() if node.name.startswith("conv2d"))
    assert [problem.node for problem in studio.report.errors] == [conv.id]
    assert "has no input" in studio.report.errors[0].message
    assert window.status_bar.problems.text() == "1 problem"

    # Two wires bring it into the chain, and every figure behind it follows.
    hand.connect("relu2", conv.name)
    hand.connect(conv.name, "pool1")
    assert graph.inputs_of(conv.id) == (hand.node("relu2"),)
    assert graph.inputs_of(hand.node("pool1")) == (conv.id,)
    assert studio.report.problems == ()
    assert studio.report[conv.id].output_shape == (16, 6, 6)
    assert studio.report[hand.node("flatten1")].output_shape == (16 * 3 * 3,)
    assert "16 × 6 × 6" in table_text(window, conv.name)
    assert "2 × 2" not in table_text(window, "pool1")

    # Undo takes the last wire back, redo puts it there again; both by key.
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert graph.inputs_of(hand.node("pool1")) == (hand.node("relu2"),)
    assert "32 × 4 × 4" in table_text(window, "pool1")
    QTest.keyClick(window, Qt.Key.Key_Y, CONTROL)
    assert graph.inputs_of(hand.node("pool1")) == (conv.id,)

    # Two epochs: the loss falls and the filters change.
    QTest.keyClick(window, Qt.Key.Key_2, CONTROL)
    assert window.current_workspace == "train"
    epochs = window.findChild(QLineEdit, "learning.epochs.edit")
    epochs.selectAll()
    QTest.keyClicks(epochs, "2")
    QTest.keyClick(epochs, Qt.Key.Key_Return)
    assert studio.config.epochs == 2
    first = hand.node("conv1")
    before = compile_graph(graph, seed=studio.config.seed).state_dict()["conv1.weight"]
    train = window.findChild(QPushButton, "trainButton")
    qtbot.mouseClick(train, LEFT)
    qtbot.waitUntil(lambda: studio.training.state is RunState.FINISHED, timeout=LONG)
    assert len(studio.training.history.epochs) == 2
    losses = [epoch.training_loss for epoch in studio.training.history.epochs]
    assert losses[1] < losses[0]
    trained = studio.network().state_dict()
    assert not np.array_equal(trained["conv1.weight"], before)
    studio.training.watched = first
    assert studio.training.filters is not None
    assert np.array_equal(studio.training.filters[1], trained["conv1.weight"])

    # A second run is stopped; what it learned stays.
    qtbot.mouseClick(train, LEFT)
    qtbot.waitUntil(lambda: studio.training.progress.iteration > 0, timeout=LONG)
    qtbot.mouseClick(window.findChild(QPushButton, "stopButton"), LEFT)
    qtbot.waitUntil(lambda: not studio.training.state.active, timeout=LONG)
    assert studio.training.state is RunState.IDLE
    assert studio.training.history.test is None
    learned = studio.network().state_dict()

    # A picture is dropped on the window: every layer shows what it makes of it.
    picture = next(path for path in sorted(sample_images_dir().glob("*.png")) if "digit" in path.name)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(picture))])
    drop(window, QPoint(700, 400), data)
    assert window.current_workspace == "inspect"
    qtbot.waitUntil(lambda: studio.inspection.state is InspectionState.READY, timeout=LONG)
    result = studio.inspection.result
    assert result is not None
    assert result.probabilities.sum() == pytest.approx(1)

    # Hovering a number of a map names it and outlines what it sees.
    qtbot.waitUntil(lambda: window.findChild(MosaicView, "maps.conv2") is not None)
    maps = window.findChild(MosaicView, "maps.conv2")
    probe = maps.grid.rect(3)
    maps.set_probe(3, 5, 2)
    place = maps.cell_rect(maps.probe).center().toPoint()
    maps.clear_probe()
    assert probe.contains(QPointF(place))
    QTest.mouseMove(maps, place)
    qtbot.waitUntil(lambda: maps.probe is not None)
    region = value_region(studio.graph, studio.report, hand.node("conv2"), 3, 5, 2)
    overlay = window.findChild(PictureView, "picture").overlay
    assert (overlay.left(), overlay.top(), overlay.width(), overlay.height()) == (
        region.left,
        region.top,
        region.width,
        region.height,
    )
    value = result.activations[hand.node("conv2")][3, 5, 2]
    assert maps.probe.value == pytest.approx(value, abs=1e-6)
    assert "conv2 [3, 5, 2]" in window.status_bar.detail.text()

    # Saved, and opened again in another window: the same drawing, numbers and curves.
    path = tmp_path / "first.cnnstudio"
    QTest.keyClick(window, Qt.Key.Key_S, CONTROL)
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(QFileDialog)))
    next(each for each in window.findChildren(QFileDialog) if each.isVisible()).fileSelected.emit(str(path))
    assert not studio.modified
    assert open_project(path).graph == graph

    again = opened(qtbot, tmp_path / "settings 2", path)
    assert again.studio.graph == graph
    assert analyze(again.studio.graph).parameters == studio.report.parameters
    for name, array in again.studio.network().state_dict().items():
        assert np.array_equal(array, learned[name]), name
    assert np.array_equal(again.studio.training.history.losses, studio.training.history.losses)
    again.studio.inspection.show_file(picture)
    qtbot.waitUntil(lambda: again.studio.inspection.state is InspectionState.READY, timeout=LONG)
    assert again.studio.inspection.result is not None
    assert np.array_equal(again.studio.inspection.result.scores, result.scores)
    again.leave()
