"""Graph commands on Qt's undo stack."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtGui import QUndoStack

from cnnstudio.graph import Graph
from cnnstudio.graph.commands import Connect, Rename, SetParams
from cnnstudio.gui.undo import Editor


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    image = graph.add("Input", shape=(1, 28, 28))
    graph.add("ReLU", graph.add("Conv2d", image, out_channels=20, kernel_size=5))
    return graph


@pytest.fixture
def editor(graph: Graph, qapp) -> Editor:
    return Editor(SimpleNamespace(graph=graph), QUndoStack())


def test_a_command_is_done_once_and_can_be_taken_back(editor: Editor, graph: Graph) -> None:
    before = graph.copy()
    assert editor.run(SetParams("conv2d_1", padding=2))
    after = graph.copy()
    assert after != before
    editor.undo()
    assert graph == before
    editor.redo()
    assert graph == after


def test_the_stack_names_what_it_takes_back(editor: Editor) -> None:
    command = SetParams("conv2d_1", padding=2)
    editor.run(command)
    assert command.text
    assert editor.stack.undoText() == command.text


def test_what_the_graph_refuses_is_said_and_not_remembered(editor: Editor, graph: Graph, qtbot) -> None:
    before = graph.copy()
    with qtbot.waitSignal(editor.failed) as failed:
        assert not editor.run(Connect("relu_1", "conv2d_1", 0))
    assert failed.args[0].endswith(".")
    assert graph == before
    assert editor.stack.count() == 0


def test_an_edit_that_changes_nothing_leaves_no_step(editor: Editor) -> None:
    assert editor.run(Rename("conv2d_1", "conv2d_1"))
    assert editor.stack.count() == 0


def test_another_document_empties_the_stack(editor: Editor) -> None:
    editor.run(SetParams("conv2d_1", padding=2))
    editor.forget()
    assert not editor.stack.canUndo()
