"""The measured layers: figures, and two bars a layer that say whether it is worth its time."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from cnnstudio.engine import ProfileRow
from cnnstudio.gui.builder import profile_model as columns
from cnnstudio.gui.builder.profile_model import ODD_ROLE, ROW_ROLE, SCALE_ROLE, ProfileModel
from cnnstudio.gui.theme import Theme, percent_text
from cnnstudio.gui.widgets.figure_table import FigureDelegate, FigureTable, Index

ROW_HEIGHT = 34
LEAST = (100, 86, 78, 84, 62, 62, 118, 114)
USUAL = (150, 128, 92, 100, 84, 84, 136, 260)
BAR = 7
MARK = 14


class ProfileDelegate(FigureDelegate):
    """Twin bars in the last column; a warning sign beside the name of the layer that is out of proportion."""

    def paint_cell(self, painter: QPainter, area: QRect, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if index.column() == columns.SHARES and isinstance(row, ProfileRow):
            self._paint_bars(painter, QRectF(area), row, float(index.data(SCALE_ROLE)), bool(index.data(ODD_ROLE)))
            return
        if index.column() == columns.NAME and index.data(ODD_ROLE):
            mark = QRectF(area.left(), area.center().y() - MARK / 2, MARK, MARK)
            self.theme.icons.paint(painter, "warning", mark, "warning")
            area = area.adjusted(MARK + 5, 0, 0, 0)
        super().paint_cell(painter, area, index)

    def _paint_bars(self, painter: QPainter, area: QRectF, row: ProfileRow, scale: float, odd: bool) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = self.theme.number_font(-2)
        metrics = QFontMetricsF(font)
        words = metrics.horizontalAdvance("100.0 %") + 6
        painter.setFont(font)
        middle = area.center().y()
        for top, share, token in (
            (middle - BAR - 3, row.time_share, "warning" if odd else "accent"),
            (middle + 3, row.macs_share, "muted"),
        ):
            length = (area.width() - words) * min(1.0, share / scale)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color(token))
            if share > 0:
                painter.drawRoundedRect(QRectF(area.left(), top, max(2.0, length), BAR), 2, 2)
            painter.setPen(self.theme.color("text" if token != "muted" else "muted"))
            text = QRectF(area.right() - words, top - 5, words, BAR + 10)
            painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, percent_text(share))


class ProfileTable(FigureTable):
    def __init__(self, theme: Theme, model: ProfileModel, parent: QWidget | None = None) -> None:
        super().__init__(theme, LEAST, USUAL, ROW_HEIGHT, parent)
        self.setObjectName("profileTable")
        self.setAccessibleName(self.tr("Time of each layer"))
        self.setModel(model)
        self.setItemDelegate(ProfileDelegate(theme, self))

    def select_node(self, node_id: str) -> None:
        """Choose the row of a layer, where it has one."""
        model = self.model()
        assert isinstance(model, ProfileModel)
        for number, row in enumerate(model.rows):
            if row.id == node_id:
                self.selectRow(number)
