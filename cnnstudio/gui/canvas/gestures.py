"""Moving cards, choosing by a rubber band, and panning."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication, QGraphicsRectItem

from cnnstudio.graph.commands import Move
from cnnstudio.gui.canvas import measures
from cnnstudio.gui.canvas.board import Board, Gesture

_ADD = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class MoveCards(Gesture):
    """Press on a card selects it; a drag takes all selected cards along and is one Move in the end."""

    def __init__(self, board: Board, node_id: str, point: QPointF, pixel: QPoint, keys: Qt.KeyboardModifier) -> None:
        super().__init__(board)
        scene = board.mirror
        self._node, self._start, self._pixel = node_id, point, pixel
        self._moving = False
        self._was_selected = node_id in scene.selected_nodes
        self._adding = bool(keys & _ADD)
        if self._adding:
            scene.cards[node_id].setSelected(not self._was_selected)
        elif not self._was_selected:
            scene.select([node_id])
        chosen = scene.selected_nodes if node_id in scene.selected_nodes else (node_id,)
        self._origins = {each: scene.cards[each].corner for each in chosen}

    def move(self, point: QPointF, pixel: QPoint, keys: Qt.KeyboardModifier) -> None:
        if not self._moving:
            if (pixel - self._pixel).manhattanLength() < QApplication.startDragDistance():
                return
            self._moving = True
            self.cursor = Qt.CursorShape.ClosedHandCursor
        scene = self.board.mirror
        x, y = self._origins[self._node]
        delta = point - self._start
        wanted = (x + delta.x(), y + delta.y())
        free = keys & Qt.KeyboardModifier.AltModifier
        lines = [(x, y), *scene.corners(but=self._origins)]  # its own place too: a card may be moved along one axis
        place = wanted if free else measures.snapped(wanted, lines)
        for node_id, origin in self._origins.items():
            scene.put(node_id, (origin[0] + place[0] - x, origin[1] + place[1] - y))
        scene.route_wires(self._origins)
        scene.place_notes()
        self.board.reveal(point)

    def release(self, point: QPointF, keys: Qt.KeyboardModifier) -> None:
        scene = self.board.mirror
        if not self._moving:
            if self._was_selected and not self._adding:
                scene.select([self._node])
            return
        places = {node_id: scene.cards[node_id].corner for node_id in self._origins}
        if places == self._origins or not self.board.run(Move(places)):
            self.cancel()

    def cancel(self) -> None:
        scene = self.board.mirror
        for node_id, origin in self._origins.items():
            if node_id in scene.cards:
                scene.put(node_id, origin)
        scene.route_wires()
        scene.place_notes()


class RubberBand(Gesture):
    """Choose all cards that a frame touches; with Ctrl or Shift, besides those chosen before."""

    def __init__(self, board: Board, point: QPointF, keys: Qt.KeyboardModifier) -> None:
        super().__init__(board)
        self._start = point
        self._before = board.mirror.selected_nodes if keys & _ADD else ()
        board.mirror.select(self._before)
        style = board.mirror.style_now
        self._frame = QGraphicsRectItem(QRectF(point, point))
        pen = style.pen("accent", 1)
        pen.setCosmetic(True)
        self._frame.setPen(pen)
        self._frame.setBrush(style.accent_tint)
        self._frame.setZValue(10)
        board.mirror.addItem(self._frame)

    def move(self, point: QPointF, pixel: QPoint, keys: Qt.KeyboardModifier) -> None:
        area = QRectF(self._start, point).normalized()
        self._frame.setRect(area)
        cards = self.board.mirror.cards
        touched = [
            node_id
            for node_id, card in cards.items()
            if area.intersects(QRectF(*card.corner, measures.CARD_WIDTH, measures.CARD_HEIGHT))
        ]
        self.board.mirror.select([*self._before, *touched])
        self.board.reveal(point)

    def release(self, point: QPointF, keys: Qt.KeyboardModifier) -> None:
        self.board.mirror.removeItem(self._frame)

    def cancel(self) -> None:
        self.board.mirror.removeItem(self._frame)
        self.board.mirror.select(self._before)


class Pan(Gesture):
    """Push the paper about."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, board: Board, pixel: QPoint) -> None:
        super().__init__(board)
        self._last = pixel

    def move(self, point: QPointF, pixel: QPoint, keys: Qt.KeyboardModifier) -> None:
        self.board.pan(pixel - self._last)
        self._last = pixel
