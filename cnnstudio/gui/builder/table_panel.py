"""The analysis table below the canvas, with the totals in a row that stays."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.graph import Report
from cnnstudio.gui.builder import table_model as columns
from cnnstudio.gui.builder.table_model import AnalysisModel
from cnnstudio.gui.theme import Theme, bytes_text, count_text
from cnnstudio.gui.widgets.basics import elided

Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT, HEADER_HEIGHT, TOTALS_HEIGHT = 28, 28, 34
GAP = 8
LEAST = (90, 78, 102, 88, 88, 80, 108, 60, 0)
USUAL = (128, 124, 144, 118, 124, 96, 136, 80, 0)
"""Widths of the columns: they grow from least to usual with the window; what is left goes to the last."""


class AnalysisDelegate(QStyledItemDelegate):
    """Cells in their colour tokens; the chosen row is one tinted band."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fonts: tuple[QFont, QFont, QFont]
        self.restyle()

    def restyle(self) -> None:
        theme = self._theme
        self._fonts = theme.text_font(-1, bold=True), theme.text_font(-1), theme.number_font(-1)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area: QRect = option.rect
        state = option.state
        column = index.column()
        painter.save()
        painter.fillRect(area, self._theme.color("surface"))  # the style has tinted the row already, with corners
        if state & QStyle.StateFlag.State_Selected:
            self._paint_band(painter, area, column)
        else:
            painter.setPen(self._theme.palette.blend("border", 0.45))
            painter.drawLine(area.bottomLeft(), area.bottomRight())
        font = self._fonts[0 if column == columns.NAME else 2 if column in columns.FIGURES else 1]
        inside = area.adjusted(GAP, 0, -GAP, 0)
        text = elided(str(index.data()), QFontMetricsF(font), inside.width())
        painter.setFont(font)
        painter.setPen(self._theme.color(str(index.data(columns.TOKEN_ROLE))))
        painter.drawText(inside, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), text)
        painter.restore()

    def _paint_band(self, painter: QPainter, area: QRect, column: int) -> None:
        """A piece of the band; its ends are round."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent", 0.14))
        painter.setClipRect(area)
        left, right = (0 if column == 0 else -8), (-6 if column == columns.NOTE else 8)
        painter.drawRoundedRect(area.adjusted(left, 0, right, -1), 5, 5)
        painter.setClipping(False)


class AnalysisTable(QTableView):
    """The rows. Selecting here selects on the canvas; Ctrl+C copies."""

    resized = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("analysisTable")
        self.setAccessibleName(self.tr("Figures of all layers"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        header.setFixedHeight(HEADER_HEIGHT)
        self.delegate = AnalysisDelegate(theme, self)
        self.setItemDelegate(self.delegate)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._share_width(self.viewport().width())
        self.resized.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the selected rows on the clipboard as text, all rows when none is selected."""
        model = self.model()
        assert isinstance(model, AnalysisModel)
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        QGuiApplication.clipboard().setText(model.text_of(chosen or list(range(model.rowCount()))))

    def _share_width(self, width: int) -> None:
        least, usual = sum(LEAST), sum(USUAL)
        share = min(1.0, max(0.0, (width - least) / (usual - least)))
        used = 0
        for column, (low, high) in enumerate(zip(LEAST, USUAL, strict=True)):
            size = int(low + share * (high - low))
            if column == columns.NOTE:
                size = max(0, width - used)
            self.setColumnWidth(column, size)
            used += size
        self.setColumnHidden(columns.NOTE, width - used + self.columnWidth(columns.NOTE) < 60)


