"""The layer kinds and blocks as a list that can be filtered and dragged from."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QDrag, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

from cnnstudio.graph import BLOCKS, Block, families
from cnnstudio.graph.specs import Family, LayerSpec
from cnnstudio.gui.builder.sections import LEFT, Index, Section, SectionDelegate, SectionList, SectionModel
from cnnstudio.gui.builder.words import blocks_text, family_text
from cnnstudio.gui.canvas import BLOCK_MIME, LAYER_MIME, Cargo, cargo_mime
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import elided

KIND_ROLE = Qt.ItemDataRole.UserRole
ENTRY_HEIGHT = 36
BADGE = 24

Entry = LayerSpec | Block
Rows = list[Section | Entry]


def cargo_of(entry: Entry) -> Cargo:
    return Cargo(entry.name, is_block=True) if isinstance(entry, Block) else Cargo(entry.kind)


def matching(needle: str) -> Rows:
    """Headings, and kinds and blocks whose name, help or family holds all words of `needle`; all for an empty one."""
    words = needle.casefold().split()
    rows: Rows = []

    def add(title: str, entries: list[tuple[Entry, str]]) -> None:
        found = [entry for entry, text in entries if all(word in f"{text} {title}".casefold() for word in words)]
        if found:
            rows.extend([Section(title), *found])

    for family, specs in families().items():
        add(family_text(family), [(spec, f"{spec.kind} {spec.help}") for spec in specs])
        if family is Family.SOURCE:  # where they are seen without scrolling
            add(blocks_text(), [(each, f"{each.name} {each.title} {each.help}") for each in BLOCKS.values()])
    return rows


def best_match(rows: Rows, needle: str) -> int | None:
    """Row of what is most likely meant: one whose name begins so, else holds it, else the first."""
    wanted = needle.casefold().strip()

    def rank(row: int) -> int:
        entry = rows[row]
        assert not isinstance(entry, Section)
        name = (entry.title if isinstance(entry, Block) else entry.kind).casefold()
        return 0 if name == wanted else 1 if name.startswith(wanted) else 2 if wanted in name else 3

    # Of what fits alike, a layer comes before a block: `conv` means the convolution.
    entries = [row for row, each in enumerate(rows) if not isinstance(each, Section)]
    return min(entries, key=lambda row: (rank(row), isinstance(rows[row], Block)), default=None)


class PaletteModel(SectionModel):
    """Headings, layer kinds and blocks; a drag carries one of them."""

    def told(self, entry: object) -> dict[int, object]:
        assert isinstance(entry, (LayerSpec, Block))
        title = cargo_of(entry).title
        return {
            int(Qt.ItemDataRole.DisplayRole): title,
            int(Qt.ItemDataRole.ToolTipRole): f"{title}: {entry.help}",
            int(Qt.ItemDataRole.AccessibleTextRole): f"{title}, {entry.help}",
            int(KIND_ROLE): cargo_of(entry).name,
        }

    def flags(self, index: Index) -> Qt.ItemFlag:
        own = super().flags(index)
        return own | Qt.ItemFlag.ItemIsDragEnabled if own else own

    def mimeTypes(self) -> list[str]:
        return [LAYER_MIME, BLOCK_MIME]

    def mimeData(self, indexes: list[QModelIndex]) -> QMimeData:  # type: ignore[override]
        entry = self.entry(indexes[0]) if indexes else None
        return cargo_mime(cargo_of(entry)) if isinstance(entry, (LayerSpec, Block)) else QMimeData()

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction


class PaletteDelegate(SectionDelegate):
    """A glyph on its tinted square, the name, and a line of help."""

    def paint_entry(self, painter: QPainter, area: QRect, entry: object) -> None:
        assert isinstance(entry, (LayerSpec, Block))
        theme, cargo = self.theme, cargo_of(entry)
        box = QRectF(area.left() + 6, area.center().y() - BADGE / 2 + 1, BADGE, BADGE)
        theme.icons.paint_badge(painter, cargo.name, cargo.family, box)
        left, width = area.left() + 38, area.width() - 42
        name, small = theme.text_font(), theme.text_font(-2)
        painter.setFont(name)
        painter.setPen(theme.color("text"))
        painter.drawText(
            QRect(left, area.top() + 3, width, 17), int(LEFT), elided(cargo.title, QFontMetricsF(name), width)
        )
        painter.setFont(small)
        painter.setPen(theme.color("muted"))
        help_text = elided(entry.help, QFontMetricsF(small), width)
        painter.drawText(QRect(left, area.top() + 19, width, 14), int(LEFT), help_text)


class PaletteList(SectionList):
    """Double-click and Enter append; a drag carries what is meant to the canvas."""

    chosen = Signal(object)  # Cargo
    left_above = Signal()  # Up was pressed on the first entry

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, PaletteModel(matching("")), parent)
        self._theme = theme
        self.setObjectName("paletteList")
        self.setAccessibleName(self.tr("Layer kinds and blocks"))
        self.setItemDelegate(PaletteDelegate(theme, ENTRY_HEIGHT, self))
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)

    def set_filter(self, needle: str) -> None:
        """Show what matches; with a needle, the likeliest entry is chosen."""
        rows = matching(needle)
        self.entries.set_rows(rows)
        self.go(best_match(rows, needle) if needle.strip() else None)

    @property
    def current(self) -> Cargo | None:
        """What Enter would append."""
        entry = self.current_entry
        return cargo_of(entry) if isinstance(entry, (LayerSpec, Block)) else None

    def entry_rect(self, name: str) -> QRect:
        """Where a kind or block stands in the viewport. Raises ValueError when the filter hides it."""
        names = [cargo_of(row).name if isinstance(row, (LayerSpec, Block)) else "" for row in self.entries.rows]
        return self.visualRect(self.entries.index(names.index(name)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current:
            self.chosen.emit(self.current)
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            before = self.currentIndex()
            self.step(1 if event.key() == Qt.Key.Key_Down else -1)
            if event.key() == Qt.Key.Key_Up and self.currentIndex() == before:
                self.left_above.emit()
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        entry = self.entries.entry(self.indexAt(event.position().toPoint()))
        if isinstance(entry, (LayerSpec, Block)) and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(cargo_of(entry))
        event.accept()

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Carry it under a picture of its glyph; the canvas shows where it would land."""
        cargo = self.current
        if cargo is not None:
            drag = QDrag(self)
            drag.setMimeData(cargo_mime(cargo))
            drag.setPixmap(self._theme.icons.badge(cargo.name, cargo.family, 32, self.devicePixelRatioF()))
            drag.setHotSpot(QPoint(16, 16))
            drag.exec(Qt.DropAction.CopyAction)
            # No mouse event tells the list that the pointer went away meanwhile: a row would stay lit.
            QApplication.sendEvent(self.viewport(), QEvent(QEvent.Type.Leave))
