"""A measurement as a table: milliseconds and bytes of each layer beside its multiply-adds."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, Qt

from cnnstudio.engine import ProfileRow
from cnnstudio.explain.reports.timing import render_profile
from cnnstudio.gui.theme import bytes_text, count_text, percent_text
from cnnstudio.gui.widgets.figure_table import STYLE_ROLE, TINT_ROLE, TOKEN_ROLE, Index
from cnnstudio.session import Measurement

ROW_ROLE = Qt.ItemDataRole.UserRole + 10
"""The ProfileRow itself."""
SCALE_ROLE = Qt.ItemDataRole.UserRole + 11
"""The share, 0 to 1, that the longest bar stands for."""
ODD_ROLE = Qt.ItemDataRole.UserRole + 12
"""Whether the layer is out of proportion."""
NAME, KIND, FORWARD, BACKWARD, OUTPUT, KEPT, MACS, SHARES = range(8)
FIGURES = range(FORWARD, SHARES)


def milliseconds_text(value: float) -> str:
    """Two digits behind the point, so that the points stand one below the other; small ones are not called zero."""
    return f"{value:,.2f}" if value >= 0.005 or not value else "<0.01"


class ProfileModel(QAbstractTableModel):
    """The rows of one measurement, as data run through them or the slowest first."""

    def __init__(self) -> None:
        super().__init__()
        self._measurement: Measurement | None = None
        self._rows: list[ProfileRow] = []
        self._slowest_first = False
        self._scale = 1.0

    @property
    def rows(self) -> list[ProfileRow]:
        return list(self._rows)

    def show(self, measurement: Measurement | None, *, slowest_first: bool) -> None:
        if measurement is self._measurement and slowest_first == self._slowest_first:
            return
        self.beginResetModel()
        self._measurement, self._slowest_first = measurement, slowest_first
        rows = [] if measurement is None else list(measurement.profile.rows)
        if slowest_first:
            rows.sort(key=lambda row: -row.milliseconds)
        self._rows = rows
        self._scale = max((max(row.time_share, row.macs_share) for row in rows), default=0.0) or 1.0
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else SHARES + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.cells(row)[column]
            case Qt.ItemDataRole.ToolTipRole:
                return self._tip(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column in FIGURES else Qt.AlignmentFlag.AlignLeft
                return int(side | Qt.AlignmentFlag.AlignVCenter)
            case _ if role == TOKEN_ROLE:
                return "muted" if column in (KIND, OUTPUT, KEPT, MACS) else "text"
            case _ if role == TINT_ROLE:
                return "warning" if self._odd(row) else ""
            case _ if role == STYLE_ROLE:
                return "bold" if column == NAME else "figure" if column in FIGURES else ""
            case _:
                return {int(ROW_ROLE): row, int(SCALE_ROLE): self._scale, int(ODD_ROLE): self._odd(row)}.get(int(role))

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

    def text(self) -> str:
        """All of it in columns, with what is to be said of it: as `cnnstudio profile` prints it."""
        measurement = self._measurement
        if measurement is None:
            return ""
        page = render_profile(measurement.profile, "table", repeats=measurement.repeats)
        return f"{page}\n{measurement.pictures}"

    def cells(self, row: ProfileRow) -> tuple[str, ...]:
        """A row as it is shown."""
        report = None if self._measurement is None else self._measurement.report
        kind = row.kind if report is None or row.id not in report else report[row.id].kind
        shares = self.tr("{time} of the time, {macs} of the multiply-adds").format(
            time=percent_text(row.time_share), macs=percent_text(row.macs_share)
        )
        return (
            row.name,
            kind,
            self.tr("{time} ms").format(time=milliseconds_text(row.forward_ms)),
            self.tr("{time} ms").format(time=milliseconds_text(row.backward_ms)),
            bytes_text(row.forward_bytes),
            bytes_text(row.backward_bytes),
            count_text(row.macs),
            shares,
        )

    def titles(self) -> tuple[str, ...]:
        return (
            self.tr("Layer"),
            self.tr("Kind"),
            self.tr("Forward"),
            self.tr("Backward"),
            self.tr("Output"),
            self.tr("Kept"),
            self.tr("MACs"),
            self.tr("Time beside work"),
        )

    def _explanations(self) -> tuple[str, ...]:
        return (
            self.tr("The layer's name; choose a row to select it in the drawing"),
            self.tr("The layer's kind"),
            self.tr("Milliseconds of the whole batch on the way there, in training: the median of the repeats"),
            self.tr("Milliseconds on the way back; 0 where nothing at or before the layer learns"),
            self.tr("Memory of the output for the batch; 0 where it lies in the memory of the input"),
            self.tr("Memory held for the way back, without what a layer before holds already"),
            self.tr("Multiply-adds for one picture"),
            self.tr("Above its share of the time, below its share of the multiply-adds; all bars have one scale"),
        )

    def _odd(self, row: ProfileRow) -> bool:
        odd = None if self._measurement is None else self._measurement.profile.out_of_proportion
        return odd is not None and odd.id == row.id

    def _tip(self, row: ProfileRow) -> str:
        text = self.tr(
            "{name} takes {time} of the time for {macs} of the multiply-adds and {traffic} of the memory traffic."
        )
        return text.format(
            name=row.name,
            time=percent_text(row.time_share),
            macs=percent_text(row.macs_share),
            traffic=percent_text(row.traffic_share),
        )


def totals_text(measurement: Measurement) -> str:
    """`Forward 12.30 ms, backward 25.10 ms: 37.40 ms for 64 pictures, 0.58 ms a picture.`"""
    there, back = measurement.profile.forward_ms, measurement.profile.backward_ms
    return QCoreApplication.translate(
        "ProfileModel", "Forward {there} ms, backward {back} ms: {both} ms for {pictures}, {each} ms a picture."
    ).format(
        there=milliseconds_text(there),
        back=milliseconds_text(back),
        both=milliseconds_text(there + back),
        pictures=pictures_text(measurement.batch_size),
        each=milliseconds_text((there + back) / measurement.batch_size),
    )


def pictures_text(number: int) -> str:
    if number == 1:
        return QCoreApplication.translate("ProfileModel", "1 picture")
    return QCoreApplication.translate("ProfileModel", "{count} pictures").format(count=count_text(number))
