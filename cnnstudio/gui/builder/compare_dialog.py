"""The drawing beside another network: a classic one, a project file, or itself as last saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.explain.reports import SUFFIXES
from cnnstudio.explain.reports.comparing import COMPARISON_FORMATS, render_comparison
from cnnstudio.explain.reports.wording import kind_text
from cnnstudio.graph import Comparison, Graph, Pair, compare, presets
from cnnstudio.gui.actions import SearchEntry
from cnnstudio.gui.builder.compare_model import PAIR_ROLE, CompareModel, Fold, layer_of
from cnnstudio.gui.builder.compare_table import CompareTable, Totals
from cnnstudio.gui.builder.stories import story_of
from cnnstudio.gui.dialogs.command_palette import CommandPalette
from cnnstudio.gui.dialogs.save_text import ask_where, file_name, write_text
from cnnstudio.gui.dialogs.sized import SizedDialog
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import EmptyState, button, elided, icon_button, label, look
from cnnstudio.gui.widgets.choices import Switch
from cnnstudio.gui.widgets.elided import ElidedLabel
from cnnstudio.project import SUFFIX, ProjectError, open_project
from cnnstudio.session import Studio

USUAL = QSize(1240, 700)
MOST_NAME = 240
"""Pixels of a network's name; a longer one is cut short, and its tool tip has all of it."""
LONGEST_SPOKEN = 48
"""Characters of a name in a sentence."""


@dataclass(frozen=True, slots=True)
class Other:
    """What the drawing is compared with, as a title and as a sentence calls it.

    earlier: it is a version of the drawing, and goes before it.
    """

    name: str
    spoken: str
    graph: Callable[[], Graph | None]
    earlier: bool = False


