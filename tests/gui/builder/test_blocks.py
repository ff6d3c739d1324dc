"""Blocks found, asked about and drawn: several layers, one step to undo."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from cnnstudio.explain.glyphs import BLOCK_ICONS
from cnnstudio.graph import BLOCKS, Graph, analyze
from cnnstudio.graph.commands import Rename
from cnnstudio.gui.builder.block_form import price_of
from cnnstudio.gui.canvas import Cargo, block_mime
from cnnstudio.gui.canvas.spots import Spot

LEFT, NO_KEYS, COPY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction


def press(key: Qt.Key) -> None:
    QTest.keyClick(QApplication.focusWidget(), key)


def type_text(text: str) -> None:
    QTest.keyClicks(QApplication.focusWidget(), text)


def drop_block(bench, name: str, place: QPointF) -> None:
    viewport, data = bench.build.canvas.viewport(), block_mime(name)
    pixel = bench.build.canvas.mapFromScene(place)
    QApplication.sendEvent(viewport, QDragEnterEvent(pixel, COPY, data, LEFT, NO_KEYS))
    QApplication.sendEvent(viewport, QDropEvent(QPointF(pixel), COPY, data, LEFT, NO_KEYS))


def forms(bench) -> list:
    return [each for each in bench.build.children() if each.objectName() == "blockForm" and each.isVisible()]


def test_every_block_has_a_glyph_of_its_own() -> None:
    assert set(BLOCK_ICONS) == set(BLOCKS)
    assert len(set(BLOCK_ICONS.values())) == len(BLOCKS)


def test_built_by_keyboard_type_enter_enter(bench) -> None:
    bench.select("relu1")
    bench.run("build.append")
    type_text("vgg")
    press(Qt.Key.Key_Return)
    assert len(forms(bench)) == 1
    assert bench.graph.node(bench.id("conv2")).name == "conv2", "nothing is drawn before the parameters are known"
    type_text("24")
    press(Qt.Key.Key_Return)
    assert not forms(bench)
    added = [bench.graph.node(each) for each in bench.build.canvas.selection]
    assert [node.kind for node in added] == ["Conv2d", "ReLU", "Conv2d", "ReLU", "MaxPool2d"]
    assert added[0].params["out_channels"] == 24
    assert bench.editor.stack.undoText() == "add VGG block after relu1"
    assert QApplication.focusWidget() is bench.build.palette_panel.search, "ready for the next"
    before = len(bench.graph)
    bench.editor.undo()
    assert len(bench.graph) == before - 5


def test_a_double_click_asks_and_the_button_adds(bench) -> None:
    bench.select("relu1")
    palette = bench.build.palette_panel.list
    QTest.mouseDClick(palette.viewport(), LEFT, NO_KEYS, palette.entry_rect("residual").center())
    assert bench.find("blockPlace").text() == "after relu1"
    bench.click("blockAdd")
    assert bench.editor.stack.undoText() == "add Residual block after relu1"
    assert all(each in bench.graph for each in bench.build.canvas.selection)


def test_escape_leaves_the_drawing_and_gives_the_keyboard_back(bench) -> None:
    bench.run("build.append")
    type_text("inception")
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Escape)
    assert not forms(bench)
    assert not bench.editor.stack.canUndo()
    assert QApplication.focusWidget() is bench.build.palette_panel.search


def test_the_form_says_what_the_block_adds_as_it_is_typed(bench) -> None:
    bench.select("relu1")
    bench.build.append("conv-bn-relu")
    assert bench.find("blockPrice").text() == "3 layers, 2,336 parameters, 147,456 MACs"
    type_text("32")
    press(Qt.Key.Key_Tab)
    assert bench.find("blockPrice").text() == "3 layers, 4,672 parameters, 294,912 MACs"


def test_what_would_not_fit_is_said_before(bench) -> None:
    bench.select("fc1")
    bench.build.append("conv-bn-relu")
    assert "vector" in bench.find("blockFault").text()
    assert bench.find("blockPrice").text() == "3 layers"


def test_a_number_out_of_range_keeps_the_form_open(bench) -> None:
    bench.select("relu1")
    bench.build.append("vgg")
    type_text("0")
    press(Qt.Key.Key_Return)
    assert len(forms(bench)) == 1
    assert forms(bench)[0].findChild(object, "fieldError") is not None
    assert not bench.editor.stack.canUndo()


def test_tab_goes_round_within_the_form(bench) -> None:
    bench.select("relu1")
    bench.build.append("vgg")
    form = forms(bench)[0]
    seen = []
    for _ in range(4):
        seen.append(QApplication.focusWidget().objectName())
        press(Qt.Key.Key_Tab)
    assert seen == ["field.out_channels.edit", "field.convolutions.edit", "blockAdd", "field.out_channels.edit"]
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
    assert form.isAncestorOf(QApplication.focusWidget())


def test_another_edit_closes_the_form(bench) -> None:
    bench.select("relu1")
    bench.build.append("vgg")
    bench.graph.rename(bench.id("relu1"), "first")
    assert not forms(bench)


def test_dropped_on_the_paper_it_stands_free(bench) -> None:
    drop_block(bench, "nin", QPointF(700, 100))
    assert bench.find("blockPlace").text() == "not connected yet"
    bench.click("blockAdd")
    first = bench.build.canvas.selection[0]
    assert bench.graph.inputs_of(first) == (None,)
    assert bench.editor.stack.undoText() == "add NiN block"


def test_dropped_on_a_card_it_goes_behind(bench) -> None:
    drop_block(bench, "conv-bn-relu", bench.build.canvas.mirror.cards[bench.id("relu1")].sceneBoundingRect().center())
    bench.click("blockAdd")
    ids = bench.build.canvas.selection
    assert bench.graph.inputs_of(ids[0]) == (bench.id("relu1"),)
    assert bench.graph.inputs_of(bench.id("conv2")) == (ids[-1],)


def test_dropped_on_a_wire_it_goes_in_between(bench) -> None:
    canvas = bench.build.canvas
    link = next(each for each in canvas.mirror.wires if each.target == bench.id("pool1"))
    drop_block(bench, "conv-bn-relu", QPointF(*canvas.mirror.wires[link].middle))
    assert bench.find("blockPlace").text() == "between relu2 and pool1"
    bench.click("blockAdd")
    ids = canvas.selection
    assert bench.graph.inputs_of(ids[0]) == (link.source,)
    assert bench.graph.inputs_of(link.target) == (ids[-1],)


def test_on_one_of_two_wires_of_a_layer_the_other_stays(bench) -> None:
    bench.build.use_preset("resnet20-cifar10")
    graph, canvas = bench.graph, bench.build.canvas
    fork = next(each for each in graph.nodes if len(graph.links_from(each)) == 2)
    shortcut = next(link for link in graph.links_from(fork) if graph.node(link.target).kind == "Add")
    other = next(link for link in graph.links_from(fork) if link != shortcut)
    before = graph.state
    bench.build._adding.add(Cargo("conv-bn-relu", is_block=True), Spot(link=shortcut))
    type_text("16")
    press(Qt.Key.Key_Return)
    ids = canvas.selection
    assert graph.inputs_of(other.target)[other.port] == fork
    assert graph.inputs_of(shortcut.target)[shortcut.port] == ids[-1]
    assert not analyze(graph).errors
    bench.editor.undo()
    assert graph.state == before


def test_where_a_block_would_land_is_shown_while_it_is_dragged(bench) -> None:
    viewport, data = bench.build.canvas.viewport(), block_mime("vgg")
    card = bench.build.canvas.mirror.cards[bench.id("relu1")]
    pixel = bench.build.canvas.mapFromScene(card.sceneBoundingRect().center())
    QApplication.sendEvent(viewport, QDragEnterEvent(pixel, COPY, data, LEFT, NO_KEYS))
    assert bench.build.pane.hint.text == "Add VGG block after relu1."


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_the_menus_offer_blocks(bench) -> None:
    canvas = bench.build.canvas
    place = canvas.mapFromScene(canvas.mirror.cards[bench.id("conv1")].sceneBoundingRect().center())
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, canvas.viewport().mapToGlobal(place))
    QApplication.sendEvent(canvas.viewport(), event)
    menu = next(each for each in bench.build.findChildren(QMenu, "canvasMenu") if each.isVisible())
    next(each for each in menu.findChildren(object, "canvasMenu.add.bottleneck")).trigger()
    menu.close()
    assert bench.find("blockPlace").text() == "after conv1"
    bench.click("blockAdd")
    assert bench.editor.stack.undoText() == "add Bottleneck block after conv1"


def test_blocks_and_networks_are_found_from_everywhere(bench) -> None:
    entries = {entry.text: entry for entry in bench.build.search_entries()}
    entries["Append Inception block"].run()
    assert len(forms(bench)) == 1
    press(Qt.Key.Key_Escape)
    entries["Draw LeNet-5, Caffe"].run()
    assert bench.studio.report.parameters == 431_080


@pytest.mark.parametrize("name", BLOCKS)
def test_no_form_is_clipped(bench, name: str) -> None:
    bench.build.resize(828, 480)
    bench.select("relu1")
    bench.build.append(name)
    form = forms(bench)[0]
    assert form.rect().contains(form.panel.geometry())
    assert form.panel.height() >= form.panel.layout().totalMinimumSize().height()
    button = bench.find("blockAdd")
    assert form.panel.rect().contains(button.mapTo(form.panel, QPoint(button.width(), button.height())))


def test_the_price_is_that_of_the_edit_itself() -> None:
    graph = Graph()
    image = graph.add("Input", shape=(3, 32, 32))
    before = graph.state
    price = price_of(graph, Spot(after=image), "vgg", {"out_channels": 8, "convolutions": 1})
    assert (price.layers, price.parameters, price.macs) == (3, 8 * (3 * 9 + 1), 8 * 3 * 9 * 32 * 32)
    assert graph.state == before


@pytest.mark.parametrize("typed", ["", "24"])
@pytest.mark.parametrize("part", ["field.out_channels.edit", "blockAdd"])
@pytest.mark.parametrize("keys", ["Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y", "Del", "Ctrl+A"])
def test_keys_of_the_drawing_mean_the_form_while_it_is_open(open_window, part: str, typed: str, keys: str) -> None:
    window = open_window("build")
    build, stack, graph = window.workspaces["build"], window.editor.stack, window.studio.graph
    relu = next(each.id for each in graph.nodes.values() if each.name == "relu1")
    window.editor.run(Rename(relu, "first"))
    window.editor.run(Rename(relu, "second"))
    window.editor.undo()
    build.canvas.select((relu,))
    before = graph.state
    build.append("vgg")
    type_text(typed)
    form = next(each for each in build.children() if each.objectName() == "blockForm")
    form.findChild(QWidget, part).setFocus()
    combination = QKeySequence(keys)[0]
    QTest.keyClick(QApplication.focusWidget(), combination.key(), combination.keyboardModifiers())
    assert form.isVisible()
    assert graph.state == before
    assert (stack.index(), build.canvas.selection) == (1, (relu,))


def test_in_the_form_undo_takes_the_typing_back(open_window) -> None:
    window = open_window("build")
    window.workspaces["build"].append("vgg")
    line = QApplication.focusWidget()
    first = line.text()
    type_text("24")
    assert line.text() == "24"
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == first
