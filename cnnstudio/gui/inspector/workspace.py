"""Inspect: a picture, what every layer makes of it, and what each number of a layer sees of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.data import PICTURE_SUFFIXES, Dataset
from cnnstudio.explain import Inspection
from cnnstudio.graph import Row
from cnnstudio.gui.actions import Actions
from cnnstudio.gui.inspector.layer_list import SHOWN, LayerList
from cnnstudio.gui.inspector.picture_panel import PicturePanel
from cnnstudio.gui.inspector.reading import region_of, region_rect, sees_text, status_text
from cnnstudio.gui.inspector.samples_dialog import SamplesDialog
from cnnstudio.gui.inspector.score_panel import ScorePanel
from cnnstudio.gui.inspector.source_bar import SourceBar
from cnnstudio.gui.inspector.start_page import StartPage
from cnnstudio.gui.inspector.zoom_card import ZoomCard
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.undo import Editor
from cnnstudio.gui.widgets import GRID, Card, PicturePoint, Probe, look
from cnnstudio.gui.widgets.column import Column
from cnnstudio.session import InspectionState, Level, Message, Studio

Reading = tuple[Row, Probe]


class InspectorWorkspace(QWidget):
    """Shows the session's inspection. `status` carries the words for the status bar: the number under the cursor."""

    status = Signal(object)

    def __init__(self, studio: Studio, editor: Editor, theme: Theme, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("inspector")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        look(self, "workspace")
        self._studio, self._editor, self._theme, self._actions = studio, editor, theme, actions
        self._pinned: tuple[str, int, int, int] | None = None
        self._hovered: Reading | None = None
        self._result: Inspection | None = None
        self._chance = np.random.default_rng()
        self.picture = PicturePanel(theme)
        self.scores = ScorePanel(theme)
        self.bar = SourceBar(theme)
        self.start_page = StartPage(theme)
        self.layers = LayerList(theme)
        self.zoom = ZoomCard(theme)
        self._lay_out()
        self._connect()
        self._show_data()
        self._show_inspection()

    # -- what the window asks

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """Who answers the actions of this workspace."""
        return {
            "inspect.open": self.open_picture,
            "inspect.samples": self.choose_sample,
            "inspect.dataset": self.show_from_data,
            "inspect.clear": self.clear,
        }

    def save_state(self) -> dict[str, list[int]]:
        """What the window shall find again."""
        return {"view": [self.bar.shown.currentIndex(), self.bar.scale.currentIndex()]}

    def restore_state(self, state: Mapping[str, object]) -> None:
        """Take up what `save_state` gave; what does not fit is passed over."""
        match state.get("view"):
            case [int(shown), int(scale)] if 0 <= shown < len(SHOWN) and 0 <= scale < 2:
                self.bar.shown.setCurrentIndex(shown)
                self.bar.scale.setCurrentIndex(scale)
                self.layers.set_shown(SHOWN[shown])
                self.layers.set_per_map(scale == 1)

    # -- what the user does

    def open_picture(self) -> None:
        """Ask for a picture file."""
        ask = QFileDialog(self, self.tr("Open picture"))
        ask.setObjectName("pictureDialog")
        ask.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        ask.setFileMode(QFileDialog.FileMode.ExistingFile)
        endings = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
        ask.setNameFilters([f"{self.tr('Pictures')} ({endings})", f"{self.tr('All files')} (*)"])
        ask.fileSelected.connect(self.show_file)
        ask.open()

    def choose_sample(self) -> None:
        """Ask for one of the pictures that come with the program."""
        dialog = SamplesDialog(self._theme, parent=self)
        dialog.chosen.connect(self.show_file)
        dialog.open()

    def show_file(self, path: str | Path) -> None:
        self.bar.set_index(None)
        self._studio.inspection.show_file(path)

    def show_from_data(self) -> None:
        """A test picture: the one whose number stands in the bar."""
        value = self.bar.number.value()
        self.show_test_picture(value if isinstance(value, int) else 0)

    def show_test_picture(self, index: int) -> None:
        """One of the data set's test pictures, from 0."""
        dataset = self._studio.data.dataset
        if dataset is None or not len(dataset.test):
            text = self.tr("There are no test pictures at hand: choose a data set in Train.")
            self._studio.message.emit(Message(Level.WARNING, text))
            return
        index = min(max(0, index), len(dataset.test) - 1)
        self._studio.inspection.show_sample(dataset.test, index, self.tr("Test picture"), dataset.classes)
        self.bar.set_index(index)

    def show_random(self) -> None:
        dataset = self._studio.data.dataset
        if dataset is not None and len(dataset.test):
            self.show_test_picture(int(self._chance.integers(len(dataset.test))))

    def clear(self) -> None:
        """Take the picture away."""
        self.bar.set_index(None)
        self._studio.inspection.clear()

    def pin(self, node_id: str, index: int, row: int, column: int) -> None:
        """Keep one number in sight, and the map it stands in."""
        self._pinned = (node_id, index, row, column)
        self.layers.select(node_id, index)
        self._show_reading()

    def unpin(self) -> None:
        self._pinned = None
        self.layers.select(None)
        self._show_reading()

    @property
    def reading(self) -> Reading | None:
        """The number that is told: the one under the cursor, else the pinned one."""
        return self._hovered or self._pinned_reading()

    def _pinned_reading(self) -> Reading | None:
        result, report = self._result, self._studio.report
        if self._pinned is None or result is None:
            return None
        node_id, *place = self._pinned
        activation = result.activations.get(node_id)
        if activation is None or node_id not in report:
            return None
        where = tuple(place) if activation.ndim == 3 else (place[0],)
        if any(at >= size for at, size in zip(where, activation.shape, strict=True)):
            return None
        return report[node_id], Probe(place[0], place[1], place[2], float(activation[where]))

    # -- what the session says

    def _show_inspection(self) -> None:
        """The session has news. While the next picture is computed the last one stays, so that nothing flickers."""
        session = self._studio.inspection
        self.picture.show_session(session)
        self._actions.set_enabled("inspect.clear", bool(session.source_text))
        if session.result is None and session.state is InspectionState.WORKING and self._result is not None:
            return
        self._show_start()
        if session.result is self._result:
            return
        self._result = session.result
        self.scores.show_result(self._result, session.label, trained=self._studio.trained)
        self.pages.setCurrentIndex(0 if self._result is None else 1)
        if self._result is None:
            self._hovered = None
        else:
            self.layers.set_layers(self._studio.graph, self._studio.report, self._result.activations)
            if self._hovered is not None:
                self._hovered = self._renewed(self._hovered)
        if self._pinned is not None:
            kept = self._pinned_reading()
            self.layers.select(*((self._pinned[0], self._pinned[1]) if kept else (None, None)))
        self._show_reading()

    def _show_start(self) -> None:
        faulty = bool(self._studio.report.errors)
        self.start_page.show_session(self._studio.inspection, has_data=self._dataset is not None, faulty=faulty)

    def _renewed(self, reading: Reading) -> Reading | None:
        """The same place with the value that stands there now."""
        card = self.layers.cards.get(reading[0].id)
        probe = card.own(card.view.probe) if card is not None else None
        return (card.row, probe) if card is not None and probe is not None else None

    def _show_data(self) -> None:
        dataset = self._dataset
        self.bar.set_count(0 if dataset is None else len(dataset.test))
        self._actions.set_enabled("inspect.dataset", dataset is not None)
        self._show_start()

    @property
    def _dataset(self) -> Dataset | None:
        dataset = self._studio.data.dataset
        return dataset if dataset is not None and len(dataset.test) else None

    # -- pointing

    def _hover(self, reading: Reading | None) -> None:
        self._hovered = reading
        self._show_reading()

    def _hover_zoom(self, probe: Probe | None) -> None:
        row = self.zoom.row
        self._hover(None if probe is None or row is None else (row, probe))

    def _pick(self, reading: Reading) -> None:
        row, probe = reading
        if self._pinned == (row.id, probe.index, probe.row, probe.column):
            self.unpin()
        else:
            self.pin(row.id, probe.index, probe.row, probe.column)

    def _show_reading(self) -> None:
        reading, result = self.reading, self._result
        if reading is None or result is None:
            self.picture.show_region(None, "")
            self.zoom.clear()
            self.status.emit("")
            return
        row, probe = reading
        region = region_of(self._studio.graph, self._studio.report, row, probe)
        self.picture.show_region(None if region is None else region_rect(region), sees_text(region))
        self.status.emit(status_text(row, probe, region))
        kept, card = self._pinned_reading(), self.layers.cards.get(row.id)
        same_map = kept is not None and (kept[0].id, kept[1].index) == (row.id, probe.index)
        if kept is not None and not same_map:
            row, probe, card = kept[0], kept[1], self.layers.cards.get(kept[0].id)
            region = region_of(self._studio.graph, self._studio.report, row, probe)
        if card is not None:
            sees = "" if region is None else f"{region.height} × {region.width}"
            self.zoom.show_map(row, probe, result.activations[row.id], card.kind, sees, pinned=kept is not None)

    def _point(self, point: PicturePoint | None) -> None:
        self.status.emit("" if point is None else self.picture.point_text(point))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._pinned is not None:
            self.unpin()
        else:
            super().keyPressEvent(event)

    # -- building

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(Column(self._theme, (self.picture, self.scores)))
        home = Card()
        home.body.addWidget(self.start_page)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.layers, 1)
        column.addWidget(self.zoom)
        self.pages = QStackedWidget()
        self.pages.addWidget(home)
        self.pages.addWidget(full)
        right = QVBoxLayout()
        right.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        right.setSpacing(12)
        right.addWidget(self.bar)
        right.addWidget(self.pages, 1)
        row.addLayout(right, 1)

    def _connect(self) -> None:
        studio, session = self._studio, self._studio.inspection
        session.changed.connect(self._show_inspection)
        studio.data.changed.connect(self._show_data)
        studio.project_changed.connect(self.unpin)
        self.picture.invert_clicked.connect(lambda on: setattr(session, "invert", on))
        self.picture.fit_chosen.connect(lambda fit: setattr(session, "fit", fit))
        self.picture.pointed.connect(self._point)
        self.bar.open_clicked.connect(self.open_picture)
        self.bar.samples_clicked.connect(self.choose_sample)
        self.bar.random_clicked.connect(self.show_random)
        self.bar.index_chosen.connect(self.show_test_picture)
        self.bar.shown_chosen.connect(self.layers.set_shown)
        self.bar.per_map_chosen.connect(self.layers.set_per_map)
        self.start_page.open_clicked.connect(self.open_picture)
        self.start_page.samples_clicked.connect(self.choose_sample)
        self.start_page.data_clicked.connect(self.show_from_data)
        self.start_page.build_clicked.connect(lambda: self._actions.run("view.build"))
        self.layers.hovered.connect(self._hover)
        self.layers.picked.connect(self._pick)
        self.zoom.hovered.connect(self._hover_zoom)
        self.zoom.released.connect(self.unpin)
