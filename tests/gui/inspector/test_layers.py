"""The maps of all layers: pointing at a number tells its value and outlines what it sees."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest

from cnnstudio.engine import TrainingConfig
from cnnstudio.explain import value_region
from cnnstudio.graph import Graph, analyze
from cnnstudio.graph.commands import AppendAfter, Rename
from cnnstudio.gui.inspector import InspectorWorkspace
from cnnstudio.gui.inspector.layer_card import LayerCard
from cnnstudio.gui.inspector.reading import place_text, region_of, sees_text, status_text
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.theme import value_text
from cnnstudio.gui.widgets import Probe
from cnnstudio.resources import sample_images_dir
from cnnstudio.session import RunState

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def digit(inspector: InspectorWorkspace, shown) -> InspectorWorkspace:
    """Inspect with a real digit in an untrained network."""
    inspector.show_test_picture(7)
    shown()
    return inspector


def card_of(inspector: InspectorWorkspace, name: str) -> LayerCard:
    return next(card for card in inspector.layers.cards.values() if card.row.name == name)


def move_to(card: LayerCard, index: int, row: int, column: int):
    """Put the mouse on one number of a card's maps."""
    place = card.view.cell_rect(Probe(index, row, column, 0.0)).center().toPoint()
    QTest.mouseMove(card.view, place)
    return place


def test_a_card_for_every_layer_in_the_order_of_computation(window: MainWindow, digit: InspectorWorkspace) -> None:
    names = [row.name for row in window.studio.report]
    assert [card.row.name for card in digit.layers.cards.values()] == names
    tops = [card.y() for card in digit.layers.cards.values()]
    assert tops == sorted(tops)
    result = window.studio.inspection.result
    for node_id, card in digit.layers.cards.items():
        assert card.activation is result.activations[node_id]


@pytest.mark.parametrize(
    ("name", "index", "row", "column"), [("conv1", 3, 0, 0), ("conv2", 5, 4, 2), ("pool1", 9, 3, 3)]
)
def test_hovering_a_number_outlines_its_receptive_field(
    window: MainWindow, digit: InspectorWorkspace, name: str, index: int, row: int, column: int
) -> None:
    card = card_of(digit, name)
    digit.layers.reveal(card.row.id)
    move_to(card, index, row, column)
    region = value_region(window.studio.graph, window.studio.report, card.row.id, index, row, column)
    assert digit.picture.view.overlay == QRectF(region.left, region.top, region.width, region.height)
    assert digit.picture.sees.text() == f"sees {region.height} × {region.width} of these pixels"
    value = window.studio.inspection.result.activations[card.row.id][index, row, column]
    told = window.status_bar.detail.text()
    assert told.startswith(f"{name} [{index}, {row}, {column}] = {value_text(float(value))} · sees row")
    assert digit.zoom.title.text() == f"{name} [{index}, {row}, {column}]"


def test_leaving_the_maps_takes_the_outline_away(window: MainWindow, digit: InspectorWorkspace) -> None:
    card = card_of(digit, "conv1")
    move_to(card, 0, 4, 4)
    assert digit.picture.view.overlay is not None
    card.view.clear_probe()
    assert digit.picture.view.overlay is None
    assert digit.zoom.invitation.isVisible()
    assert "conv1" not in window.status_bar.detail.text()


def test_a_click_keeps_a_number_in_sight(window: MainWindow, digit: InspectorWorkspace) -> None:
    card = card_of(digit, "conv1")
    place = move_to(card, 2, 3, 4)
    QTest.mouseClick(card.view, LEFT, pos=place)
    card.view.clear_probe()
    assert card.selected
    region = value_region(window.studio.graph, window.studio.report, card.row.id, 2, 3, 4)
    assert digit.picture.view.overlay == QRectF(region.left, region.top, region.width, region.height)
    assert digit.zoom.release.isVisible()

    # The cursor may wander: the map that is kept stays large.
    other = card_of(digit, "relu1")
    move_to(other, 5, 1, 1)
    assert digit.picture.view.overlay != QRectF(region.left, region.top, region.width, region.height)
    assert digit.zoom.title.text() == "conv1 [2, 3, 4]"
    other.view.clear_probe()
    QTest.mouseClick(digit.zoom.release, LEFT)
    assert not card.selected
    assert digit.picture.view.overlay is None


