"""The sums below the analysis table."""

from __future__ import annotations

from textwrap import fill

from PySide6.QtCore import QCoreApplication, QEvent, QRect, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QTableView, QToolTip, QWidget

from cnnstudio.graph import Report, Row
from cnnstudio.gui.builder import table_columns as columns
from cnnstudio.gui.builder.table_cells import GAP
from cnnstudio.gui.builder.table_model import LINE
from cnnstudio.gui.theme import Theme, bytes_text, count_text
from cnnstudio.gui.widgets.basics import elided

TOTALS_HEIGHT = 34
MOST_TERMS = 6
"""Layers that a sum is spelled out for."""


class TotalsRow(QWidget):
    """The sums, below their columns. A sum that lacks something says so: `25,570 + ?`."""

    def __init__(self, theme: Theme, table: QTableView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._table = theme, table
        self.texts: dict[int, str] = {}
        self._report: Report | None = None
        self.setObjectName("totalsRow")
        self.setFixedHeight(TOTALS_HEIGHT)
        self.setMinimumWidth(1)
        theme.changed.connect(self.update)
        table.horizontalScrollBar().rangeChanged.connect(lambda _least, _most: self.update())
        table.horizontalScrollBar().valueChanged.connect(lambda _value: self.update())

    def set_report(self, report: Report) -> None:
        self._report = report
        rest = "" if report.complete else " + ?"
        self.texts = {
            columns.NAME: self.tr("Total"),
            columns.PARAMETERS: count_text(report.parameters) + rest,
            columns.MACS: count_text(report.macs) + rest,
            columns.MEMORY: bytes_text(report.activation_bytes) + rest,
        }
        words = self.tr("Total: {parameters} parameters, {macs} MACs, {memory}")
        self.setAccessibleName(
            words.format(
                parameters=self.texts[columns.PARAMETERS],
                macs=self.texts[columns.MACS],
                memory=self.texts[columns.MEMORY],
            )
        )
        self.update()

    def reason(self, column: int) -> str:
        """How a sum comes about: layer by layer where they are few, otherwise kind by kind."""
        figures = {
            columns.PARAMETERS: lambda row: row.parameters,
            columns.MACS: lambda row: row.macs,
            columns.MEMORY: lambda row: row.activation_bytes,
        }
        if self._report is None or column not in figures:
            return ""
        parts = [(row, figures[column](row) or 0) for row in self._report]
        terms = _terms([(row, amount) for row, amount in parts if amount])
        total = count_text(sum(amount for _row, amount in parts))
        if column == columns.MEMORY:
            total = self.tr("{count} bytes, as if none were freed").format(count=total)
        words = f"{' + '.join(terms)} = {total}" if len(terms) > 1 else total
        rest = self.tr("Layers with a question mark are not counted: mend their faults first.")
        return words if self._report.complete else f"{words}\n{rest}"

    @property
    def apart(self) -> bool:
        """Whether the columns are too wide to be seen at once: then the sums stand side by side, with their names."""
        return self._table.horizontalScrollBar().maximum() > 0

    @property
    def line(self) -> str:
        """All sums in one line."""
        words = self.tr("{parameters} parameters \u00b7 {macs} MACs \u00b7 {memory}")
        return words.format(
            parameters=self.texts[columns.PARAMETERS],
            macs=self.texts[columns.MACS],
            memory=self.texts[columns.MEMORY],
        )

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            sums = self.texts if self.apart else [self._table.columnAt(event.pos().x())]
            lines = [fill(line, LINE) for column in sums for line in self.reason(column).splitlines()]
            QToolTip.showText(event.globalPos(), "\n".join(lines), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        painter.fillRect(self.rect(), theme.color("surface"))
        painter.setPen(theme.color("border"))
        painter.drawLine(0, 0, self.width(), 0)
        painter.setPen(theme.color("text"))
        if self.apart and self.texts:
            self._paint_line(painter)
            return
        for column, text in self.texts.items():
            left, width = self._table.columnViewportPosition(column), self._table.columnWidth(column)
            font = theme.text_font(-1, bold=True) if column == columns.NAME else theme.number_font(-1)
            painter.setFont(font)
            if column == columns.NAME:
                place, align = QRect(left + GAP, 0, width, self.height()), Qt.AlignmentFlag.AlignLeft
            else:
                # A long sum may stand out to the left: nothing else is there.
                wide = max(width - 2 * GAP, round(QFontMetricsF(font).horizontalAdvance(text)) + 2)
                place = QRect(left + width - GAP - wide, 0, wide, self.height())
                align = Qt.AlignmentFlag.AlignRight
            painter.drawText(place, int(align | Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_line(self, painter: QPainter) -> None:
        middle = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        bold, plain = self._theme.text_font(-1, bold=True), self._theme.text_font(-1)
        total = self.texts[columns.NAME]
        left = GAP + round(QFontMetricsF(bold).horizontalAdvance(total)) + 2 * GAP
        room = QRect(left, 0, self.width() - left - GAP, self.height())
        painter.setFont(bold)
        painter.drawText(QRect(GAP, 0, left, self.height()), middle, total)
        painter.setFont(plain)
        painter.drawText(room, middle, elided(self.line, QFontMetricsF(plain), room.width()))


def _terms(parts: list[tuple[Row, int]]) -> list[str]:
    """`conv1 520`, or `Conv2d 14,714,688 (13 layers)` where there are many."""
    if len(parts) <= MOST_TERMS:
        return [f"{row.name} {count_text(amount)}" for row, amount in parts]
    kinds: dict[str, list[int]] = {}
    for row, amount in parts:
        kinds.setdefault(row.kind, []).append(amount)
    one = QCoreApplication.translate("TotalsRow", "{kind} {amount} (1 layer)")
    several = QCoreApplication.translate("TotalsRow", "{kind} {amount} ({count} layers)")
    return [
        (one if len(amounts) == 1 else several).format(kind=kind, amount=count_text(sum(amounts)), count=len(amounts))
        for kind, amounts in kinds.items()
    ]
