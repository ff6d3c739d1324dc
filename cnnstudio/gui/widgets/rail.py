"""The vertical switch between workspaces."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QVBoxLayout, QWidget

from cnnstudio.gui.theme import Theme

WIDTH = 56


class Rail(QWidget):
    """A column of places, one of them current. Up and Down move between them."""

    selected = Signal(object)  # the place's id, a str

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH)
        self._theme = theme
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: dict[str, RailButton] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 8, 0, 8)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        self._group.buttonClicked.connect(self._clicked)

    def add(self, place: str, icon: str, text: str, tip: str = "") -> QAbstractButton:
        made = RailButton(self._theme, icon, text)
        made.setObjectName(f"rail.{place}")
        made.setToolTip(tip or text)
        self._group.addButton(made)
        self._buttons[place] = made
        self._column.insertWidget(len(self._buttons) - 1, made)
        return made

    @property
    def current(self) -> str | None:
        return next((place for place, made in self._buttons.items() if made.isChecked()), None)

    def has_keyboard(self, place: str) -> bool:
        """Whether Up and Down have come to this place, and may go on."""
        return self._buttons[place].hasFocus()

    def set_current(self, place: str) -> None:
        """Show a place as current; does not emit `selected`."""
        self._buttons[place].setChecked(True)

    def _clicked(self, _button: QAbstractButton) -> None:
        self.selected.emit(self.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        places = list(self._buttons)
        if step is None or self.current is None:
            super().keyPressEvent(event)
            return
        place = places[(places.index(self.current) + step) % len(places)]
        self._buttons[place].setFocus(Qt.FocusReason.TabFocusReason)
        self._buttons[place].click()


class RailButton(QAbstractButton):
    def __init__(self, theme: Theme, icon: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._glyph = theme, icon
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, WIDTH)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # the rail steps; a button group would move without a click
            return
        super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, area = self._theme, QRectF(self.rect())
        plate = area.adjusted(6, 1, -6, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked():
            painter.setBrush(theme.color("accent"))
            painter.drawRect(QRectF(0, plate.top(), 3, plate.height()))
            painter.setBrush(theme.color("accent", 0.14))
            painter.drawRoundedRect(plate, 6, 6)
        elif self.underMouse():
            painter.setBrush(theme.color("raised"))
            painter.drawRoundedRect(plate, 6, 6)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.color("accent"))
            painter.drawRoundedRect(plate.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        token = "accent" if self.isChecked() else "muted"
        box = QRectF(area.center().x() - 12, plate.top() + 6, 24, 24)
        theme.icons.paint(painter, self._glyph, box, token)
        painter.setFont(theme.text_font(-2, self.isChecked()))
        painter.setPen(theme.color(token))
        words = QRectF(0, box.bottom() + 1, area.width(), plate.bottom() - box.bottom() - 3)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())