class CompareDialog(SizedDialog):
    """Stands beside the main window and follows each edit; choosing a row selects the layer there."""

    node_wanted = Signal(str)

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio.settings, "compare", USUAL, parent)
        self.setObjectName("compareDialog")
        self.setWindowTitle(self.tr("Compare networks"))
        self.setMinimumSize(820, 420)
        self._studio, self._theme = studio, theme
        self._other: Other | None = None
        self._swapped = False
        self._comparison: Comparison | None = None
        self._names = "", ""
        self._summaries: tuple[dict[str, str], dict[str, str]] = {}, {}
        self.model = CompareModel()
        self.table = CompareTable(theme, self.model)
        self._make_parts()
        self._lay_out()
        self._connect()

    def showEvent(self, event: QShowEvent) -> None:
        self._refresh()
        super().showEvent(event)

    def choose(self) -> None:
        """Open the list of networks to compare with."""
        CommandPalette(self._theme, self.entries(), self, self.tr("Compare with\u2026")).open_over(self)

    def entries(self) -> list[SearchEntry]:
        """The version last saved, a file, and all classic networks."""
        saved = self._studio.saved_graph is not None
        detail = self.tr("the drawing before the edits since") if saved else self.tr("there is no such version")
        earlier = self._earlier()
        entries = [
            SearchEntry(earlier.name, partial(self.compare_with, earlier), detail, "save", enabled=saved),
            SearchEntry(
                self.tr("A project file\u2026"), self._ask_file, self.tr("the drawing in a .cnnstudio file"), "open"
            ),
        ]
        for name in presets.names():
            preset = presets.info(name)
            entries.append(
                SearchEntry(
                    preset.title,
                    partial(self.compare_with, Other(preset.title, preset.title, partial(presets.load, name))),
                    f"{preset.year} · {preset.story}",
                    "layer",
                    keywords=f"{name} {preset.group}",
                )
            )
        return entries

    def _earlier(self) -> Other:
        """The drawing before the edits since it was saved, or begun if it never was."""
        began = self._studio.path is None
        name = self.tr("As it was begun") if began else self.tr("As last saved")
        spoken = self.tr("the version it was begun with") if began else self.tr("the version last saved")
        return Other(name, spoken, lambda: self._studio.saved_graph, earlier=True)

    def compare_with(self, other: Other) -> None:
        """Lay the drawing beside another network."""
        graph = other.graph()
        fixed = other if other.earlier else Other(other.name, other.spoken, lambda: graph)
        self._other, self._swapped = fixed, fixed.earlier
        self._problem("")
        self._refresh()
        self.table.scrollToTop()

    def compare_with_file(self, path: Path) -> None:
        """The drawing in a project file; what goes wrong is said here, and what stood before stays."""
        try:
            graph = open_project(path).graph
        except ProjectError as problem:
            self._problem(str(problem))
            return
        spoken = path.stem if len(path.stem) <= LONGEST_SPOKEN else f"{path.stem[: LONGEST_SPOKEN - 1].rstrip()}…"
        self.compare_with(Other(path.stem, spoken, lambda: graph))

    def swap(self) -> None:
        """The other one first."""
        self._swapped = not self._swapped
        self._refresh()

    def text(self, form: str = "markdown") -> str:
        """What is shown, in one of the formats of comparisons."""
        if self._comparison is None:
            return ""
        return render_comparison(self._comparison, form, self._names, only_differences=self.only.isChecked())

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self._say(self.tr("Copied as Markdown."))

    def export(self) -> None:
        """Ask for a file and write the comparison in the format that its name ends in."""
        words = {
            "markdown": self.tr("Markdown, for a document"),
            "csv": self.tr("CSV, for a spreadsheet"),
            "json": self.tr("JSON, for a program"),
            "table": self.tr("Text, in columns"),
        }
        filters = {SUFFIXES[form].lstrip("."): text for form, text in words.items()}
        path = self._studio.path
        folder = None if path is None else path.parent
        name = file_name(self.tr("{first} and {second}").format(first=self._names[0], second=self._names[1]))
        ask_where(self, self.tr("Export comparison"), name, filters, folder, self.write)

    def write(self, path: Path) -> None:
        """Write the comparison in the format that the name ends in."""
        problem = write_text(path, COMPARISON_FORMATS, self.text)
        if problem:
            self._problem(problem)
        else:
            self._say(self.tr("Wrote the comparison to {path}.").format(path=path))

    # -- building

    def _make_parts(self) -> None:
        theme = self._theme
        self.first, self.second = label("", "title", "compare.first"), label("", "title", "compare.second")
        self.swap_button = icon_button(theme, "swap", self.tr("Exchange the two networks"), "compare.swap")
        self.choose_button = button(self.tr("Compare with…"), "", "compare.choose")
        self.choose_button.setIcon(theme.icons.icon("search", "muted"))
        self.summary = label("", "", "compare.summary")
        self.summary.setWordWrap(True)
        self.summary.setFixedHeight(2 * self.summary.fontMetrics().lineSpacing() + 4)
        self.totals = Totals()
        self.only = Switch(theme, self.tr("Only differences"))
        self.only.setObjectName("compare.only")
        self.copy_button = button(self.tr("Copy as Markdown"), "", "compare.copy")
        self.copy_button.setIcon(theme.icons.icon("copy", "muted"))
        self.export_button = button(self.tr("Export…"), "", "compare.export")
        self.export_button.setIcon(theme.icons.icon("report", "muted"))
        self.close_button = button(self.tr("Close"), "", "compare.close")
        self.note = ElidedLabel("small", "compare.note")
        self.empty = EmptyState(
            theme,
            "compare",
            self.tr("Compare the drawing with another network"),
            self.tr("Their layers will stand side by side, and what differs will be marked, row by row."),
            self.tr("Choose a network"),
        )
        self.empty.button.setObjectName("compare.emptyChoose")

    def _lay_out(self) -> None:
        names = QHBoxLayout()
        names.setSpacing(8)
        for part in (self.first, self.swap_button, self.second):
            names.addWidget(part)
        names.addStretch(1)
        names.addWidget(self.choose_button)
        sums = QFrame()
        sums.setProperty("look", "inset")
        inside = QVBoxLayout(sums)
        inside.setContentsMargins(14, 10, 14, 10)
        inside.setSpacing(8)
        inside.addWidget(self.summary)
        inside.addWidget(self.totals)
        tools = QHBoxLayout()
        tools.addWidget(self.only)
        tools.addStretch(1)
        tools.addWidget(label(self._key(), "small", "compare.key"))
        page = QWidget()
        body = QVBoxLayout(page)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(sums)
        body.addLayout(tools)
        body.addWidget(self.table, 1)
        self._pages = QStackedWidget()
        self._page = page
        self._pages.addWidget(self.empty)
        self._pages.addWidget(page)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.note, 1)
        for each in (self.copy_button, self.export_button, self.close_button):
            foot.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addLayout(names)
        column.addWidget(self._pages, 1)
        column.addLayout(foot)

    def _key(self) -> str:
        return self.tr("+ only in the second   \u2212 only in the first   ≠ changed   ≈ follows from a layer before")

    def _connect(self) -> None:
        self._studio.report_changed.connect(self._refresh)
        self._studio.project_changed.connect(self._refresh)
        self._studio.modified_changed.connect(self._refresh)
        self.choose_button.clicked.connect(self.choose)
        self.empty.activated.connect(self.choose)
        self.swap_button.clicked.connect(self.swap)
        self.only.clicked.connect(lambda _checked: self._show())
        self.copy_button.clicked.connect(self.copy)
        self.export_button.clicked.connect(self.export)
        self.close_button.clicked.connect(self.reject)
        self.table.copy_wanted.connect(self.copy)
        self.table.fold_opened.connect(self._open_fold)
        self.table.row_chosen.connect(lambda index: self._chosen(index.data(PAIR_ROLE)))

    # -- what it shows

    def _refresh(self, _news: object = None) -> None:
        if not self.isVisible():
            return
        if self._other is not None and self._other.earlier:
            self._other = self._earlier()  # the first time that it is saved, it is no longer as it was begun
        other = self._other.graph() if self._other is not None else None
        if self._other is None or other is None:
            self._comparison, self._names = None, ("", "")
        else:
            here = self._studio.graph
            graphs, (title, spoken) = (here, other), self._names_here()
            names, words = (title, self._other.name), (spoken, self._other.spoken)
            if self._swapped:
                graphs, names, words = (other, here), (names[1], names[0]), (words[1], words[0])
            self._names = names
            self._comparison = compare(*graphs, names=words)
            first, second = ({each: kind_text(graph, each) for each in graph.nodes} for graph in graphs)
            self._summaries = first, second
        self._show()

    def _names_here(self) -> tuple[str, str]:
        """The drawing, as a title and as a sentence calls it."""
        preset = story_of(self._studio.graph)
        if self._other is not None and self._other.earlier:
            return self.tr("Now"), self.tr("the drawing")
        if preset is not None and (self._other is None or preset.title != self._other.name):
            return preset.title, preset.title
        return self.tr("The drawing"), self.tr("the drawing")

    def _show(self) -> None:
        comparison = self._comparison
        there = comparison is not None
        self._pages.setCurrentWidget(self._page if there else self.empty)
        for part in (self.first, self.second, self.swap_button):
            part.setVisible(there)
        self.copy_button.setEnabled(there)
        self.export_button.setEnabled(there)
        self.choose_button.setVisible(there)
        for part, name in ((self.first, self._names[0]), (self.second, self._names[1])):
            part.setText(elided(name, QFontMetricsF(part.font()), MOST_NAME))
            part.setToolTip(name)
        self.summary.setText("" if comparison is None else comparison.summary)
        self.totals.show_totals(comparison)
        bar = self.table.verticalScrollBar()
        place = bar.value()
        self.model.show(comparison, self._names, self._summaries, only_differences=self.only.isChecked())
        bar.setValue(place)

    def _open_fold(self, fold: object) -> None:
        assert isinstance(fold, Fold)
        self.model.open_fold(fold)

    def _chosen(self, pair: object) -> None:
        row = layer_of(pair, int(self._swapped)) if isinstance(pair, Pair) else None
        if row is not None:
            self.node_wanted.emit(row.id)

    def _say(self, text: str) -> None:
        look(self.note, "small")
        self.note.setText(text)

    def _problem(self, text: str) -> None:
        look(self.note, "danger")
        self.note.setText(text)

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Compare with a project"))
        dialog.setObjectName("compareFileDialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("CNN Studio projects (*{suffix})").format(suffix=SUFFIX))
        path = self._studio.path
        if path is not None and path.parent.is_dir():
            dialog.setDirectory(str(path.parent))
        dialog.fileSelected.connect(lambda chosen: self.compare_with_file(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
