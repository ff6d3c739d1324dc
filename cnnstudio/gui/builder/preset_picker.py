"""The classic networks to choose from: a list at the left, and at the right what the current one is and taught."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.graph.presets import Preset
from cnnstudio.gui.builder.network_page import Figures
from cnnstudio.gui.builder.popover import Popover
from cnnstudio.gui.builder.preset_list import PresetList
from cnnstudio.gui.builder.silhouette import Silhouette
from cnnstudio.gui.builder.stories import facts_of
from cnnstudio.gui.canvas.notes import unbroken
from cnnstudio.gui.theme import Theme, count_text, shape_text
from cnnstudio.gui.widgets.basics import SearchField, SectionLabel, label

WIDTH, HEIGHT = 712, 540
LIST_WIDTH = 324
PAGE = 10
"""Entries that Page Down passes."""


class PresetPage(QWidget):
    """What is known of one network: year, figures, story and source."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presetPage")
        self.title = label("", "title", "presetTitle")
        self.subtitle = label("", "small", "presetSubtitle")
        self.figures = Figures(
            {
                "input": self.tr("Input"),
                "output": self.tr("Output"),
                "layers": self.tr("Layers"),
                "parameters": self.tr("Parameters"),
                "macs": self.tr("MACs a picture"),
            }
        )
        self.story = label("", "", "presetStory")
        self.source = label("", "small", "presetSource")
        self.silhouette = Silhouette(theme)
        for each in (self.title, self.subtitle, self.story, self.source):
            each.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.subtitle)
        column.addSpacing(6)
        column.addWidget(self.figures)
        for heading, text in ((self.tr("Story"), self.story), (self.tr("Source"), self.source)):
            column.addSpacing(8)
            column.addWidget(SectionLabel(heading))
            column.addWidget(text)
        column.addSpacing(12)
        column.addWidget(self.silhouette, 1)

    def show_preset(self, preset: Preset) -> None:
        facts = facts_of(preset.name)
        self.title.setText(preset.title)
        self.subtitle.setText(f"{preset.year} \u00b7 {preset.name}")
        self.figures.set("input", shape_text(facts.input))
        self.figures.set("output", shape_text(facts.output))
        self.figures.set("layers", count_text(facts.layers))
        self.figures.set("parameters", count_text(facts.parameters))
        self.figures.set("macs", count_text(facts.macs))
        self.story.setText(unbroken(preset.story))
        self.source.setText(unbroken(preset.source))
        self.silhouette.show_outline(facts.outline)


class PresetPicker(Popover):
    """Choosing a network closes it and emits its name."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("presetPicker")
        self.panel.setObjectName("presetPanel")
        self.search = SearchField(theme, self.tr("Search by name, year or author"))
        self.search.setObjectName("presetSearch")
        self.list = PresetList(theme)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard stays in the line above
        self.page = PresetPage(theme)
        self._nothing = label(self.tr("No network of that name, year or author."), "muted", "presetNothing")
        self._nothing.setWordWrap(True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._nothing.setContentsMargins(8, 10, 8, 0)
        self._nothing.hide()
        words = self.tr("Enter puts it on the canvas; undo brings your drawing back.")
        self._note = label(words, "small", "presetNote")
        self._note.setWordWrap(True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignBottom)
        self._lay_out()
        self.search.textChanged.connect(self.list.set_filter)
        self.search.stepped.connect(self._step)
        self.list.selectionModel().currentChanged.connect(self._show_current)
        self.list.entries.modelReset.connect(self._show_current)
        self.list.clicked.connect(lambda index: self._take() if self.list.entries.entry(index) else None)
        self.list.set_filter("")

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(6)
        left.addWidget(self.search)
        left.addWidget(self.list, 1)
        left.addWidget(self._nothing, 1)
        right = QVBoxLayout()
        right.setContentsMargins(0, 6, 6, 4)
        right.setSpacing(8)
        right.addWidget(self.page, 1)
        right.addWidget(self._note)
        row = QHBoxLayout(self.panel)
        row.setContentsMargins(10, 10, 10, 10)
        row.setSpacing(18)
        row.addLayout(left)
        row.addLayout(right, 1)
        self.list.setFixedWidth(LIST_WIDTH)
        self.search.setFixedWidth(LIST_WIDTH)
        self._nothing.setFixedWidth(LIST_WIDTH)

    def open_above(self, corner: QPoint, present: str = "") -> None:
        """Show with the lower left corner at `corner` of the workspace, or as near as there is room.

        `present`: the network to begin at, as that which is on the canvas.
        """
        self.open_at(corner - QPoint(0, HEIGHT), QSize(WIDTH, HEIGHT))
        if present:
            self.list.show_preset(present)
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the line above the list has no use for."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._take()
            case Qt.Key.Key_PageDown:
                self.list.step(1, PAGE)
            case Qt.Key.Key_PageUp:
                self.list.step(-1, PAGE)
            case _:
                super().keyPressEvent(event)

    def focusNextPrevChild(self, _forward: bool) -> bool:
        return True  # the keyboard stays in the list

    def _step(self, direction: object) -> None:
        self.list.step(1 if direction == 1 else -1)

    def _show_current(self) -> None:
        preset = self.list.current_preset
        for each in (self.list, self.page, self._note):
            each.setVisible(preset is not None)
        self._nothing.setVisible(preset is None)
        if preset is not None:
            self.page.show_preset(preset)

    def _take(self) -> None:
        preset = self.list.current_preset
        if preset is not None:
            self.close()
            self.chosen.emit(preset.name)
