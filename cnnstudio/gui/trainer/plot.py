"""A plot in the studio's look: quiet axes that stay where they are, curves, and the values under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.trainer.readout import Readout

THIN_ABOVE = 5_000
"""Curves of more points are drawn one pixel wide: Qt strokes wide lines point by point."""
DOT = 9.0
"""Diameter of a dot, in pixels, while there are few."""
MARGIN = 1.015
"""The picture is this much wider than the run, so that the last dot is seen whole."""
Ticks = Sequence[tuple[float, str]]
Rows = tuple[tuple[str, str], ...]
Describe = Callable[[int], tuple[str, Rows]]


class Plot(pg.PlotWidget):
    """Curves over iterations. The owner sets ranges and ticks; the mouse only reads, it does not drag the picture.

    `describe` turns an iteration into the caption and the rows that stand beside the cursor; no rows hide it.
    """

    def __init__(self, theme: Theme, describe: Describe, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._describe = theme, describe
        self._styles: list[Callable[[], None]] = []
        self._range: tuple | None = None
        self.total = 1
        self.cursor: int | None = None
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.layout.setContentsMargins(0, 0, 22, 0)  # room for half of the last tick's text
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setMinimumSize(200, 100)
        self._rule = pg.InfiniteLine(angle=90, movable=False)
        self._rule.setZValue(-5)
        self._rule.hide()
        item.addItem(self._rule, ignoreBounds=True)
        self._readout = Readout(theme, self)
        self._restyle()
        theme.changed.connect(self._restyle)

    # -- curves

    def add_curve(self, token: str, width: float = 1.0, alpha: float = 1.0) -> pg.PlotDataItem:
        curve = pg.PlotDataItem(skipFiniteCheck=False)
        self.addItem(curve)
        # Only a curve that stands in a view knows how many pixels it has.
        curve.setDownsampling(auto=True, method="peak")
        curve.setClipToView(True)
        self._styles.append(lambda: self._pen(curve, token, width, alpha))
        self._styles[-1]()
        return curve

    def add_dots(self, token: str, *, joined: bool = False, hollow: bool = False) -> pg.PlotDataItem:
        """Dots for few points; give them their points by `show_dots`."""
        dots = pg.PlotDataItem(symbol="o", symbolSize=DOT)
        self.addItem(dots)
        dots.setZValue(10)

        def style() -> None:
            theme = self._theme
            dots.setPen(pg.mkPen(theme.color(token, 0.45), width=1) if joined else None)
            dots.setSymbolBrush(theme.color("surface" if hollow else token))
            dots.setSymbolPen(pg.mkPen(theme.color(token if hollow else "surface"), width=1.5))

        self._styles.append(style)
        style()
        return dots

    def add_column(self) -> pg.InfiniteLine:
        """A fine upright line, to lead from a point to its label."""
        column = pg.InfiniteLine(angle=90, movable=False)
        column.setZValue(-5)
        column.hide()
        self.addItem(column, ignoreBounds=True)

        def style() -> None:
            column.setPen(pg.mkPen(self._theme.color("muted", 0.5), width=1, style=Qt.PenStyle.DashLine))

        self._styles.append(style)
        style()
        return column

    def add_label(self, anchor: tuple[float, float] = (0, 0.5)) -> pg.TextItem:
        text = pg.TextItem(anchor=anchor)
        text.setZValue(20)
        text.hide()
        self.addItem(text, ignoreBounds=True)

        def style() -> None:
            text.setFont(self._theme.text_font(-1, bold=True))
            text.setColor(self._theme.color("text"))
            text.fill = pg.mkBrush(self._theme.color("surface", 0.8))

        self._styles.append(style)
        style()
        return text

    def show_dots(self, dots: pg.PlotDataItem, x: NDArray, y: NDArray) -> None:
        """Show (n,) values over (n,) iterations as dots; many are small, so that they do not hide the curve."""
        dots.setSymbolSize(DOT if len(x) <= 40 else DOT / 2 if len(x) <= 150 else DOT / 4)
        dots.setData(x, y)

    def set_series(self, curve: pg.PlotDataItem, x: NDArray, y: NDArray) -> None:
        """Show (n,) values over (n,) iterations."""
        thin_before = self._long(curve)
        curve.setData(x, y)
        if self._long(curve) != thin_before:
            for style in self._styles:
                style()

    # -- axes

    def set_range(self, total: int, low: float, high: float, x_ticks: Ticks, y_ticks: Ticks) -> None:
        """Iterations from 0 to `total`, values from `low` to `high`; logarithms where the curves are logarithmic."""
        state = (total, low, high, tuple(x_ticks), tuple(y_ticks))
        if state == self._range:
            return
        self._range = state
        self.total = max(1, total)
        self.setXRange(0, MARGIN * self.total, padding=0)
        margin = 0.045 * (high - low)  # room for half a line of text at both ends
        self.setYRange(low - margin, high + margin, padding=0)
        self.getAxis("bottom").setTicks([list(x_ticks)])
        self.getAxis("left").setTicks([list(y_ticks)])

    def _restyle(self) -> None:
        theme = self._theme
        self.setBackground(theme.color("surface"))
        for name, size in (("left", 46), ("bottom", 24)):
            axis = self.getAxis(name)
            axis.setStyle(tickFont=theme.number_font(-2), tickLength=0, tickTextOffset=6, autoExpandTextSpace=False)
            axis.setStyle(hideOverlappingLabels=40)
            axis.setPen(pg.mkPen(None))
            axis.setTextPen(theme.color("muted"))
            axis.setWidth(size) if name == "left" else axis.setHeight(size)
        self.getAxis("bottom").setStyle(tickAlpha=0)
        left = self.getAxis("left")
        left.setTickPen(pg.mkPen(theme.hex("border")))
        left.setGrid(150)
        self._rule.setPen(pg.mkPen(theme.color("muted", 0.6), width=1))
        for style in self._styles:
            style()

    def _pen(self, curve: pg.PlotDataItem, token: str, width: float, alpha: float) -> None:
        curve.setPen(pg.mkPen(self._theme.color(token, alpha), width=1 if self._long(curve) else width))

    @staticmethod
    def _long(curve: pg.PlotDataItem) -> bool:
        return curve.xData is not None and len(curve.xData) > THIN_ABOVE

    # -- the cursor

    def set_cursor(self, iteration: int | None) -> None:
        """Read the curves at an iteration; None reads nothing."""
        caption, rows = ("", ()) if iteration is None else self._describe(iteration)
        self.cursor = iteration if rows else None
        self._rule.setVisible(bool(rows))
        self._readout.setVisible(bool(rows))
        if iteration is not None and rows:
            self._rule.setValue(iteration)
            self._readout.set_rows(caption, rows)
            self._place_readout()

    @property
    def readout(self) -> str:
        """The text beside the cursor; empty when nothing is read."""
        return self._readout.text if self.cursor is not None else ""

    def refresh_cursor(self) -> None:
        """The curves have grown: read them again."""
        if self.cursor is not None:
            self.set_cursor(self.cursor)

    def _place_readout(self) -> None:
        area = self._area()
        x = area.left() + area.width() * (self.cursor or 0) / (MARGIN * self.total)
        size = self._readout.size()
        left = x + 10 if x + 10 + size.width() < area.right() else x - 10 - size.width()
        self._readout.move(round(max(0, left)), round(area.top() + 4))

    def _area(self) -> QRectF:
        return self.getPlotItem().getViewBox().sceneBoundingRect()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._read_at(event.position())

    def _read_at(self, place: QPointF) -> None:
        area = self._area()
        if area.adjusted(-4, -4, 4, 4).contains(place):
            share = (place.x() - area.left()) / max(1.0, area.width())
            self.set_cursor(min(self.total, max(1, round(share * MARGIN * self.total))))
        else:
            self.set_cursor(None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.hasFocus():
            self.set_cursor(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.set_cursor(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right move the cursor, with Shift a tenth of the run; Home and End jump, Escape lets go."""
        step = max(1, self.total // 10) if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        here = self.cursor or 0
        places = {
            Qt.Key.Key_Left: here - step,
            Qt.Key.Key_Right: here + step,
            Qt.Key.Key_Home: 1,
            Qt.Key.Key_End: self.total,
        }
        if event.key() == Qt.Key.Key_Escape and self.cursor is not None:
            self.set_cursor(None)
        elif event.key() in places:
            self.set_cursor(min(self.total, max(1, places[Qt.Key(event.key())])))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_readout"):  # pyqtgraph resizes within its own constructor
            self.refresh_cursor()


def nearest(iterations: NDArray, iteration: int) -> int | None:
    """Index of the entry of the sorted (n,) `iterations` that is closest to `iteration`; None when there is none."""
    if not len(iterations):
        return None
    right = int(np.searchsorted(iterations, iteration))
    left = max(0, right - 1)
    if right >= len(iterations):
        return left
    return left if iteration - iterations[left] <= iterations[right] - iteration else right
