"""The classic networks as a list that can be filtered, each with its year."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from cnnstudio.graph import presets
from cnnstudio.graph.presets import Preset
from cnnstudio.gui.builder.sections import LEFT, Section, SectionDelegate, SectionList, SectionModel
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import elided

NAME_ROLE = Qt.ItemDataRole.UserRole
ROW = 28
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

Rows = list[Section | Preset]


def matching_presets(needle: str) -> Rows:
    """Groups and those of their networks that every word of `needle` fits: by name, title, year or author."""
    words = needle.casefold().split()
    rows: Rows = []
    group = None
    for name in presets.names():
        preset = presets.info(name)
        if not all(_fits(preset, word) for word in words):
            continue
        if preset.group != group:
            group = preset.group
            rows.append(Section(group))
        rows.append(preset)
    return rows


def _fits(preset: Preset, word: str) -> bool:
    if word in f"{preset.name} {preset.title} {preset.year}".casefold():
        return True
    # Of the source a beginning is asked for: `he` is an author, and stands inside half of all words.
    return any(each.startswith(word) for each in preset.source.casefold().replace(",", " ").split())


def best_preset(rows: Rows, needle: str) -> int | None:
    """Row of the network that is most likely meant: of that very name, else one that begins so, else the first."""
    wanted = needle.casefold().strip()

    def rank(row: int) -> int:
        preset = rows[row]
        assert isinstance(preset, Preset)
        names = preset.name.casefold(), preset.title.casefold()
        return 0 if wanted in names else 1 if any(name.startswith(wanted) for name in names) else 2

    entries = [row for row, each in enumerate(rows) if isinstance(each, Preset)]
    return min(entries, key=rank, default=None)


class PresetModel(SectionModel):
    def told(self, entry: object) -> dict[int, object]:
        assert isinstance(entry, Preset)
        return {
            int(Qt.ItemDataRole.DisplayRole): entry.title,
            int(Qt.ItemDataRole.AccessibleTextRole): f"{entry.title}, {entry.year}. {entry.story}",
            int(NAME_ROLE): entry.name,
        }


class PresetDelegate(SectionDelegate):
    """The title, and the year at the right."""

    def paint_entry(self, painter: QPainter, area: QRect, entry: object) -> None:
        assert isinstance(entry, Preset)
        inside = area.adjusted(10, 0, -10, 0)
        painter.setFont(self.theme.number_font(-1))
        painter.setPen(self.theme.color("muted"))
        painter.drawText(inside, _RIGHT, str(entry.year))
        font = self.theme.text_font()
        painter.setFont(font)
        painter.setPen(self.theme.color("text"))
        painter.drawText(inside, int(LEFT), elided(entry.title, QFontMetricsF(font), inside.width() - 44))


class PresetList(SectionList):
    """What lies under the pointer is the current one."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, PresetModel(matching_presets("")), parent)
        self.setObjectName("presetList")
        self.setAccessibleName(self.tr("Classic networks"))
        self.setItemDelegate(PresetDelegate(theme, ROW, self))
        self.entered.connect(lambda index: self.setCurrentIndex(index) if self.entries.entry(index) else None)

    def set_filter(self, needle: str) -> None:
        """Show what matches; the likeliest is the current one."""
        rows = matching_presets(needle)
        self.entries.set_rows(rows)
        self.go(best_preset(rows, needle))

    @property
    def current_preset(self) -> Preset | None:
        entry = self.current_entry
        return entry if isinstance(entry, Preset) else None

    def show_preset(self, name: str) -> None:
        """Make a network the current one, if the filter lets it show."""
        names = [row.name if isinstance(row, Preset) else "" for row in self.entries.rows]
        if name in names:
            self.go(names.index(name))
