"""Which gesture a press begins, by what is under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt

from cnnstudio.graph import Link
from cnnstudio.gui.canvas.board import Board, Gesture
from cnnstudio.gui.canvas.gestures import MoveCards, RubberBand
from cnnstudio.gui.canvas.hits import CardHit, FixHit, Hit, InputHit, NoteHit, OutputHit, WireEndHit, WireHit
from cnnstudio.gui.canvas.wiring import DrawWire, DrawWireBack, MoveWireEnd

_ADD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class PickWire(Gesture):
    """A click on a wire selects it; with Ctrl or Shift, besides what is selected."""

    def __init__(self, board: Board, link: Link, keys: Qt.KeyboardModifier) -> None:
        super().__init__(board)
        wire = board.mirror.wires[link]
        if keys & _ADD:
            wire.setSelected(not wire.isSelected())
        else:
            board.mirror.select_link(link)


class TakeFix(Gesture):
    """A click on what mends a fault: it counts where it ends, so that one may think better of it."""

    def __init__(self, board: Board, hit: FixHit) -> None:
        super().__init__(board)
        self._hit = hit

    def release(self, point: QPointF, keys: Qt.KeyboardModifier) -> None:
        if self.board.hit(point) != self._hit:
            return
        fixes = self.board.mirror.notes[self._hit.node].fixes(self._hit.problem)
        if self._hit.more:
            self.board.offer(fixes, point)
        else:
            self.board.run(fixes[0].command)


def gesture_for(board: Board, hit: Hit, point: QPointF, pixel: QPoint, keys: Qt.KeyboardModifier) -> Gesture:
    """What a press of the left button on `hit` begins; `point` is in the scene, `pixel` in the view."""
    match hit:
        case OutputHit(node):
            return DrawWire(board, node, pixel)
        case InputHit(node, port):
            sources = board.mirror.graph.inputs_of(node)
            source = sources[port] if port < len(sources) else None
            if source is None:
                return DrawWireBack(board, node, port, pixel)
            return MoveWireEnd(board, Link(source, node, port), pixel)
        case WireEndHit(link):
            return MoveWireEnd(board, link, pixel)
        case WireHit(link):
            return PickWire(board, link, keys)
        case FixHit():
            return TakeFix(board, hit)
        case CardHit(node) | NoteHit(node):
            return MoveCards(board, node, point, pixel, keys)
        case _:
            return RubberBand(board, point, keys)
