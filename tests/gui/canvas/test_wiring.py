"""Wires drawn, replaced, moved and taken off by dragging."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt

from cnnstudio.graph import Graph
from cnnstudio.gui.canvas.card import Aim


@pytest.fixture
def branches() -> Graph:
    """input above two branches and a merge that is not connected yet."""
    graph = Graph()
    image = graph.add("Input", name="input", shape=(1, 28, 28), position=(0, 0))
    graph.add("ReLU", image, name="left", position=(0, 120))
    graph.add("Tanh", image, name="right", position=(300, 120))
    graph.add("Add", name="merge", position=(0, 260))
    return graph


def test_from_output_to_input(put_on_desk, branches) -> None:
    desk = put_on_desk(branches)
    desk.drag(desk.output(desk.id("left")), desk.input(desk.id("merge"), 0))
    desk.drag(desk.output(desk.id("right")), desk.input(desk.id("merge"), 1))
    assert {("left", "merge", 0), ("right", "merge", 1)} <= desk.wires()
    assert desk.stack.undoText() == "connect right to merge"
    assert desk.report[desk.id("merge")].output_shape == (1, 28, 28)


def test_dropping_anywhere_on_a_card_takes_the_first_free_port(put_on_desk, branches) -> None:
    desk = put_on_desk(branches)
    desk.drag(desk.output(desk.id("left")), desk.card(desk.id("merge")))
    desk.drag(desk.output(desk.id("right")), desk.card(desk.id("merge")))
    assert desk.graph.inputs_of(desk.id("merge")) == (desk.id("left"), desk.id("right"))


def test_a_merge_offers_one_more_port_once_all_are_taken(put_on_desk, branches) -> None:
    desk = put_on_desk(branches)
    merge = desk.id("merge")
    assert desk.canvas.mirror.cards[merge].ports == 2
    for name in ("left", "right"):
        desk.drag(desk.output(desk.id(name)), desk.card(merge))
    assert desk.canvas.mirror.cards[merge].ports == 3
    desk.drag(desk.output(desk.id("input")), desk.input(merge, 2))
    assert len(desk.graph.inputs_of(merge)) == 3


def test_backwards_from_a_free_input(put_on_desk, branches) -> None:
    desk = put_on_desk(branches)
    desk.drag(desk.input(desk.id("merge"), 1), desk.card(desk.id("right")))
    assert desk.graph.inputs_of(desk.id("merge")) == (None, desk.id("right"))


def test_an_occupied_single_port_is_replaced(put_on_desk, branches) -> None:
    desk = put_on_desk(branches)
    desk.drag(desk.output(desk.id("left")), desk.input(desk.id("right")))
    assert ("left", "right", 0) in desk.wires()
    assert ("input", "right", 0) not in desk.wires()
    assert desk.stack.count() == 1
    desk.editor.undo()
    assert ("input", "right", 0) in desk.wires()


def test_a_circle_is_refused_while_hovering_and_says_why(desk) -> None:
    conv, pool = desk.id("conv"), desk.id("pool")
    start, end = desk.output(pool), desk.card(conv)
    desk.press(start)
    desk.move(end)
    assert desk.canvas.mirror.cards[conv].aim is Aim.REFUSES
    text, refused = desk.hints[-1]
    assert refused
    assert "circle" in text
    desk.release(end)
    assert desk.canvas.mirror.cards[conv].aim is Aim.NONE
    assert desk.stack.count() == 0
    assert desk.wires() == {("input", "conv", 0), ("conv", "relu", 0), ("relu", "pool", 0)}


def test_what_letting_go_would_do_is_said_while_hovering(put_on_desk, branches) -> None:
    desk = put_on_desk(branches)
    desk.press(desk.output(desk.id("left")))
    desk.move(desk.card(desk.id("merge")))
    assert desk.hints[-1] == ("Connect left to merge.", False)
    assert desk.canvas.mirror.cards[desk.id("merge")].aim is Aim.TAKES
    desk.release(desk.card(desk.id("merge")))
    assert desk.hints[-1] == ("", False)


def test_the_input_takes_no_wire(put_on_desk, branches) -> None:
    desk = put_on_desk(branches)
    desk.drag(desk.output(desk.id("left")), desk.card(desk.id("input")))
    assert desk.stack.count() == 0
    assert desk.hints[-1] == ("input has no input: the network begins there.", True)


def test_letting_go_in_the_open_draws_nothing(desk) -> None:
    desk.drag(desk.output(desk.id("pool")), desk.pixel((450, 500)))
    assert desk.stack.count() == 0
    assert len(desk.canvas.mirror.items()) == 7, "four cards, three wires, and no preview left"


def test_dragging_a_wires_end_away_disconnects(desk) -> None:
    desk.drag(desk.input(desk.id("relu")), desk.pixel((500, 400)))
    assert ("conv", "relu", 0) not in desk.wires()
    assert desk.stack.undoText() == "disconnect conv from relu"
    assert desk.id("relu") in desk.canvas.mirror.notes, "a layer without input says so"
    desk.editor.undo()
    assert ("conv", "relu", 0) in desk.wires()


def test_a_wires_end_put_back_changes_nothing(desk) -> None:
    place = desk.input(desk.id("relu"))
    desk.press(place)
    desk.move(desk.pixel((500, 400)))
    desk.move(place)
    desk.release(place)
    assert desk.stack.count() == 0


def test_a_click_on_ports_and_wire_ends_only_selects(desk) -> None:
    desk.click(desk.output(desk.id("pool")))
    assert desk.names(desk.canvas.selection) == ["pool"]
    desk.click(desk.input(desk.id("relu")))
    assert [desk.graph.node(link.target).name for link in desk.canvas.mirror.selected_links] == ["relu"]
    assert desk.stack.count() == 0


def test_a_wires_end_moves_to_another_layer(put_on_desk, branches) -> None:
    desk = put_on_desk(branches)
    desk.drag(desk.output(desk.id("left")), desk.input(desk.id("merge"), 0))
    desk.drag(desk.input(desk.id("merge"), 0), desk.input(desk.id("right")))
    assert ("left", "right", 0) in desk.wires()
    assert ("left", "merge", 0) not in desk.wires()
    assert desk.stack.undoText() == "move a wire from merge to right"
    desk.editor.undo()
    assert ("left", "merge", 0) in desk.wires()


def test_escape_leaves_the_wire(desk) -> None:
    desk.press(desk.output(desk.id("input")))
    desk.move(desk.card(desk.id("pool")))
    desk.key(Qt.Key.Key_Escape)
    desk.release(desk.card(desk.id("pool")))
    assert desk.stack.count() == 0


def test_the_far_away_canvas_moves_cards_instead_of_taking_ports(desk) -> None:
    desk.canvas.camera.set_zoom(0.4)
    pool = desk.id("pool")
    desk.drag(desk.output(pool) - QPoint(0, 3), desk.output(pool) + QPoint(0, 60))
    assert desk.wires() == {("input", "conv", 0), ("conv", "relu", 0), ("relu", "pool", 0)}
    assert desk.stack.undoText() == "move pool"
