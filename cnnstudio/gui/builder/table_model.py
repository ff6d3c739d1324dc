"""The analysis report as a table that changes only where the figures do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from textwrap import fill

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from cnnstudio.graph import Report, Row, Severity
from cnnstudio.gui.builder.table_columns import ALIGNED, FIELD, FIGURE_OF, FIGURES, KIND, NAME, NOTE, OUTPUT
from cnnstudio.gui.builder.workings import title_of
from cnnstudio.gui.theme import bytes_text, count_text, shape_text, size_text

Index = QModelIndex | QPersistentModelIndex
TOKEN_ROLE = Qt.ItemDataRole.UserRole
"""Colour token of a cell's text."""
ID_ROLE = Qt.ItemDataRole.UserRole + 1
MARK_ROLE = Qt.ItemDataRole.UserRole + 2
"""Whether a receptive field is one of branches that look at different centres."""
LINE = 76
"""Characters of a tool tip's line."""
Why = Callable[[str, str], str]
"""Why a figure of a node is what it is: (node id, figure) to a sentence."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One row as it is shown, and the reason behind its question marks."""

    id: str
    texts: tuple[str, ...]
    faulty: bool
    reason: str
    field_note: str
    askew: bool


def cells_of(row: Row, blame: str) -> Cells:
    """The cells of a report's row; `blame` says why figures are unknown that are not its own fault."""
    field = row.receptive_field
    unknown = row.output_shape is None
    if field is None:
        seen = stride = padding = aligned = "?" if unknown else "\u2013"
    elif field.whole_input:
        seen = QCoreApplication.translate("AnalysisModel", "whole")
        stride = padding = aligned = "\u2013"
    else:
        seen, stride, padding = size_text(field.size), _short(field.stride), _short(field.padding)
        translate = QCoreApplication.translate
        aligned = translate("AnalysisModel", "yes") if field.aligned else translate("AnalysisModel", "no")
    errors = [each for each in row.problems if each.severity is Severity.ERROR]
    messages = " ".join(each.message for each in row.problems)
    return Cells(
        id=row.id,
        texts=(
            row.name,
            row.kind,
            shape_text(row.output_shape),
            count_text(row.parameters),
            count_text(row.macs),
            bytes_text(row.activation_bytes),
            seen,
            stride,
            padding,
            aligned,
            messages,
        ),
        faulty=bool(errors),
        reason=messages or (blame if unknown else ""),
        field_note=row.field_note,
        askew=field is not None and not field.aligned,
    )


def blame_of(report: Report) -> str:
    """Whose fault it is that figures are unknown; empty when none are."""
    first = next((row for row in report if row.output_shape is None and row.problems), None)
    words = QCoreApplication.translate("AnalysisModel", "Not known, because of {name}.")
    return "" if first is None else words.format(name=first.name)


