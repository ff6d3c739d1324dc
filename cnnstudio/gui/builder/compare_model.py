"""Two networks as one table: each row a layer of the one beside its counterpart in the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, Qt

from cnnstudio.graph import Comparison, Pair, Row
from cnnstudio.gui.theme import count_text, shape_text
from cnnstudio.gui.widgets.figure_table import STYLE_ROLE, TINT_ROLE, TOKEN_ROLE, Index

PAIR_ROLE = Qt.ItemDataRole.UserRole + 10
"""The Pair of a row; None for a fold."""
DETAIL_ROLE = Qt.ItemDataRole.UserRole + 11
"""What a layer's cell says in grey behind the name."""
SIGN, LEFT, RIGHT, OUTPUT, PARAMETERS, MACS, DIFFERENCES = range(7)
FIGURES = (OUTPUT, PARAMETERS, MACS)
FIGURE_NAMES = {OUTPUT: "output_shape", PARAMETERS: "parameters", MACS: "macs"}
SIGNS = {"same": "", "changed": "≠", "added": "+", "removed": "\u2212"}
FOLLOWS = "≈"
"""The layer itself is the same, its figures are not: what arrives has changed."""
TOKENS = {SIGNS["added"]: "ok", SIGNS["removed"]: "danger", SIGNS["changed"]: "accent", FOLLOWS: "muted", "": "muted"}


@dataclass(frozen=True, slots=True)
class Fold:
    """Layers that are alike and not shown; `first` is the place of the first among all pairs."""

    first: int
    count: int


