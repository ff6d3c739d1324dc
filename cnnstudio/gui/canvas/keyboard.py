"""The canvas by keyboard: what each key does, and the wire that is drawn by keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from cnnstudio.graph.commands import Move
from cnnstudio.gui.canvas.board import Board
from cnnstudio.gui.canvas.camera import STEP, Camera
from cnnstudio.gui.canvas.connecting import ConnectByKeys
from cnnstudio.gui.canvas.measures import GRID
from cnnstudio.gui.canvas.walking import ARROWS, Direction, step_from


class Drawing(Board, Protocol):
    """The canvas as the keyboard sees it."""

    camera: Camera

    @property
    def selection(self) -> tuple[str, ...]: ...

    def select_all(self) -> None: ...

    def delete_selection(self) -> None: ...

    def rename(self) -> None: ...

    def connect_by_keys(self) -> None: ...

    def open_selected(self) -> None: ...


class Keyboard:
    """Answers keys while no gesture runs. `connecting` is the wire that is being drawn by keys, if one is."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self.connecting: ConnectByKeys | None = None
        self.space = False
        """Whether the space bar is held, so that the pointer pushes the paper."""
        self._keys: dict[tuple[Qt.Key, bool], Callable[[], None]] = {
            (Qt.Key.Key_Delete, False): drawing.delete_selection,
            (Qt.Key.Key_Backspace, False): drawing.delete_selection,
            (Qt.Key.Key_F2, False): drawing.rename,
            (Qt.Key.Key_C, False): drawing.connect_by_keys,
            (Qt.Key.Key_A, True): drawing.select_all,
            (Qt.Key.Key_Plus, False): lambda: drawing.camera.zoom_by(STEP),
            (Qt.Key.Key_Equal, False): lambda: drawing.camera.zoom_by(STEP),
            (Qt.Key.Key_Minus, False): lambda: drawing.camera.zoom_by(1 / STEP),
            (Qt.Key.Key_0, False): drawing.camera.fit,
            (Qt.Key.Key_Return, False): drawing.open_selected,
            (Qt.Key.Key_Enter, False): drawing.open_selected,
            (Qt.Key.Key_Escape, False): lambda: drawing.mirror.select(()),
        }

    def press(self, event: QKeyEvent) -> bool:
        """Whether the key meant something here."""
        key, keys = Qt.Key(event.key()), event.modifiers()
        direction = ARROWS.get(key)
        if self.connecting is not None:
            self._press_connecting(self.connecting, key, direction)
            return True
        control = bool(keys & Qt.KeyboardModifier.ControlModifier)
        if direction is not None:
            if control:
                self._nudge(direction)
            else:
                self.walk(direction, extend=bool(keys & Qt.KeyboardModifier.ShiftModifier))
            return True
        if key == Qt.Key.Key_Space:
            self.space = True
            return True
        doing = self._keys.get((key, control))
        if doing is not None:
            doing()
        return doing is not None

    def walk(self, direction: Direction, *, extend: bool = False) -> None:
        """Select the next card in a direction, besides the present ones if `extend`."""
        drawing, chosen = self._drawing, self._drawing.selection
        forward = direction in ((0, 1), (1, 0))
        found = step_from(drawing.mirror, (chosen[-1] if forward else chosen[0]) if chosen else None, direction)
        if found is not None:
            drawing.mirror.select([found], add=extend)
            drawing.camera.show(drawing.mirror.area_of(found))

    def begin_connecting(self, source: str) -> bool:
        """Let the arrow keys choose what `source` is to feed; False when nothing can take it."""
        mode = ConnectByKeys(self._drawing, source)
        if mode.possible:
            self.connecting = mode
        else:
            mode.cancel()
        return mode.possible

    def abandon(self) -> None:
        """Leave the wire that is being drawn."""
        if self.connecting is not None:
            mode, self.connecting = self.connecting, None
            mode.cancel()

    def _press_connecting(self, mode: ConnectByKeys, key: Qt.Key, direction: Direction | None) -> None:
        if direction is not None:
            mode.step(direction)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.connecting = None
            mode.finish()
        elif key == Qt.Key.Key_Escape:
            self.abandon()

    def _nudge(self, direction: Direction) -> None:
        drawing = self._drawing
        corners = {each: drawing.mirror.cards[each].corner for each in drawing.selection}
        if corners:
            drawing.run(Move({k: (x + GRID * direction[0], y + GRID * direction[1]) for k, (x, y) in corners.items()}))
