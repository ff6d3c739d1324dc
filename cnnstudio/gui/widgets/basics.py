"""The small parts every panel is made of."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QMargins, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.gui.theme import Theme, duration_text

GRID = 8
"""Everything stands on multiples of this many pixels."""


def look(widget: QWidget, name: str, **properties: object) -> QWidget:
    """Give a widget a look of the style sheet (and further properties it asks for), now or later; returns it."""
    for key, value in {"look": name, **properties}.items():
        widget.setProperty(key, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    return widget


def label(text: str = "", style: str = "", name: str = "", parent: QWidget | None = None) -> QLabel:
    """A plain-text label with a look; it shows what it is given, never markup."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if style:
        made.setProperty("look", style)
    if name:
        made.setObjectName(name)
    return made


def button(text: str, style: str = "", name: str = "", parent: QWidget | None = None) -> QPushButton:
    """A push button with a look: primary, link, flat, danger or plain."""
    made = QPushButton(text, parent)
    made.setAutoDefault(False)
    if style:
        made.setProperty("look", style)
    if style == "link":
        made.setCursor(Qt.CursorShape.PointingHandCursor)
    if name:
        made.setObjectName(name)
    return made


def icon_button(theme: Theme, icon: str, tip: str, name: str = "", parent: QWidget | None = None) -> QToolButton:
    """A flat square button that is only an icon; `tip` is also its accessible name."""
    made = QToolButton(parent)
    made.setIcon(theme.icons.icon(icon, "muted"))
    made.setIconSize(QSize(18, 18))
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setProperty("look", "flat")
    if name:
        made.setObjectName(name)
    return made


PHASES = 90
"""Calls that the wandering band of a progress line takes for its way there and back."""


class SectionLabel(QLabel):
    """Small capitals above a group, as PARAMETERS."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text.upper(), parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", "section")


class Line(QFrame):
    """A hair line between two things."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "line")


