"""The workspace as a whole: built by keyboard alone, in step with the session, remembered."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QMenu, QWidget

from cnnstudio.graph import presets
from cnnstudio.graph.commands import AddNode, RemoveNodes, Rename
from cnnstudio.gui.actions import SearchEntry
from cnnstudio.gui.canvas import layer_mime
from cnnstudio.gui.dialogs.ranking import rank

POPUP = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)  # the offscreen platform has none to grab
CONTROL = Qt.KeyboardModifier.ControlModifier


def press(key: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key to whatever has the focus."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, keys)


def type_text(text: str) -> None:
    QTest.keyClicks(QApplication.focusWidget(), text)


def test_a_network_is_built_by_keyboard_alone(empty) -> None:
    bench = empty
    bench.build.canvas.setFocus()
    press(Qt.Key.Key_L, CONTROL)
    for words in ("input", "conv", "relu", "max", "flatten", "linear"):
        type_text(words)
        press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Escape)
    press(Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is bench.build.canvas
    assert bench.names() == ["input_1", "conv2d_1", "relu_1", "maxpool2d_1", "flatten_1", "linear_1"]
    assert not bench.studio.report.problems
    for _ in range(4):
        press(Qt.Key.Key_Up)
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_A, CONTROL)
    type_text("4")
    press(Qt.Key.Key_Return)
    assert bench.graph.node(bench.id("conv2d_1")).params["out_channels"] == 4
    bench.build.canvas.setFocus()
    press(Qt.Key.Key_F2)
    type_text("first")
    press(Qt.Key.Key_Return)
    assert bench.names()[1] == "first"
    press(Qt.Key.Key_Delete)
    assert bench.names() == ["input_1", "relu_1", "maxpool2d_1", "flatten_1", "linear_1"]
    assert not bench.studio.report.problems
    while bench.editor.stack.canUndo():
        bench.editor.undo()
    assert len(bench.graph) == 0


def test_an_empty_canvas_says_what_to_do_and_offers_it(empty, qtbot) -> None:
    bench = empty
    assert bench.find("emptyCanvas").isVisible()
    bench.click("emptyInput")
    assert bench.names() == ["input_1"]
    assert not bench.build.pane.empty.isVisible()
    bench.editor.undo()
    bench.click("emptyPresets")
    type_text("digits-small")
    press(Qt.Key.Key_Return)
    assert len(bench.graph) == 10
    qtbot.waitUntil(lambda: not [each for each in bench.build.children() if each.objectName() == "presetPicker"])


def test_a_layer_may_be_dropped_on_the_words_of_the_empty_canvas(empty) -> None:
    words = empty.find("emptyCanvas")
    data, copy = layer_mime("Input"), Qt.DropAction.CopyAction
    place, left, keys = words.rect().center(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, copy, data, left, keys)
    QApplication.sendEvent(words, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(words, QDropEvent(QPointF(place), copy, data, left, keys))
    assert empty.names() == ["input_1"]


def test_undo_of_a_preset_brings_the_drawing_back_into_sight(bench) -> None:
    bench.build.use_preset("resnet20-cifar10")
    bench.build.reveal(bench.id("fc1"))
    bench.editor.undo()
    camera = bench.build.canvas.camera
    assert camera.seen.intersects(camera.content)


def test_another_project_replaces_everything(bench) -> None:
    bench.select("conv1")
    bench.studio.new("lenet5-cs231n")
    assert list(bench.build.canvas.mirror.cards) == list(bench.graph.nodes)
    assert bench.build.canvas.selection == ()
    assert bench.build.table.model.ids == list(bench.graph.topological_order())
    assert bench.find("networkTitle").text() == "LeNet-5, CS231n"
    bench.graph.set_params(bench.id("conv1"), out_channels=4)
    assert bench.cell("conv1", 2) == "4 × 28 × 28"


def test_every_action_of_the_workspace_is_answered(bench) -> None:
    handlers = bench.build.handlers()
    own = {row.id for row in bench.actions.rows.values() if row.workspace == "build"}
    assert own <= handlers.keys()
    assert {"edit.delete", "edit.select_all", "edit.rename", "view.zoom_in", "view.zoom_out", "view.zoom_fit"} <= set(
        handlers
    )
    assert set(handlers) <= set(bench.actions)


def test_arrange_puts_the_cards_in_order_as_one_edit(bench) -> None:
    for name in ("conv1", "fc2"):
        bench.graph.move(bench.id(name), (600, 40))
    bench.run("build.arrange")
    assert bench.graph.node(bench.id("conv1")).position == (0, 82)
    assert bench.editor.stack.undoText() == "arrange the layers"


def test_layers_and_kinds_can_be_searched_from_everywhere(bench) -> None:
    entries = {entry.text: entry for entry in bench.build.search_entries()}
    assert all(isinstance(entry, SearchEntry) for entry in entries.values())
    entries["conv2"].run()
    assert bench.selected() == ["conv2"]
    entries["Append Tanh"].run()
    assert bench.names()[3:5] == ["conv2", "tanh_1"]


def test_a_layer_that_is_looked_for_from_afar_is_brought_near(bench) -> None:
    bench.build.use_preset("resnet152")
    camera = bench.build.canvas.camera
    camera.fit()
    assert camera.zoom < 0.1
    bench.build.reveal(bench.id("conv80"))
    assert camera.zoom > 0.7
    assert camera.seen.contains(bench.build.canvas.mirror.area_of(bench.id("conv80")))


def test_back_to_full_size_shows_a_layer_and_no_empty_paper(bench) -> None:
    bench.build.use_preset("resnet152")
    canvas = bench.build.canvas
    canvas.camera.fit()
    QTest.mouseClick(bench.find("zoomPercent"), Qt.MouseButton.LeftButton)
    assert canvas.camera.zoom == 1
    assert any(canvas.camera.seen.contains(canvas.mirror.area_of(each)) for each in bench.graph.nodes)
    canvas.camera.fit()
    canvas.select((bench.id("fc1"),))
    QTest.mouseClick(bench.find("zoomPercent"), Qt.MouseButton.LeftButton)
    assert canvas.camera.seen.contains(canvas.mirror.area_of(bench.id("fc1")))


def test_a_layer_is_revealed(bench) -> None:
    bench.build.use_preset("resnet20-cifar10")
    bench.build.reveal(bench.id("fc1"))
    assert bench.selected() == ["fc1"]
    card = bench.build.canvas.mirror.cards[bench.id("fc1")]
    assert bench.build.canvas.camera.seen.contains(card.sceneBoundingRect().center())


def test_sizes_of_the_panels_are_remembered(bench) -> None:
    state = bench.build.save_state()
    assert set(state) == {"build.columns", "build.canvas_table", "network.flops"}
    bench.build.restore_state({"build.columns": [240, 640, 344], "build.canvas_table": [300, 436]})
    sizes = bench.build.save_state()
    assert sizes["build.columns"][0] == 240
    assert sizes["build.canvas_table"] == [300, 436 - 1] or sizes["build.canvas_table"][0] in (299, 300)
    bench.build.restore_state({"build.columns": "nonsense"})
    assert bench.build.save_state() == sizes


@POPUP
def test_a_menu_opens_on_card_wire_and_paper(bench) -> None:
    canvas = bench.build.canvas
    card = canvas.mirror.cards[bench.id("conv1")]
    places = {
        "card": canvas.mapFromScene(card.sceneBoundingRect().center()),
        "wire": canvas.mapFromScene(*canvas.mirror.wires[next(iter(canvas.mirror.wires))].middle),
        "paper": QPoint(20, 200),
    }
    texts = {}
    for name, place in places.items():
        reason = QContextMenuEvent.Reason.Mouse
        QApplication.sendEvent(
            canvas.viewport(), QContextMenuEvent(reason, place, canvas.viewport().mapToGlobal(place))
        )
        menu = next(each for each in bench.build.findChildren(QMenu, "canvasMenu") if each.isVisible())
        texts[name] = [action.text() for action in menu.actions() if action.text()]
        menu.close()
    assert texts["card"][0] == "Append after conv1"
    assert texts["wire"][0] == "Insert here"
    assert texts["paper"][0] == "Add a layer here"


@POPUP
def test_a_kind_from_the_menu_goes_into_the_wire(bench) -> None:
    canvas = bench.build.canvas
    link = next(iter(canvas.mirror.wires))
    place = canvas.mapFromScene(*canvas.mirror.wires[link].middle)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, canvas.viewport().mapToGlobal(place))
    QApplication.sendEvent(canvas.viewport(), event)
    menu = next(each for each in bench.build.findChildren(QMenu, "canvasMenu") if each.isVisible())
    action = next(each for each in menu.findChildren(object, "canvasMenu.add.Dropout"))
    action.trigger()
    menu.close()
    assert bench.names()[:3] == ["input", "dropout_1", "conv1"]


def test_the_overview_shows_for_large_networks_and_leads_there(bench) -> None:
    overview = bench.build.pane.overview
    assert not overview.isVisible()
    bench.build.use_preset("resnet20-cifar10")
    assert overview.isVisible()
    QTest.mouseClick(
        overview, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(12, overview.height() - 12)
    )
    last = bench.build.canvas.mirror.cards[bench.id("fc1")]
    assert bench.build.canvas.camera.seen.contains(last.sceneBoundingRect().center())


def test_the_overview_of_a_tower_is_no_hair_and_leads_to_its_ends(bench) -> None:
    bench.build.use_preset("resnet152")
    overview, mirror = bench.build.pane.overview, bench.build.canvas.mirror
    assert overview.width() >= 44
    for name, place in (("fc1", overview.height() - 9), ("input", 9)):
        QTest.mouseClick(
            overview, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(overview.width() // 3, place)
        )
        assert bench.build.canvas.camera.seen.intersects(mirror.cards[bench.id(name)].sceneBoundingRect())


def test_the_overview_follows_selection_and_look(bench) -> None:
    bench.build.use_preset("resnet20-cifar10")
    overview = bench.build.pane.overview

    def picture() -> QImage:
        QApplication.processEvents()
        return overview.grab().toImage()

    plain = picture()
    bench.build.canvas.select((bench.id("add5"),))
    marked = picture()
    assert marked != plain
    bench.build.canvas.select(())
    assert picture() == plain
    bench.theme.set_mode("dark")
    assert picture() != plain


def test_zoom_controls_follow_and_lead(bench) -> None:
    bench.click("zoomPercent")
    assert bench.find("zoomPercent").text() == "100 %"
    bench.click("zoomIn")
    assert bench.find("zoomPercent").text() == "120 %"
    bench.click("zoomOut")
    assert bench.find("zoomPercent").text() == "100 %"
    bench.click("zoomFit")
    assert bench.build.canvas.camera.seen.contains(bench.build.canvas.camera.content)


@pytest.mark.parametrize("size", [(1224, 736), (1864, 1016), (824, 496)])
def test_nothing_is_clipped_at_any_size(bench, size: tuple[int, int]) -> None:
    bench.build.resize(*size)
    bench.select("conv2")
    build = bench.build
    for part in (build.palette_panel, build.canvas, build.properties, build.table):
        assert part.width() >= part.minimumSizeHint().width()
        assert build.rect().contains(part.mapTo(build, part.rect().center()))
    panel = build.properties.currentWidget()
    assert panel.widget().width() <= panel.viewport().width()
    for button in build.findChildren(QAbstractButton):
        if button.isVisible() and button.text():
            assert button.width() >= button.minimumSizeHint().width()


@pytest.mark.parametrize("kind", ["MaxPool2d", "Conv2d", "Add", "Concat", "Linear"])
def test_the_longest_name_pushes_nothing_out_of_the_panel(bench, kind: str) -> None:
    """Neither that of a faulty layer nor those of the layers that a fault is about."""
    bench.build.resize(824, 496)
    for name in ("conv1", "conv2", "relu1"):
        bench.editor.run(Rename(bench.id(name), f"{name}_{'w' * (63 - len(name))}"))
    arriving = [each.id for each in bench.graph.nodes.values() if each.name.startswith(("conv1", "conv2"))]
    params = {"Conv2d": {"kernel_size": 99}, "MaxPool2d": {"kernel_size": 99}}.get(kind, {})
    bench.editor.run(AddNode(kind, params, None, arriving if kind in ("Add", "Concat") else arriving[:1]))
    faulty = [each.id for each in bench.graph.nodes.values()][-1]
    bench.editor.run(Rename(faulty, "W" * 64))
    for chosen in ((faulty,), (), (arriving[1],)):
        bench.build.canvas.select(chosen)
        panel = bench.build.properties.currentWidget()
        assert panel.widget().minimumSizeHint().width() <= panel.viewport().width()


def test_every_interactive_widget_has_a_name(bench) -> None:
    bench.select("conv2")
    nameless = [
        each
        for each in bench.build.findChildren(QWidget)
        if isinstance(each, (QAbstractButton, QLineEdit, QComboBox)) and each.isVisible() and not each.objectName()
    ]
    assert nameless == []


def test_presets_keep_every_panel_in_step(bench) -> None:
    for name in presets.names():
        bench.build.use_preset(name)
        ids = list(bench.graph.topological_order())
        assert bench.build.table.model.ids == ids
        assert set(bench.build.canvas.mirror.cards) == set(ids)


class TestRenamingInPlace:
    @pytest.fixture
    def naming(self, bench, qtbot):
        """The line over conv1's name, with another name typed."""
        bench.select("conv1")
        bench.build.canvas.setFocus()
        qtbot.waitUntil(bench.build.canvas.hasFocus)
        press(Qt.Key.Key_F2)
        type_text("first")
        return bench

    def test_a_click_elsewhere_takes_the_name_and_the_keyboard_goes_there(self, naming) -> None:
        field = naming.field("kernel_size")
        QTest.mouseClick(field, Qt.MouseButton.LeftButton)
        assert "first" in naming.names()
        assert QApplication.focusWidget() is field

    def test_tab_takes_it_and_goes_back_to_the_card(self, naming) -> None:
        press(Qt.Key.Key_Tab)
        assert "first" in naming.names()
        assert QApplication.focusWidget() is naming.build.canvas
        assert naming.selected() == ["first"]

    def test_another_project_is_not_renamed(self, naming) -> None:
        naming.studio.new("digits-small")
        naming.build.setFocus()
        assert "conv1" in naming.names()
        assert not naming.studio.modified

    def test_it_ends_with_its_layer(self, naming) -> None:
        naming.editor.run(RemoveNodes([naming.id("conv1")]))
        assert QApplication.focusWidget() is naming.build.canvas


