"""All layers one below the other, each with its maps. Only cards in sight are worked on: deep networks stay fluid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from cnnstudio.graph import Graph, Report, Row
from cnnstudio.graph.specs import Family
from cnnstudio.gui.inspector.layer_card import LayerCard
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets import Probe, look
from cnnstudio.gui.widgets.tabs import tab_through

MAPS = (Family.SOURCE, Family.CONVOLUTION, Family.POOLING)
SHOWN = ("all", "maps", "convolution")
"""What can be shown: every layer; convolutions and pooling; convolutions and Linear alone."""


class LayerList(QScrollArea):
    """`hovered` carries (Row, Probe) or None, `picked` (Row, Probe); a Row is that of the layer."""

    hovered = Signal(object)
    picked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("layerList")
        self._theme = theme
        self.cards: dict[str, LayerCard] = {}
        self._shown = SHOWN[0]
        self._per_map = False
        self._inside = QWidget()
        look(self._inside, "transparent")
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 6, 0)
        self._column.setSpacing(10)
        self._column.addStretch(1)
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().valueChanged.connect(self.refresh)
        self.verticalScrollBar().rangeChanged.connect(self.refresh)

    # -- what is shown

    def set_layers(self, graph: Graph, report: Report, activations: Mapping[str, NDArray[np.floating]]) -> None:
        """Activations by node id, each (C, H, W) or (F,); cards of layers that stay are kept."""
        rows = [row for row in report if row.id in activations]
        known = len(self.cards.keys() & activations.keys())
        for node_id in [
            each for each in self.cards if each not in activations or report[each].kind != self._kind(each)
        ]:
            self._drop(node_id)
        for place, row in enumerate(rows):
            summary = graph.spec(row.id).summary(graph.node(row.id).params)
            card = self.cards.get(row.id)
            if card is None:
                card = self._make(row, summary)
            else:
                card.set_row(row, summary)
            if self._column.indexOf(card) != place:
                self._column.removeWidget(card)
                self._column.insertWidget(place, card)
            card.set_activation(activations[row.id], per_map=self._per_map)
            card.setVisible(self._wanted(row))
        tab_through(self, [self.cards[row.id].view for row in rows])
        if known < len(rows):
            # New cards have no place yet, so that none could be told to be out of sight.
            self._column.activate()
            self._inside.adjustSize()
        self.refresh()

    def set_shown(self, shown: str) -> None:
        """Which layers: one of SHOWN."""
        self._shown = shown
        for card in self.cards.values():
            card.setVisible(self._wanted(card.row))
        self.refresh()

    def set_per_map(self, per_map: bool) -> None:
        """Whether each map has colours of its own range, or all maps of a layer share one."""
        self._per_map = per_map
        for card in self.cards.values():
            card.set_activation(card.activation, per_map=per_map)
        self.refresh()

    def refresh(self) -> None:
        """Bring the cards in sight up to date, and those a page further, so that scrolling finds them ready."""
        if not self.isVisible():
            return
        sight = QRect(0, self.verticalScrollBar().value(), self.width(), self.viewport().height())
        sight.adjust(0, -sight.height() // 2, 0, sight.height() // 2)
        for card in self.cards.values():
            if not card.isHidden() and card.geometry().intersects(sight):
                card.refresh()

    def select(self, node_id: str | None, index: int | None = None) -> None:
        """Frame one map of one layer, or nothing."""
        for each, card in self.cards.items():
            card.set_selected(index if each == node_id else None)

    def reveal(self, node_id: str) -> None:
        """Scroll to a layer."""
        if node_id in self.cards:
            self.ensureWidgetVisible(self.cards[node_id], 0, 40)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    # -- inside

    def _wanted(self, row: Row) -> bool:
        if self._shown == "maps":
            return row.family in MAPS and row.kind != "Linear"
        return self._shown == "all" or row.family is Family.CONVOLUTION

    def _kind(self, node_id: str) -> str:
        return self.cards[node_id].row.kind

    def _make(self, row: Row, summary: str) -> LayerCard:
        card = LayerCard(self._theme, row, summary)
        card.hovered.connect(lambda probe: self._hover(card, probe))
        card.picked.connect(lambda probe: self.picked.emit((card.row, probe)))
        self.cards[row.id] = card
        return card

    def _hover(self, card: LayerCard, probe: Probe | None) -> None:
        self.hovered.emit(None if probe is None else (card.row, probe))
        if probe is not None and card.view.hasFocus():
            place = card.view.mapTo(self._inside, card.view.cell_rect(probe).center().toPoint())
            self.ensureVisible(place.x(), place.y(), 0, 60)

    def _drop(self, node_id: str) -> None:
        card = self.cards.pop(node_id)
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()
