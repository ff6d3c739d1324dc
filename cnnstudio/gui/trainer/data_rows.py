"""The data sets known by name as rows to choose from: what each is, and whether it is at hand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.data import DATASETS, DatasetInfo
from cnnstudio.gui.theme import Theme, bytes_text, count_text, shape_text

HEIGHT = 56


class DataRow(QAbstractButton):
    """One data set: title, size of its pictures, how many, and at the right how it comes here."""

    def __init__(
        self, theme: Theme, info: DatasetInfo, current: bool, at_hand: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self.info, self.current = theme, info, current
        self.at_hand = at_hand
        self.setText(info.title)
        self.setObjectName(f"data.{info.name}")
        self.setAccessibleDescription(f"{self.facts()}; {self.state_text()}")
        self.setToolTip(info.credit)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self.update)

    def facts(self) -> str:
        info = self.info
        return self.tr("{shape} · {count} pictures · {classes} classes").format(
            shape=shape_text(info.shape), count=count_text(info.train + info.test), classes=len(info.classes)
        )

    def state_text(self) -> str:
        if self.info.bundled:
            return self.tr("comes with CNN Studio")
        if self.at_hand:
            return self.tr("on this computer")
        return self.tr("download {size}").format(size=bytes_text(self.info.size))

    def sizeHint(self) -> QSize:
        return QSize(440, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plate = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.color("accent" if self.hasFocus() or self.current else "border"))
        painter.setBrush(theme.color("raised" if self.underMouse() or self.isDown() else "surface"))
        painter.drawRoundedRect(plate, 6, 6)
        left, middle = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.text_font(1, bold=True))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(16, 8, self.width() - 32, 20), left | middle, self.text())
        painter.setFont(theme.text_font(-1))
        painter.setPen(theme.color("muted"))
        painter.drawText(QRectF(16, 29, self.width() - 32, 18), left | middle, self.facts())
        painter.setPen(theme.color("ok" if self.at_hand else "accent"))
        state = QRectF(16, 8, self.width() - 32, 20)
        painter.drawText(state, Qt.AlignmentFlag.AlignRight | middle, self.state_text())


class DataRows(QWidget):
    """The rows one below the other; Up and Down move between them, Enter chooses."""

    chosen = Signal(object)  # a data set's name, a str

    def __init__(
        self, theme: Theme, current: str, at_hand: Callable[[str], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.rows = [DataRow(theme, info, info.name == current, at_hand(info.name)) for info in DATASETS.values()]
        for row in self.rows:
            column.addWidget(row)
            row.clicked.connect(lambda _checked=False, name=row.info.name: self.chosen.emit(name))

    def focus_current(self) -> None:
        """Begin with the data set that is in use, or the first."""
        current = next((row for row in self.rows if row.current), self.rows[0])
        current.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        focused = next((index for index, row in enumerate(self.rows) if row.hasFocus()), None)
        if focused is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.rows[focused].click()
        elif focused is not None and step:
            self.rows[(focused + step) % len(self.rows)].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)
