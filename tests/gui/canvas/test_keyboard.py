"""The canvas without a mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt

from cnnstudio.graph import Graph, presets

DOWN, UP, LEFT, RIGHT = Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Right
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def walk(desk, *keys: Qt.Key) -> list[str]:
    seen = []
    for key in keys:
        desk.key(key)
        seen += desk.names(desk.canvas.selection)
    return seen


def test_arrows_walk_along_the_wires(desk) -> None:
    assert walk(desk, DOWN, DOWN, DOWN, DOWN, UP) == ["input", "conv", "relu", "pool", "relu"]


def test_down_takes_the_trunk_and_right_the_branch(put_on_desk) -> None:
    desk = put_on_desk(presets.load("resnet20-cifar10"))
    desk.canvas.select((desk.id("relu7"),))
    assert walk(desk, DOWN, RIGHT, DOWN, LEFT)[:2] == ["conv8", "shortcut1"]


def test_shift_extends(desk) -> None:
    walk(desk, DOWN, DOWN)
    desk.key(DOWN, SHIFT)
    assert desk.names(desk.canvas.selection) == ["conv", "relu"]


def test_control_and_arrow_move_the_card(desk) -> None:
    walk(desk, DOWN, DOWN)
    desk.key(RIGHT, CONTROL)
    assert desk.graph.node(desk.id("conv")).position == (8, 82)
    assert desk.stack.undoText() == "move conv"


def test_enter_asks_for_the_properties(desk) -> None:
    opened: list[str] = []
    desk.canvas.opened.connect(opened.append)
    walk(desk, DOWN, DOWN)
    desk.key(Qt.Key.Key_Return)
    assert opened == [desk.id("conv")]


def test_plus_minus_and_nought_zoom(desk) -> None:
    desk.key(Qt.Key.Key_Plus)
    assert desk.canvas.zoom == 1.2
    desk.key(Qt.Key.Key_Minus)
    assert round(desk.canvas.zoom, 9) == 1.0
    desk.key(Qt.Key.Key_Plus)
    desk.key(Qt.Key.Key_0)
    assert desk.canvas.zoom == 1.0


def test_what_is_selected_is_told_to_a_screen_reader(desk) -> None:
    walk(desk, DOWN, DOWN)
    assert desk.canvas.accessibleDescription() == "conv, Conv2d 3×3, 8, pad 1, output 8 × 28 × 28, 80 parameters"
    desk.key(Qt.Key.Key_A, CONTROL)
    assert desk.canvas.accessibleDescription() == "4 layers selected"


class TestConnecting:
    def graph(self) -> Graph:
        graph = Graph()
        image = graph.add("Input", name="input", shape=(1, 8, 8), position=(0, 0))
        left = graph.add("ReLU", image, name="left", position=(0, 120))
        graph.add("Tanh", image, name="right", position=(300, 120))
        graph.add("Add", left, name="merge", position=(0, 260))
        return graph

    def test_c_offers_the_free_port_and_enter_takes_it(self, put_on_desk) -> None:
        desk = put_on_desk(self.graph())
        desk.canvas.select((desk.id("right"),))
        desk.key(Qt.Key.Key_C)
        assert desk.canvas.connecting is not None
        assert desk.canvas.connecting.target == desk.id("merge")
        assert desk.hints[-1][0].startswith("Connect right to merge: Enter.")
        desk.key(Qt.Key.Key_Return)
        assert ("right", "merge", 1) in desk.wires()
        assert desk.canvas.connecting is None

    def test_arrows_choose_another(self, put_on_desk) -> None:
        desk = put_on_desk(self.graph())
        desk.canvas.select((desk.id("right"),))
        desk.key(Qt.Key.Key_C)
        desk.key(DOWN)
        assert desk.canvas.connecting.target == desk.id("left")
        desk.key(Qt.Key.Key_Return)
        assert ("right", "left", 0) in desk.wires()

    def test_escape_leaves_it(self, put_on_desk) -> None:
        desk = put_on_desk(self.graph())
        desk.canvas.select((desk.id("right"),))
        desk.key(Qt.Key.Key_C)
        desk.key(Qt.Key.Key_Escape)
        assert desk.canvas.connecting is None
        assert desk.stack.count() == 0
        assert desk.hints[-1] == ("", False)

    def test_nothing_to_connect_to_is_said(self, desk) -> None:
        desk.canvas.select((desk.id("pool"),))
        desk.key(Qt.Key.Key_C)
        assert desk.hints[-1] == ("No layer can be connected to this one.", True)
        desk.canvas.select(())
        desk.key(Qt.Key.Key_C)
        assert desk.hints[-1] == ("Select the one layer that the new wire is to start from.", True)
