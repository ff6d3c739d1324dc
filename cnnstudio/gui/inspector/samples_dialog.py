"""The pictures that come with the program, to choose one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.data import PICTURE_SUFFIXES, DataError, fit_picture, load_picture
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets import ThumbnailGrid, button, label
from cnnstudio.resources import sample_images_dir

CELL = 88
WIDTH = 6 * (CELL + 4) + 48


class SamplesDialog(QDialog):
    """`chosen` carries the Path of a picture. Thumbnails are made one at a time, so that the window never waits."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, folder: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("samplesDialog")
        self.setWindowTitle(self.tr("Sample pictures"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        folder = sample_images_dir() if folder is None else folder
        self._waiting = sample_paths(folder)
        self.paths: list[Path] = []
        self._thumbnails: list[np.ndarray] = []
        self.grid = ThumbnailGrid(theme, cell=CELL)
        self.grid.setObjectName("samplesGrid")
        self.grid.setAccessibleName(self.tr("Sample pictures"))
        self.grid.picked.connect(self._pick)
        self.grid.hovered.connect(self._name)
        self.name = label("", "muted", "sampleName")
        cancel = button(self.tr("Cancel"), "", "samplesCancel")
        cancel.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.tr("Which picture shall the network look at?"), "title"))
        column.addWidget(self.grid)
        row = QHBoxLayout()
        row.addWidget(self.name, 1)
        row.addWidget(cancel)
        column.addLayout(row)
        self.setFixedWidth(WIDTH)
        rows = -(-len(self._waiting) // 6)
        self.grid.setMinimumHeight(rows * (CELL + 4))
        self.grid.setFocus(Qt.FocusReason.TabFocusReason)
        if not self._waiting:
            self.name.setText(self.tr("There are no pictures in {folder}.").format(folder=folder))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._take_one)
        self._timer.start(0)

    def done(self, result: int) -> None:
        self._timer.stop()
        super().done(result)

    def _take_one(self) -> None:
        if not self._waiting:
            self._timer.stop()
            return
        path = self._waiting.pop(0)
        try:
            picture = load_picture(path)
        except DataError:
            return  # a file that is no picture after all has no place on the shelf
        self.paths.append(path)
        self._thumbnails.append(fit_picture(picture, (picture.shape[0], CELL, CELL), "cover"))
        self.grid.set_pictures(self._thumbnails, [name_of(each) for each in self.paths])

    def _pick(self, index: int) -> None:
        self.chosen.emit(self.paths[index])
        self.accept()

    def _name(self, index: int | None) -> None:
        self.name.setText("" if index is None else name_of(self.paths[index]))


def sample_paths(folder: Path) -> list[Path]:
    """The pictures in a folder, by name; empty when there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)


def name_of(path: Path) -> str:
    """`digit-4-on-paper.png` as `digit 4 on paper`."""
    return path.stem.replace("-", " ").replace("_", " ")
