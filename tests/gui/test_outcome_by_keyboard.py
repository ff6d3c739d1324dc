"""The three jobs with the keyboard alone: every key goes to whatever has the focus, and no widget is called."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnstudio.explain import value_region
from cnnstudio.gui.widgets import MosaicView, PictureView
from cnnstudio.session import InspectionState, RunState

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


def press(key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(QApplication.focusWidget(), key, keys)


def write(text: str) -> None:
    QTest.keyClicks(QApplication.focusWidget(), text)


def tab_to(name: str) -> None:
    """Press Tab until the widget of that name has the focus."""
    for _ in range(80):
        if QApplication.focusWidget().objectName() == name:
            return
        press(Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not reach {name}")


def test_build_train_and_inspect_without_a_mouse(open_window, until) -> None:
    window = open_window("build")
    studio = window.studio
    names = {node.id: node.name for node in studio.graph.nodes.values()}

    # Build: a dropout is appended behind the last layer, made weaker, renamed; a second one is deleted again.
    press(Qt.Key.Key_L, CONTROL)
    write("dropout")
    press(Qt.Key.Key_Return)
    (dropout,) = set(studio.graph.nodes) - set(names)
    last = next(node_id for node_id, name in names.items() if name == "fc2")
    assert studio.graph.inputs_of(dropout) == (last,)
    press(Qt.Key.Key_1, CONTROL)
    press(Qt.Key.Key_F2)
    press(Qt.Key.Key_A, CONTROL)
    write("calm")
    press(Qt.Key.Key_Return)
    assert studio.graph.node(dropout).name == "calm"
    tab_to("field.p.edit")
    press(Qt.Key.Key_A, CONTROL)
    write("0.1")
    press(Qt.Key.Key_Return)
    assert studio.graph.node(dropout).params["p"] == 0.1
    press(Qt.Key.Key_1, CONTROL)
    press(Qt.Key.Key_Delete)
    assert dropout not in studio.graph
    press(Qt.Key.Key_Z, CONTROL)
    assert studio.graph.node(dropout).name == "calm"

    # Train: three epochs are asked for, the run is paused, taken up again, and ends.
    press(Qt.Key.Key_2, CONTROL)
    tab_to("learning.epochs.edit")
    press(Qt.Key.Key_A, CONTROL)
    write("3")
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_F7)
    until(lambda: studio.training.progress.iteration == 1)
    assert studio.training.state is RunState.PAUSED
    press(Qt.Key.Key_F5)
    until(lambda: studio.training.state is RunState.FINISHED)
    assert len(studio.training.history.epochs) == 3

    # Inspect: a picture of the data set, and one number of a map with what it sees.
    press(Qt.Key.Key_3, CONTROL)
    press(Qt.Key.Key_D, CONTROL | SHIFT)
    until(lambda: studio.inspection.state is InspectionState.READY)
    tab_to("maps.conv2")
    press(Qt.Key.Key_Right)
    press(Qt.Key.Key_Down)
    maps = window.findChild(MosaicView, "maps.conv2")
    probe = maps.probe
    assert probe is not None
    conv2 = next(node_id for node_id, name in names.items() if name == "conv2")
    region = value_region(studio.graph, studio.report, conv2, probe.index, probe.row, probe.column)
    overlay = window.findChild(PictureView, "picture").overlay
    assert (overlay.left(), overlay.top()) == (region.left, region.top)
    assert (overlay.width(), overlay.height()) == (region.width, region.height)
    assert "conv2 [" in window.status_bar.detail.text()
