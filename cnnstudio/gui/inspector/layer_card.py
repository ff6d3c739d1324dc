"""One layer: what it is called, what comes out of it, and its maps, with the number under the cursor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.graph import Row
from cnnstudio.graph.specs import Family
from cnnstudio.gui.theme import Theme, shape_text
from cnnstudio.gui.widgets import ColourKey, MosaicView, Probe, look

HEAD = 140
"""Width of the column with the layer's name."""
CELL = 48
"""Wanted edge of a map on screen."""


class LayerCard(QFrame):
    """Takes an activation at any time and shows it when it is looked at: `refresh` does the work.

    `hovered` and `picked` carry a Probe whose value is the layer's own, whatever the scale of the colours.
    """

    hovered = Signal(object)
    picked = Signal(object)

    def __init__(self, theme: Theme, row: Row, summary: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "card")
        self.row = row
        self.activation: NDArray[np.floating] | None = None
        self.selected = False
        self._stale = False
        self._per_map = False
        self.head = _Head(theme, row, summary)
        self.key = ColourKey(theme)
        self.view = MosaicView(theme, cell=CELL)
        self.view.hovered.connect(self._hover)
        self.view.picked.connect(lambda probe: self.picked.emit(self.own(probe)))
        line = QHBoxLayout(self)
        line.setContentsMargins(16, 12, 16, 12)
        line.setSpacing(20)
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self.head)
        left.addWidget(self.key)
        left.addStretch(1)
        right = QVBoxLayout()
        right.addWidget(self.view)
        right.addStretch(1)
        line.addLayout(left)
        line.addLayout(right, 1)
        self.set_row(row, summary)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_row(self, row: Row, summary: str) -> None:
        """The same layer under other figures or another name."""
        self.row = row
        self.setObjectName(f"layer.{row.name}")
        self.view.setObjectName(f"maps.{row.name}")
        self.view.setAccessibleName(f"{row.name}, {shape_text(row.output_shape)}")
        self.head.set_row(row, summary)

    @property
    def kind(self) -> str:
        """Which scale of colours the layer gets: pictures grey, numbers around 0 the diverging one."""
        picture = self.row.family is Family.SOURCE and self.activation is not None and self.activation.ndim == 3
        return "grey" if picture else "diverging"

    def set_activation(self, activation: NDArray[np.floating] | None, *, per_map: bool = False) -> None:
        """(C, H, W) or (F,), of this layer; shown at the next `refresh`."""
        former = None if self.activation is None else self.activation.shape
        self.activation = activation
        self._per_map = per_map
        self._stale = True
        if activation is not None and activation.shape != former:
            # Only the shape is known to the view yet, so that the card has its height; the numbers cost more.
            self.view.set_maps(np.broadcast_to(np.float32(0), activation.shape), self.kind, (-1.0, 1.0))

    def refresh(self) -> None:
        """Show the activation, if it is not shown yet."""
        if not self._stale or self.activation is None:
            return
        self._stale = False
        maps = self.activation
        if self._per_map and maps.ndim == 3:
            self.view.set_maps(_each_to_its_largest(maps), self.kind, (-1.0, 1.0))
        else:
            self.view.set_maps(maps, self.kind)
        self.key.set_range(self.kind, *self.view.limits)

    def own(self, probe: Probe | None) -> Probe | None:
        """The probe with the layer's own value, also while each map has a scale of its own."""
        if probe is None or self.activation is None:
            return None
        place = (probe.index, probe.row, probe.column) if self.activation.ndim == 3 else (probe.index,)
        return Probe(probe.index, probe.row, probe.column, float(self.activation[place]))

    def set_selected(self, index: int | None) -> None:
        """Frame the card and one of its maps, or nothing."""
        self.view.set_selected(index)
        if (index is not None) != self.selected:
            self.selected = index is not None
            look(self, "card", selected=self.selected)

    def _hover(self, probe: Probe | None) -> None:
        self.key.set_value(None if probe is None else probe.value)
        self.hovered.emit(self.own(probe))


class _Head(QWidget):
    """Name, shape and parameters, painted: there are many cards, and labels cost more than the words do."""

    def __init__(self, theme: Theme, row: Row, summary: str) -> None:
        super().__init__()
        self._theme = theme
        self._lines: tuple[str, str, str] = ("", "", "")
        self.setFixedSize(HEAD, 62)
        theme.changed.connect(self.update)
        self.set_row(row, summary)

    def set_row(self, row: Row, summary: str) -> None:
        detail = summary if row.family is Family.SOURCE else f"{row.kind} {summary}".strip()
        self._lines = (row.name, shape_text(row.output_shape), detail)
        self.setToolTip("\n".join(self._lines))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(HEAD, 62)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        fonts = (theme.text_font(1, bold=True), theme.number_font(), theme.text_font(-1))
        tokens = ("text", "muted", "muted")
        top = 0.0
        for text, font, token, height in zip(self._lines, fonts, tokens, (22, 20, 18), strict=True):
            painter.setFont(font)
            painter.setPen(theme.color(token))
            words = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, HEAD)
            painter.drawText(QRectF(0, top, HEAD, height), Qt.AlignmentFlag.AlignVCenter, words)
            top += height


def _each_to_its_largest(maps: NDArray[np.floating]) -> NDArray[np.floating]:
    """(C, H, W) with every map divided by its largest finite magnitude."""
    size = np.abs(np.where(np.isfinite(maps), maps, 0)).max(axis=(1, 2), keepdims=True)
    return maps / np.where(size > 0, size, 1)
