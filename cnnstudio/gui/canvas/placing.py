"""A layer or a block that is being dragged in from the palette, and where it would land."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.graph import Link
from cnnstudio.gui.canvas import measures
from cnnstudio.gui.canvas.board import Board
from cnnstudio.gui.canvas.card import BADGE, BODY, TEXT_LEFT, Aim
from cnnstudio.gui.canvas.hits import card_at, wire_at
from cnnstudio.gui.canvas.mime import Cargo
from cnnstudio.gui.canvas.spots import Spot
from cnnstudio.gui.canvas.style import Style


class GhostCard(QGraphicsItem):
    """The outline of a card that is not there yet."""

    def __init__(self, cargo: Cargo, style: Style) -> None:
        super().__init__()
        self._cargo, self._style = cargo, style
        self.setZValue(6)
        self.setOpacity(0.9)

    def boundingRect(self) -> QRectF:
        return BODY.adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        style, cargo = self._style, self._cargo
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = style.pen("accent", 1.5)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(style.accent_tint)
        painter.drawRoundedRect(BODY, 8, 8)
        style.theme.icons.paint_badge(painter, cargo.name, cargo.family, BADGE)
        painter.setPen(style.colors["text"])
        painter.setFont(style.name)
        painter.drawText(QRectF(TEXT_LEFT, 12, 200, 24), int(Qt.AlignmentFlag.AlignVCenter), cargo.title)


class Drop:
    """One drag over the canvas. On a wire it goes in between, on a card behind it, else it stands free."""

    def __init__(self, board: Board, cargo: Cargo) -> None:
        self._board, self.cargo = board, cargo
        self._ghost = GhostCard(cargo, board.mirror.style_now)
        self._link: Link | None = None
        self._card: str | None = None
        self._place: measures.Point = (0.0, 0.0)
        board.mirror.addItem(self._ghost)

    def move(self, point: QPointF) -> None:
        scene = self._board.mirror
        self._unmark()
        card = card_at(scene, point)
        link = wire_at(scene, point) if card is None else None
        if self.cargo.begins:
            card = link = None
        self._card, self._link = (card.node_id if card is not None else None), link
        corner = (point.x() - measures.CARD_WIDTH / 2, point.y() - measures.CARD_HEIGHT / 2)
        self._place = measures.snapped(corner, scene.corners())
        self._ghost.setPos(*self._place)
        self._ghost.setVisible(card is None and link is None)
        if card is not None:
            card.set_aim(Aim.TAKES)
        if link is not None:
            scene.wires[link].set_state(marked=True)
        self._board.hint(self._text())
        self._board.reveal(point)

    def drop(self) -> Spot:
        """Ends the drag; where it led to."""
        self.cancel()
        return Spot(self._place, self._card, self._link)

    def cancel(self) -> None:
        self._unmark()
        if self._ghost.scene() is not None:
            self._board.mirror.removeItem(self._ghost)
        self._board.hint("")

    def _unmark(self) -> None:
        scene = self._board.mirror
        if self._card in scene.cards:
            scene.cards[self._card].set_aim(Aim.NONE)
        if self._link in scene.wires:
            scene.wires[self._link].set_state(marked=False)

    def _text(self) -> str:
        graph = self._board.mirror.graph
        if self._link is not None:
            text = QCoreApplication.translate("Canvas", "Insert {kind} between {source} and {target}.")
            names = {"source": graph.node(self._link.source).name, "target": graph.node(self._link.target).name}
            return text.format(kind=self.cargo.title, **names)
        if self._card is not None:
            text = QCoreApplication.translate("Canvas", "Add {kind} after {name}.")
            return text.format(kind=self.cargo.title, name=graph.node(self._card).name)
        return QCoreApplication.translate("Canvas", "Place {kind} here, not connected yet.").format(
            kind=self.cargo.title
        )
