"""The classic networks to choose from, each with its year and story."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.graph import presets
from cnnstudio.graph.presets import Preset
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import label

Index = QModelIndex | QPersistentModelIndex
NAME_ROLE = Qt.ItemDataRole.UserRole
WIDTH, ROW = 420, 76
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


class PresetPicker(QFrame):
    """A list that pops up; choosing one closes it and emits its name."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("presetPicker")
        self.setProperty("look", "toast")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH)
        self.list = _PresetList(self)
        self.list.setObjectName("presetList")
        self.list.setAccessibleName(self.tr("Classic networks"))
        self.list.setModel(_Presets(self))
        self.list.setItemDelegate(_PresetDelegate(theme, self.list))
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setCurrentIndex(self.list.model().index(0, 0))
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 12, 10, 10)
        column.setSpacing(8)
        heading = label(self.tr("Put a network on the canvas"), "heading")
        heading.setContentsMargins(12, 0, 0, 0)
        note = label(self.tr("It takes the place of the drawing; undo brings that back."), "small")
        note.setContentsMargins(12, 0, 0, 0)
        column.addWidget(heading)
        column.addWidget(note)
        column.addWidget(self.list)
        self.list.setFixedHeight(min(8, self.list.model().rowCount()) * ROW + 4)
        self.list.clicked.connect(self._take)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.taken.connect(self._take)

    def open_at(self, corner: QPoint) -> None:
        """Show with its lower left corner at `corner` of the screen, or as near as the screen allows."""
        self.adjustSize()
        screen = self.screen().availableGeometry()
        left = min(max(screen.left(), corner.x()), screen.right() - self.width())
        top = max(screen.top(), corner.y() - self.height())
        self.move(left, top)
        self.show()
        self.list.setFocus()

    def _take(self, index: QModelIndex) -> None:
        name = str(index.data(NAME_ROLE))
        self.close()
        self.chosen.emit(name)


class _PresetList(QListView):
    """Enter takes the current row."""

    taken = Signal(object)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.taken.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)
