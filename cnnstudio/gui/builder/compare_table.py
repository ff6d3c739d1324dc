"""The rows of a comparison, and the totals above them."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.graph import Comparison
from cnnstudio.graph.comparison import Total
from cnnstudio.gui.builder import compare_model as columns
from cnnstudio.gui.builder.compare_model import DETAIL_ROLE, CompareModel, Fold
from cnnstudio.gui.theme import Theme, bytes_text, count_text
from cnnstudio.gui.widgets.basics import elided, label, look
from cnnstudio.gui.widgets.figure_table import STYLE_ROLE, TOKEN_ROLE, FigureDelegate, FigureTable, Index

ROW_HEIGHT = 32
ARROW = " → "
LEAST = (28, 120, 120, 150, 100, 116, 110)
USUAL = (32, 260, 260, 204, 170, 230, 220)
FIGURES = ("layers", "weight_layers", "parameters", "macs", "activation_bytes")


class CompareDelegate(FigureDelegate):
    """Names with what their layers are in grey behind them; a text that is too long takes a second line."""

    def paint_cell(self, painter: QPainter, area: QRect, index: Index) -> None:
        text, style = str(index.data() or ""), str(index.data(STYLE_ROLE) or "")
        long = QFontMetricsF(self.font(style)).horizontalAdvance(text) > area.width()
        if long and index.column() in (*columns.FIGURES, columns.DIFFERENCES):
            self._paint_two_lines(painter, area, index, text, style)
            return
        super().paint_cell(painter, area, index)
        detail = str(index.data(DETAIL_ROLE) or "")
        if not detail:
            return
        used = QFontMetricsF(painter.font()).horizontalAdvance(str(index.data())) + 8
        rest = area.adjusted(round(used), 0, 0, 0)
        if rest.width() > 24:
            painter.setFont(self.theme.text_font(-2))
            painter.setPen(self.theme.color("muted"))
            text = elided(detail, QFontMetricsF(painter.font()), rest.width())
            painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    def _paint_two_lines(self, painter: QPainter, area: QRect, index: Index, text: str, style: str) -> None:
        """`before`, and below it `→ after`; words are broken where they break by themselves."""
        font = self.theme.number_font(-2) if style == "figure" else self.theme.text_font(-2)
        metrics = QFontMetricsF(font)
        before, arrow, after = text.partition(ARROW)
        if arrow and index.column() in columns.FIGURES:
            lines = [before, f"{ARROW.strip()} {after}"]
        else:
            lines = _broken(text, metrics, area.width())
        painter.setFont(font)
        painter.setPen(self.theme.color(str(index.data(TOKEN_ROLE) or "text")))
        height = round(metrics.lineSpacing())
        lines = [line for line in lines if line]
        top = area.center().y() - round(len(lines) * height / 2) + 1
        side = Qt.AlignmentFlag.AlignRight if index.column() in columns.FIGURES else Qt.AlignmentFlag.AlignLeft
        for number, line in enumerate(lines):
            place = QRect(area.left(), top + number * height, area.width(), height)
            painter.drawText(place, int(side | Qt.AlignmentFlag.AlignVCenter), elided(line, metrics, area.width()))


def _broken(text: str, metrics: QFontMetricsF, width: float) -> list[str]:
    """Two lines, the first as full as its words allow."""
    words = text.split(" ")
    count = len(words)
    while count > 1 and metrics.horizontalAdvance(" ".join(words[:count])) > width:
        count -= 1
    return [" ".join(words[:count]), " ".join(words[count:])]


class CompareTable(FigureTable):
    """A fold opens by a click or by Enter."""

    fold_opened = Signal(object)

    def __init__(self, theme: Theme, model: CompareModel, parent: QWidget | None = None) -> None:
        super().__init__(theme, LEAST, USUAL, ROW_HEIGHT, parent)
        self.setObjectName("compareTable")
        self.setAccessibleName(self.tr("Layers of both networks"))
        self.setModel(model)
        self.setItemDelegate(CompareDelegate(theme, self))
        self.clicked.connect(self._open)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _open(self, index: Index) -> None:
        model = self.model()
        assert isinstance(model, CompareModel)
        row = model.rows[index.row()] if index.isValid() else None
        if isinstance(row, Fold):
            self.fold_opened.emit(row)


class Totals(QWidget):
    """The sums of both networks, side by side; always as high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: dict[str, tuple[QLabel, QLabel]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(20)
        words = {
            "layers": self.tr("Layers"),
            "weight_layers": self.tr("Weight layers"),
            "parameters": self.tr("Parameters"),
            "macs": self.tr("MACs a picture"),
            "activation_bytes": self.tr("Memory of outputs"),
        }
        for place, key in enumerate(FIGURES):
            before, after = label("\u2013", "number-muted", f"compare.{key}.before"), label("", "number")
            after.setObjectName(f"compare.{key}.after")
            self._labels[key] = before, after
            column = QVBoxLayout()
            column.setSpacing(1)
            name = label(words[key], "small", f"compare.{key}.name")
            for each in (name, before, after):
                column.addWidget(each)
                if key == "weight_layers":
                    each.setToolTip(self.tr("Convolutions and Linear layers, those on shortcuts too"))
            grid.addLayout(column, 0, place)
            grid.setColumnStretch(place, 1)

    def show_totals(self, comparison: Comparison | None) -> None:
        for key, (before, after) in self._labels.items():
            if comparison is None:
                before.setText("\u2013")
                after.setText("")
                continue
            total = comparison.total(key)
            same = total.before == total.after
            before.setText(_text(key, total.before))
            after.setText(self.tr("the same") if same else f"→ {_text(key, total.after)}{_ratio(total)}")
            look(after, "number-muted" if same else "number")


def _text(key: str, value: int) -> str:
    return bytes_text(value) if key == "activation_bytes" else count_text(value)


def _ratio(total: Total) -> str:
    ratio = total.ratio
    if not ratio or total.figure in ("layers", "weight_layers"):
        return ""
    return f"  {ratio:,.0f} ×" if ratio >= 100 else f"  {ratio:.3g} ×"
