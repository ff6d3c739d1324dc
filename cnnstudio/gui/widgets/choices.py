"""Fields for what is chosen, not typed: one of several, yes or no."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QSizePolicy, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.fields import Field


class ChoiceField(Field):
    """One of a few named values. Pairs of (value, text) or plain strings."""

    def __init__(
        self,
        theme: Theme,
        choices: Sequence[str | tuple[object, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._choices = [(each, each) if isinstance(each, str) else each for each in choices]
        self.box = ComboBox(theme)
        for _value, text in self._choices:
            self.box.addItem(text)
        self.box.activated.connect(self._picked)
        self.setFocusProxy(self.box)
        self._row.addWidget(self.box)
        self._index = self.box.currentIndex()

    def setObjectName(self, name: str) -> None:
        super().setObjectName(name)
        self.box.setObjectName(f"{name}.box")

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.box.setAccessibleName(name)

    def value(self) -> object:
        return self._choices[self._index][0] if self._index >= 0 else None

    def set_value(self, value: object) -> None:
        """Raises ValueError when it is none of the choices."""
        values = [each for each, _text in self._choices]
        self._index = values.index(value)
        self.box.setCurrentIndex(self._index)

    def _picked(self, index: int) -> None:
        if index != self._index:
            self._index = index
            self.committed.emit(self.value())


class ComboBox(QComboBox):
    """A combo box with our own arrow, deaf to the wheel until it is clicked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        box = QRectF(self.width() - 20, self.height() / 2 - 6, 12, 12)
        self._theme.icons.paint(QPainter(self), "chevron-down", box, "muted")


DIMMED = 0.4
"""Opacity of a switch that cannot be moved now."""


class BoolField(Field):
    """Yes or no, as a switch."""

    def __init__(self, theme: Theme, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.switch = Switch(theme, text)
        self.switch.clicked.connect(self._switched)
        self.setFocusProxy(self.switch)
        self._row.addWidget(self.switch)
        self._row.addStretch(1)

    def setObjectName(self, name: str) -> None:
        super().setObjectName(name)
        self.switch.setObjectName(f"{name}.switch")

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.switch.setAccessibleName(name)

    def value(self) -> object:
        return self.switch.isChecked()

    def set_value(self, value: object) -> None:
        self.switch.setChecked(bool(value))

    def _switched(self, checked: bool) -> None:
        self.committed.emit(checked)


class Switch(QAbstractButton):
    """A sliding switch; its text stands to the right."""

    def __init__(self, theme: Theme, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setText(text)
        self.setCheckable(True)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        words = self.fontMetrics().horizontalAdvance(self.text()) + 8 if self.text() else 0
        return QSize(36 + words, 25)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, on = self._theme, self.isChecked()
        painter.setOpacity(1.0 if self.isEnabled() else DIMMED)
        track = QRectF(1.5, self.height() / 2 - 8.5, 31, 17)
        painter.setPen(theme.color("accent" if self.hasFocus() or on else "border"))
        painter.setBrush(theme.color("accent" if on else "raised"))
        painter.drawRoundedRect(track, 8.5, 8.5)
        if self.hasFocus() and on:
            painter.setPen(theme.color("text", 0.7))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(track, 8.5, 8.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("on_accent" if on else "muted"))
        left = track.right() - 14.5 if on else track.left() + 2.5
        painter.drawEllipse(QRectF(left, track.top() + 2.5, 12, 12))
        painter.setOpacity(1.0)
        painter.setPen(theme.color("text" if self.isEnabled() else "muted"))
        words = QRectF(40, 0, self.width() - 40, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
