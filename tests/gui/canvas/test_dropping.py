"""Layers dragged in from the palette, and the notes on faulty ones."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent
from PySide6.QtWidgets import QApplication

from cnnstudio.graph import analyze
from cnnstudio.gui.canvas import layer_mime
from cnnstudio.gui.canvas.card import Aim

LEFT, NO_KEYS, COPY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction


def test_on_the_paper_it_stands_free_where_it_was_dropped(desk) -> None:
    desk.drop("ReLU", desk.pixel((560, 430)))
    node = desk.graph.node(desk.canvas.selection[0])
    assert node.kind == "ReLU"
    assert node.position == (432, 400)
    assert desk.graph.inputs_of(node.id) == (None,)
    assert desk.stack.undoText() == "add ReLU"


def test_on_a_wire_it_goes_in_between(desk) -> None:
    desk.graph.move(desk.id("pool"), (0, 400))
    desk.drop("BatchNorm", desk.pixel((132, 300)))
    assert {("relu", "batchnorm_1", 0), ("batchnorm_1", "pool", 0)} <= desk.wires()
    assert desk.stack.undoText() == "insert BatchNorm before pool"


def test_on_a_card_it_goes_behind(desk) -> None:
    desk.drop("Dropout", desk.card(desk.id("conv")))
    assert {("conv", "dropout_1", 0), ("dropout_1", "relu", 0)} <= desk.wires()
    cards = desk.canvas.mirror.cards
    assert cards[desk.id("dropout_1")].corner == (0, 164)
    assert cards[desk.id("relu")].corner == (0, 246), "the layers below have made room"


def test_an_input_never_goes_behind_anything(desk) -> None:
    desk.drop("Input", desk.card(desk.id("conv")))
    assert len(desk.wires()) == 3
    assert desk.stack.undoText() == "add Input"


def test_where_it_would_land_is_shown_while_it_is_dragged(desk) -> None:
    conv = desk.id("conv")
    viewport, data = desk.canvas.viewport(), layer_mime("ReLU")
    event = QDragEnterEvent(desk.card(conv), COPY, data, LEFT, NO_KEYS)
    QApplication.sendEvent(viewport, event)
    assert event.isAccepted()
    assert desk.canvas.mirror.cards[conv].aim is Aim.TAKES
    assert desk.hints[-1] == ("Add ReLU after conv.", False)
    QApplication.sendEvent(viewport, QDragLeaveEvent())
    assert desk.canvas.mirror.cards[conv].aim is Aim.NONE
    assert desk.hints[-1] == ("", False)
    assert desk.stack.count() == 0


def test_other_things_are_not_taken(desk) -> None:
    data = QMimeData()
    data.setText("ReLU")
    event = QDragEnterEvent(desk.card(desk.id("conv")), COPY, data, LEFT, NO_KEYS)
    QApplication.sendEvent(desk.canvas.viewport(), event)
    assert not event.isAccepted()


def test_a_fault_is_said_beside_its_card_and_mended_by_its_link(desk) -> None:
    desk.drop("Linear", desk.card(desk.id("pool")))
    linear = desk.id("linear_1")
    card, note = desk.canvas.mirror.cards[linear], desk.canvas.mirror.notes[linear]
    assert card.face.shape == "?"
    assert note.message.replace("\u00a0", " ") == "linear_1: Linear takes a vector; 8 × 14 × 14 arrived."
    desk.click(desk.pixel(note.fix_rect(0).center()))
    assert ("pool", "flatten_1", 0) in desk.wires()
    assert desk.stack.undoText() == "insert Flatten before linear_1"
    assert not desk.canvas.mirror.notes
    assert card.face.shape == "10"


def test_a_press_on_a_fix_counts_where_it_ends(desk) -> None:
    desk.drop("Linear", desk.card(desk.id("pool")))
    link = desk.pixel(desk.canvas.mirror.notes[desk.id("linear_1")].fix_rect(0).center())
    desk.drag(link, link + QPoint(300, 0))
    assert len(desk.graph) == 5
    assert desk.stack.undoText() == "add Linear after pool"


def test_a_note_stands_clear_of_the_other_cards(desk) -> None:
    desk.graph.set_params(desk.id("conv"), kernel_size=99)
    desk.canvas.set_report(analyze(desk.graph))
    note = desk.canvas.mirror.notes[desk.id("conv")]
    for node_id, card in desk.canvas.mirror.cards.items():
        if node_id != desk.id("conv"):
            assert not note.sceneBoundingRect().intersects(card.mapRectToScene(card.shape().boundingRect()))
    assert desk.canvas.camera.content.contains(QPointF(note.pos()))
