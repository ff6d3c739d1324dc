"""A layer on the canvas: glyph, name, main parameters, output shape, and its share of the parameters."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.graph import ProblemCode
from cnnstudio.gui.canvas import measures
from cnnstudio.gui.canvas.faces import Face
from cnnstudio.gui.canvas.style import Style, fitted, text_width
from cnnstudio.gui.theme import count_text

BODY = QRectF(0, 0, measures.CARD_WIDTH, measures.CARD_HEIGHT)
BOUNDS = BODY.adjusted(-6, -6, 6, 8)
BADGE = QRectF(12, 12, 24, 24)
TEXT_LEFT = 44.0
TEXT_RIGHT = measures.CARD_WIDTH - 12
NAME_TOP, SUMMARY_TOP, BAR_TOP = 9.0, 27.0, 49.0
LINE_HEIGHT = 17.0
BAR_WIDTH = 136.0
FAR = 0.5
"""Below this zoom small text is not readable; the card shows its name large, and nothing else."""
VERY_FAR = 0.22


class Aim(Enum):
    """What letting go of a dragged wire or layer over the card would do."""

    NONE = 0
    TAKES = 1
    REFUSES = 2


class CardItem(QGraphicsItem):
    """The picture of one node. It holds no truth: the scene tells it its face and place."""

    def __init__(self, node_id: str, face: Face, style: Style) -> None:
        super().__init__()
        self.node_id = node_id
        self.face, self.style = face, style
        self.ports = 0
        self.wired: frozenset[int] = frozenset()
        self._feeds = False
        self._share = 0.0
        self.aim = Aim.NONE
        self._hovered = False
        self._port: int | None = None
        self._words: tuple[str, str] | None = None
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(2)

    # -- told by the scene

    def set_face(self, face: Face) -> None:
        if face != self.face:
            self._words = None
            self.update()
        self.face = face  # an equal one too: its fixes are others

    def set_wiring(self, ports: int, wired: frozenset[int], feeds: bool) -> None:
        """How many input ports show, which of them have a wire, and whether the card feeds another one."""
        if (ports, wired, feeds) != (self.ports, self.wired, self._feeds):
            self.ports, self.wired, self._feeds = ports, wired, feeds
            self.update()

    def set_share(self, share: float) -> None:
        """The card's part of the network's parameters, from 0 to 1."""
        if round(share * BAR_WIDTH) != round(self._share * BAR_WIDTH):
            self.update()
        self._share = share

    def restack(self) -> None:
        """Over the other cards while it is selected."""
        self.setZValue(3 if self.isSelected() else 2)

    @property
    def refuses_input(self) -> bool:
        """Whether what arrives is at fault: the wires show it too."""
        return any(each.code in (ProblemCode.SHAPE, ProblemCode.RANK) for each in self.face.errors)

    def set_style(self, style: Style) -> None:
        self.style = style
        self._words = None
        self.update()

    def set_hovered(self, hovered: bool, port: int | None = None) -> None:
        """`port`: the input port under the pointer, -1 for the output."""
        if (hovered, port) != (self._hovered, self._port):
            self._hovered, self._port = hovered, port
            self.update()

    def set_aim(self, aim: Aim, port: int | None = None) -> None:
        if (aim, port) != (self.aim, self._port):
            self.aim, self._port = aim, port
            self.update()

    # -- places, in scene units

    @property
    def corner(self) -> measures.Point:
        return self.x(), self.y()

    def output_point(self) -> measures.Point:
        x, y = measures.output_port()
        return self.x() + x, self.y() + y

    def input_point(self, port: int) -> measures.Point:
        x, y = measures.input_port(port, max(self.ports, port + 1))
        return self.x() + x, self.y() + y

    def name_rect(self) -> QRectF:
        """Where the name stands, in card units: the place that a double-click renames."""
        return QRectF(TEXT_LEFT, NAME_TOP - 3, self._name_width(), LINE_HEIGHT + 6)

    # -- painting

    def boundingRect(self) -> QRectF:
        return BOUNDS

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(BODY)
        return path

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if zoom < VERY_FAR:
            self._paint_block(painter, zoom)
            return
        self._paint_body(painter, zoom)
        if zoom < FAR:
            self._paint_far(painter)
        else:
            self._paint_text(painter)
        self._paint_ports(painter)

    def _paint_block(self, painter: QPainter, zoom: float) -> None:
        """A block in the family's colour: thousands of cards may be in sight."""
        frame, width = self._frame()
        painter.fillRect(BODY, self.style.colors[self.face.tint])
        if width > 1:
            painter.setPen(self.style.pen(frame, 2.5 / zoom))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(BODY)

    def _paint_body(self, painter: QPainter, zoom: float) -> None:
        colors, style = self.style.colors, self.style
        if zoom >= FAR:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.shadow)
            painter.drawRoundedRect(BODY.translated(0, 2), 8, 8)
        frame, width = self._frame()
        painter.setPen(style.pen(frame, max(width, min(2.5, 0.9 * width / zoom))))
        painter.setBrush(colors["surface"])
        painter.drawRoundedRect(BODY, 8, 8)
        if self.aim is Aim.TAKES:
            painter.setBrush(style.accent_tint)
            painter.drawRoundedRect(BODY, 8, 8)
        elif self.aim is Aim.REFUSES:
            painter.setBrush(style.danger_tint)
            painter.drawRoundedRect(BODY, 8, 8)
        painter.fillRect(QRectF(0, 10, 3, BODY.height() - 20), colors[self.face.tint])

    def _frame(self) -> tuple[str, float]:
        """Token and width of the border: a fault stays red even while the card is selected."""
        if self.aim is Aim.REFUSES:
            return "danger", 2
        if self.face.faulty:
            return "danger", 2 if self.isSelected() else 1.5
        if self.isSelected() or self.aim is Aim.TAKES:
            return "accent", 2
        return ("muted", 1) if self._hovered else ("border", 1)

    def _paint_far(self, painter: QPainter) -> None:
        box = QRectF(14, 14, 32, 32)
        self.style.theme.icons.paint_badge(painter, self.face.kind, self.face.family, box)
        painter.setFont(self.style.far)
        painter.setPen(self.style.colors["danger" if self.face.errors else "text"])
        words = fitted(self.face.name, self.style.far, TEXT_RIGHT - 58)
        painter.drawText(QRectF(58, 0, TEXT_RIGHT - 58, BODY.height()), _LEFT, words)

    def _paint_text(self, painter: QPainter) -> None:
        style, colors, face = self.style, self.style.colors, self.face
        style.theme.icons.paint_badge(painter, face.kind, face.family, BADGE)
        if self._words is None:
            summary_width = TEXT_RIGHT - TEXT_LEFT
            self._words = (
                fitted(face.name, style.name, self._name_width()),
                fitted(face.summary, style.body, summary_width),
            )
        name, summary = self._words
        painter.setFont(style.name)
        painter.setPen(colors["text"])
        painter.drawText(QRectF(TEXT_LEFT, NAME_TOP, self._name_width(), LINE_HEIGHT), _LEFT, name)
        painter.setFont(style.body)
        painter.setPen(colors["muted"])
        painter.drawText(QRectF(TEXT_LEFT, SUMMARY_TOP, TEXT_RIGHT - TEXT_LEFT, LINE_HEIGHT), _LEFT, summary)
        painter.setFont(style.figures)
        painter.setPen(colors["text" if face.known else ("danger" if face.errors else "muted")])
        painter.drawText(QRectF(TEXT_LEFT, NAME_TOP, TEXT_RIGHT - TEXT_LEFT, LINE_HEIGHT), _RIGHT, face.shape)
        if face.warnings and not face.errors:
            box = QRectF(TEXT_RIGHT - 14, SUMMARY_TOP + 2, 14, 14)
            style.theme.icons.paint(painter, "warning", box, "warning")
        if face.count:
            self._paint_share(painter)

    def _paint_share(self, painter: QPainter) -> None:
        style, colors = self.style, self.style.colors
        groove = QRectF(TEXT_LEFT, BAR_TOP, BAR_WIDTH, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors["raised"])
        painter.drawRoundedRect(groove, 2, 2)
        painter.setBrush(colors[self.face.tint])
        painter.drawRoundedRect(QRectF(TEXT_LEFT, BAR_TOP, max(2.0, self._share * BAR_WIDTH), 4), 2, 2)
        painter.setFont(style.small_figures)
        painter.setPen(colors["muted"])
        room = QRectF(TEXT_LEFT, BAR_TOP - 6, TEXT_RIGHT - TEXT_LEFT, 16)
        painter.drawText(room, _RIGHT, count_text(self.face.count))

    def _paint_ports(self, painter: QPainter) -> None:
        """Ports without a wire always show; the others when the pointer is near."""
        for port in range(self.ports):
            if self._hovered or port == self._port or port not in self.wired:
                # The spare port of a merge shows only while it may be of use.
                spare = port >= len(self.wired) and self.ports > 1 and len(self.wired) >= self.ports - 1
                if not spare or self._hovered or port == self._port:
                    self._paint_port(painter, measures.input_port(port, self.ports), port == self._port)
        if self._hovered or self._port == -1 or not self._feeds:
            self._paint_port(painter, measures.output_port(), self._port == -1)

    def _paint_port(self, painter: QPainter, place: measures.Point, hot: bool) -> None:
        colors = self.style.colors
        token = "accent" if hot else "muted"
        painter.setPen(self.style.pen(token, 1.5))
        painter.setBrush(colors["accent" if hot else "surface"])
        radius = 5.5 if hot else 3.5
        painter.drawEllipse(QPointF(*place), radius, radius)

    def _name_width(self) -> float:
        return TEXT_RIGHT - TEXT_LEFT - text_width(self.face.shape, self.style.figures) - 10


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
