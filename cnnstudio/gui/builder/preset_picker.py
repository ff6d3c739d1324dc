"""The classic networks to choose from, each with its year and story."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QCloseEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from cnnstudio.graph import presets
from cnnstudio.graph.presets import Preset
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import label

Index = QModelIndex | QPersistentModelIndex
NAME_ROLE = Qt.ItemDataRole.UserRole
WIDTH, ROW = 420, 66
_WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class _Presets(QAbstractListModel):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Preset] = [presets.info(name) for name in presets.names()]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        preset = self.rows[index.row()]
        values = {
            int(Qt.ItemDataRole.DisplayRole): preset.title,
            int(Qt.ItemDataRole.ToolTipRole): preset.source,
            int(Qt.ItemDataRole.AccessibleTextRole): f"{preset.title}, {preset.year}. {preset.story}",
            int(NAME_ROLE): preset.name,
        }
        return values.get(int(role))


class _PresetDelegate(QStyledItemDelegate):
    """Title and year on one line, the story below."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(WIDTH - 24, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, area = self._theme, QRect(option.rect)
        state = option.state
        model = index.model()
        assert isinstance(model, _Presets)
        preset = model.rows[index.row()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent", 0.14) if chosen else theme.color("raised"))
            painter.drawRoundedRect(area.adjusted(0, 1, 0, -1), 6, 6)
        inside = area.adjusted(12, 8, -12, -6)
        painter.setFont(theme.text_font(0, bold=True))
        painter.setPen(theme.color("text"))
        painter.drawText(QRect(inside.left(), inside.top(), inside.width() - 60, 18), _LEFT, preset.title)
        painter.setFont(theme.number_font(-1))
        painter.setPen(theme.color("muted"))
        painter.drawText(QRect(inside.left(), inside.top(), inside.width(), 18), _RIGHT, str(preset.year))
        small = theme.text_font(-1)
        painter.setFont(small)
        story = QRect(
            inside.left(), inside.top() + 21, inside.width(), round(2 * QFontMetricsF(small).lineSpacing()) + 2
        )
        painter.drawText(story, _WRAPPED, preset.story)
        painter.restore()


class PresetPicker(QWidget):
    """A list that lies over the workspace; choosing one closes it and emits its name, a click beside it closes it.

    It is no window of its own, so that it needs no help from a window manager.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("presetPicker")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._before: QWidget | None = None
        self.panel = QFrame(self)
        self.panel.setObjectName("presetPanel")
        self.panel.setProperty("look", "popup")
        self.panel.setFixedWidth(WIDTH)
        self.list = QListView(self)
        self.list.setObjectName("presetList")
        self.list.setAccessibleName(self.tr("Classic networks"))
        self.list.setModel(_Presets(self))
        self.list.setItemDelegate(_PresetDelegate(theme, self.list))
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(min(8, self.list.model().rowCount()) * ROW + 4)
        self.list.setCurrentIndex(self.list.model().index(0, 0))
        self._lay_out()
        self.list.clicked.connect(self._take)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.list.viewport().update)
        parent.installEventFilter(self)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(10, 12, 10, 10)
        column.setSpacing(8)
        heading = label(self.tr("Put a network on the canvas"), "heading")
        note = label(self.tr("It takes the place of the drawing; undo brings that back."), "small")
        for each in (heading, note):
            each.setContentsMargins(12, 0, 0, 0)
            column.addWidget(each)
        column.addWidget(self.list)

    def open_at(self, corner: QPoint) -> None:
        """Show with its lower left corner at `corner` of the workspace, or as near as there is room."""
        home = self.parentWidget()
        assert home is not None
        self._before = QApplication.focusWidget()
        self.setGeometry(home.rect())
        self.panel.adjustSize()
        left = min(corner.x(), self.width() - self.panel.width() - 8)
        top = min(max(8, corner.y() - self.panel.height()), self.height() - self.panel.height() - 8)
        self.panel.move(max(8, left), max(8, top))
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.close()
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.panel.geometry().contains(event.position().toPoint()):
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.list.currentIndex().row()
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentIndex())
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            count = self.list.model().rowCount()
            self.list.setCurrentIndex(self.list.model().index((row + step) % count, 0))
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, _forward: bool) -> bool:
        return True  # the keyboard stays in the list

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.PopupFocusReason)

    def _take(self, index: QModelIndex) -> None:
        name = str(index.data(NAME_ROLE))
        self.close()
        self.chosen.emit(name)
