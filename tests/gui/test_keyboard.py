"""The whole window by keyboard: Tab goes everywhere in the order of the eye, and one sees where it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QWidget,
)

from cnnstudio.gui.main_window import PLACES, MainWindow
from cnnstudio.session import InspectionState

FRAME = ["status.problems", "header.menu", "header.search", "header.view.theme", "rail"]
"""Where Tab goes outside a workspace; the rail is one stop, at the place in front."""


@pytest.fixture
def window(open_window, until) -> MainWindow:
    """With a picture under inspection."""
    window = open_window("build")
    data, inspection = window.studio.data.dataset, window.studio.inspection
    inspection.show_sample(data.test, 0, classes=data.classes)
    until(lambda: inspection.state is InspectionState.READY)
    return window


def stops(
    window: MainWindow, place: str, until: Callable[[Callable[[], bool]], None], key: Qt.Key = Qt.Key.Key_Tab
) -> list[QWidget]:
    """Where Tab goes, once around, beginning behind what has the focus when a workspace comes to the front."""
    window.show_workspace(place)
    until(lambda: QApplication.focusWidget() is not None)
    found: list[QWidget] = []
    while True:
        QTest.keyClick(QApplication.focusWidget(), key)
        here = QApplication.focusWidget()
        if found and here is found[0]:
            return found
        assert here not in found, f"Tab is caught between {[each.objectName() for each in found]}"
        found.append(here)


def names(found: list[QWidget]) -> list[str]:
    return ["rail" if each.objectName().startswith("rail.") else each.objectName() for each in found]


class TestTab:
    def test_in_build_the_palette_the_drawing_the_table_and_the_properties(self, window: MainWindow, until) -> None:
        canvas = window.workspaces["build"].canvas
        canvas.select((next(iter(window.studio.graph.nodes)),))
        found = names(stops(window, "build", until))
        fields = [name for name in found if name.startswith("field.")]
        assert fields[0] == "field.name.edit"
        page = [*fields, "why.copy", "fieldDrawing"]
        assert found == ["analysisTable", *page, *FRAME, "paletteSearch", "paletteList", "presetsButton", "canvas"]

    def test_in_train_the_settings_the_run_and_its_pictures(self, window: MainWindow, until) -> None:
        found = names(stops(window, "train", until))
        order = ["dataChange", "learning.loss.box", "trainButton", "filtersLayer", *FRAME]
        assert [name for name in found if name in order] == order

    def test_in_inspect_the_picture_its_source_and_the_layers_from_first_to_last(
        self, window: MainWindow, until
    ) -> None:
        found = names(stops(window, "inspect", until))
        maps = [f"maps.{row.name}" for row in window.studio.report]
        begin = found.index("layersScale") + 1
        assert found[begin:] == [*maps, *FRAME]
        assert found[0] == "picture"

    def test_back_is_the_same_way(self, window: MainWindow, until) -> None:
        canvas = window.workspaces["build"].canvas
        canvas.select((next(iter(window.studio.graph.nodes)),))
        there = names(stops(window, "build", until))
        back = names(stops(window, "build", until, Qt.Key.Key_Backtab))
        assert back == [*reversed(there[:-1]), there[-1]]

    @pytest.mark.parametrize("place", PLACES)
    def test_one_sees_where_it_is(self, window: MainWindow, place: str, until) -> None:
        for _stop in stops(window, place, until):
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)  # a page scrolls to where Tab goes
            each = QApplication.focusWidget()
            around = QRect(each.mapTo(window, QPoint(0, 0)), each.size()).adjusted(-4, -4, 4, 4)
            each.setFocus(Qt.FocusReason.TabFocusReason)
            with_focus = window.grab(around).toImage()
            each.clearFocus()
            assert window.grab(around).toImage() != with_focus, each.objectName()
            each.setFocus(Qt.FocusReason.TabFocusReason)


def test_up_and_down_go_through_the_places_of_the_rail(window: MainWindow, until) -> None:
    until(lambda: QApplication.focusWidget() is not None)
    window.rail.findChild(QWidget, "rail.build").setFocus(Qt.FocusReason.TabFocusReason)
    for place in ("train", "inspect", "build"):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
        assert window.current_workspace == place


def test_the_key_of_the_place_in_front_leads_back_to_the_drawing(window: MainWindow, until) -> None:
    canvas = window.workspaces["build"].canvas
    until(canvas.hasFocus)
    window.findChild(QWidget, "paletteSearch").setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert canvas.hasFocus()


def test_a_run_that_locks_the_field_with_the_keyboard_hands_it_to_its_own_button(window: MainWindow, until) -> None:
    window.show_workspace("train")
    epochs = window.findChild(QLineEdit, "learning.epochs.edit")
    epochs.setFocus()
    until(epochs.hasFocus)
    QTest.keyClick(epochs, Qt.Key.Key_F5)
    until(lambda: window.studio.training.state.active)
    assert QApplication.focusWidget().objectName() == "trainButton"


def test_the_line_around_the_drawing_is_there_for_the_keyboard_only(window: MainWindow, until) -> None:
    canvas = window.workspaces["build"].canvas
    ring = canvas.findChild(QWidget, "focusRing")
    until(canvas.hasFocus)
    assert not ring.isVisible()
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert ring.isVisible()
    assert ring.size() == canvas.size()
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert not ring.isVisible()


@pytest.mark.parametrize("place", PLACES)
def test_everything_that_answers_has_a_name_of_its_own(window: MainWindow, place: str) -> None:
    window.show_workspace(place)
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractScrollArea, QAbstractSlider)
    found = [
        each
        for each in window.findChildren(QWidget)
        if each.isVisible() and (isinstance(each, kinds) or each.focusPolicy() & Qt.FocusPolicy.TabFocus)
    ]
    own = [each for each in found if not _part_of_qt(each)]
    assert [_where(each) for each in own if not each.objectName()] == []
    answering = [each.objectName() for each in own]
    assert sorted(answering) == sorted(set(answering))
    assert len(answering) > 10


def _part_of_qt(widget: QWidget) -> bool:
    """Scroll bars, viewports and headers, which Qt makes for a view of ours."""
    parent = widget.parentWidget()
    view = isinstance(parent, QAbstractScrollArea) and widget in (parent.viewport(), parent.cornerWidget())
    bar = parent is not None and parent.objectName().startswith("qt_")
    return view or bar or widget.objectName().startswith("qt_") or isinstance(widget, QHeaderView)


def _where(widget: QWidget) -> str:
    chain: list[str] = []
    place: QWidget | None = widget
    while place is not None:
        chain.append(f"{type(place).__name__} {place.objectName()!r}")
        place = place.parentWidget()
    return " in ".join(chain)
