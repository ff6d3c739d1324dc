"""How the cells of the analysis table are painted."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnstudio.gui.builder import table_columns as columns
from cnnstudio.gui.builder.table_model import MARK_ROLE, TOKEN_ROLE
from cnnstudio.gui.theme import Theme

Index = QModelIndex | QPersistentModelIndex
GAP = 5
MARK = 8


class AnalysisDelegate(QStyledItemDelegate):
    """Cells in their colour tokens; the chosen row is one tinted band."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fonts: tuple[QFont, QFont, QFont]
        self.restyle()

    def font(self, column: int) -> QFont:
        return self._fonts[0 if column == columns.NAME else 2 if column in columns.FIGURES else 1]

    def restyle(self) -> None:
        theme = self._theme
        self._fonts = theme.text_font(-1, bold=True), theme.text_font(-1), theme.number_font(-1)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area: QRect = option.rect
        state = option.state
        column = index.column()
        painter.save()
        painter.fillRect(area, self._theme.color("surface"))  # the style has tinted the row already, with corners
        if state & QStyle.StateFlag.State_Selected:
            self._paint_band(painter, area, column)
        else:
            painter.setPen(self._theme.palette.blend("border", 0.45))
            painter.drawLine(area.bottomLeft(), area.bottomRight())
        font = self.font(column)
        inside = area.adjusted(GAP, 0, -GAP, 0)
        # The names of a block's layers differ in their ends.
        mode = Qt.TextElideMode.ElideMiddle if column == columns.NAME else Qt.TextElideMode.ElideRight
        text = QFontMetricsF(font).elidedText(str(index.data()), mode, inside.width())
        painter.setFont(font)
        painter.setPen(self._theme.color(str(index.data(TOKEN_ROLE))))
        painter.drawText(inside, int(index.data(Qt.ItemDataRole.TextAlignmentRole)), text)
        if index.data(MARK_ROLE):
            right = inside.right() - QFontMetricsF(font).horizontalAdvance(text)
            self._paint_askew(painter, QRectF(right - MARK - 5, area.center().y() - MARK / 2, MARK, MARK))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(1.5, 2.5, -1.5, -3.5), 4, 4)
        painter.restore()

    def _paint_askew(self, painter: QPainter, box: QRectF) -> None:
        """Two squares of which one has slipped: branches that look at different centres."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self._theme.color("warning"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        side = box.width() - 3
        painter.drawRect(QRectF(box.left(), box.top(), side, side))
        painter.drawRect(QRectF(box.left() + 3, box.top() + 3, side, side))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_band(self, painter: QPainter, area: QRect, column: int) -> None:
        """A piece of the band; its ends are round."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent", 0.14))
        painter.setClipRect(area)
        left, right = (0 if column == 0 else -8), (-6 if column == columns.NOTE else 8)
        painter.drawRoundedRect(area.adjusted(left, 0, right, -1), 5, 5)
        painter.setClipping(False)
