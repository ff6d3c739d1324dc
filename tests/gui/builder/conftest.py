"""The Build workspace on a real session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from cnnstudio.graph import Graph, presets
from cnnstudio.gui.actions import Actions
from cnnstudio.gui.builder import BuildWorkspace, create_builder
from cnnstudio.gui.canvas import layer_mime
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.undo import Editor
from cnnstudio.session import DataState, Studio

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@dataclass
class Bench:
    """The workspace with what it is wired to."""

    studio: Studio
    editor: Editor
    theme: Theme
    actions: Actions
    build: BuildWorkspace

    @property
    def graph(self) -> Graph:
        return self.studio.graph

    def id(self, name: str) -> str:
        return next(node.id for node in self.graph.nodes.values() if node.name == name)

    def name(self, node_id: str) -> str:
        return self.graph.node(node_id).name

    def names(self) -> list[str]:
        """All layers, in the order in which data run through them."""
        return [self.name(each) for each in self.graph.topological_order()]

    def selected(self) -> list[str]:
        return [self.name(each) for each in self.build.canvas.selection]

    def select(self, *names: str) -> None:
        self.build.canvas.select(tuple(self.id(name) for name in names))

    def find(self, name: str) -> QWidget:
        """The widget of that object name that shows."""
        found = [each for each in self.build.findChildren(QWidget, name) if each.isVisible()]
        assert len(found) == 1, f"{len(found)} widgets are called {name}"
        return found[0]

    def field(self, name: str) -> QWidget:
        """The line or switch that edits a parameter."""
        for part in ("edit", "box", "switch"):
            found = [each for each in self.build.findChildren(QWidget, f"field.{name}.{part}") if each.isVisible()]
            if found:
                return found[0]
        raise AssertionError(f"There is no field for {name}.")

    def type_into(self, name: str, text: str) -> None:
        """Replace a field's text and press Enter."""
        line = self.field(name)
        line.setFocus()
        QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def type_into_line(self, name: str, text: str) -> None:
        """Replace a line's text by its object name, and press Enter."""
        line = self.find(name)
        line.setFocus()
        QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)

    def dialogs(self) -> list[QDialog]:
        """The windows beside the workspace."""
        return self.build.findChildren(QDialog)

    def click(self, name: str) -> None:
        QTest.mouseClick(self.find(name), LEFT)

    def drop(self, kind: str, place: QPointF) -> None:
        """Carry a layer from the palette to a place of the scene."""
        viewport, data, action = self.build.canvas.viewport(), layer_mime(kind), Qt.DropAction.CopyAction
        pixel = self.build.canvas.mapFromScene(place)
        QApplication.sendEvent(viewport, QDragEnterEvent(pixel, action, data, LEFT, NO_KEYS))
        QApplication.sendEvent(viewport, QDragMoveEvent(pixel, action, data, LEFT, NO_KEYS))
        QApplication.sendEvent(viewport, QDropEvent(QPointF(pixel), action, data, LEFT, NO_KEYS))

    def cell(self, name: str, column: int) -> str:
        """What the analysis table shows for a layer."""
        model = self.build.table.model
        row = model.row_of(self.id(name))
        assert row is not None
        return str(model.index(row, column).data())

    def run(self, action_id: str) -> None:
        self.build.handlers()[action_id]()


@pytest.fixture
def bench(qtbot, tmp_path: Path) -> Iterator[Bench]:
    """The small network for digits, with its data, at 1280 × 736 pixels."""
    studio = Studio(tmp_path / "settings")
    theme = Theme("light")
    theme.apply(QApplication.instance())
    actions = Actions(theme, {name: presets.info(name).title for name in presets.names()})
    editor = Editor(studio, QUndoStack())
    build = create_builder(studio, editor, theme, actions)
    actions.register(build.handlers(), "build")
    actions.set_active("build")
    build.addActions([actions[each] for each in actions])
    qtbot.addWidget(build)
    build.resize(1224, 736)
    build.show()
    qtbot.waitExposed(build)

    def loaded() -> bool:
        studio.poll()
        return studio.data.state is not DataState.LOADING

    qtbot.waitUntil(loaded)
    yield Bench(studio, editor, theme, actions, build)
    studio.close()
    build.close()


@pytest.fixture
def empty(bench: Bench) -> Bench:
    """The same without a single layer."""
    bench.build.canvas.select_all()
    bench.build.canvas.delete_selection()
    bench.editor.forget()
    return bench
