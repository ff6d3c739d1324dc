"""Who made this, and of what."""

from __future__ import annotations

import numpy as np
import PySide6
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio import __version__
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import Glyph, button, label


class AboutDialog(QDialog):
    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("aboutDialog")
        self.setWindowTitle(self.tr("About CNN Studio"))
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(label("CNN Studio", "title"))
        words.addWidget(label(self.tr("Version {version}").format(version=__version__), "muted"))
        story = label(
            self.tr("Draw a convolutional network, watch it learn, and take any number on the screen apart."), ""
        )
        story.setWordWrap(True)
        story.setFixedSize(340, story.heightForWidth(340))
        words.addWidget(story)
        parts = self.tr("Made with Python, NumPy {numpy} and Qt {qt}. MIT licence.")
        words.addWidget(label(parts.format(numpy=np.__version__, qt=PySide6.__version__), "small"))
        close = button(self.tr("Close"), "primary", "aboutDialog.close")
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(20)
        picture = QVBoxLayout()
        picture.addWidget(Glyph(theme, "app", 72))
        picture.addStretch(1)
        row.addLayout(picture)
        row.addLayout(words)
        end = QHBoxLayout()
        end.addStretch(1)
        end.addWidget(close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 24, 24, 20)
        outer.setSpacing(20)
        outer.addLayout(row)
        outer.addLayout(end)
        close.setDefault(True)
