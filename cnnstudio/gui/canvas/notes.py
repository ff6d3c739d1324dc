"""What is wrong with a layer, said beside its card, with what would mend it as a link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.graph import Fix, Problem
from cnnstudio.graph.routing import Box
from cnnstudio.gui.canvas.card import FAR
from cnnstudio.gui.canvas.measures import CARD_HEIGHT, CARD_WIDTH, Point
from cnnstudio.gui.canvas.style import Style, fitted, text_width

PADDING = 10.0
GAP = 6.0
MOST_LINES = 4
LINK_HEIGHT = 20
_WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


def brief(fix: Fix) -> str:
    """What a fix does, without what that brings."""
    return fix.text.partition(": ")[0]


_LONG = re.compile(r"[^\s\u200b]{18}(?=[^\s\u200b])")
"""So many characters of a word, and another one behind them: a line may end between the two."""


def unbroken(text: str) -> str:
    """The text with its shapes kept together on one line, 50 × 7 × 7, and long names broken, so that any panel fits."""
    return breakable(text.replace(" \u00d7 ", "\u00a0\u00d7\u00a0"))


def breakable(text: str) -> str:
    """The text with places in long names at which a line may end."""
    return _LONG.sub("\\g<0>\u200b", text)


@dataclass(frozen=True, slots=True)
class NoteLink:
    """A link of a note: the first fix of a problem, or `more` for the others."""

    area: QRectF
    problem: int
    text: str
    more: bool = False


class ProblemNote(QGraphicsItem):
    """A red-framed note. It stands below its card, or beside it where another card is below."""

    def __init__(self, node_id: str, style: Style) -> None:
        super().__init__()
        self.node_id, self.style = node_id, style
        self._problems: tuple[Problem, ...] = ()
        self._links: list[NoteLink] = []
        self._text = ""
        self._size = QRectF(0, 0, CARD_WIDTH, 0)
        self._hot: tuple[int, bool] | None = None
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
        top = PADDING - 2 + height + 4
        for index, problem in enumerate(problems):
            if problem.fixes:
                self._links += _links(index, problem, top, style)
                top += LINK_HEIGHT
        bottom = top if self._links else top - 4
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

    def link_at(self, point: QPointF) -> NoteLink | None:
        """The link at a point of the scene."""
        inside = self.mapFromScene(point)
        return next((link for link in self._links if link.area.contains(inside)), None)

    def fix_rect(self, problem: int, *, more: bool = False) -> QRectF:
        """Where the link of a problem's first fix stands, or that to the others, in the scene. KeyError without one."""
        areas = {(link.problem, link.more): link.area for link in self._links}
        return self.mapRectToScene(areas[problem, more])

    def fixes(self, problem: int) -> tuple[Fix, ...]:
        return self._problems[problem].fixes

    def set_hot(self, problem: int | None, *, more: bool = False) -> None:
        """Underline a link, or none."""
        hot = None if problem is None else (problem, more)
        if hot != self._hot:
            self._hot = hot
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
        for link in self._links:
            font.setUnderline((link.problem, link.more) == self._hot)
            painter.setFont(font)
            painter.setPen(style.colors["muted" if link.more else "accent"])
            painter.drawText(link.area, int(Qt.AlignmentFlag.AlignCenter), link.text)
        font.setUnderline(False)


def _links(index: int, problem: Problem, top: float, style: Style) -> list[NoteLink]:
    """One line: the first fix, and at its right how many others there are."""
    others = len(problem.fixes) - 1
    room = CARD_WIDTH - 2 * PADDING
    links = []
    if others:
        text = QCoreApplication.translate("Fix", "{count} more\u2026").format(count=others)
        wide = text_width(text, style.link)
        room -= wide + 18
        area = QRectF(CARD_WIDTH - PADDING - wide - 4, top, wide + 8, LINK_HEIGHT)
        links.append(NoteLink(area, index, text, more=True))
    text = fitted(brief(problem.fixes[0]), style.link, room)
    area = QRectF(PADDING - 4, top, text_width(text, style.link) + 8, LINK_HEIGHT)
    return [NoteLink(area, index, text), *links]
