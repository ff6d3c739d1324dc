"""A small map of a network that does not fit the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from cnnstudio.gui.builder.overlays import MARGIN
from cnnstudio.gui.canvas import Canvas
from cnnstudio.gui.canvas.measures import CARD_HEIGHT, CARD_WIDTH
from cnnstudio.gui.theme import Theme

FAR = 2.0
"""The overview comes when the network is so many times as high or wide as what is seen."""
LEAST_ROOM = (560, 300)
"""On a smaller canvas the overview would hide more than it shows."""
WIDEST, HIGHEST, LARGEST_SCALE = 120.0, 220.0, 0.16
SLIMMEST = 44.0
"""A network that would be slimmer than this is drawn wider than it is: a tower of 500 layers would be a hair."""
EDGE = 8
MARK = 2.0


class Overview(QWidget):
    """Every card as a stroke in its family's colour, and a frame around what is seen; a click or drag goes there."""

    def __init__(self, theme: Theme, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._theme, self._canvas = theme, canvas
        self._cards: QPixmap | None = None
        """The cards as they were painted last; moving the frame over them needs no other picture."""
        self.setObjectName("overview")
        self.setToolTip(self.tr("Overview: click to go there"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        canvas.camera.moved.connect(self.refresh)
        canvas.mirror.changed.connect(lambda _areas: self._renew())
        theme.changed.connect(self._renew)
        self.hide()

    def refresh(self) -> None:
        """Show if the network is far larger than what is seen, in the size that its form asks for."""
        content = self._canvas.camera.content
        seen = self._canvas.camera.seen
        far = content.height() > FAR * seen.height() or content.width() > FAR * seen.width()
        roomy = self._canvas.width() >= LEAST_ROOM[0] and self._canvas.height() >= LEAST_ROOM[1]
        needed = not content.isNull() and far and roomy
        if needed:
            across, down = self._scales(content)
            self.resize(round(content.width() * across) + 2 * EDGE, round(content.height() * down) + 2 * EDGE)
            self.place()
        self.setVisible(needed)
        self.update()

    def place(self) -> None:
        home = self._canvas.size()
        self.move(home.width() - self.width() - MARGIN, home.height() - self.height() - MARGIN)

    def _scales(self, content: QRectF) -> tuple[float, float]:
        """Pixels a scene unit, across and down."""
        highest = min(HIGHEST, self._canvas.height() * 0.6)
        scale = min(WIDEST / content.width(), highest / content.height(), LARGEST_SCALE)
        across = max(scale, min(LARGEST_SCALE, SLIMMEST / content.width()))
        return across, max(scale, min(LARGEST_SCALE, SLIMMEST / content.height()))

    def _map(self, content: QRectF) -> QTransform:
        """From the scene to pixels of this widget."""
        across, down = self._scales(content)
        return QTransform(across, 0, 0, down, EDGE - across * content.left(), EDGE - down * content.top())

    def paintEvent(self, _event: QPaintEvent) -> None:
        content = self._canvas.camera.content
        ratio = self.devicePixelRatioF()
        if self._cards is None or self._cards.size() != self.size() * ratio:
            self._cards = self._picture(content, ratio)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._cards)
        if content.isNull():
            return
        whole = QRectF(self.rect())
        frame = self._map(content).mapRect(self._canvas.camera.seen).intersected(whole.adjusted(2, 2, -2, -2))
        painter.setPen(QPen(self._theme.color("accent"), 1.5))
        painter.setBrush(self._theme.color("accent", 0.12))
        painter.drawRect(frame)

    def _picture(self, content: QRectF, ratio: float) -> QPixmap:
        """The ground and all cards on it."""
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color("border"))
        painter.setBrush(self._theme.color("surface", 0.92))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if not content.isNull():
            painter.setTransform(self._map(content), True)
            painter.setPen(Qt.PenStyle.NoPen)
            colors = self._canvas.mirror.style_now.colors
            for token, areas in self._areas(MARK / self._scales(content)[1]).items():
                painter.setBrush(colors[token])
                painter.drawRects(areas)
        painter.end()
        return picture

    def _areas(self, least: float) -> dict[str, list[QRectF]]:
        """The cards by colour, those on top last; what is selected or at fault is at least so high."""
        areas: dict[str, list[QRectF]] = {}
        marked: dict[str, list[QRectF]] = {}
        for card in self._canvas.mirror.cards.values():
            area = QRectF(*card.corner, CARD_WIDTH, CARD_HEIGHT)
            if card.face.faulty or card.isSelected():
                more = max(0.0, least - CARD_HEIGHT) / 2
                area.adjust(0, -more, 0, more)
                marked.setdefault("text" if card.isSelected() else "danger", []).append(area)
            else:
                areas.setdefault(card.face.tint, []).append(area)
        return areas | marked

    def _renew(self) -> None:
        self._cards = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def _go(self, event: QMouseEvent) -> None:
        back, _possible = self._map(self._canvas.camera.content).inverted()
        self._canvas.camera.centre_on(back.map(QPointF(event.position())))
        event.accept()
