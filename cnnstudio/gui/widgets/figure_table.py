"""A table of figures to read, in the look of the house: what the reports beside the drawing are made of."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import elided

Index = QModelIndex | QPersistentModelIndex
TOKEN_ROLE = Qt.ItemDataRole.UserRole
"""Colour token of a cell's text."""
TINT_ROLE = Qt.ItemDataRole.UserRole + 1
"""Colour token that the row is tinted with; empty for none."""
STYLE_ROLE = Qt.ItemDataRole.UserRole + 2
"""`bold`, `figure`, or empty: which font a cell is written in."""
GAP = 8


class FigureDelegate(QStyledItemDelegate):
    """Cells in their colour tokens on a hair line; the chosen row is tinted."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def font(self, style: str) -> QFont:
        if style == "figure":
            return self.theme.number_font(-1)
        return self.theme.text_font(-1, bold=style == "bold")

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area: QRect = option.rect
        painter.save()
        painter.fillRect(area, self.theme.color("surface"))  # the style has tinted the row already, with corners
        tint = str(index.data(TINT_ROLE) or "")
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, self.theme.color("accent", 0.16))
        elif tint:
            painter.fillRect(area, self.theme.color(tint, 0.10))
        painter.setPen(self.theme.palette.blend("border", 0.45))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        self.paint_cell(painter, area.adjusted(GAP, 0, -GAP, 0), index)
        painter.restore()

    def paint_cell(self, painter: QPainter, area: QRect, index: Index) -> None:
        """The content, inside its margins; a text unless a table knows better."""
        font = self.font(str(index.data(STYLE_ROLE) or ""))
        painter.setFont(font)
        painter.setPen(self.theme.color(str(index.data(TOKEN_ROLE) or "text")))
        text = elided(str(index.data() or ""), QFontMetricsF(font), area.width())
        painter.drawText(area, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), text)


class FigureTable(QTableView):
    """Rows to read and choose. Columns grow from `least` to `usual` with the window, the last takes what is left."""

    copy_wanted = Signal()
    row_chosen = Signal(object)
    """The index of a row that was clicked, or reached with the keyboard."""

    def __init__(
        self, theme: Theme, least: Sequence[int], usual: Sequence[int], row_height: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._least, self._usual = tuple(least), tuple(usual)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(row_height)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setFixedHeight(28)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        theme.changed.connect(self._restyle)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if rows := self.selectionModel().selectedRows():
            self.row_chosen.emit(rows[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = self.viewport().width()
        least, usual = sum(self._least), sum(self._usual)
        share = min(1.0, max(0.0, (width - least) / max(1, usual - least)))
        sizes = [int(low + share * (high - low)) for low, high in zip(self._least, self._usual, strict=True)]
        sizes[-1] += max(0, width - sum(sizes))
        for column, size in enumerate(sizes):
            self.setColumnWidth(column, size)

    def _restyle(self) -> None:
        self.viewport().update()
