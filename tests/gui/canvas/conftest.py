"""A canvas on a desk of its own: a real graph, a real undo stack, and hands that press, drag and drop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnstudio.graph import Change, Graph, Report, analyze
from cnnstudio.graph.commands import Command
from cnnstudio.gui.canvas import Canvas, layer_mime
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.undo import Editor

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@dataclass
class Desk:
    """The canvas, what it mirrors, and the last refusal."""

    graph: Graph
    canvas: Canvas = field(init=False)
    stack: QUndoStack = field(default_factory=QUndoStack)
    hints: list[tuple[str, bool]] = field(default_factory=list)
    refusal: str = ""

    def __post_init__(self) -> None:
        self.theme = Theme("light")
        self.editor = Editor(self, self.stack)
        self.editor.failed.connect(self._refused)
        self.canvas = Canvas(self.theme, self.run)
        self.canvas.hinted.connect(lambda text, refused: self.hints.append((text, refused)))
        self.graph.subscribe(self._changed)

    @property
    def report(self) -> Report:
        return analyze(self.graph)

    def run(self, command: Command) -> str:
        self.refusal = ""
        return "" if self.editor.run(command) else self.refusal

    def _refused(self, text: object) -> None:
        self.refusal = str(text)

    def _changed(self, change: Change) -> None:
        self.canvas.apply(change, self.report)

    # -- where things are, in pixels of the viewport

    def pixel(self, point: tuple[float, float] | QPointF) -> QPoint:
        return self.canvas.mapFromScene(point if isinstance(point, QPointF) else QPointF(*point))

    def card(self, node_id: str) -> QPoint:
        """A place on the card that is neither name nor port."""
        x, y = self.canvas.mirror.cards[node_id].corner
        return self.pixel((x + 150, y + 40))

    def output(self, node_id: str) -> QPoint:
        return self.pixel(self.canvas.mirror.cards[node_id].output_point())

    def input(self, node_id: str, port: int = 0) -> QPoint:
        return self.pixel(self.canvas.mirror.cards[node_id].input_point(port))

    # -- hands

    def press(self, pixel: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        QTest.mousePress(self.canvas.viewport(), button, keys, pixel)

    def move(self, pixel: QPoint) -> None:
        QTest.mouseMove(self.canvas.viewport(), pixel)

    def release(self, pixel: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        QTest.mouseRelease(self.canvas.viewport(), button, keys, pixel)

    def click(self, pixel: QPoint, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        QTest.mouseClick(self.canvas.viewport(), LEFT, keys, pixel)

    def drag(self, start: QPoint, end: QPoint, button: Qt.MouseButton = LEFT) -> None:
        """Press, go there in steps as a hand does, let go."""
        self.press(start, button)
        for step in range(1, 5):
            self.move(start + (end - start) * step / 4)
        self.release(end, button)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        QTest.keyClick(self.canvas, key, keys)

    def drop(self, kind: str, pixel: QPoint) -> None:
        """A layer from the palette, dropped at `pixel`."""
        data = layer_mime(kind)
        action = Qt.DropAction.CopyAction
        viewport = self.canvas.viewport()
        QApplication.sendEvent(viewport, QDragEnterEvent(pixel, action, data, LEFT, NO_KEYS))
        QApplication.sendEvent(viewport, QDragMoveEvent(pixel, action, data, LEFT, NO_KEYS))
        QApplication.sendEvent(viewport, QDropEvent(QPointF(pixel), action, data, LEFT, NO_KEYS))

    def id(self, name: str) -> str:
        return next(node.id for node in self.graph.nodes.values() if node.name == name)

    def names(self, node_ids: tuple[str, ...]) -> list[str]:
        return [self.graph.node(each).name for each in node_ids]

    def wires(self) -> set[tuple[str, str, int]]:
        """Every wire by the names at its ends."""
        name = {node.id: node.name for node in self.graph.nodes.values()}
        return {(name[link.source], name[link.target], link.port) for link in self.graph.links()}


@pytest.fixture
def put_on_desk(qtbot) -> Callable[[Graph], Desk]:
    """Opens a canvas on a graph, 900 × 700 pixels, at zoom 1, cards near the upper left."""

    def put(graph: Graph) -> Desk:
        desk = Desk(graph)
        qtbot.addWidget(desk.canvas)
        desk.canvas.resize(900, 700)
        desk.canvas.show()
        qtbot.waitExposed(desk.canvas)
        desk.canvas.set_graph(graph, desk.report)
        desk.canvas.camera.set_zoom(1.0)
        desk.canvas.camera.centre_on(QPointF(300, 320))
        return desk

    return put


@pytest.fixture
def chain() -> Graph:
    """input, conv, relu, pool below each other."""
    graph = Graph()
    image = graph.add("Input", name="input", shape=(1, 28, 28), position=(0, 0))
    conv = graph.add("Conv2d", image, name="conv", out_channels=8, kernel_size=3, padding=1, position=(0, 82))
    relu = graph.add("ReLU", conv, name="relu", position=(0, 164))
    graph.add("MaxPool2d", relu, name="pool", kernel_size=2, position=(0, 246))
    return graph


@pytest.fixture
def desk(put_on_desk: Callable[[Graph], Desk], chain: Graph) -> Desk:
    return put_on_desk(chain)
