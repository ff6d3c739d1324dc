"""A window beside the main one that is as large as it was left."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QWidget

from cnnstudio.project import Settings

MARGIN = 48
"""Pixels that a first showing leaves free of the screen's height and width."""


class SizedDialog(QDialog):
    """Not modal: one goes on working while it stands. Its size is kept in the settings under `key`."""

    def __init__(self, settings: Settings, key: str, usual: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog)
        self._settings, self._place, self._usual = settings, f"dialogs/{key}", usual
        self._placed = False

    def present(self) -> None:
        """Show it, or bring it to the front."""
        self.show()
        self.raise_()
        self.activateWindow()

    def showEvent(self, event: QShowEvent) -> None:
        if not self._placed:
            self._placed = True
            kept = self._settings.splitters.get(self._place, [])
            size = QSize(*kept) if len(kept) == 2 else self._usual
            room = self.screen().availableGeometry().size() - QSize(MARGIN, MARGIN)
            self.resize(size.boundedTo(room).expandedTo(self.minimumSize()))
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._settings.splitters[self._place] = [self.width(), self.height()]
