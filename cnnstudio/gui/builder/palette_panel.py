"""The column at the left: layer kinds and blocks to choose from, and the classic networks."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.gui.builder.palette_list import PaletteList
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import SearchField, button, label

LEAST_WIDTH, USUAL_WIDTH = 160, 212


class PalettePanel(QWidget):
    """Type to filter, Enter to append; `chosen` carries the layer or block."""

    chosen = Signal(object)  # Cargo
    presets_wanted = Signal()
    left = Signal()  # Escape in an empty search field: back to the drawing

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.setProperty("look", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(LEAST_WIDTH)
        self.search = _KindSearch(theme, self.tr("Filter layers and blocks"))
        self.search.setObjectName("paletteSearch")
        self.search.setToolTip(self.tr("Type a name and press Enter: it is appended after the selection."))
        self.list = PaletteList(theme)
        self.nothing = label(self.tr("No layer or block of that name."), "muted", "paletteNothing")
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.nothing.setContentsMargins(8, 16, 8, 0)
        self.nothing.hide()
        self.presets = button(self.tr("Classic networks…"), "", "presetsButton")
        self.presets.setIcon(theme.icons.icon("layer", "muted"))
        self.presets.setIconSize(QSize(16, 16))
        self.presets.setToolTip(self.tr("Put a well-known network on the canvas"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 10, 0, 10)
        column.setSpacing(6)
        kinds = QVBoxLayout()
        kinds.addWidget(self.list)
        kinds.addWidget(self.nothing)
        kinds.setContentsMargins(10, 0, 2, 0)  # up to the edge, so that the scroll bar stands there
        for widget in (self.search, self.presets):
            row = QHBoxLayout()
            row.setContentsMargins(10, 0, 10, 0)
            row.addWidget(widget)
            column.addLayout(row)
        column.insertLayout(1, kinds, 1)
        QWidget.setTabOrder(self.search, self.list)
        QWidget.setTabOrder(self.list, self.presets)
        self.search.textChanged.connect(self._filter)
        self.search.stepped.connect(self._step)
        self.search.returnPressed.connect(self._take)
        self.search.left.connect(self.left)
        self.list.chosen.connect(self.chosen)
        self.list.left_above.connect(lambda: self.search.setFocus(Qt.FocusReason.BacktabFocusReason))
        self.presets.clicked.connect(self.presets_wanted)

    def sizeHint(self) -> QSize:
        return QSize(USUAL_WIDTH, 400)

    def search_to_append(self) -> None:
        """Begin the way by keyboard: type, Enter, type the next."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def form_place(self) -> QPoint:
        """Where on the screen a form for the chosen entry may open: at its right, level with it."""
        row = self.list.visualRect(self.list.currentIndex()) if self.list.isVisible() else QRect()
        height = max(0, min(row.top(), self.list.viewport().height()))
        return self.mapToGlobal(QPoint(self.width(), self.list.mapTo(self, QPoint(0, height)).y()))

    def _filter(self, text: str) -> None:
        self.list.set_filter(text)
        empty = not self.list.entries.rows
        self.list.setVisible(not empty)
        self.nothing.setVisible(empty)

    def _step(self, direction: object) -> None:
        self.list.step(1 if direction == 1 else -1)

    def _take(self) -> None:
        cargo = self.list.current
        if cargo is not None:
            self.search.selectAll()
            self.chosen.emit(cargo)


class _KindSearch(SearchField):
    """A search field from which Escape leads back to the drawing, once it is empty."""

    left = Signal()

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.text():
            self.left.emit()
        else:
            super().keyPressEvent(event)
