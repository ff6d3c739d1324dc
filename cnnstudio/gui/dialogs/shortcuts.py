"""F1: every shortcut on one page."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from cnnstudio.gui.action_rows import MENUS
from cnnstudio.gui.actions import Actions
from cnnstudio.gui.widgets.basics import SectionLabel, label

COLUMNS = (("file", "edit"), ("build", "network", "train"), ("inspect", "view", "help"))


class ShortcutsDialog(QDialog):
    """All actions with their keys, by area, in three columns. Escape closes it."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("shortcutsDialog")
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        page = QWidget()
        page.setProperty("look", "transparent")
        row = QHBoxLayout(page)
        row.setSpacing(40)
        for areas in COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(8)
            for area in areas:
                column.addWidget(SectionLabel(QCoreApplication.translate("Actions", MENUS[area]).replace("&", "")))
                column.addLayout(self._rows(actions, area))
                column.addSpacing(12)
            column.addStretch(1)
            row.addLayout(column, 1)
        scroll = QScrollArea()
        scroll.setObjectName("shortcutsDialog.page")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        note = label(
            self.tr(
                "In a field: Enter takes the value, Escape takes it back, Up and Down step it. "
                "In maps and pictures: arrow keys move the pointer, with Shift from map to map."
            ),
            "small",
        )
        note.setWordWrap(True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(20, 16, 20, 16)
        outer.setSpacing(12)
        outer.addWidget(label(self.tr("Keyboard shortcuts"), "title"))
        outer.addWidget(scroll, 1)
        outer.addWidget(note)
        page.setMinimumWidth(page.sizeHint().width())
        self.resize(max(760, page.sizeHint().width() + 56), min(640, page.sizeHint().height() + 130))

    def _rows(self, actions: Actions, area: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(0, 1)
        rows = [row for row in actions.rows.values() if row.menu == area or (area == "help" and row.menu == "palette")]
        for place, row in enumerate(rows):
            keys = QHBoxLayout()
            keys.setSpacing(4)
            keys.addStretch(1)
            for sequence in actions.shortcut_texts(row.id):
                keys.addWidget(label(sequence, "key"))
            grid.addWidget(label(actions.text(row.id)), place, 0)
            grid.addLayout(keys, place, 1)
        return grid
