"""Wires: rounded elbows with an arrow at the end that says which way the data run."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.graph import Link
from cnnstudio.gui.canvas.measures import Point
from cnnstudio.gui.canvas.style import Style, line

RADIUS = 10.0
ARROW = 5.0
REACH = 6.0
FAR_AWAY = 0.22
"""Below this zoom arrows and round corners are too small to be seen."""


def elbows(points: Sequence[Point]) -> QPainterPath:
    """A path through corner points, each corner rounded as far as its legs allow."""
    path = QPainterPath(QPointF(*points[0]))
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        first, last = _toward(corner, before), _toward(corner, after)
        radius = min(RADIUS, first[2] / 2, last[2] / 2)
        path.lineTo(corner[0] + first[0] * radius, corner[1] + first[1] * radius)
        path.quadTo(*corner, corner[0] + last[0] * radius, corner[1] + last[1] * radius)
    path.lineTo(*points[-1])
    return path


def _toward(start: Point, end: Point) -> tuple[float, float, float]:
    """Unit step from one point to another, and their distance."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = hypot(x, y) or 1.0
    return x / length, y / length, length


def arrow(tip: Point) -> QPainterPath:
    """An open arrowhead that points down at `tip`."""
    x, y = tip
    path = QPainterPath(QPointF(x - ARROW + 0.5, y - ARROW - 1))
    path.lineTo(x, y - 1)
    path.lineTo(x + ARROW - 0.5, y - ARROW - 1)
    return path


class WireItem(QGraphicsItem):
    """The picture of one link."""

    def __init__(self, link: Link, style: Style) -> None:
        super().__init__()
        self.link, self.style = link, style
        self.faulty = False
        self.marked = False
        """Whether a layer that is dragged would be inserted here."""
        self._hovered = False
        self._points: list[Point] = [(0.0, 0.0), (0.0, 1.0)]
        self._path = QPainterPath()
        self._bounds = QRectF()
        self._reach: QPainterPath | None = None
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(1)

    def set_points(self, points: list[Point]) -> None:
        if points != self._points:
            self.prepareGeometryChange()
            self._points = points
            self._path = elbows(points)
            self._bounds = self._path.boundingRect().adjusted(-ARROW - 3, -3, ARROW + 3, 3)
            self._reach = None
            self.update()

    def set_state(self, *, hovered: bool | None = None, marked: bool | None = None) -> None:
        self._hovered = self._hovered if hovered is None else hovered
        self.marked = self.marked if marked is None else marked
        self.restack()
        self.update()

    def restack(self) -> None:
        """Over the other wires while it is meant."""
        self.setZValue(1.5 if self._hovered or self.marked or self.isSelected() else 1)

    def set_faulty(self, faulty: bool) -> None:
        if faulty is not self.faulty:
            self.faulty = faulty
            self.update()

    def set_style(self, style: Style) -> None:
        self.style = style
        self.update()

    @property
    def points(self) -> tuple[Point, ...]:
        """Corner points from the source's port to the target's."""
        return tuple(self._points)

    @property
    def tip(self) -> Point:
        return self._points[-1]

    @property
    def middle(self) -> Point:
        point = self._path.pointAtPercent(0.5)
        return point.x(), point.y()

    def near(self, point: QPointF) -> bool:
        return self._bounds.adjusted(-REACH, -REACH, REACH, REACH).contains(point) and self.shape().contains(point)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def shape(self) -> QPainterPath:
        if self._reach is None:  # only of the few wires that a pointer comes near
            stroker = QPainterPathStroker()
            stroker.setWidth(2 * REACH)
            self._reach = stroker.createStroke(self._path)
        return self._reach

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = self.isSelected() or self._hovered or self.marked
        width = (2.2 if strong else 1.5) * max(1.0, min(2.0, 0.7 / zoom))
        if self.isSelected() or self.marked:
            color = self.style.colors["accent"]
        elif self.faulty:
            color = self.style.colors["danger"]
        else:
            color = self.style.colors["text"] if self._hovered else self.style.wire
        painter.setPen(line(color, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if zoom >= FAR_AWAY:
            painter.drawPath(self._path)
            painter.drawPath(arrow(self.tip))
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.drawPolyline([QPointF(*point) for point in self._points])


class PreviewWire(QGraphicsItem):
    """The wire that hangs at the pointer. Red while it would be refused."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self._style = style
        self._path = QPainterPath()
        self._tip: Point = (0.0, 0.0)
        self.refused = False
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(5)

    def stretch(self, start: Point, end: Point, *, refused: bool) -> None:
        """In a free curve, while it has found no port."""
        bend = max(24.0, abs(end[1] - start[1]) / 2)
        path = QPainterPath(QPointF(*start))
        path.cubicTo(start[0], start[1] + bend, end[0], end[1] - bend, *end)
        self._show(path, end, refused)

    def stretch_along(self, points: list[Point]) -> None:
        """Along the way that the wire would take to the port that it has found."""
        self._show(elbows(points), points[-1], refused=False)

    def _show(self, path: QPainterPath, tip: Point, refused: bool) -> None:
        self.prepareGeometryChange()
        self._path, self._tip, self.refused = path, tip, refused
        self.update()

    def boundingRect(self) -> QRectF:
        return self._path.boundingRect().adjusted(-ARROW - 3, -ARROW - 3, ARROW + 3, ARROW + 3)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = self._style.pen("danger" if self.refused else "accent", 2)
        if self.refused:
            pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.drawPath(self._path)
        pen.setStyle(Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        painter.drawPath(arrow(self._tip))
