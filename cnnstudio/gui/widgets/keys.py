"""The key of a colour scale, and a mosaic with its key and the value under the cursor."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.gui.theme import Theme, value_text
from cnnstudio.gui.widgets import colormaps
from cnnstudio.gui.widgets.basics import label
from cnnstudio.gui.widgets.mosaic import MosaicView, Probe

BAR = 10


class ColourKey(QWidget):
    """A bar of the scale's colours with its ends written below, and a mark at the value under the cursor."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind, self._low, self._high = "diverging", -1.0, 1.0
        self._value: float | None = None
        self.setFixedSize(self.sizeHint())
        theme.changed.connect(self.update)

    def set_range(self, kind: str, low: float, high: float) -> None:
        if (kind, low, high) != (self._kind, self._low, self._high):
            self._kind, self._low, self._high = kind, low, high
            self.setAccessibleDescription(" … ".join(self.texts()))
            self.update()

    def set_value(self, value: float | None) -> None:
        """Mark one value, or none."""
        if value != self._value:
            self._value = value
            self.update()

    def texts(self) -> tuple[str, str, str]:
        """What stands below the left end, the middle and the right end."""
        middle = "0" if self._kind == "diverging" else ""
        return _short(self._low), middle, _short(self._high)

    def sizeHint(self) -> QSize:
        return QSize(136, BAR + 22)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        bar = QRectF(2, 4, self.width() - 4, BAR)
        painter.drawImage(bar, self._gradient())
        painter.setPen(self._theme.color("border"))
        painter.drawRect(bar.adjusted(0, 0, -1, -1))
        painter.setFont(self._theme.number_font(-2))
        painter.setPen(self._theme.color("muted"))
        words = QRectF(bar.left(), bar.bottom() + 2, bar.width(), 16)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for text, side in zip(self.texts(), sides, strict=True):
            painter.drawText(words, side | Qt.AlignmentFlag.AlignTop, text)
        if self._value is not None and np.isfinite(self._value):
            share = (self._value - self._low) / ((self._high - self._low) or 1.0)
            at = bar.left() + min(1.0, max(0.0, share)) * (bar.width() - 3)
            painter.fillRect(QRectF(at - 1, 1, 5, BAR + 6), self._theme.color("surface"))
            painter.fillRect(QRectF(at, 1, 3, BAR + 6), self._theme.color("text"))

    def _gradient(self) -> QImage:
        colors = colormaps.table(self._kind, self._theme.palette)
        row = colors[: 2 * colormaps.MIDDLE + 1] if self._kind == "diverging" else colors
        return QImage(row.tobytes(), len(row), 1, 3 * len(row), QImage.Format.Format_RGB888).copy()


class MosaicPanel(QWidget):
    """A mosaic, and below it at a fixed place its key and the number pointed at."""

    hovered = Signal(object)
    picked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, cell: int = 48) -> None:
        super().__init__(parent)
        self.view = MosaicView(theme, cell=cell)
        self.key = ColourKey(theme)
        self.caption = label("", "number-muted", "mosaicCaption")
        self.caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.view)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.key)
        row.addWidget(self.caption, 1)
        column.addLayout(row)
        self.view.hovered.connect(self._follow)
        self.view.hovered.connect(self.hovered)
        self.view.picked.connect(self.picked)

    def set_maps(self, maps: np.ndarray, kind: str = "diverging", limits: tuple[float, float] | None = None) -> None:
        """See `MosaicView.set_maps`."""
        self.view.set_maps(maps, kind, limits)
        self.key.set_range(kind, *self.view.limits)

    def _follow(self, probe: Probe | None) -> None:
        self.key.set_value(None if probe is None else probe.value)
        self.caption.setText("" if probe is None else self.view.probe_text(probe))


def _short(value: float) -> str:
    return "0" if value == 0 else value_text(value, 3)
