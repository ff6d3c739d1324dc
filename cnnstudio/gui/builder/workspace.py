"""The Build workspace: palette, canvas, properties and analysis around one drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from cnnstudio.explain.glyphs import BLOCK_FAMILY
from cnnstudio.graph import BLOCKS, CATALOGUE, Change, Fix, Report, presets
from cnnstudio.graph.commands import Command, Group, Move, RemoveNodes
from cnnstudio.graph.layout import arrange
from cnnstudio.gui.actions import Actions, SearchEntry
from cnnstudio.gui.builder.adding import Adding
from cnnstudio.gui.builder.canvas_pane import CanvasPane
from cnnstudio.gui.builder.context_menu import CanvasMenu
from cnnstudio.gui.builder.fix_button import fix_menu
from cnnstudio.gui.builder.network_tools import NetworkTools
from cnnstudio.gui.builder.palette_panel import PalettePanel
from cnnstudio.gui.builder.preset_picker import PresetPicker
from cnnstudio.gui.builder.property_panel import PropertyPanel
from cnnstudio.gui.builder.stories import story_of
from cnnstudio.gui.builder.table_panel import TablePanel
from cnnstudio.gui.builder.workings import reason
from cnnstudio.gui.canvas import Canvas, Cargo
from cnnstudio.gui.canvas.camera import STEP
from cnnstudio.gui.canvas.hits import CardHit, FixHit, Hit, InputHit, NoteHit, OutputHit, WireEndHit, WireHit
from cnnstudio.gui.canvas.spots import Spot
from cnnstudio.gui.theme import Theme, shape_text
from cnnstudio.gui.undo import Editor
from cnnstudio.session import DataState, Studio


class BuildWorkspace(QWidget):
    """Listens to the session and edits only through the editor. One selection is shared by all panels."""

    status = Signal(str)

    def __init__(self, studio: Studio, editor: Editor, theme: Theme, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("buildWorkspace")
        self.setProperty("look", "workspace")
        self._studio, self._editor, self._theme, self._actions = studio, editor, theme, actions
        self._refusal = ""
        self._seen = False
        self.canvas = Canvas(theme, self._run)
        self.palette_panel = PalettePanel(theme)
        self.properties = PropertyPanel(theme, self._run, self._sample, studio.solving)
        self.table = TablePanel(theme, self._why)
        self.pane = CanvasPane(theme, self.canvas)
        self._adding = Adding(studio, theme, self.canvas, self._run, self)
        self.tools = NetworkTools(studio, theme, self)
        self._lay_out()
        self._connect()
        self._renew()

    # -- what the window asks for

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """Who answers the actions while this workspace is in front."""
        camera = self.canvas.camera
        return {
            "edit.delete": self.canvas.delete_selection,
            "edit.select_all": self.canvas.select_all,
            "edit.rename": self.canvas.rename,
            "file.empty": self.empty,
            "build.append": self.palette_panel.search_to_append,
            "build.connect": self.canvas.connect_by_keys,
            "build.arrange": self.arrange,
            **self.tools.handlers(),
            "view.zoom_in": lambda: camera.zoom_by(STEP),
            "view.zoom_out": lambda: camera.zoom_by(1 / STEP),
            "view.zoom_fit": camera.fit,
        }

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard begins at the drawing. A focus proxy would do so too, but let Tab pass over the palette."""
        self.canvas.setFocus(event.reason())

    def save_state(self) -> dict[str, object]:
        """Sizes of the panes. Those of a workspace that nobody has seen are no one's choice: nothing to keep."""
        if not self._seen:
            return {}
        sizes: dict[str, object] = {splitter.objectName(): splitter.sizes() for splitter in self._splitters}
        return sizes | {"network.flops": [int(self.properties.network.flops)]}

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._seen = True

    def restore_state(self, state: Mapping[str, object]) -> None:
        for splitter in self._splitters:
            sizes = state.get(splitter.objectName())
            if isinstance(sizes, list) and len(sizes) == splitter.count():
                splitter.setSizes([int(size) for size in sizes])
        self.properties.network.show_flops(state.get("network.flops") == [1])

    def search_entries(self) -> Iterator[SearchEntry]:
        """Layers to go to, kinds and blocks to append and classic networks to draw, for the command palette."""
        for row in self._studio.report:
            yield SearchEntry(
                row.name,
                partial(self.reveal, row.id),
                self.tr("{kind} · {shape}").format(kind=row.kind, shape=shape_text(row.output_shape)),
                badge=(row.kind, row.family.value),
                keywords=row.kind,
                kind=row.kind,
            )
        for spec in CATALOGUE.values():
            yield SearchEntry(
                self.tr("Append {kind}").format(kind=spec.kind),
                partial(self.append, spec.kind),
                spec.help,
                badge=(spec.kind, spec.family.value),
                keywords=f"add layer {spec.family.value}",
            )
        for block in BLOCKS.values():
            yield SearchEntry(
                self.tr("Append {kind}").format(kind=block.title),
                partial(self.append, block.name),
                block.help,
                badge=(block.name, BLOCK_FAMILY),
                keywords="add block layers",
            )
        for name in presets.names():
            preset = presets.info(name)
            yield SearchEntry(
                self.tr("Draw {title}").format(title=preset.title),
                partial(self.use_preset, name),
                preset.story,
                "layer",
                keywords=f"{name} {preset.year} {preset.group} {preset.source}",
            )

    def reveal(self, node_id: str) -> None:
        """Select a layer and bring it into sight."""
        self._actions_front()
        self.canvas.select((node_id,))
        if node_id in self.canvas.mirror.cards:
            self.canvas.camera.approach(self.canvas.mirror.area_of(node_id))
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- edits

    def append(self, name: str) -> None:
        """A new layer of a kind after the selection; with none, after the output; on an empty canvas, the first.

        By the name of a block, its form opens.
        """
        self._adding.append(Cargo(name, is_block=name in BLOCKS))

    def arrange(self) -> None:
        """All cards in order, top to bottom, as one edit."""
        if len(self._studio.graph):
            self._run(Move(arrange(self._studio.graph), self.tr("arrange the layers")))
            self.canvas.camera.home()

    def empty(self) -> None:
        """No layer left, in one step to undo."""
        if len(self._studio.graph):
            self._run(Group([RemoveNodes(tuple(self._studio.graph.nodes))], self.tr("empty the canvas")))
            self.canvas.camera.home()
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def use_preset(self, name: str) -> None:
        """A classic network in place of the drawing; undo brings that back."""
        if not self._run(self._studio.preset_command(name)):
            self._studio.choose_fitting_data()
            self.canvas.select(())
            self.canvas.camera.home()
            self.table.home()
            self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def pick_preset(self) -> None:
        """Open the list of classic networks."""
        picker = PresetPicker(self._theme, self)
        picker.chosen.connect(self.use_preset)
        home, present = self.palette_panel.presets, story_of(self._studio.graph)
        picker.open_above(home.mapTo(self, QPoint(0, -6)), "" if present is None else present.name)

    def _run(self, command: Command) -> str:
        """Do a command; the answer is why it was refused, empty when it was not."""
        self._refusal = ""
        if self._editor.run(command):
            return ""
        return self._refusal or self.tr("This cannot be done here.")

    def _fix(self, fix: object) -> None:
        assert isinstance(fix, Fix)
        self._run(fix.command)

    # -- building

    def _lay_out(self) -> None:
        self._middle = QSplitter(Qt.Orientation.Vertical)
        self._middle.setObjectName("build.canvas_table")
        self._middle.addWidget(self.canvas)
        self._middle.addWidget(self.table)
        self._middle.setStretchFactor(0, 1)
        self._middle.setSizes([460, 276])
        self._across = QSplitter(Qt.Orientation.Horizontal)
        self._across.setObjectName("build.columns")
        for part in (self.palette_panel, self._middle, self.properties):
            self._across.addWidget(part)
        self._across.setStretchFactor(1, 1)
        self._across.setSizes([212, 714, 296])
        self._splitters = (self._middle, self._across)
        for splitter in self._splitters:
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._across)

    def _connect(self) -> None:
        studio, canvas = self._studio, self.canvas
        studio.project_changed.connect(self._renew)
        studio.graph_changed.connect(self._graph_changed)
        studio.report_changed.connect(self._report_changed)
        studio.data.changed.connect(self._data_changed)
        studio.config_changed.connect(self.properties.network.memory.set_config)
        self._editor.failed.connect(self._remember_refusal)
        canvas.selection_changed.connect(self._canvas_selected)
        canvas.opened.connect(lambda _node: self.properties.layer.focus_first())
        canvas.menu_wanted.connect(self._open_menu)
        canvas.hinted.connect(lambda text, _refused: self.status.emit(text))
        self.table.selection_changed.connect(lambda ids: canvas.select(ids, show=True))
        self.table.told.connect(self.status)
        self.table.opened.connect(lambda _node: self.properties.layer.focus_first())
        canvas.fixes_offered.connect(lambda fixes, place: fix_menu(fixes, self._fix, self).popup(place))
        canvas.block_dropped.connect(lambda name, spot, place: self._adding.add(Cargo(name, True), spot, place))
        self.palette_panel.chosen.connect(lambda cargo: self._adding.append(cargo, self.palette_panel.form_place()))
        self.palette_panel.presets_wanted.connect(self.pick_preset)
        self.palette_panel.left.connect(canvas.setFocus)
        self.pane.empty.presets_wanted.connect(self.pick_preset)
        self.pane.empty.input_wanted.connect(lambda: self.append("Input"))
        self.properties.fix_wanted.connect(self._fix)
        self.properties.node_wanted.connect(self.reveal)
        self.properties.delete_wanted.connect(canvas.delete_selection)
        self.properties.bereft.connect(canvas.setFocus)
        self.properties.network.action_wanted.connect(self._actions.run)
        self.tools.node_wanted.connect(self.reveal)

    # -- what the session tells

    def _renew(self) -> None:
        self._adding.abandon()
        self.properties.network.memory.forget()
        self.properties.network.memory.set_config(self._studio.config)
        self.canvas.set_graph(self._studio.graph, self._studio.report)
        self.table.set_report(self._studio.report)
        self.table.home()
        self._show_selection()

    def _graph_changed(self, change: Change) -> None:
        self._adding.abandon()
        self.canvas.apply(change, self._studio.report)

    def _report_changed(self, report: Report) -> None:
        self.canvas.set_report(report)
        self.table.set_report(report)
        self._show_selection()

    def _data_changed(self) -> None:
        """Another picture to draw fields on. The progress of a download changes nothing here, many times a second."""
        if self._studio.data.state is not DataState.LOADING:
            self._show_selection()

    def _canvas_selected(self, _node_ids: object) -> None:
        self._show_selection()

    def _show_selection(self) -> None:
        chosen = tuple(each for each in self.canvas.selection if each in self._studio.report)
        self.table.select(chosen)
        self.properties.show_selection(self._studio.graph, self._studio.report, chosen)

    def _remember_refusal(self, text: object) -> None:
        self._refusal = str(text)

    def _why(self, node_id: str, figure: str) -> str:
        """Why a figure is what it is."""
        return reason(self._studio.graph, self._studio.report, node_id, figure)

    def _sample(self) -> np.ndarray | None:
        """A picture to draw receptive fields on: the one under inspection, else the first of the data set."""
        if self._studio.inspection.picture is not None:
            return self._studio.inspection.picture
        data = self._studio.data.dataset
        if self._studio.data.state is DataState.READY and data is not None and len(data.train.images):
            return data.train.images[0]
        return None

    # -- menu

    def _open_menu(self, hit: Hit, place: QPoint) -> None:
        menu = CanvasMenu(self._theme, self._actions, self)
        match hit:
            case CardHit(node) | OutputHit(node) | InputHit(node) | NoteHit(node) | FixHit(node):
                menu.add_fixes(self._studio.report[node].problems, self._fix)
                title = self.tr("Append after {name}").format(name=self._name(node))
                menu.add_entries(title, lambda cargo: self._adding.append(cargo, place))
                menu.add_actions("build.connect", "edit.rename", "", "edit.delete")
            case WireHit(link) | WireEndHit(link):
                menu.add_entries(self.tr("Insert here"), lambda cargo: self._adding.add(cargo, Spot(link=link), place))
                menu.add_actions("", "edit.delete")
            case _:
                spot = self._adding.spot_at(self.canvas.mapToScene(self.canvas.viewport().mapFromGlobal(place)))
                menu.add_entries(self.tr("Add a layer here"), lambda cargo: self._adding.add(cargo, spot, place))
                menu.add_own("layer", self.tr("Classic networks…"), self.pick_preset, "canvasMenu.presets")
                menu.add_actions("", "edit.select_all", "build.arrange", "view.zoom_fit")
        menu.popup(place)

    def _name(self, node_id: str) -> str:
        return self._studio.graph.node(node_id).name

    def _actions_front(self) -> None:
        """A layer that is looked for is to be seen, so this workspace comes to the front."""
        if "view.build" in self._actions and not self.isVisible():
            self._actions.run("view.build")