def test_another_workspace_in_front_ends_what_the_pointer_was_doing(bench) -> None:
    canvas = bench.build.canvas
    card = canvas.mirror.cards[bench.id("pool1")]
    start, corner = canvas.mapFromScene(card.sceneBoundingRect().center()), card.corner
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(canvas.viewport(), start + QPoint(40, 40))
    assert card.corner != corner
    bench.build.hide()
    bench.build.show()
    QTest.mouseMove(canvas.viewport(), start + QPoint(80, 80))
    assert card.corner == corner
    assert not bench.studio.modified


def test_a_kind_that_is_drawn_is_gone_to_before_one_is_appended(bench) -> None:
    bench.build.use_preset("googlenet")
    found = rank(list(bench.build.search_entries()), "concat")
    assert bench.graph.node(bench.id(found[0].text)).kind == "Concat"
    assert found[0].text in bench.names()


def test_the_canvas_is_emptied_in_one_step_that_undo_takes_back(bench) -> None:
    before = bench.graph.state
    bench.run("file.empty")
    assert len(bench.graph) == 0
    assert bench.build.pane.empty.isVisible()
    assert bench.editor.stack.undoText() == "empty the canvas"
    bench.run("file.empty")
    assert bench.editor.stack.count() == 1, "an empty one is not emptied once more"
    bench.editor.undo()
    assert bench.graph.state == before
