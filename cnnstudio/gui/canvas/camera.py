"""What part of the scene is seen, and how large."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtWidgets import QGraphicsView

MIN_ZOOM, MAX_ZOOM = 0.01, 2.5
"""Five hundred layers below each other are seen whole at about 0.01."""
READABLE = 0.75
USUAL = 0.9
"""A network that would have to be smaller than READABLE to be shown whole is opened at USUAL, from its beginning."""
LEGIBLE = 0.45
"""Below it, a card that is looked for is brought nearer."""
STEP = 1.2
MARGIN = 24
LEFT_MARGIN = 60
"""At the left stand the zoom controls."""
EDGE = 28
"""A gesture this near to the edge, in pixels, scrolls on."""


class Camera(QObject):
    """Zoom and position of a view. `moved` says that either changed."""

    moved = Signal()

    def __init__(self, view: QGraphicsView) -> None:
        super().__init__(view)
        self._view = view
        self._content = QRectF()
        self.untouched = True
        """Whether the user has left the first view as it was; it then follows the window's size."""
        view.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        view.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        view.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def zoom(self) -> float:
        return self._view.transform().m11()

    @property
    def seen(self) -> QRectF:
        """The part of the scene that shows."""
        return self._view.mapToScene(self._view.viewport().rect()).boundingRect()

    @property
    def content(self) -> QRectF:
        return self._content

    def set_content(self, area: QRectF) -> None:
        """What there is to see. Room is kept around it, so that anything can be brought to the middle."""
        self._content = area
        self._make_room()
        self.moved.emit()

    def set_zoom(self, zoom: float, anchor: QPoint | None = None) -> None:
        """Zoom so that the scene's point under `anchor` (view pixels; the middle unless given) stays there."""
        view = self._view
        pixel = view.viewport().rect().center() if anchor is None else anchor
        fixed = view.mapToScene(pixel)
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, zoom))
        self.untouched = False
        self._set(zoom)
        self._scroll(view.mapFromScene(fixed) - pixel)
        self.moved.emit()

    def zoom_by(self, factor: float, anchor: QPoint | None = None) -> None:
        self.set_zoom(self.zoom * factor, anchor)

    def fit(self) -> None:
        """All of the network, never larger than life."""
        self.untouched = False
        self._show_whole(readable=False)

    def home(self) -> None:
        """The view of a network just opened: all of it if that can be read, else its beginning."""
        self._show_whole(readable=True)
        self.untouched = True

    def resized(self) -> None:
        if self.untouched:
            self.home()
        else:
            self._make_room()
        self.moved.emit()

    def pan(self, delta: QPoint) -> None:
        self.untouched = False
        self._scroll(-delta)
        self.moved.emit()

    def centre_on(self, point: QPointF) -> None:
        self.untouched = False
        self._view.centerOn(point)
        self.moved.emit()

    def show(self, area: QRectF) -> None:
        """Scroll by no more than is needed to see `area` whole."""
        before = self.seen
        margin = MARGIN / self.zoom
        wanted = area.adjusted(-LEFT_MARGIN / self.zoom, -margin, margin, margin)
        dx = min(0.0, wanted.left() - before.left()) or max(0.0, wanted.right() - before.right())
        dy = min(0.0, wanted.top() - before.top()) or max(0.0, wanted.bottom() - before.bottom())
        if dx or dy:
            self._scroll(QPoint(round(dx * self.zoom), round(dy * self.zoom)))
            self.moved.emit()

    def approach(self, area: QRectF) -> None:
        """`show`, but near enough to read what stands there."""
        if self.zoom < LEGIBLE:
            self.untouched = False
            self._set(USUAL)
            self._view.centerOn(area.center())
            self.moved.emit()
        self.show(area)

    def reveal(self, point: QPointF) -> None:
        """Scroll on a little when `point` of the scene comes near the edge of what is seen."""
        pixel = self._view.mapFromScene(point)
        area = self._view.viewport().rect().adjusted(EDGE, EDGE, -EDGE, -EDGE)
        if area.isValid() and not area.contains(pixel):
            dx = min(0, pixel.x() - area.left()) or max(0, pixel.x() - area.right())
            dy = min(0, pixel.y() - area.top()) or max(0, pixel.y() - area.bottom())
            limit = EDGE // 2
            self.pan(QPoint(-max(-limit, min(limit, dx)), -max(-limit, min(limit, dy))))

    # -- inside

    def _show_whole(self, *, readable: bool) -> None:
        view, area = self._view, self._content
        if area.isNull():
            self._set(1.0)
            view.centerOn(QPointF(132, 30))
            self.moved.emit()
            return
        room = view.viewport().size()
        wide, high = max(50, room.width() - 2 * MARGIN), max(50, room.height() - 2 * MARGIN)
        zoom = min(1.0, wide / area.width(), high / area.height())
        zoom = USUAL if readable and zoom < READABLE else max(zoom, MIN_ZOOM)
        self._set(zoom)
        middle = area.center()
        if area.height() * zoom > high:  # begin at the top
            middle.setY(area.top() + (room.height() / 2 - MARGIN) / zoom)
        if area.width() * zoom > wide:
            middle.setX(area.left() + (room.width() / 2 - MARGIN) / zoom)
        view.centerOn(middle)
        self.moved.emit()

    def _set(self, zoom: float) -> None:
        self._view.resetTransform()
        self._view.scale(zoom, zoom)
        self._make_room()

    def _make_room(self) -> None:
        room = self._view.viewport().size()
        wide, high = room.width() / self.zoom, room.height() / self.zoom
        area = self._content if not self._content.isNull() else QRectF(0, 0, 264, 60)
        self._view.setSceneRect(area.adjusted(-wide, -high, wide, high))

    def _scroll(self, delta: QPoint) -> None:
        across, down = self._view.horizontalScrollBar(), self._view.verticalScrollBar()
        across.setValue(across.value() + delta.x())
        down.setValue(down.value() + delta.y())