class Card(QFrame):
    """A surface with a border and room inside. `header` is the row of the title, `body` the column below it."""

    def __init__(self, title: str = "", parent: QWidget | None = None, *, inset: bool = False) -> None:
        super().__init__(parent)
        self.setProperty("look", "inset" if inset else "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 12, 2 * GRID, 12)
        column.setSpacing(GRID)
        self.header = QHBoxLayout()
        self.header.setSpacing(GRID)
        self.title = label(title, "heading")
        self.title.setVisible(bool(title))
        self.header.addWidget(self.title)
        self.header.addStretch(1)
        self.body = QVBoxLayout()
        self.body.setSpacing(GRID)
        column.addLayout(self.header)
        column.addLayout(self.body, 1)
        if not title:
            column.setSpacing(0)

    def set_title(self, text: str) -> None:
        self.title.setText(text)
        self.title.setVisible(bool(text))

    def set_selected(self, selected: bool) -> None:
        """The accent frame of the chosen card."""
        look(self, "card", selected=selected)


class EmptyState(QWidget):
    """What an empty panel shows: what would fill it, and the button that does. `choices` is the row of that button."""

    activated = Signal()
    NARROW, WIDE = 320, 460
    """Widths of the text; the wide one has fewer lines, for a panel that is low."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        title: str,
        text: str,
        action: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._glyph = Glyph(theme, icon, 40, "muted")
        self.title = label(title, "heading")
        self.text = label(text, "muted")
        self.text.setWordWrap(True)
        self.button = button(action, "primary", "emptyStateButton")
        self.button.setVisible(bool(action))
        self.button.clicked.connect(self.activated)
        column = QVBoxLayout(self)
        column.setSpacing(GRID)
        column.addStretch(1)
        for widget in (self._glyph, self.title, self.text):
            if isinstance(widget, QLabel):
                widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(GRID)
        self.choices = QHBoxLayout()
        self.choices.addStretch(1)
        self.choices.addWidget(self.button)
        self.choices.addStretch(1)
        column.addLayout(self.choices)
        column.addStretch(1)
        self._measure = self.NARROW
        self.set_text(title, text, action)

    def set_text(self, title: str, text: str, action: str = "") -> None:
        self.title.setText(title)
        self.text.setText(text)
        self._fit_text()
        self.button.setText(action)
        self.button.setVisible(bool(action))

    def fit(self, room: QSize) -> None:
        """In a room that is too low, do without the icon, in lines as long as there is width for."""
        column = self.layout()
        margins = column.contentsMargins() if column is not None else QMargins()
        words = self.title.sizeHint().height() + self.text.heightForWidth(self.NARROW)
        height = self._glyph.height() + words + self.button.sizeHint().height() + 5 * GRID
        low = room.height() < height + margins.top() + margins.bottom()
        self._glyph.setVisible(not low)
        self._measure = max(self.NARROW, min(self.WIDE, room.width() - 4 * GRID)) if low else self.NARROW
        self._fit_text()

    def _fit_text(self) -> None:
        self.text.setFixedSize(self._measure, self.text.heightForWidth(self._measure))


class Glyph(QWidget):
    """One icon, painted in a colour token, sharp on any screen."""

    def __init__(
        self, theme: Theme, icon: str, size: int = 20, token: str = "text", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._icon, self._token = theme, icon, token
        self.setFixedSize(size, size)
        theme.changed.connect(self.update)

    def set_icon(self, icon: str, token: str) -> None:
        self._icon, self._token = icon, token
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._theme.icons.paint(painter, self._icon, QRectF(self.rect()), self._token)


class Badge(QWidget):
    """The glyph of a layer kind on its tinted square."""

    def __init__(
        self, theme: Theme, kind: str = "", family: str = "", size: int = 24, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._kind, self._family = theme, kind, family
        self.setFixedSize(size, size)
        theme.changed.connect(self.update)

    def set_kind(self, kind: str, family: str) -> None:
        self._kind, self._family = kind, family
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._kind:
            self._theme.icons.paint_badge(QPainter(self), self._kind, self._family, QRectF(self.rect()))


class SearchField(QLineEdit):
    """A line to search or filter with; Escape empties it, the arrow keys are passed on to `stepped`."""

    stepped = Signal(object)  # +1 down, -1 up

    def __init__(self, theme: Theme, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setProperty("look", "search")
        self._theme = theme
        self.setTextMargins(20, 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        box = QRectF(9, self.height() / 2 - 7, 14, 14)
        self._theme.icons.paint(QPainter(self), "search", box, "muted")

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.stepped.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)


class ProgressLine(QWidget):
    """A thin bar; without a known total a band wanders along it, one step a call."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._done, self._total = 0.0, 1.0
        self._phase = 0
        self.setFixedHeight(GRID)
        self.setMinimumWidth(80)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def share(self) -> float | None:
        """Part done from 0 to 1; None while the total is not known."""
        return min(1.0, self._done / self._total) if self._total > 0 else None

    def set_progress(self, done: float, total: float) -> None:
        """`total` 0: not known."""
        if total <= 0:
            self._phase = (self._phase + 1) % PHASES
            self.update()
        if (done, total) != (self._done, self._total):
            self._done, self._total = max(0.0, done), total
            share = self.share
            self.setAccessibleDescription("" if share is None else f"{share:.0%}")
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(self.rect())
        painter.setBrush(self._theme.color("raised"))
        painter.drawRoundedRect(groove, 4, 4)
        share = self.share
        if share is None:
            band = 0.3 * groove.width()
            left = (groove.width() - band) * (0.5 - 0.5 * math.cos(2 * math.pi * self._phase / PHASES))
            painter.setBrush(self._theme.color("accent"))
            painter.drawRoundedRect(QRectF(left, 0, band, groove.height()), 4, 4)
        elif share > 0:
            painter.setBrush(self._theme.color("accent"))
            painter.drawRoundedRect(QRectF(0, 0, max(GRID, share * groove.width()), groove.height()), 4, 4)


def time_left_text(rate: float | None, seconds: float | None) -> str:
    """`3,870 images a second · 6 s left`, leaving out what is not known."""
    translate = QCoreApplication.translate
    parts = [translate("Progress", "{rate} images a second").format(rate=f"{rate:,.0f}")] if rate else []
    if seconds is not None:
        parts.append(translate("Progress", "{time} left").format(time=duration_text(seconds)))
    return " · ".join(parts)


def elided(text: str, metrics: QFontMetricsF, width: float) -> str:
    """The text, with an ellipsis when it does not fit."""
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def with_alpha(color: QColor, alpha: float) -> QColor:
    made = QColor(color)
    made.setAlphaF(alpha)
    return made
