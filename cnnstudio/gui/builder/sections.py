"""Lists with headings between their entries; only entries can be chosen, and the keyboard passes the headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnstudio.gui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
SECTION_HEIGHT = 30


@dataclass(frozen=True, slots=True)
class Section:
    """A heading between the entries."""

    title: str


class SectionModel(QAbstractListModel):
    """Headings and entries. What an entry says by its roles is `told`'s affair."""

    def __init__(self, rows: Sequence[object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = list(rows)

    def set_rows(self, rows: Sequence[object]) -> None:
        if list(rows) != self.rows:
            self.beginResetModel()
            self.rows = list(rows)
            self.endResetModel()

    def entry(self, index: Index) -> object | None:
        """What stands there; None for a heading or nothing."""
        row = self.rows[index.row()] if index.isValid() else None
        return None if isinstance(row, Section) else row

    def next_row(self, row: int, direction: int) -> int | None:
        """The row of the next entry down (1) or up (-1) from `row`, past headings."""
        row += direction
        while 0 <= row < len(self.rows):
            if not isinstance(self.rows[row], Section):
                return row
            row += direction
        return None

    def told(self, entry: object) -> dict[int, object]:
        """An entry's data by role."""
        raise NotImplementedError

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()] if index.isValid() else None
        if isinstance(row, Section):
            return row.title if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None
        return None if row is None else self.told(row).get(int(role))

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.entry(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class SectionDelegate(QStyledItemDelegate):
    """Paints headings, and a ground below the entry that is chosen or pointed at; `paint_entry` does the rest."""

    def __init__(self, theme: Theme, entry_height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self._entry_height = theme, entry_height

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        model = index.model()
        assert isinstance(model, SectionModel)
        return QSize(120, SECTION_HEIGHT if model.entry(index) is None else self._entry_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model, theme, area = index.model(), self.theme, QRect(option.rect)
        assert isinstance(model, SectionModel)
        row = model.rows[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, Section):
            font = theme.text_font(-3, bold=True)
            font.setLetterSpacing(font.SpacingType.AbsoluteSpacing, 0.3)
            painter.setFont(font)
            painter.setPen(theme.color("muted"))
            painter.drawText(area.adjusted(6, 8, -6, 0), int(LEFT), row.title.upper())
        else:
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            if chosen or option.state & QStyle.StateFlag.State_MouseOver:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("accent", 0.14) if chosen else theme.color("raised"))
                painter.drawRoundedRect(area, 6, 6)
            self.paint_entry(painter, area, row)
        painter.restore()

    def paint_entry(self, painter: QPainter, area: QRect, entry: object) -> None:
        raise NotImplementedError


class SectionList(QListView):
    """A list of headings and entries, scrolled by pixels, lit under the pointer."""

    def __init__(self, theme: Theme, model: SectionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries = model
        self.setModel(model)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(12)
        theme.changed.connect(self.viewport().update)

    @property
    def current_entry(self) -> object | None:
        """What Enter would choose."""
        return self.entries.entry(self.currentIndex())

    def go(self, row: int | None) -> None:
        """Make a row the current one; None for none."""
        if row is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            if self.entries.next_row(-1, 1) == row:
                self.scrollToTop()  # with the heading above it
            self.setCurrentIndex(self.entries.index(row))

    def step(self, direction: int, times: int = 1) -> None:
        """The next entry down (1) or up (-1), so many times or as far as there are any."""
        at = self.currentIndex()
        row = at.row() if at.isValid() else (-1 if direction > 0 else len(self.entries.rows))
        for _ in range(times):
            following = self.entries.next_row(row, direction)
            if following is None:
                break
            row = following
        if 0 <= row < len(self.entries.rows):
            self.go(row)
