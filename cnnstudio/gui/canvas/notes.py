"""What is wrong with a layer, said beside its card, with what would mend it as a link."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.graph import Problem
from cnnstudio.graph.commands import AppendAfter, Command, InsertOnLink, RemoveNodes, SetParams, value_text
from cnnstudio.graph.routing import Box
from cnnstudio.gui.canvas.card import FAR
from cnnstudio.gui.canvas.measures import CARD_HEIGHT, CARD_WIDTH, Point
from cnnstudio.gui.canvas.style import Style, text_width

PADDING = 10.0
GAP = 6.0
MOST_LINES = 4
_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


def fix_text(fix: Command) -> str:
    """What a fix does, as its button says it."""
    match fix:
        case InsertOnLink(kind=kind) | AppendAfter(kind=kind):
            return QCoreApplication.translate("Fix", "Insert {kind}").format(kind=kind)
        case SetParams(params=params):
            changes = ", ".join(f"{name} = {value_text(value)}" for name, value in params.items())
            return QCoreApplication.translate("Fix", "Set {changes}").format(changes=changes)
        case RemoveNodes():
            return QCoreApplication.translate("Fix", "Delete the layer")
        case _:
            return QCoreApplication.translate("Fix", "Mend this")


def unbroken(text: str) -> str:
    """The text with its shapes kept together on one line: 50 × 7 × 7."""
    return text.replace(" \u00d7 ", "\u00a0\u00d7\u00a0")


class ProblemNote(QGraphicsItem):
    """A red-framed note. It stands below its card, or beside it where another card is below."""

    def __init__(self, node_id: str, style: Style) -> None:
        super().__init__()
        self.node_id, self.style = node_id, style
        self._problems: tuple[Problem, ...] = ()
        self._links: list[tuple[QRectF, int]] = []
        self._text = ""
        self._size = QRectF(0, 0, CARD_WIDTH, 0)
        self._hot: int | None = None
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(4)

    def show_problems(self, problems: tuple[Problem, ...], style: Style) -> None:
        self.prepareGeometryChange()
        self._problems, self.style, self._hot = problems, style, None
        self._text = unbroken("\n".join(each.message for each in problems))
        metrics = QFontMetricsF(style.note)
        width = CARD_WIDTH - 2 * PADDING
        room = QRectF(0, 0, width, MOST_LINES * metrics.lineSpacing())
        height = min(room.height(), metrics.boundingRect(room, _WRAPPED, self._text).height())
        self._links = []
        top, left = PADDING - 2 + height + 4, PADDING
        for index, problem in enumerate(problems):
            if problem.fix is not None:
                wide = text_width(fix_text(problem.fix), style.link)
                if left > PADDING and left + wide > CARD_WIDTH - PADDING:
                    left, top = PADDING, top + 20
                self._links.append((QRectF(left - 4, top, wide + 8, 20), index))
                left += wide + 18
        bottom = top + 20 if self._links else top - 4
        self._size = QRectF(0, 0, CARD_WIDTH, bottom + PADDING - 4)
        self.update()

    @property
    def message(self) -> str:
        return self._text

    @property
    def reach(self) -> float:
        """How far below its card it may end."""
        return GAP + self._size.height()

    def place(self, card: Point, others: Sequence[Box]) -> None:
        """Below the card at `card`, else to its right or left; below, over what is there, if all is taken."""
        x, y = card
        size = self._size
        below = QPointF(x, y + CARD_HEIGHT + GAP)
        beside = (QPointF(x + CARD_WIDTH + GAP, y), QPointF(x - CARD_WIDTH - GAP, y))
        for corner in (below, *beside):
            area = size.translated(corner)
            if not any(area.intersects(QRectF(QPointF(*box[:2]), QPointF(*box[2:]))) for box in others):
                self.setPos(corner)
                return
        self.setPos(below)

    def fix_at(self, point: QPointF) -> int | None:
        """Which problem's fix stands at a point of the scene."""
        inside = self.mapFromScene(point)
        return next((index for area, index in self._links if area.contains(inside)), None)

    def fix_rect(self, index: int) -> QRectF:
        """Where the link of a problem's fix stands, in the scene. Raises KeyError when it has none."""
        return self.mapRectToScene({index: area for area, index in self._links}[index])

    def set_hot(self, index: int | None) -> None:
        if index != self._hot:
            self._hot = index
            self.update()

    def boundingRect(self) -> QRectF:
        return self._size.adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        if option.levelOfDetailFromTransform(painter.worldTransform()) < FAR:
            return
        style = self.style
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(style.pen("danger", 1))
        painter.setBrush(style.colors["surface"])
        painter.drawRoundedRect(self._size, 8, 8)
        painter.setPen(style.colors["text"])
        painter.setFont(style.note)
        room = self._size.adjusted(PADDING, PADDING - 3, -PADDING, -4 if not self._links else -26)
        painter.drawText(room, int(_WRAPPED), self._text)
        font = style.link
        for area, index in self._links:
            fix = self._problems[index].fix
            assert fix is not None
            font.setUnderline(index == self._hot)
            painter.setFont(font)
            painter.setPen(style.colors["accent"])
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), fix_text(fix))
        font.setUnderline(False)
