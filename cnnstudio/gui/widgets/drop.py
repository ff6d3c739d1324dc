"""Files dropped on the window: what they are, and the frame that says what will happen."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from cnnstudio.gui.theme import Theme

PICTURES = frozenset(
    (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm")
)
PROJECT = ".cnnstudio"


class Dropped(StrEnum):
    PROJECT = "project"
    PICTURE = "picture"
    OTHER = "other"


def dropped_file(mime: QMimeData) -> Path | None:
    """The one local file that is dragged; None for several, for none, and for what lies elsewhere."""
    urls = mime.urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None


def kind_of(path: Path) -> Dropped:
    """By its name's ending; whether it really is one, opening it tells."""
    suffix = path.suffix.lower()
    if suffix == PROJECT:
        return Dropped.PROJECT
    return Dropped.PICTURE if suffix in PICTURES else Dropped.OTHER


class DropFrame(QWidget):
    """Lies over the window while a file hovers, and says what dropping it would do."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dropFrame")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme, self.text = theme, ""
        self.hide()

    def show_text(self, text: str) -> None:
        self.text = text
        home = self.parentWidget()
        if home is not None:
            self.setGeometry(home.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, area = self._theme, QRectF(self.rect()).adjusted(8, 8, -8, -8)
        painter.fillRect(self.rect(), theme.color("surface", 0.55))
        painter.setPen(QPen(theme.color("accent"), 2, Qt.PenStyle.DashLine))
        painter.setBrush(theme.color("accent", 0.08))
        painter.drawRoundedRect(area, 8, 8)
        font = theme.text_font(3, True)
        painter.setFont(font)
        words = painter.fontMetrics().horizontalAdvance(self.text) + 48
        pill = QRectF(0, 0, words, 44)
        pill.moveCenter(area.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(pill, 8, 8)
        painter.setPen(theme.color("on_accent"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, self.text)
