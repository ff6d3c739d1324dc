"""Ctrl+K: find any layer or action by name, and do it, all with the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QCloseEvent, QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from cnnstudio.gui.actions import SearchEntry
from cnnstudio.gui.dialogs.ranking import rank
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import Line, SearchField, elided, label

WIDTH = 600
ROW = 38
SHOWN = 10
_Index = QModelIndex | QPersistentModelIndex


class CommandPalette(QWidget):
    """A line to type into and the list of what it finds. Enter does the chosen one; Escape goes back.

    It lies over its window, not in a window of its own: that needs no help from a window manager. A click beside
    it closes it.
    """

    def __init__(self, theme: Theme, entries: Sequence[SearchEntry], parent: QWidget, placeholder: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("commandPalette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = theme
        self._before: QWidget | None = None
        self.panel = QFrame(self)
        self.panel.setProperty("look", "popup")
        self._entries = list(entries)
        self.model = EntryModel(rank(self._entries, ""), self)
        self.field = SearchField(theme, placeholder or self.tr("Search layers and actions"))
        self.field.setObjectName("commandPalette.field")
        self.field.textChanged.connect(self._search)
        self.field.stepped.connect(self._step)
        self.field.returnPressed.connect(self._choose)
        self.list = QListView()
        self.list.setObjectName("commandPalette.list")
        self.list.setModel(self.model)
        self.list.setItemDelegate(EntryDelegate(theme, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.clicked.connect(self._clicked)
        self.nothing = label(self.tr("Nothing of this name."), "muted", "commandPalette.nothing", self.list)
        self.nothing.move(12, 12)
        self.nothing.hide()
        shadow = QGraphicsDropShadowEffect(self.panel)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 6)
        shadow.setColor(QColor(0, 0, 0, 160 if theme.dark else 60))
        self.panel.setGraphicsEffect(shadow)
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self.field)
        column.addWidget(Line())
        column.addWidget(self.list)
        self._select(0)
        parent.installEventFilter(self)
        self.hide()

    def open_over(self, window: QWidget) -> None:
        """Show in the upper middle of a window, ready to type."""
        for open_one in window.findChildren(CommandPalette):
            if open_one is not self:
                open_one.close()
        self._before = window.focusWidget()
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _place(self) -> None:
        home = self.parentWidget()
        if home is not None:
            self.setGeometry(home.rect())
            width = max(280, min(WIDTH, home.width() - 32))
            height = min(SHOWN * ROW + 64, home.height() - 64)
            self.panel.setGeometry((home.width() - width) // 2, 48, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.panel.geometry().contains(event.position().toPoint()):
            self.close()

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._theme.color("background", 0.35))

    def focusNextPrevChild(self, _forward: bool) -> bool:
        return True  # the keyboard stays in the line

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)
        super().closeEvent(event)

    @property
    def current(self) -> SearchEntry | None:
        return self.model.entry(self.list.currentIndex())

    def _search(self, text: str) -> None:
        self.model.set_entries(rank(self._entries, text))
        self.nothing.setVisible(self.model.rowCount() == 0)
        self._select(0)

    def _step(self, direction: int) -> None:
        count = self.model.rowCount()
        if count:
            self._select((self.list.currentIndex().row() + direction) % count)

    def _select(self, row: int) -> None:
        self.list.setCurrentIndex(self.model.index(row, 0))

    def _clicked(self, _index: QModelIndex) -> None:
        self._choose()

    def _choose(self) -> None:
        entry = self.current
        if entry is not None and entry.enabled:
            self.close()
            entry.run()

    def keyPressEvent(self, event) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


class EntryModel(QAbstractListModel):
    def __init__(self, entries: Sequence[SearchEntry], parent: QWidget) -> None:
        super().__init__(parent)
        self._entries = list(entries)

    def set_entries(self, entries: Sequence[SearchEntry]) -> None:
        self.beginResetModel()
        self._entries = list(entries)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._entries)

    def entry(self, index: _Index) -> SearchEntry | None:
        return self._entries[index.row()] if 0 <= index.row() < len(self._entries) else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entry(index)
        if entry is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return f"{entry.detail} {entry.shortcut}".strip()
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled if index.isValid() else Qt.ItemFlag(0)


class EntryDelegate(QStyledItemDelegate):
    """Icon, name, what it does in grey, and its shortcut at the right."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(200, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        entry = model.entry(index) if isinstance(model, EntryModel) else None
        if entry is None:
            return
        theme = self._theme
        area = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent", 0.14))
            painter.drawRoundedRect(area.adjusted(0, 1, 0, -1), 5, 5)
        if not entry.enabled:
            painter.setOpacity(0.45)
        glyph = QRectF(area.left() + 8, area.center().y() - 11, 22, 22)
        if entry.badge is not None:
            theme.icons.paint_badge(painter, *entry.badge, glyph)
        else:
            theme.icons.paint(painter, entry.icon, glyph.adjusted(2, 2, -2, -2), "muted")
        right = self._paint_shortcut(painter, entry.shortcut, area)
        font = theme.text_font()
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        left = glyph.right() + 10
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        metrics = QFontMetricsF(font)
        name = elided(entry.text, metrics, right - left)
        painter.drawText(QRectF(left, area.top(), right - left, area.height()), middle, name)
        left += metrics.horizontalAdvance(name) + 12
        if right - left > 40:
            small = theme.text_font(-1)
            painter.setFont(small)
            painter.setPen(theme.color("muted"))
            detail = elided(entry.detail, QFontMetricsF(small), right - left)
            painter.drawText(QRectF(left, area.top(), right - left, area.height()), middle, detail)
        painter.restore()

    def _paint_shortcut(self, painter: QPainter, keys: str, area: QRectF) -> float:
        """Draws the keys at the right end; returns where the text before them has to end."""
        if not keys:
            return area.right() - 10
        font = self._theme.text_font(-1)
        width = QFontMetricsF(font).horizontalAdvance(keys) + 12
        box = QRectF(area.right() - 8 - width, area.center().y() - 9, width, 18)
        painter.setPen(self._theme.color("border"))
        painter.setBrush(self._theme.color("raised"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setFont(font)
        painter.setPen(self._theme.color("muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, keys)
        return box.left() - 12