class TotalsRow(QWidget):
    """The sums, below their columns. A sum that lacks something says so: `25,570 + ?`."""

    def __init__(self, theme: Theme, table: AnalysisTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._table = theme, table
        self.texts: dict[int, str] = {}
        self.setObjectName("totalsRow")
        self.setFixedHeight(TOTALS_HEIGHT)
        self.setMinimumWidth(1)
        theme.changed.connect(self.update)
        table.resized.connect(self.update)
        table.horizontalScrollBar().valueChanged.connect(lambda _value: self.update())

    def set_report(self, report: Report) -> None:
        rest = "" if report.complete else " + ?"
        self.texts = {
            columns.NAME: self.tr("Total"),
            columns.PARAMETERS: count_text(report.parameters) + rest,
            columns.MACS: count_text(report.macs) + rest,
            columns.MEMORY: bytes_text(report.activation_bytes) + rest,
        }
        words = self.tr("Total: {parameters} parameters, {macs} MACs, {memory}")
        self.setAccessibleName(
            words.format(
                parameters=self.texts[columns.PARAMETERS],
                macs=self.texts[columns.MACS],
                memory=self.texts[columns.MEMORY],
            )
        )
        self.setToolTip(
            "" if report.complete else self.tr("Layers with a question mark are not counted: mend their faults first.")
        )
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        painter.fillRect(self.rect(), theme.color("surface"))
        painter.setPen(theme.color("border"))
        painter.drawLine(0, 0, self.width(), 0)
        painter.setPen(theme.color("text"))
        for column, text in self.texts.items():
            left, width = self._table.columnViewportPosition(column), self._table.columnWidth(column)
            font = theme.text_font(-1, bold=True) if column == columns.NAME else theme.number_font(-1)
            painter.setFont(font)
            if column == columns.NAME:
                place, align = QRect(left + GAP, 0, width, self.height()), Qt.AlignmentFlag.AlignLeft
            else:
                # A long sum may stand out to the left: nothing else is there.
                wide = max(width - 2 * GAP, round(QFontMetricsF(font).horizontalAdvance(text)) + 2)
                place = QRect(left + width - GAP - wide, 0, wide, self.height())
                align = Qt.AlignmentFlag.AlignRight
            painter.drawText(place, int(align | Qt.AlignmentFlag.AlignVCenter), text)


class TablePanel(QWidget):
    """Table and totals. `selection_changed` carries node ids, when the user chose them here."""

    selection_changed = Signal(object)
    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("analysisPanel")
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = AnalysisModel(self)
        self.table = AnalysisTable(theme)
        self.table.setModel(self.model)
        self.totals = TotalsRow(theme, self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self.totals)
        self.setMinimumHeight(HEADER_HEIGHT + ROW_HEIGHT + TOTALS_HEIGHT + 4)
        self._following = False
        self.table.selectionModel().selectionChanged.connect(self._tell)
        self.table.doubleClicked.connect(lambda index: self.opened.emit(str(index.data(columns.ID_ROLE))))
        theme.changed.connect(self._restyle)

    def set_report(self, report: Report) -> None:
        """New figures; the selection and the scroll position stay."""
        before, self._following = self._following, True
        self.model.set_report(report)
        self.totals.set_report(report)
        self._following = before

    def home(self) -> None:
        """Show the first layer."""
        self.table.scrollToTop()

    @property
    def selection(self) -> tuple[str, ...]:
        """Ids of the chosen rows, from top to bottom."""
        return tuple(
            self.model.ids[number]
            for number in sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        )

    def select(self, node_ids: tuple[str, ...]) -> None:
        """Follow a selection made elsewhere, and scroll to it."""
        if set(node_ids) == set(self.selection):
            return
        rows = [row for row in map(self.model.row_of, node_ids) if row is not None]
        chosen = QItemSelection()
        for row in rows:
            chosen.select(self.model.index(row, 0), self.model.index(row, columns.NOTE))
        self._following = True
        self.table.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows:
            here = self.model.index(rows[-1], 0)
            self.table.selectionModel().setCurrentIndex(here, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.table.scrollTo(here)
        self._following = False

    def _tell(self) -> None:
        if not self._following:
            self.selection_changed.emit(self.selection)

    def _restyle(self) -> None:
        self.table.delegate.restyle()
        self.table.viewport().update()
