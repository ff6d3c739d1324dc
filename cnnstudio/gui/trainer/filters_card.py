"""What the layers have learned so far: the kernels of any convolution as small maps, a Linear's weights as a matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.explain import filter_tiles
from cnnstudio.graph import Report, Row
from cnnstudio.gui.theme import Theme, shape_text, value_text
from cnnstudio.gui.trainer.scales import round_up
from cnnstudio.gui.widgets import GRID, Card, ColourKey, ComboBox, MosaicView, Probe, label, look
from cnnstudio.gui.widgets.elided import ElidedLabel

KERNELS = (96, 80, 64, 56, 48)
"""Edges of a kernel on screen, in pixels: the largest is taken with which all fit, else the smallest."""
ROOMY, TITLED, LEAST_LAYER = 420, 340, 72
"""Widths of the card below which the names of layers are cut shorter, then the title gives way; and how short."""
MATRIX = 512
"""Wanted edge of a whole matrix."""


class FiltersCard(Card):
    """`watch` carries the id of the node whose weights shall be shown, or None."""

    watch = Signal(object)

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setObjectName("filtersCard")
        self._rows: tuple[Row, ...] = ()
        self._weight: NDArray[np.floating] | None = None
        self.layer = ComboBox(theme)
        self.layer.setObjectName("filtersLayer")
        self.layer.setAccessibleName(self.tr("Layer whose filters are shown"))
        self.layer.setToolTip(self.tr("Layer whose filters are shown"))
        self.layer.setMinimumWidth(150)
        self.layer.setEnabled(False)
        self.layer.activated.connect(lambda _index: self.watch.emit(self.node))
        self.input = ComboBox(theme)
        self.input.setObjectName("filtersInput")
        self.input.setAccessibleName(self.tr("Input map that the kernels look at"))
        self.input.setToolTip(self.tr("Each filter has one kernel for every map of its input; this chooses which"))
        self.input.setMinimumWidth(130)
        self.input.activated.connect(lambda _index: self._show())
        self.facts = ElidedLabel("small", "filtersFacts")
        self.facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.header.insertSpacing(1, GRID)
        self.header.insertWidget(2, self.layer)
        self.header.insertWidget(3, self.input)
        self.header.addWidget(self.facts, 100)
        self.kernels = self._mosaic(theme, KERNELS[-1], "filtersKernels")
        self.matrix = self._mosaic(theme, MATRIX, "filtersMatrix")
        self.nothing = label("", "muted", "filtersNothing")
        self.pages = QStackedWidget()
        self.pages.addWidget(_scrolling(self.kernels))
        self.pages.addWidget(_scrolling(self.matrix))
        self.pages.addWidget(self.nothing)
        self.key = ColourKey(theme)
        self.key.setObjectName("filtersKey")
        self.caption = label("", "number-muted", "filtersCaption")
        foot = QHBoxLayout()
        foot.setSpacing(2 * GRID)
        foot.addWidget(self.key)
        foot.addWidget(self.caption, 1)
        self.body.addWidget(self.pages, 1)
        self.body.addLayout(foot)
        self._show()

    def _mosaic(self, theme: Theme, cell: int, name: str) -> MosaicView:
        view = MosaicView(theme, cell=cell)
        view.setObjectName(name)
        view.setAccessibleName(self.tr("Weights of the layer"))
        view.hovered.connect(self._read)
        return view

    # -- which layer

    @property
    def node(self) -> str | None:
        """The node that is chosen."""
        index = self.layer.currentIndex()
        return self._rows[index].id if 0 <= index < len(self._rows) else None

    def set_report(self, report: Report) -> None:
        """Offer the layers that have weights; the chosen one stays while it is there."""
        self.nothing.setText(
            self.tr("The filters stand here again once the network is whole.")
            if report.errors
            else self.tr("No layer of this network has weights: add a Conv2d or a Linear in Build.")
        )
        rows = tuple(row for row in report if len(row.weights.get("weight", ())) in (2, 4))
        if [(row.id, row.name) for row in rows] == [(row.id, row.name) for row in self._rows]:
            self._rows = rows
            return
        former = self.node
        self._rows = rows
        self.layer.clear()
        self.layer.addItems([row.name for row in rows])
        if rows:
            self.select(former if any(row.id == former for row in rows) else rows[0].id)
        self.layer.setEnabled(bool(rows))
        self.watch.emit(self.node)

    def select(self, node: str | None) -> None:
        """Choose a node, if it is on offer; emits nothing."""
        index = next((index for index, row in enumerate(self._rows) if row.id == node), None)
        if index is not None:
            self.layer.setCurrentIndex(index)

    # -- its weights

    def set_weight(self, weight: NDArray[np.floating] | None) -> None:
        """(out, in, height, width) of a convolution or (out, in) of a Linear, float; None shows nothing."""
        inputs = weight.shape[1] if weight is not None and weight.ndim == 4 else 0
        if inputs != self.input.count():
            self._offer_inputs(inputs)
        self._weight = weight
        self._show()

    def _offer_inputs(self, count: int) -> None:
        colours = (self.tr("red"), self.tr("green"), self.tr("blue"))
        first = self.layer.currentIndex() == 0
        names = colours if count == 3 and first else [self.tr("map {number}").format(number=n) for n in range(count)]
        self.input.clear()
        self.input.addItems([self.tr("looking at {map}").format(map=name) for name in names])

    def _show(self) -> None:
        weight = self._weight
        self.input.setVisible(weight is not None and weight.ndim == 4 and weight.shape[1] > 1)
        if weight is None:
            self.pages.setCurrentIndex(2)
            self.facts.setText("")
            self.caption.setText("")
        elif weight.ndim == 4:
            tiles = filter_tiles(weight, max(0, self.input.currentIndex()))
            self._fill(self.kernels, tiles.tiles, tiles.limit, 0)
        else:
            self._fill(self.matrix, weight[None], filter_tiles(weight).limit, 1)

    def _fill(self, view: MosaicView, maps: NDArray, limit: float, page: int) -> None:
        # A round end that moves in steps: the colours do not shiver with every update.
        end = round_up(limit)
        if view is self.kernels:
            self._fit(len(maps))
        view.set_maps(maps, "diverging", (-end, end))
        self.key.set_range("diverging", -end, end)
        self.pages.setCurrentIndex(page)
        if self._weight is not None:
            spread = value_text(float(np.std(self._weight)), 3)
            words = self.tr("{shape} · spread {spread}")
            self.facts.setText(words.format(shape=shape_text(self._weight.shape), spread=spread))

    def _fit(self, count: int) -> None:
        """Let few kernels be large, as long as all are seen without scrolling."""
        room = self.pages.size()
        fits = (edge for edge in KERNELS if max(1, room.width() // (edge + 8)) * (room.height() // (edge + 8)) >= count)
        self.kernels.set_cell(next(fits, KERNELS[-1]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.title.setVisible(self.width() >= TITLED)
        self.layer.setMinimumWidth(150 if self.width() >= ROOMY else LEAST_LAYER)
        self._fit(self.kernels.grid.count)

    def _read(self, probe: Probe | None) -> None:
        self.key.set_value(None if probe is None else probe.value)
        if probe is None:
            self.caption.setText("")
            return
        if self._weight is not None and self._weight.ndim == 2:
            words = self.tr("output {row}, input {column} = {value}")
        else:
            words = self.tr("filter {index}, row {row}, column {column} = {value}")
        value = value_text(probe.value)
        self.caption.setText(words.format(index=probe.index, row=probe.row, column=probe.column, value=value))


def _scrolling(view: QWidget) -> QScrollArea:
    """A view that keeps its height, in an area that scrolls when it is too high."""
    home = QWidget()
    look(home, "transparent")
    column = QVBoxLayout(home)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(view)
    column.addStretch(1)
    area = QScrollArea()
    area.setObjectName("filtersPage")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(home)
    area.setFocusPolicy(area.focusPolicy().NoFocus)
    return area