def test_the_keyboard_alone_does_all_of_it(window: MainWindow, digit: InspectorWorkspace) -> None:
    card = card_of(digit, "conv1")
    card.view.setFocus(Qt.FocusReason.TabFocusReason)
    assert digit.reading is not None
    QTest.keyClick(card.view, Qt.Key.Key_Right)
    QTest.keyClick(card.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    row, probe = digit.reading
    assert (row.name, probe.index, probe.row, probe.column) == ("conv1", 1, 4, 5)
    QTest.keyClick(card.view, Qt.Key.Key_Return)
    assert digit._pinned == (row.id, 1, 4, 5)
    QTest.keyClick(card.view, Qt.Key.Key_Tab)
    assert card_of(digit, "relu1").view.hasFocus()
    QTest.keyClick(card_of(digit, "relu1").view, Qt.Key.Key_Escape)
    assert digit._pinned is None


def test_hovering_the_large_map_reads_the_same_numbers(window: MainWindow, digit: InspectorWorkspace) -> None:
    node_id = card_of(digit, "conv2").row.id
    digit.pin(node_id, 4, 1, 1)
    view = digit.zoom.view
    QTest.mouseMove(view, view.cell_rect(Probe(0, 6, 2, 0.0)).center().toPoint())
    row, probe = digit.reading
    assert (row.id, probe.index, probe.row, probe.column) == (node_id, 4, 6, 2)
    assert probe.value == window.studio.inspection.result.activations[node_id][4, 6, 2]


def test_the_large_map_tells_its_figures(window: MainWindow, digit: InspectorWorkspace) -> None:
    node_id = card_of(digit, "relu1").row.id
    maps = window.studio.inspection.result.activations[node_id]
    digit.pin(node_id, 4, 1, 1)
    assert digit.zoom.fact("largest") == value_text(float(maps[4].max()))
    assert digit.zoom.fact("zero") == f"{100 * float((maps[4] == 0).mean()):.1f} %"
    assert digit.zoom.fact("rank") == f"{int((maps[4] > maps[4, 1, 1]).sum()) + 1} of 64"
    assert digit.zoom.fact("sees") == "3 × 3"


def test_a_vector_is_a_strip_and_sees_the_whole_picture(window: MainWindow, digit: InspectorWorkspace) -> None:
    card = card_of(digit, "fc1")
    digit.layers.reveal(card.row.id)
    move_to(card, 12, 0, 0)
    assert window.status_bar.detail.text().startswith("fc1 [12] = ")
    assert window.status_bar.detail.text().endswith("sees the whole picture")
    assert digit.picture.view.overlay == QRectF(0, 0, 8, 8)
    assert not digit.zoom.view.isVisible()


def test_the_maps_change_as_the_network_learns(window: MainWindow, digit: InspectorWorkspace, until) -> None:
    conv = card_of(digit, "conv1").row.id
    digit.pin(conv, 2, 3, 3)
    before = np.array(digit.layers.cards[conv].activation)
    told = digit.zoom.value.text()
    window.studio.training.start(TrainingConfig(epochs=4))
    until(lambda: window.studio.training.state is RunState.FINISHED)
    until(lambda: not np.array_equal(digit.layers.cards[conv].activation, before))
    until(lambda: digit.zoom.value.text() != told)
    assert digit._pinned == (conv, 2, 3, 3)


def test_cards_follow_the_drawing(window: MainWindow, digit: InspectorWorkspace, shown) -> None:
    kept = card_of(digit, "conv1")
    window.editor.run(AppendAfter(kept.row.id, "Tanh", {}))
    shown()
    names = [row.name for row in window.studio.report]
    cards = sorted(digit.layers.cards.values(), key=lambda card: card.y())
    assert [card.row.name for card in cards] == names
    assert card_of(digit, "conv1") is kept
    window.editor.run(Rename(kept.row.id, "edges"))
    shown()
    assert kept.view.objectName() == "maps.edges"
    window.editor.undo()
    window.editor.undo()
    shown()
    assert "tanh_1" not in [card.row.name for card in digit.layers.cards.values()]


def test_only_some_layers(window: MainWindow, digit: InspectorWorkspace) -> None:
    def visible() -> list[str]:
        return [card.row.name for card in digit.layers.cards.values() if not card.isHidden()]

    for index, expected in (
        (1, ["input", "conv1", "conv2", "pool1"]),
        (2, ["conv1", "conv2", "fc1", "fc2"]),
        (0, [row.name for row in window.studio.report]),
    ):
        digit.bar.shown.setCurrentIndex(index)
        digit.bar.shown.activated.emit(index)
        assert visible() == expected


def test_a_scale_for_each_map_still_tells_the_true_values(window: MainWindow, digit: InspectorWorkspace) -> None:
    digit.bar.scale.setCurrentIndex(1)
    digit.bar.scale.activated.emit(1)
    card = card_of(digit, "conv1")
    assert card.view.limits == (-1.0, 1.0)
    assert np.abs(card.view._maps).max(axis=(1, 2)) == pytest.approx(np.ones(16))
    move_to(card, 6, 2, 2)
    value = window.studio.inspection.result.activations[card.row.id][6, 2, 2]
    assert digit.reading[1].value == value
    state = digit.save_state()
    digit.restore_state({"view": [0, 0]})
    assert card.view.limits != (-1.0, 1.0)
    digit.restore_state(state)
    assert digit.bar.scale.currentIndex() == 1
    digit.restore_state({"view": [9, 9]})
    assert digit.bar.scale.currentIndex() == 1


def test_a_deep_network_is_only_painted_where_one_looks(
    window: MainWindow, inspector: InspectorWorkspace, shown
) -> None:
    window.studio.new("resnet20-cifar10")
    inspector.show_file(sample_images_dir() / "coffee.jpg")
    shown()
    cards = list(inspector.layers.cards.values())
    assert len(cards) == len(window.studio.report) > 70
    fresh = [not card._stale for card in cards]
    assert all(fresh[:2])
    assert not any(fresh[-20:])
    inspector.layers.verticalScrollBar().setValue(inspector.layers.verticalScrollBar().maximum())
    assert not cards[-1]._stale
    assert cards[40]._stale


def test_a_pixel_of_the_picture_is_told_too(window: MainWindow, digit: InspectorWorkspace) -> None:
    view = digit.picture.view
    place = view.to_widget(QRectF(3, 2, 1, 1)).center().toPoint()
    QTest.mouseMove(view, place)
    value = window.studio.inspection.picture[0, 2, 3]
    assert window.status_bar.detail.text() == f"picture, row 2, column 3 = {value}"


def test_how_a_number_is_told() -> None:
    graph = Graph()
    image = graph.add("Input", shape=(1, 28, 28))
    conv = graph.add("Conv2d", image, out_channels=2, kernel_size=5, padding=2, name="conv1")
    fc = graph.add("Linear", graph.add("Flatten", conv), out_features=10, name="fc1")
    report = analyze(graph)
    probe = Probe(1, 10, 27, -0.5)
    region = region_of(graph, report, report[conv], probe)
    assert place_text(report[conv], probe) == "conv1 [1, 10, 27]"
    assert sees_text(region) == "sees 5 × 3 of these pixels"
    assert (
        status_text(report[conv], probe, region) == "conv1 [1, 10, 27] = −0.5000 · sees rows 8 to 12, columns 25 to 27"
    )
    vector = Probe(7, 0, 0, 2.0)
    assert place_text(report[fc], vector) == "fc1 [7]"
    assert status_text(report[fc], vector, region_of(graph, report, report[fc], vector)).endswith(
        "sees the whole picture"
    )
    assert region_of(graph, report, report[conv], Probe(0, 99, 0, 0.0)) is None
    framed = graph.add("Pad2d", image, padding=1)
    beside = Probe(0, 0, 5, 0.0)
    report = analyze(graph)
    assert region_of(graph, report, report[framed], beside) is None
    assert status_text(report[framed], beside, None).endswith(" · sees none of the picture's pixels")
    corner = Probe(0, 0, 0, 1.0)
    pixel = region_of(graph, report, report[image], corner)
    assert status_text(report[image], corner, pixel) == f"{report[image].name} [0, 0, 0] = 1.000 · sees row 0, column 0"