class CompareModel(QAbstractTableModel):
    """All pairs, or only those that differ, with a fold where others are left out; a fold can be opened."""

    def __init__(self) -> None:
        super().__init__()
        self._comparison: Comparison | None = None
        self._summaries: tuple[dict[str, str], dict[str, str]] = {}, {}
        self._names = "", ""
        self._only_differences = False
        self._opened: set[int] = set()
        self._rows: list[Pair | Fold] = []

    @property
    def rows(self) -> list[Pair | Fold]:
        return list(self._rows)

    def show(
        self,
        comparison: Comparison | None,
        names: tuple[str, str],
        summaries: tuple[dict[str, str], dict[str, str]],
        *,
        only_differences: bool,
    ) -> None:
        """summaries: of each side, by id: what a layer's parameters come to in a few words."""
        if only_differences != self._only_differences:
            self._opened.clear()
        if comparison != self._comparison:
            self._opened.clear()
        self._comparison, self._names, self._summaries = comparison, names, summaries
        self._only_differences = only_differences
        self._lay_out()

    def open_fold(self, fold: Fold) -> None:
        """Show the layers that a fold stands for."""
        self._opened.add(fold.first)
        self._lay_out()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else DIFFERENCES + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column in FIGURES else Qt.AlignmentFlag.AlignLeft
            side = Qt.AlignmentFlag.AlignHCenter if column == SIGN else side
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return self._of_fold(row, column, role) if isinstance(row, Fold) else self._of_pair(row, column, role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles()[section]
        if role == Qt.ItemDataRole.ToolTipRole and section in (LEFT, RIGHT):
            return self._titles()[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in FIGURES else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    # -- inside

    def _lay_out(self) -> None:
        self.beginResetModel()
        pairs = () if self._comparison is None else self._comparison.rows
        self._rows = _folded(pairs, self._opened) if self._only_differences else list(pairs)
        self.endResetModel()

    def _of_fold(self, fold: Fold, column: int, role: int) -> object:
        match role:
            case Qt.ItemDataRole.DisplayRole if column in (LEFT, RIGHT):
                return self.tr("1 layer") if fold.count == 1 else self.tr("{count} layers").format(count=fold.count)
            case Qt.ItemDataRole.DisplayRole if column == DIFFERENCES:
                return self.tr("the same in both")
            case Qt.ItemDataRole.DisplayRole if column == SIGN:
                return "\u22ef"
            case Qt.ItemDataRole.ToolTipRole:
                return self.tr("Click, or press Enter, to see them")
            case _ if role == TOKEN_ROLE:
                return "muted"
            case _:
                return None

    def _of_pair(self, pair: Pair, column: int, role: int) -> object:
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(pair, column)
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(each.text for each in pair.differences) or self._meaning(pair) or None
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return self._meaning(pair)
            case _ if role == TOKEN_ROLE:
                return self._token(pair, column)
            case _ if role == TINT_ROLE:
                return {"added": "ok", "removed": "danger"}.get(pair.change, "")
            case _ if role == STYLE_ROLE:
                return (
                    "figure" if column in FIGURES else "bold" if column in (SIGN, LEFT, RIGHT) and pair.edited else ""
                )
            case _ if role == PAIR_ROLE:
                return pair
            case _ if role == DETAIL_ROLE and column in (LEFT, RIGHT):
                row = pair.left if column == LEFT else pair.right
                return "" if row is None else self._summaries[column - LEFT].get(row.id, row.kind)
            case _:
                return None

    def _text(self, pair: Pair, column: int) -> str:
        match column:
            case 0:
                return sign_of(pair)
            case 1 | 2:
                row = pair.left if column == LEFT else pair.right
                return "" if row is None else row.name
            case 3:
                return change_text(pair, lambda row: shape_text(row.output_shape))
            case 4:
                return change_text(pair, lambda row: count_text(row.parameters))
            case 5:
                return change_text(pair, lambda row: count_text(row.macs))
            case _:
                return "; ".join(each.text for each in pair.differences if each.own) or self._meaning(pair)

    def _token(self, pair: Pair, column: int) -> str:
        if pair.change == "same":
            return "muted"
        if column == SIGN:
            return TOKENS[sign_of(pair)]
        if column in FIGURES:
            differs = any(each.figure == FIGURE_NAMES[column] for each in pair.differences)
            return "accent" if differs else "muted" if pair.change == "changed" else "text"
        if column == DIFFERENCES and not pair.edited:
            return "muted"
        return "text"

    def _meaning(self, pair: Pair) -> str:
        if pair.change == "added":
            return self.tr("only in {name}").format(name=self._names[1])
        if pair.change == "removed":
            return self.tr("only in {name}").format(name=self._names[0])
        if pair.change == "changed" and not pair.edited:
            return self.tr("follows from the layers before")
        return ""

    def _titles(self) -> tuple[str, ...]:
        return (
            "",
            self._names[0] or self.tr("Layer"),
            self._names[1] or self.tr("Layer"),
            self.tr("Output"),
            self.tr("Parameters"),
            self.tr("MACs"),
            self.tr("What differs"),
        )


def _folded(pairs: tuple[Pair, ...], opened: set[int]) -> list[Pair | Fold]:
    rows: list[Pair | Fold] = []
    place = 0
    while place < len(pairs):
        end = place
        while end < len(pairs) and pairs[end].change == "same":
            end += 1
        if end > place and place not in opened:
            rows.append(Fold(place, end - place))
        else:
            end = max(end, place + 1)
            rows.extend(pairs[place:end])
        place = end
    return rows


def sign_of(pair: Pair) -> str:
    """`+` only in the second network, `−` only in the first, `≠` changed itself, `≈` through a layer before it."""
    return FOLLOWS if pair.change == "changed" and not pair.edited else SIGNS[pair.change]


def change_text(pair: Pair, text: Callable[[Row], str]) -> str:
    """`before → after` of one figure; a single text where they are alike or one side is missing."""
    return " → ".join(dict.fromkeys(text(row) for row in (pair.left, pair.right) if row is not None))


def layer_of(pair: Pair, side: int) -> Row | None:
    """The layer of the first (0) or the second network (1)."""
    return (pair.left, pair.right)[side]