class AnalysisModel(QAbstractTableModel):
    """Rows by node id. A new report inserts, removes and changes single rows, so that nothing flickers or jumps."""

    def __init__(self, why: Why | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._why = why
        self._rows: list[Cells] = []
        self.longest = [""] * (NOTE + 1)
        """The longest text that each column has had since `begin`."""
        self._narrow = False
        self._sources: dict[str, tuple[Row, str]] = {}
        """What each row's cells were made of: an analysis keeps the rows on which an edit has no bearing."""

    @property
    def ids(self) -> list[str]:
        return [row.id for row in self._rows]

    def begin(self) -> None:
        """Forget how long texts have been: another drawing is shown."""
        self.longest = [""] * (NOTE + 1)
        for row in self._rows:
            self._measure(row)

    def set_report(self, report: Report) -> None:
        fresh = self._fresh(report)
        before, after = self.ids, [row.id for row in fresh]
        # From the end, so that the positions of what is still to come stay true.
        steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes() if before != after else []
        for tag, low, high, begin, end in reversed(steps):
            if tag in ("delete", "replace"):
                self.beginRemoveRows(QModelIndex(), low, high - 1)
                del self._rows[low:high]
                self.endRemoveRows()
            if tag in ("insert", "replace"):
                self.beginInsertRows(QModelIndex(), low, low + end - begin - 1)
                self._rows[low:low] = fresh[begin:end]
                self.endInsertRows()
        for number, (old, new) in enumerate(zip(self._rows, fresh, strict=True)):
            if old is not new and old != new:
                self._rows[number] = new
                self.dataChanged.emit(self.index(number, 0), self.index(number, NOTE))

    def _fresh(self, report: Report) -> list[Cells]:
        blame = blame_of(report)
        former = {cells.id: cells for cells in self._rows}
        sources = {row.id: (row, blame) for row in report}
        fresh = []
        for row in report:
            known = self._sources.get(row.id)
            kept = known is not None and known[0] is row and known[1] == blame
            if kept:
                fresh.append(former[row.id])
            else:
                fresh.append(cells_of(row, blame))
                self._measure(fresh[-1])
        self._sources = sources
        return fresh

    def _measure(self, row: Cells) -> None:
        """A column that has made room for a text keeps it, so that columns do not jump while figures change."""
        for column, text in enumerate(row.texts[:NOTE]):
            if len(text) > len(self.longest[column]):
                self.longest[column] = text

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else NOTE + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.texts[column]
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(fill(line, LINE) for line in self.reason(index)) or None
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column in FIGURES else Qt.AlignmentFlag.AlignLeft
                return int(side | Qt.AlignmentFlag.AlignVCenter)
            case _ if role == TOKEN_ROLE:
                return self._token(row, column)
            case _ if role == ID_ROLE:
                return row.id
            case _ if role == MARK_ROLE:
                return row.askew and column == FIELD
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (self.short_titles() if self._narrow else self.titles())[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._explanations()[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in FIGURES else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def titles(self) -> tuple[str, ...]:
        return (
            self.tr("Layer"),
            self.tr("Kind"),
            self.tr("Output"),
            self.tr("Parameters"),
            self.tr("MACs"),
            self.tr("Memory"),
            self.tr("Receptive field"),
            self.tr("Stride"),
            self.tr("Padding"),
            self.tr("Aligned"),
            self.tr("Problem"),
        )

    def short_titles(self) -> tuple[str, ...]:
        """The titles where columns are narrow."""
        titles = list(self.titles())
        titles[FIELD] = self.tr("Field")
        return tuple(titles)

    def set_narrow(self, narrow: bool) -> None:
        """Whether the columns have the short titles."""
        if narrow != self._narrow:
            self._narrow = narrow
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, FIELD, FIELD)

    def row_of(self, node_id: str) -> int | None:
        return next((number for number, row in enumerate(self._rows) if row.id == node_id), None)

    def text_of(self, rows: list[int]) -> str:
        """Some rows with the titles above, tabs between cells: what a spreadsheet takes."""
        lines = ["\t".join(self.titles())]
        lines.extend("\t".join(self._rows[number].texts) for number in rows)
        return "\n".join(lines)

    def _explanations(self) -> tuple[str, ...]:
        return (
            self.tr("The layer's name, as in its weights' names"),
            self.tr("The layer's kind"),
            self.tr("Shape of the output: channels × height × width, or features"),
            self.tr("Numbers that the layer learns"),
            self.tr("Multiply-adds for one picture: convolution and linear layers, no bias, normalization or pooling"),
            self.tr("Memory of the output for one picture in float32 (1 KB = 1,024 bytes)"),
            self.tr("Pixels of the input that one value depends on, height × width"),
            self.tr("Pixels of the input from one value to the next (effective stride)"),
            self.tr("Pixels that the first value's field begins before the picture (effective padding)"),
            self.tr("Whether all branches that lead to the layer look at the same centre"),
            self.tr("What is wrong, and what was expected"),
        )

    def reason(self, index: Index) -> list[str]:
        """Why a cell says what it says, line by line; worked out when it is asked for."""
        if not index.isValid():
            return []
        row, column = self._rows[index.row()], index.column()
        if column in (NAME, KIND):
            return [f"{row.texts[NAME]} \u00b7 {row.texts[KIND]}"]
        if column == NOTE or row.texts[column] == "?":
            return [row.reason] if row.reason else []
        if row.texts[FIELD] == "\u2013" and column >= FIELD:
            return [row.field_note] if row.field_note else []
        asked = range(FIELD, NOTE) if column == FIELD else (column,)
        return list(dict.fromkeys(filter(None, (self._line(row, each) for each in asked))))

    def _line(self, row: Cells, column: int) -> str:
        figure = FIGURE_OF[column]
        text = "" if self._why is None else self._why(row.id, figure)
        if not text or (row.texts[column] == "\u2013" and column != FIELD):
            return ""
        return f"{title_of(figure)}: {text}"

    def _token(self, row: Cells, column: int) -> str:
        if row.faulty and (row.texts[column] == "?" or column == NOTE):
            return "danger"
        if column == NOTE or (column == ALIGNED and row.askew):
            return "warning"
        return "text" if column in (NAME, OUTPUT) and row.texts[column] != "?" else "muted"


def _short(stride: tuple[int, int]) -> str:
    return str(stride[0]) if stride[0] == stride[1] else size_text(stride)
