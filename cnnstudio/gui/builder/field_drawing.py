"""The input picture with the part of it outlined that one value sees. The cursor, or the arrow keys, move the value."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.gui.builder.field_look import Place
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.cells import picture_image

SIDE = 112
MARGIN = 3
STEPS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class FieldDrawing(QWidget):
    """A square. What it tells is in pixels of the picture; what it is told to show may reach beyond it."""

    pointed = Signal(object)
    """The pixel (row, column) under the cursor; None once it has left."""
    stepped = Signal(int, int)
    """So many values down and to the right, by the arrow keys; (0, 0) is back to the middle."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture: Place | None = None
        self._room = QRectF()
        self._seen: QRectF | None = None
        self._frame: QRectF | None = None
        self._pixel: Place | None = None
        self._image: QImage | None = None
        self.setObjectName("fieldDrawing")
        self.setAccessibleName(self.tr("The picture, and what a value sees of it; the arrow keys go to other values"))
        self.setFixedSize(SIDE, SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def show_picture(self, picture: Place | None, room: QRectF, sample: np.ndarray | None) -> None:
        """`picture` is (height, width); `room` is the area that is shown, in its pixels, at least all of it."""
        self._picture, self._room = picture, room
        self._image = None if sample is None else picture_image(sample)
        self.update()

    def show_field(self, seen: QRectF | None, frame: QRectF | None, pixel: Place | None = None) -> None:
        """`seen` is filled, `frame` (the field with its padding) dashed, and `pixel` marked."""
        self._seen, self._frame, self._pixel = seen, frame, pixel
        self.update()

    @property
    def seen(self) -> QRectF | None:
        """What is shown as seen, in pixels of the picture."""
        return self._seen

    @property
    def pixel(self) -> Place | None:
        """The pixel that is marked."""
        return self._pixel

    def point_of(self, pixel: Place) -> QPointF:
        """Where the middle of a pixel of the picture stands in the drawing."""
        return self._transform().map(QPointF(pixel[1] + 0.5, pixel[0] + 0.5))

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    # -- mouse and keyboard

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self._pixel_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pointed.emit(self._pixel_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        if step is not None:
            self.stepped.emit(*step)
        elif event.key() == Qt.Key.Key_Home:
            self.stepped.emit(0, 0)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _pixel_at(self, point: QPointF) -> Place | None:
        if self._picture is None:
            return None
        place = self._transform().inverted()[0].map(point)
        row, column = int(place.y() // 1), int(place.x() // 1)
        inside = 0 <= row < self._picture[0] and 0 <= column < self._picture[1]
        return (row, column) if inside else None

    def _transform(self) -> QTransform:
        """From pixels of the picture to those of the screen."""
        room = self._room
        scale = (SIDE - 2 * MARGIN) / max(room.width(), room.height(), 1)
        shift = QTransform.fromTranslate(-room.center().x(), -room.center().y())
        return shift * QTransform.fromScale(scale, scale) * QTransform.fromTranslate(SIDE / 2, SIDE / 2)

    # -- paint

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._picture is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(self._theme.color("accent"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setTransform(self._transform())
        self._paint_picture(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._frame is not None and self._frame != self._seen:
            painter.setClipRect(self._room)
            painter.setPen(_cosmetic(self._theme.color("accent"), 1, Qt.PenStyle.DashLine))
            painter.drawRect(self._frame)
            painter.setClipping(False)
        if self._seen is not None:
            painter.setPen(_cosmetic(self._theme.color("accent"), 2))
            painter.setBrush(self._theme.color("accent", 0.18))
            painter.drawRect(self._seen)
        if self._pixel is not None:
            self._paint_pixel(painter, self._pixel)

    def _paint_picture(self, painter: QPainter) -> None:
        theme = self._theme
        height, width = self._picture or (0, 0)
        whole = QRectF(0, 0, width, height)
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(whole, self._image)
        else:
            painter.fillRect(whole, theme.color("raised"))
            if painter.transform().m11() >= 4:
                painter.setPen(QPen(theme.color("border"), 0))
                painter.drawLines(
                    [QLineF(column, 0, column, height) for column in range(1, width)]
                    + [QLineF(0, row, width, row) for row in range(1, height)]
                )
        painter.setPen(_cosmetic(theme.color("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(whole)

    def _paint_pixel(self, painter: QPainter, pixel: Place) -> None:
        """A small mark that is seen on any picture, however small its pixels are."""
        middle = painter.transform().map(QPointF(pixel[1] + 0.5, pixel[0] + 0.5))
        half = max(2.0, painter.transform().m11() / 2)
        painter.resetTransform()
        mark = QRectF(middle.x() - half, middle.y() - half, 2 * half, 2 * half)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((self._theme.color("surface"), 3), (self._theme.color("text"), 1)):
            painter.setPen(_cosmetic(color, width))
            painter.drawRect(mark)


def _cosmetic(color: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(color, width, style)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen
