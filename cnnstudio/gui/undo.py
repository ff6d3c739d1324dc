"""The bridge from pure graph commands to Qt's undo stack; all edits of the network pass through it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from cnnstudio.graph import Graph, GraphError


class GraphCommand(Protocol):
    """An edit that can be done, undone and done again (`cnnstudio.graph.commands`)."""

    text: str

    def do(self, graph: Graph) -> None: ...

    def undo(self, graph: Graph) -> None: ...


class HasGraph(Protocol):
    """Whoever holds the document; the session's Studio does."""

    @property
    def graph(self) -> Graph: ...


class Editor(QObject):
    """Runs commands on the document and remembers them. What the graph refuses is said, never raised."""

    failed = Signal(object)
    """The sentence (str) that says why an edit was refused."""

    def __init__(self, studio: HasGraph, stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.stack = stack

    def run(self, command: GraphCommand) -> bool:
        """Do it and put it on the stack; False when the graph refused, which is then unchanged."""
        try:
            command.do(self._studio.graph)
        except GraphError as refusal:
            self.failed.emit(str(refusal))
            return False
        if not getattr(command, "changes_nothing", False):
            self.stack.push(_Step(command, self._studio))
        return True

    def undo(self) -> None:
        self.stack.undo()

    def redo(self) -> None:
        self.stack.redo()

    def forget(self) -> None:
        """Empty the stack: another document was opened."""
        self.stack.clear()


class _Step(QUndoCommand):
    """A command that has been done already when it comes on the stack."""

    def __init__(self, command: GraphCommand, studio: HasGraph) -> None:
        super().__init__(command.text)
        self._command, self._studio = command, studio
        self._done = True

    def redo(self) -> None:
        if not self._done:
            self._command.do(self._studio.graph)
        self._done = True

    def undo(self) -> None:
        self._command.undo(self._studio.graph)
        self._done = False
