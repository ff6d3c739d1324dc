"""The analysis report as a table that changes only where the figures do."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from cnnstudio.graph import Report, Row, Severity
from cnnstudio.gui.theme import bytes_text, count_text, shape_text, size_text

Index = QModelIndex | QPersistentModelIndex
TOKEN_ROLE = Qt.ItemDataRole.UserRole
"""Colour token of a cell's text."""
ID_ROLE = Qt.ItemDataRole.UserRole + 1
NAME, KIND, OUTPUT, PARAMETERS, MACS, MEMORY, FIELD, STRIDE, NOTE = range(9)
FIGURES = range(OUTPUT, STRIDE + 1)
"""Columns that hold figures: right-aligned, all digits of one width."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One row as it is shown, and the reason behind its question marks."""

    id: str
    texts: tuple[str, ...]
    faulty: bool
    reason: str
    field_note: str


def cells_of(row: Row, blame: str) -> Cells:
    """The cells of a report's row; `blame` says why figures are unknown that are not its own fault."""
    field = row.receptive_field
    unknown = row.output_shape is None
    if field is None:
        seen, stride = ("?", "?") if unknown else ("\u2013", "\u2013")
    elif field.whole_input:
        seen, stride = QCoreApplication.translate("AnalysisModel", "whole picture"), "\u2013"
    else:
        seen, stride = size_text(field.size), _short(field.stride)
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
            messages,
        ),
        faulty=bool(errors),
        reason=messages or (blame if unknown else ""),
        field_note=row.field_note,
    )


def blame_of(report: Report) -> str:
    """Whose fault it is that figures are unknown; empty when none are."""
    first = next((row for row in report if row.output_shape is None and row.problems), None)
    words = QCoreApplication.translate("AnalysisModel", "Not known, because of {name}.")
    return "" if first is None else words.format(name=first.name)


class AnalysisModel(QAbstractTableModel):
    """Rows by node id. A new report inserts, removes and changes single rows, so that nothing flickers or jumps."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Cells] = []
        self._sources: dict[str, tuple[Row, str]] = {}
        """What each row's cells were made of: an analysis keeps the rows on which an edit has no bearing."""

    @property
    def ids(self) -> list[str]:
        return [row.id for row in self._rows]

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
            fresh.append(former[row.id] if kept else cells_of(row, blame))
        self._sources = sources
        return fresh

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
                return self._tip(row, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column in FIGURES else Qt.AlignmentFlag.AlignLeft
                return int(side | Qt.AlignmentFlag.AlignVCenter)
            case _ if role == TOKEN_ROLE:
                return self._token(row, column)
            case _ if role == ID_ROLE:
                return row.id
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.titles()[section]
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
            self.tr("Problem"),
        )

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
            self.tr("Pixels of the input from one value to the next"),
            self.tr("What is wrong, and what was expected"),
        )

    def _tip(self, row: Cells, column: int) -> str | None:
        text = row.texts[column]
        if column in (FIELD, STRIDE) and row.field_note:
            return row.field_note
        if column in (NAME, KIND):
            return f"{row.texts[NAME]} \u00b7 {row.texts[KIND]}"
        if text == "?" or column == NOTE:
            return row.reason or None
        return None

    def _token(self, row: Cells, column: int) -> str:
        if row.faulty and (row.texts[column] == "?" or column == NOTE):
            return "danger"
        if column == NOTE:
            return "warning"
        return "text" if column in (NAME, OUTPUT) and row.texts[column] != "?" else "muted"


def _short(stride: tuple[int, int]) -> str:
    return str(stride[0]) if stride[0] == stride[1] else size_text(stride)
