"""The analysis table below the canvas, with the totals in a row that stays."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QToolTip, QVBoxLayout, QWidget

from cnnstudio.graph import Report
from cnnstudio.gui.builder import table_columns as columns
from cnnstudio.gui.builder.table_cells import GAP, AnalysisDelegate
from cnnstudio.gui.builder.table_model import ID_ROLE, MARK_ROLE, AnalysisModel, Index, Why
from cnnstudio.gui.builder.totals_row import TOTALS_HEIGHT, TotalsRow
from cnnstudio.gui.theme import Theme

ROW_HEIGHT, HEADER_HEIGHT = 28, 28
MARGIN = 8


class AnalysisTable(QTableView):
    """The rows. Selecting here selects on the canvas; Ctrl+C copies; Space shows why the current figure is so."""

    resized = Signal()
    asked = Signal(object)
    """The cell that the keyboard is at, as a model index; None once it is elsewhere."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._totals: Mapping[int, str] = {}
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
        header.setProperty("look", "close")
        self.delegate = AnalysisDelegate(theme, self)
        self.setItemDelegate(self.delegate)

    def show_emptiness(self, empty: bool) -> None:
        """Without layers there are words in the place of headings and scroll bar."""
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if empty else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setHorizontalScrollBarPolicy(policy)
        self.horizontalHeader().setVisible(not empty)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setFont(self._theme.text_font(-1))
            painter.setPen(self._theme.color("muted"))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            area = self.viewport().rect().adjusted(MARGIN, 0, -MARGIN, 0)
            painter.drawText(area, flags, self.tr("The figures of every layer will stand here."))
            painter.end()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self.share_width()
        self.resized.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.show_reason()
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if self.hasFocus():
            self.asked.emit(current)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.asked.emit(self.currentIndex())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.asked.emit(None)

    def show_reason(self) -> None:
        """What the mouse finds by resting on the current cell, for the keyboard."""
        index = self.currentIndex()
        place = self.visualRect(index)
        tip = index.data(Qt.ItemDataRole.ToolTipRole)
        if tip:
            QToolTip.showText(self.viewport().mapToGlobal(place.bottomLeft() + QPoint(0, 4)), tip, self, place)

    def copy(self) -> None:
        """Put the selected rows on the clipboard as text, all rows when none is selected."""
        model = self.model()
        assert isinstance(model, AnalysisModel)
        chosen = sorted({index.row() for index in self.selectionModel().selectedRows()})
        QGuiApplication.clipboard().setText(model.text_of(chosen or list(range(model.rowCount()))))

    def make_room_for(self, totals: Mapping[int, str]) -> None:
        """The sums that stand below the columns are to fit as well."""
        self._totals = totals
        self.share_width()

    def share_width(self) -> None:
        """Give each column its share of the width that is there."""
        width = self.viewport().width()
        model = self.model()
        assert isinstance(model, AnalysisModel)
        for column, size in enumerate(columns.shared(width, self._needs())):
            self.setColumnHidden(column, size == 0)
            if size:
                self.setColumnWidth(column, size)
        titles = QFontMetricsF(self._theme.text_font(-1, bold=True))
        long = titles.horizontalAdvance(model.titles()[columns.FIELD]) + 2 * GAP + 1
        model.set_narrow(self.columnWidth(columns.FIELD) < long)

    def _needs(self) -> list[int]:
        """What the longest text of each column takes, or its title, whichever is wider."""
        model = self.model()
        assert isinstance(model, AnalysisModel)
        titles = QFontMetricsF(self._theme.text_font(-1, bold=True))
        needs = []
        for column, (text, title) in enumerate(zip(model.longest, model.short_titles(), strict=True)):
            metrics = QFontMetricsF(self.delegate.font(column))
            widths = [metrics.horizontalAdvance(each) for each in (text, self._totals.get(column, ""))]
            if column not in columns.FIGURES:
                widths = [1.05 * each for each in widths]  # of words, the longest need not be the widest
            needs.append(ceil(max(*widths, titles.horizontalAdvance(title))) + 2 * GAP + 1)
        return needs


class TablePanel(QWidget):
    """Table and totals. `selection_changed` carries node ids, when the user chose them here."""

    selection_changed = Signal(object)
    opened = Signal(str)
    told = Signal(str)
    """Why the figure is so that the keyboard is at; empty once it is elsewhere."""

    def __init__(self, theme: Theme, why: Why | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("analysisPanel")
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = AnalysisModel(why, self)
        self.table = AnalysisTable(theme)
        self.table.setModel(self.model)
        self.totals = TotalsRow(theme, self.table)
        self.table.resized.connect(self.totals.update)
        self.table.asked.connect(self._tell_reason)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self.totals)
        self.setMinimumHeight(HEADER_HEIGHT + ROW_HEIGHT + TOTALS_HEIGHT + 4)
        self._following = False
        self.table.selectionModel().selectionChanged.connect(self._tell)
        self.table.doubleClicked.connect(lambda index: self.opened.emit(str(index.data(ID_ROLE))))
        theme.changed.connect(self._restyle)

    def set_report(self, report: Report) -> None:
        """New figures; the selection and the scroll position stay."""
        before, self._following = self._following, True
        known = list(self.model.longest), dict(self.totals.texts)
        self.model.set_report(report)
        self.totals.set_report(report)
        if (self.model.longest, self.totals.texts) != known:
            self.table.make_room_for(self.totals.texts)
        self.table.show_emptiness(len(report) == 0)
        self._following = before

    def home(self) -> None:
        """Show the first layer of another drawing."""
        self.model.begin()
        self.table.share_width()
        self.table.scrollToTop()

    @property
    def selection(self) -> tuple[str, ...]:
        """Ids of the chosen rows, from top to bottom."""
        ids = self.model.ids
        return tuple(
            ids[number] for number in sorted({index.row() for index in self.table.selectionModel().selectedRows()})
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

    def _tell_reason(self, index: object) -> None:
        """One line of it, and that branches are not aligned."""
        lines = self.model.reason(index) if isinstance(index, Index) else []
        askew = isinstance(index, Index) and bool(index.data(MARK_ROLE))
        self.told.emit(" \u00b7 ".join([*lines[:1], *lines[-1:]] if askew else lines[:1]))

    def _restyle(self) -> None:
        self.table.delegate.restyle()
        self.table.share_width()
        self.table.viewport().update()
