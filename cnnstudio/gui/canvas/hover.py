"""What the pointer is over, shown on the thing itself and by the pointer's form."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from cnnstudio.gui.canvas.hits import CardHit, FixHit, Hit, InputHit, OutputHit, WireEndHit, WireHit
from cnnstudio.gui.canvas.scene import CanvasScene


class Hover:
    """Remembers the last hit; marks what is under the pointer and unmarks what was."""

    def __init__(self, scene: CanvasScene, viewport: QWidget) -> None:
        self._scene, self._viewport = scene, viewport
        self.hit: Hit = None

    def over(self, hit: Hit) -> None:
        """The pointer is over `hit` now."""
        if hit == self.hit:
            return
        self._unmark(self.hit)
        self.hit = hit
        scene = self._scene
        match hit:
            case OutputHit(node):
                scene.cards[node].set_hovered(True, -1)
            case InputHit(node, port):
                scene.cards[node].set_hovered(True, port)
            case CardHit(node):
                scene.cards[node].set_hovered(True)
            case WireHit(link) | WireEndHit(link):
                scene.wires[link].set_state(hovered=True)
            case FixHit(node, problem, more):
                scene.notes[node].set_hot(problem, more=more)

    def _unmark(self, hit: Hit) -> None:
        """What was hovered may be gone by now."""
        scene = self._scene
        match hit:
            case OutputHit(node) | InputHit(node, _) | CardHit(node) if node in scene.cards:
                scene.cards[node].set_hovered(False)
            case WireHit(link) | WireEndHit(link) if link in scene.wires:
                scene.wires[link].set_state(hovered=False)
            case FixHit(node) if node in scene.notes:
                scene.notes[node].set_hot(None)

    def show_cursor(self, gesture: Qt.CursorShape | None, panning: bool) -> None:
        """The form of a running gesture, else of what can be done here."""
        if gesture is not None:
            cursor = gesture
        elif panning:
            cursor = Qt.CursorShape.OpenHandCursor
        elif isinstance(self.hit, (OutputHit, InputHit, WireEndHit)):
            cursor = Qt.CursorShape.CrossCursor
        elif isinstance(self.hit, FixHit):
            cursor = Qt.CursorShape.PointingHandCursor
        else:
            cursor = Qt.CursorShape.ArrowCursor
        if self._viewport.cursor().shape() != cursor:
            self._viewport.setCursor(cursor)
