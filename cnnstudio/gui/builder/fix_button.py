"""What mends a problem, as a button: what it does, and below it what that brings; or as a line of a menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.graph import Fix
from cnnstudio.gui.canvas.notes import unbroken
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import label


class FixButton(QAbstractButton):
    """Its words wrap, as far as they need. The first of several is the one that stands out."""

    def __init__(self, theme: Theme, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._primary = theme, number == 0
        self.setObjectName(f"problemFix{number or ''}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.does = label("", "accent" if self._primary else "", "fixText")
        self.brings = label("", "small", "fixPrice")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.setSpacing(1)
        for each in (self.does, self.brings):
            each.setWordWrap(True)
            each.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(each)
        theme.changed.connect(self.update)

    def show_fix(self, fix: Fix) -> None:
        does, _, brings = fix.text.partition(": ")
        self.does.setText(unbroken(does))
        self.brings.setText(unbroken(brings))
        self.brings.setVisible(bool(brings))
        self.setAccessibleName(fix.text)
        self.updateGeometry()

    def heightForWidth(self, width: int) -> int:
        column = self.layout()
        return column.totalHeightForWidth(width) if column is not None else 0

    def sizeHint(self) -> QSize:
        column = self.layout()
        return column.totalSizeHint() if column is not None else QSize()

    def minimumSizeHint(self) -> QSize:
        column = self.layout()
        return column.totalMinimumSize() if column is not None else QSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self.underMouse() or self.isDown()
        area = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.color("accent" if self._primary else "border"))
        painter.setBrush(theme.color("surface"))  # opaque: a tint on the box's own colour looks like a dead button
        painter.drawRoundedRect(area, 6, 6)
        if lit:
            painter.setBrush(theme.color("accent", 0.10))
            painter.drawRoundedRect(area, 6, 6)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


def fix_menu(fixes: Sequence[Fix], take: Callable[[Fix], object], parent: QWidget) -> QMenu:
    """A menu of fixes, that goes when it is closed."""
    menu = QMenu(parent)
    menu.setObjectName("fixMenu")
    menu.aboutToHide.connect(menu.deleteLater)
    for number, fix in enumerate(fixes):
        action = menu.addAction(fix.text)
        action.setObjectName(f"fixMenu.{number}")
        action.triggered.connect(lambda _checked=False, fix=fix: take(fix))
    return menu
