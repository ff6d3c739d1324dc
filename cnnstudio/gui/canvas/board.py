"""What gestures may do with the canvas; the view is the one board there is."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPoint, QPointF, Qt

from cnnstudio.graph import Fix
from cnnstudio.graph.commands import Command
from cnnstudio.gui.canvas.hits import Hit
from cnnstudio.gui.canvas.scene import CanvasScene


class Board(Protocol):
    """The canvas as gestures see it."""

    mirror: CanvasScene

    @property
    def zoom(self) -> float: ...

    def run(self, command: Command) -> bool:
        """Do a command; False when it was refused, which the user has then been told."""

    def hint(self, text: str, *, refused: bool = False) -> None:
        """Say what the gesture would do, or why it would be refused; an empty text ends it."""

    def pan(self, delta: QPoint) -> None:
        """Shift what is seen by so many pixels."""

    def reveal(self, point: QPointF) -> None:
        """Scroll on when a gesture comes near the edge."""

    def offer(self, fixes: tuple[Fix, ...], point: QPointF) -> None:
        """Let the user choose among fixes, at a point of the scene."""

    def hit(self, point: QPointF) -> Hit: ...


class Gesture:
    """Something that the user does with the pointer held down, from press to release or Escape."""

    cursor: Qt.CursorShape | None = None

    def __init__(self, board: Board) -> None:
        self.board = board

    def move(self, point: QPointF, pixel: QPoint, keys: Qt.KeyboardModifier) -> None:
        """The pointer went to `point` of the scene, `pixel` of the view."""

    def release(self, point: QPointF, keys: Qt.KeyboardModifier) -> None:
        """The pointer was let go."""

    def cancel(self) -> None:
        """Leave everything as it was before."""
