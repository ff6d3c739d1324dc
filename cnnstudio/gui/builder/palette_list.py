"""The layer kinds as a list that can be filtered and dragged from."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cnnstudio.graph import families, spec_of
from cnnstudio.graph.specs import LayerSpec
from cnnstudio.gui.builder.words import family_text
from cnnstudio.gui.canvas import LAYER_MIME, layer_mime
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import elided

Index = QModelIndex | QPersistentModelIndex
KIND_ROLE = Qt.ItemDataRole.UserRole
SECTION_HEIGHT, ENTRY_HEIGHT = 30, 36
BADGE = 24


@dataclass(frozen=True, slots=True)
class Section:
    """A heading between the kinds."""

    title: str


def matching(needle: str) -> list[Section | LayerSpec]:
    """Headings and kinds whose name, help or family holds `needle`; all of them for an empty one."""
    words = needle.casefold().split()
    rows: list[Section | LayerSpec] = []
    for family, specs in families().items():
        title = family_text(family)
        found = [spec for spec in specs if all(word in f"{spec.kind} {spec.help} {title}".casefold() for word in words)]
        if found:
            rows += [Section(title), *found]
    return rows


def best_match(rows: list[Section | LayerSpec], needle: str) -> int | None:
    """Row of the kind that is most likely meant: one whose name begins so, else holds it, else the first."""
    wanted = needle.casefold().strip()

    def rank(row: int) -> int:
        spec = rows[row]
        kind = spec.kind.casefold() if isinstance(spec, LayerSpec) else ""
        return 0 if kind == wanted else 1 if kind.startswith(wanted) else 2 if wanted in kind else 3

    kinds = [row for row, each in enumerate(rows) if isinstance(each, LayerSpec)]
    return min(kinds, key=rank, default=None)


class PaletteModel(QAbstractListModel):
    """Headings and layer kinds; only kinds can be chosen and dragged."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = matching("")

    def set_filter(self, needle: str) -> None:
        rows = matching(needle)
        if rows != self.rows:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if isinstance(row, Section):
            return row.title if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None
        values = {
            int(Qt.ItemDataRole.DisplayRole): row.kind,
            int(Qt.ItemDataRole.ToolTipRole): f"{row.kind}: {row.help}",
            int(Qt.ItemDataRole.AccessibleTextRole): f"{row.kind}, {row.help}",
            int(KIND_ROLE): row.kind,
        }
        return values.get(int(role))

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or isinstance(self.rows[index.row()], Section):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [LAYER_MIME]

    def mimeData(self, indexes: list[QModelIndex]) -> QMimeData:  # type: ignore[override]
        return layer_mime(str(indexes[0].data(KIND_ROLE))) if indexes else QMimeData()

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction


class PaletteDelegate(QStyledItemDelegate):
    """A glyph on its tinted square, the kind, and a line of help."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, ENTRY_HEIGHT if index.data(KIND_ROLE) else SECTION_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, PaletteModel)
        row = model.rows[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect
        if isinstance(row, Section):
            self._paint_section(painter, area, row.title)
        else:
            self._paint_entry(painter, area, row, option.state)
        painter.restore()

    def _paint_section(self, painter: QPainter, area: QRect, title: str) -> None:
        font = self._theme.text_font(-3, bold=True)
        font.setLetterSpacing(font.SpacingType.AbsoluteSpacing, 0.3)
        painter.setFont(font)
        painter.setPen(self._theme.color("muted"))
        painter.drawText(area.adjusted(6, 8, -6, 0), int(_LEFT), title.upper())

    def _paint_entry(self, painter: QPainter, area: QRect, spec: LayerSpec, state: QStyle.StateFlag) -> None:
        theme = self._theme
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent", 0.14) if chosen else theme.color("raised"))
            painter.drawRoundedRect(area, 6, 6)
        box = QRectF(area.left() + 6, area.center().y() - BADGE / 2 + 1, BADGE, BADGE)
        theme.icons.paint_badge(painter, spec.kind, spec.family.value, box)
        left, width = area.left() + 38, area.width() - 42
        name, small = theme.text_font(), theme.text_font(-2)
        painter.setFont(name)
        painter.setPen(theme.color("text"))
        painter.drawText(
            QRect(left, area.top() + 3, width, 17), int(_LEFT), elided(spec.kind, QFontMetricsF(name), width)
        )
        painter.setFont(small)
        painter.setPen(theme.color("muted"))
        help_text = elided(spec.help, QFontMetricsF(small), width)
        painter.drawText(QRect(left, area.top() + 19, width, 14), int(_LEFT), help_text)


class PaletteList(QListView):
    """Double-click and Enter append; a drag carries the kind to the canvas."""

    chosen = Signal(str)
    left_above = Signal()  # Up was pressed on the first kind

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("paletteList")
        self.setAccessibleName(self.tr("Layer kinds"))
        self.kinds = PaletteModel(self)
        self.setModel(self.kinds)
        self.setItemDelegate(PaletteDelegate(theme, self))
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(12)
        theme.changed.connect(self.viewport().update)

    def set_filter(self, needle: str) -> None:
        """Show what matches; with a needle, the likeliest kind is chosen."""
        self.kinds.set_filter(needle)
        row = best_match(self.kinds.rows, needle) if needle.strip() else None
        if row is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(self.kinds.index(row))

    @property
    def current_kind(self) -> str | None:
        """The kind that Enter would append."""
        kind = self.currentIndex().data(KIND_ROLE) if self.currentIndex().isValid() else None
        return None if kind is None else str(kind)

    def step(self, direction: int) -> None:
        """The next kind down (1) or up (-1), past headings."""
        row = self.currentIndex().row() + direction if self.currentIndex().isValid() else (0 if direction > 0 else -1)
        while 0 <= row < len(self.kinds.rows):
            if isinstance(self.kinds.rows[row], LayerSpec):
                self.setCurrentIndex(self.kinds.index(row))
                return
            row += direction

    def entry_rect(self, kind: str) -> QRect:
        """Where a kind stands in the viewport. Raises ValueError when the filter hides it."""
        names = [row.kind if isinstance(row, LayerSpec) else "" for row in self.kinds.rows]
        return self.visualRect(self.kinds.index(names.index(kind)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_kind:
            self.chosen.emit(self.current_kind)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            before = self.currentIndex()
            self.step(1 if event.key() == Qt.Key.Key_Down else -1)
            if event.key() == Qt.Key.Key_Up and self.currentIndex() == before:
                self.left_above.emit()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        kind = self.indexAt(event.position().toPoint()).data(KIND_ROLE)
        if kind is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(str(kind))
        event.accept()

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Carry the kind under a picture of its glyph and name; the canvas shows where it would land."""
        kind = self.current_kind
        if kind is not None:
            drag = QDrag(self)
            drag.setMimeData(layer_mime(kind))
            drag.setPixmap(self._tag(kind))
            drag.setHotSpot(QPoint(16, 16))
            drag.exec(Qt.DropAction.CopyAction)
            # No mouse event tells the list that the pointer went away meanwhile: a row would stay lit.
            QApplication.sendEvent(self.viewport(), QEvent(QEvent.Type.Leave))

    def _tag(self, kind: str) -> QPixmap:
        spec, ratio = spec_of(kind), self.devicePixelRatioF()
        return self._theme.icons.badge(kind, spec.family.value, 32, ratio)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
