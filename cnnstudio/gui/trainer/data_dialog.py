"""Choosing what to train on: a data set known by name, a folder of pictures, or a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.trainer.data_rows import DataRows
from cnnstudio.gui.widgets import GRID, Line, button, label
from cnnstudio.project import DataChoice
from cnnstudio.session import DataSource


class DataDialog(QDialog):
    """`chosen` carries the new DataChoice; the split's settings are those of the present one."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, source: DataSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataDialog")
        self.setWindowTitle(self.tr("Choose data"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._choice = source.choice
        self.rows = DataRows(theme, self._choice.source, lambda name: source.at_hand(DataChoice(name)))
        self.rows.chosen.connect(self._take)
        self.folder = button(self.tr("Folder…"), "", "dataFolder")
        self.file = button(self.tr("File…"), "", "dataFile")
        self.cancel = button(self.tr("Cancel"), "", "dataCancel")
        self.folder.clicked.connect(self._ask_folder)
        self.file.clicked.connect(self._ask_file)
        self.cancel.clicked.connect(self.reject)
        hint = self.tr(
            "A folder or zip file with one folder of pictures a class, or IDX files as MNIST's. "
            "A CIFAR-10 archive in its binary version will do too."
        )
        words = label(hint, "small", "dataHint")
        words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.tr("What shall the network learn from?"), "title"))
        column.addWidget(self.rows)
        column.addWidget(Line())
        column.addWidget(label(self.tr("Your own"), "strong"))
        column.addWidget(words)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.folder)
        row.addWidget(self.file)
        row.addStretch(1)
        row.addWidget(self.cancel)
        column.addLayout(row)
        self.setFixedWidth(520)
        self.rows.focus_current()

    def _take(self, source: str) -> None:
        self.chosen.emit(choice_of(self._choice, source))
        self.accept()

    def _ask_folder(self) -> None:
        ask = QFileDialog(self, self.tr("Folder of pictures, or of IDX files"))
        ask.setFileMode(QFileDialog.FileMode.Directory)
        ask.setOption(QFileDialog.Option.ShowDirsOnly)
        self._ask(ask, "dataFolderDialog")

    def _ask_file(self) -> None:
        ask = QFileDialog(self, self.tr("File with pictures"))
        ask.setFileMode(QFileDialog.FileMode.ExistingFile)
        ask.setNameFilters(
            [
                self.tr("Data sets") + " (*.zip *.gz *.tar *.tgz *-ubyte *.idx *.bin)",
                self.tr("All files") + " (*)",
            ]
        )
        self._ask(ask, "dataFileDialog")

    def _ask(self, ask: QFileDialog, name: str) -> None:
        ask.setObjectName(name)
        ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if Path(self._choice.source).exists():
            ask.setDirectory(str(Path(self._choice.source).parent))
        ask.fileSelected.connect(self._take)
        ask.open()


def choice_of(former: DataChoice, source: str) -> DataChoice:
    """Another source with the same split; size and mode belonged to the old pictures."""
    if source == former.source:
        return former
    return replace(former, source=source, size=None, mode=None)
