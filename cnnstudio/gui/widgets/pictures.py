"""One picture, pixel for pixel, and grids of small ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.cells import CellGrid, picture_image

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


@dataclass(frozen=True, slots=True)
class PicturePoint:
    """One pixel: where, and its value in each channel (0 to 255)."""

    row: int
    column: int
    values: tuple[int, ...]


class PictureView(QWidget):
    """A uint8 picture (C, H, W), as large as fits, pixels sharp; a rectangle on it; the pixel under the cursor."""

    hovered = Signal(object)
    picked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture: np.ndarray | None = None
        self._image = QImage()
        self._overlay: QRectF | None = None
        self._point: PicturePoint | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(96, 96)
        theme.changed.connect(self.update)

    @property
    def overlay(self) -> QRectF | None:
        return self._overlay

    @property
    def point(self) -> PicturePoint | None:
        return self._point

    def sizeHint(self) -> QSize:
        return QSize(232, 232)

    def set_picture(self, picture: np.ndarray | None) -> None:
        """Show uint8 (C, H, W), or nothing; the rectangle goes. Raises ValueError for another array."""
        self._image = QImage() if picture is None else picture_image(picture)
        self._picture = picture if picture is None or picture.ndim == 3 else picture[None]
        self._overlay = None
        self._set_point(-1, -1)
        self.update()

    def set_overlay(self, rect: QRectF | None) -> None:
        """Outline part of the picture, in its own pixels: x is the column. May reach beyond the edges (padding)."""
        if rect != self._overlay:
            self._overlay = rect
            self.update()

    def area(self) -> QRectF:
        """Where the picture stands in the widget: centred, enlarged by a whole number where that is possible."""
        if self._image.isNull():
            return QRectF()
        scale = min(self.width() / self._image.width(), self.height() / self._image.height())
        if scale > 2:
            scale = math.floor(scale * self.devicePixelRatioF()) / self.devicePixelRatioF()
        width, height = self._image.width() * scale, self._image.height() * scale
        left, top = math.floor((self.width() - width) / 2), math.floor((self.height() - height) / 2)
        return QRectF(left, top, width, height)

    def to_widget(self, rect: QRectF) -> QRectF:
        """A rectangle of picture pixels in widget coordinates."""
        area = self.area()
        scale = area.width() / self._image.width() if not self._image.isNull() else 1.0
        return QRectF(
            area.left() + rect.x() * scale,
            area.top() + rect.y() * scale,
            rect.width() * scale,
            rect.height() * scale,
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, area = self._theme, self.area()
        if self._image.isNull():
            painter.setPen(QPen(theme.color("border"), 1, Qt.PenStyle.DashLine))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
            return
        shrunk = area.width() < self._image.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, shrunk)
        painter.drawImage(area, self._image)
        painter.setPen(theme.color("border"))
        painter.drawRect(area.adjusted(-1, -1, 0, 0))
        if self._overlay is not None:
            seen = self.to_widget(self._overlay)
            painter.fillRect(seen, theme.color("accent", 0.14))
            pen = QPen(theme.color("accent"), 2)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            held = seen.intersected(QRectF(self.rect()).adjusted(1, 1, -1, -1))
            painter.drawRect(held)
        if self._point is not None:
            pixel = self.to_widget(QRectF(self._point.column, self._point.row, 1, 1))
            grown = max(0.0, (5 - pixel.width()) / 2)
            painter.setPen(theme.color("surface"))
            painter.drawRect(pixel.adjusted(-grown - 2, -grown - 2, grown + 1, grown + 1))
            painter.setPen(theme.color("accent"))
            painter.drawRect(pixel.adjusted(-grown - 1, -grown - 1, grown, grown))
        elif self.hasFocus():
            painter.setPen(theme.color("accent"))
            painter.drawRect(area.adjusted(-1, -1, 0, 0))

    def _set_point(self, row: int, column: int) -> None:
        point = None
        if self._picture is not None:
            _channels, rows, columns = self._picture.shape
            if 0 <= row < rows and 0 <= column < columns:
                point = PicturePoint(row, column, tuple(int(value) for value in self._picture[:, row, column]))
        if point != self._point:
            self._point = point
            self.update()
            self.hovered.emit(point)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._point_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and self._point is not None:
            self.picked.emit(self._point)

    def _point_at(self, position: QPointF) -> None:
        area = self.area()
        if area.contains(position):
            scale = area.width() / self._image.width()
            self._set_point(int((position.y() - area.top()) / scale), int((position.x() - area.left()) / scale))
        else:
            self._set_point(-1, -1)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_point(-1, -1)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._set_point(-1, -1)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ARROWS and self._picture is not None:
            _channels, rows, columns = self._picture.shape
            if self._point is None:
                self._set_point(rows // 2, columns // 2)
                return
            across, down = _ARROWS[key]
            row = min(rows - 1, max(0, self._point.row + down))
            self._set_point(row, min(columns - 1, max(0, self._point.column + across)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._point is not None:
            self.picked.emit(self._point)
        elif key == Qt.Key.Key_Escape and self._point is not None:
            self._set_point(-1, -1)
        else:
            super().keyPressEvent(event)


class ThumbnailGrid(QWidget):
    """Small pictures in rows; one can be picked with a click, or with the arrow keys and Enter."""

    picked = Signal(object)  # index, an int
    hovered = Signal(object)  # index or None

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, cell: int = 40) -> None:
        super().__init__(parent)
        self._theme, self._cell = theme, cell
        self._images: list[QImage] = []
        self._captions: Sequence[str] = ()
        self._grid = CellGrid(0, cell, cell, 4, 2, 1)
        self._current: int | None = None
        self._selected: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(cell + 4)
        theme.changed.connect(self.update)

    @property
    def grid(self) -> CellGrid:
        return self._grid

    def set_pictures(self, pictures: np.ndarray | Sequence[np.ndarray], captions: Sequence[str] = ()) -> None:
        """uint8 (N, C, H, W), or a list of (C, H, W) of any sizes; captions become tooltips."""
        self._images = [picture_image(picture) for picture in pictures]
        self._captions = captions
        self._current = self._selected = None
        self._reflow()
        self.update()

    def set_selected(self, index: int | None) -> None:
        self._selected = index
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(6 * (self._cell + 4), round(self._grid.total_height))

    def _reflow(self) -> None:
        count = len(self._images)
        self._grid = CellGrid.fitting(count, self._cell, self._cell, 4, 2, self.width())
        self.setFixedHeight(max(1, math.ceil(self._grid.total_height)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._reflow()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        for index, image in enumerate(self._images):
            cell = self._grid.rect(index)
            if not cell.intersects(QRectF(event.rect())):
                continue
            scale = min(cell.width() / image.width(), cell.height() / image.height())
            size = QRectF(0, 0, image.width() * scale, image.height() * scale)
            size.moveCenter(cell.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
            painter.drawImage(size, image)
            marked = index == self._selected or (index == self._current and self.hasFocus())
            if marked or index == self._current:
                pen = QPen(theme.color("accent" if marked else "muted"), 2)
                pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
                painter.setPen(pen)
                painter.drawRect(cell)

    def _set_current(self, index: int | None) -> None:
        if index != self._current:
            self._current = index
            known = index is not None and index < len(self._captions)
            self.setToolTip(self._captions[index] if known and index is not None else "")
            self.setAccessibleDescription(self.toolTip())
            self.update()
            self.hovered.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_current(self._grid.at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._set_current(self._grid.at(event.position()))
        if event.button() == Qt.MouseButton.LeftButton and self._current is not None:
            self.picked.emit(self._current)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_current(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_key and self._current is None and self._images:
            self._set_current(self._selected or 0)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ARROWS and self._images:
            self._set_current(0 if self._current is None else self._grid.moved(self._current, *_ARROWS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._current is not None:
            self.picked.emit(self._current)
        else:
            super().keyPressEvent(event)
