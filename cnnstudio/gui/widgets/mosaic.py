"""Many maps at once: the activations of a layer, or its filters, with the value of any number under the cursor."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.gui.theme import Theme, value_text
from cnnstudio.gui.widgets import colormaps
from cnnstudio.gui.widgets.cells import CellGrid

CELL = 48
"""Wanted edge of a map on screen, in pixels; whole multiples of the map's own size come near it."""
DOT = 14
"""Edge of one value of a vector."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One number of the maps: where it stands and what it is."""

    index: int
    row: int
    column: int
    value: float


class MosaicView(QWidget):
    """Maps (M, H, W) in one colour scale, each pixel crisp, as many columns as fit; a vector (F,) as F dots.

    `hovered` carries the Probe under mouse or keyboard, or None; `picked` one that was clicked or confirmed with Enter.
    Arrow keys move by a pixel, with Shift by a map; Escape lets go.
    """

    hovered = Signal(object)
    picked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, cell: int = CELL) -> None:
        super().__init__(parent)
        self._theme, self._cell = theme, cell
        self._maps = np.zeros((0, 1, 1), np.float32)
        self._kind, self._low, self._high = "diverging", -1.0, 1.0
        self._vector = False
        self._grid = CellGrid(0, 1, 1, 0, 0, 1)
        self._canvas: QPixmap | None = None
        self._probe: Probe | None = None
        self._selected: int | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(96)
        theme.changed.connect(self._repaint)

    @property
    def probe(self) -> Probe | None:
        return self._probe

    @property
    def kind(self) -> str:
        return self._kind

    @property
    def limits(self) -> tuple[float, float]:
        """(low, high) of the colour scale."""
        return self._low, self._high

    @property
    def grid(self) -> CellGrid:
        return self._grid

    def set_maps(self, maps: np.ndarray, kind: str = "diverging", limits: tuple[float, float] | None = None) -> None:
        """Show maps (M, H, W) or a vector (F,), in a `diverging`, `magnitude` or `grey` scale.

        `limits` (low, high) of the scale; by default what the values span. A probe that still fits stays.

        Raises:
            ValueError: an array of another rank.
        """
        if maps.ndim not in (1, 3):
            raise ValueError(f"A mosaic takes (M, H, W) or (F,); this is {maps.shape}.")
        self._vector = maps.ndim == 1
        self._maps = maps[:, None, None] if self._vector else maps
        self._kind = kind
        self._low, self._high = limits or colormaps.value_range(self._maps, kind)
        if self._selected is not None and self._selected >= len(self._maps):
            self._selected = None
        self._reflow()
        self._repaint()
        if self._probe is not None:
            self._set_probe(self._probe.index, self._probe.row, self._probe.column)

    def set_cell(self, cell: int) -> None:
        """Another wanted edge of a map, in pixels."""
        if cell != self._cell:
            self._cell = cell
            self._reflow()
            self._repaint()

    def set_selected(self, index: int | None) -> None:
        """Outline one map, or none."""
        if index != self._selected:
            self._selected = index
            self.update()

    def set_probe(self, index: int, row: int, column: int) -> None:
        """Point at one number from outside, as the mouse would."""
        self._set_probe(index, row, column)

    def clear_probe(self) -> None:
        self._set_probe(-1, 0, 0)

    def probe_text(self, probe: Probe) -> str:
        """`map 19, row 7, column 6 = 0.8134`"""
        value = value_text(probe.value)
        if self._vector:
            return self.tr("unit {index} = {value}").format(index=probe.index, value=value)
        words = self.tr("map {index}, row {row}, column {column} = {value}")
        return words.format(index=probe.index, row=probe.row, column=probe.column, value=value)

    def cell_rect(self, probe: Probe) -> QRectF:
        """Where the probe's pixel stands in the widget."""
        home = self._grid.rect(probe.index)
        rows, columns = self._maps.shape[1:]
        width, height = home.width() / columns, home.height() / rows
        return QRectF(home.left() + probe.column * width, home.top() + probe.row * height, width, height)

    def sizeHint(self) -> QSize:
        return QSize(320, round(self._grid.total_height))

    def minimumSizeHint(self) -> QSize:
        return QSize(96, round(self._grid.total_height))

    # painting

    def _shrink(self) -> int:
        """How many values of a large map share one pixel edge on screen; 1 while they all fit."""
        return max(1, math.ceil(max(self._maps.shape[1:]) / (1.5 * self._cell)))

    def _reflow(self) -> None:
        count, rows, columns = self._maps.shape
        if self._vector:
            width = height = float(min(DOT, self._cell))
        else:
            shrink = self._shrink()
            scale = max(1, round(self._cell / max(rows, columns))) if shrink == 1 else 1 / shrink
            width, height = columns * scale, rows * scale
        gap, margin = (2 if self._vector else 8), 3
        self._grid = CellGrid.fitting(count, width, height, gap, margin, self.width())
        self.setFixedHeight(max(1, math.ceil(self._grid.total_height)))

    def _repaint(self) -> None:
        self._canvas = None
        self.update()

    def _rendered(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        canvas = QPixmap(self.size() * ratio)
        canvas.setDevicePixelRatio(ratio)
        canvas.fill(Qt.GlobalColor.transparent)
        if not len(self._maps):
            return canvas
        maps = _reduced(self._maps, self._shrink())
        count, rows, columns = maps.shape
        indices = np.ascontiguousarray(colormaps.levels(maps, self._kind, self._low, self._high))
        image = QImage(indices.tobytes(), columns, rows * count, columns, QImage.Format.Format_Indexed8)
        image.setColorTable(colormaps.color_table(self._kind, self._theme.palette))
        image = image.convertToFormat(QImage.Format.Format_RGB32)
        painter = QPainter(canvas)
        painter.setPen(self._theme.color("border"))
        for index in range(count):
            painter.drawImage(self._grid.rect(index), image, QRectF(0, index * rows, columns, rows))
            if not self._vector:  # or a map of nothing but zeros could not be seen
                painter.drawRect(self._grid.rect(index).adjusted(-1, -1, 0, 0))
        painter.end()
        return canvas

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._canvas is None or self._canvas.devicePixelRatio() != self.devicePixelRatioF():
            self._canvas = self._rendered()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._canvas)
        accent = self._theme.color("accent")
        if self._selected is not None and self._selected < self._grid.count:
            painter.setPen(accent)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(self._grid.rect(self._selected).adjusted(-2.5, -2.5, 2.5, 2.5), 3, 3)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._probe is not None:
            self._paint_probe(painter, self.cell_rect(self._probe), self._grid.rect(self._probe.index))
        elif self.hasFocus():
            painter.setPen(accent)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -1, -1))

    def _paint_probe(self, painter: QPainter, cell: QRectF, home: QRectF) -> None:
        painter.setPen(self._theme.color("muted", 0.7))
        painter.drawRect(home.adjusted(-1, -1, 0, 0))
        grown = max(0.0, (5 - min(cell.width(), cell.height())) / 2)
        box = cell.adjusted(-grown - 1, -grown - 1, grown, grown)
        painter.setPen(self._theme.color("surface"))
        painter.drawRect(box.adjusted(-1, -1, 1, 1))
        painter.setPen(self._theme.color("accent" if self.hasFocus() else "text"))
        painter.drawRect(box)

    # pointing

    def _set_probe(self, index: int, row: int, column: int) -> None:
        count, rows, columns = self._maps.shape
        probe = None
        if 0 <= index < count and 0 <= row < rows and 0 <= column < columns:
            probe = Probe(index, row, column, float(self._maps[index, row, column]))
        if probe != self._probe:
            self._probe = probe
            self.update()
            self.setAccessibleDescription("" if probe is None else self.probe_text(probe))
            self.hovered.emit(probe)

    def _probe_at(self, point: QPointF) -> tuple[int, int, int]:
        index = self._grid.at(point)
        if index is None:
            return -1, 0, 0
        home = self._grid.rect(index)
        rows, columns = self._maps.shape[1:]
        row = min(rows - 1, int((point.y() - home.top()) / home.height() * rows))
        return index, row, min(columns - 1, int((point.x() - home.left()) / home.width() * columns))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_probe(*self._probe_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self._set_probe(*self._probe_at(event.position()))
        if self._probe is not None:
            self.picked.emit(self._probe)

    def leaveEvent(self, event: QEvent) -> None:
        self.clear_probe()
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_key and self._probe is None:
            self._set_probe(0, self._maps.shape[1] // 2, self._maps.shape[2] // 2)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.clear_probe()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        key = Qt.Key(event.key())
        if key in steps and len(self._maps):
            self._step(*steps[key], whole=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._probe is not None:
            self.picked.emit(self._probe)
        else:
            if key == Qt.Key.Key_Escape:
                self.clear_probe()  # and whoever keeps a map lets go of it by the same key
            super().keyPressEvent(event)

    def _step(self, across: int, down: int, whole: bool) -> None:
        if self._probe is None:
            self._set_probe(0, self._maps.shape[1] // 2, self._maps.shape[2] // 2)
            return
        index, row, column = self._probe.index, self._probe.row, self._probe.column
        rows, columns = self._maps.shape[1:]
        if whole:
            index = self._grid.moved(index, across, down)
        elif 0 <= row + down < rows and 0 <= column + across < columns:
            row, column = row + down, column + across
        else:  # over the edge: on to the next map
            target = self._grid.moved(index, across, down)
            if target != index:
                index, row, column = target, (row + down) % rows, (column + across) % columns
        self._set_probe(index, row, column)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._reflow()
        self._repaint()


def _reduced(maps: np.ndarray, factor: int) -> np.ndarray:
    """Means of factor x factor blocks; a rest smaller than a block is left out."""
    if factor == 1:
        return maps
    count, rows, columns = maps.shape
    rows, columns = max(1, rows // factor), max(1, columns // factor)
    high, wide = min(factor, maps.shape[1]), min(factor, maps.shape[2])
    trimmed = maps[:, : rows * high, : columns * wide]
    return trimmed.reshape(count, rows, high, columns, wide).mean(axis=(2, 4))
