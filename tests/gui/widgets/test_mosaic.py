"""Many maps in one colour scale, any of their numbers to be pointed at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from cnnstudio.gui.theme import LIGHT, Theme
from cnnstudio.gui.widgets import MosaicPanel, MosaicView, Probe
from cnnstudio.gui.widgets.mosaic import DOT


@pytest.fixture
def theme(qapp) -> Theme:
    return Theme("light")


@pytest.fixture
def maps() -> np.ndarray:
    """(6, 4, 4): the value tells its place: map·100 + row·10 + column."""
    index, row, column = np.indices((6, 4, 4))
    return (100 * index + 10 * row + column).astype(np.float32)


def shown(widget: QWidget, qtbot, width: int = 400) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(width, 200)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.fixture
def view(theme: Theme, maps: np.ndarray, qtbot) -> MosaicView:
    view = shown(MosaicView(theme), qtbot)
    view.set_maps(maps)
    return view


def spot(view: MosaicView, index: int, row: int, column: int) -> QPoint:
    return view.cell_rect(Probe(index, row, column, 0.0)).center().toPoint()


class TestPointing:
    def test_the_mouse_tells_map_row_column_and_value(self, view: MosaicView, qtbot) -> None:
        with qtbot.waitSignal(view.hovered) as hovered:
            qtbot.mouseMove(view, spot(view, 3, 2, 1))
        assert hovered.args == [Probe(3, 2, 1, 321.0)]
        assert view.probe_text(hovered.args[0]) == "map 3, row 2, column 1 = 321.0"

    def test_between_maps_there_is_nothing(self, view: MosaicView, qtbot) -> None:
        qtbot.mouseMove(view, spot(view, 0, 0, 0))
        gap = view.grid.rect(0).topRight() + QPointF(view.grid.gap / 2, 4)
        with qtbot.waitSignal(view.hovered) as hovered:
            qtbot.mouseMove(view, gap.toPoint())
        assert hovered.args == [None]

    def test_a_click_picks(self, view: MosaicView, qtbot) -> None:
        with qtbot.waitSignal(view.picked) as picked:
            qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=spot(view, 5, 3, 3))
        assert picked.args == [Probe(5, 3, 3, 533.0)]

    def test_every_corner_is_told_right(self, view: MosaicView, qtbot) -> None:
        for index in (0, 5):
            for row in (0, 3):
                for column in (0, 3):
                    qtbot.mouseMove(view, spot(view, index, row, column))
                    assert view.probe == Probe(index, row, column, 100.0 * index + 10 * row + column)

    def test_leaving_lets_go(self, view: MosaicView, qtbot) -> None:
        view.set_probe(1, 1, 1)
        with qtbot.waitSignal(view.hovered) as hovered:
            QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
        assert hovered.args == [None]


class TestKeyboard:
    @pytest.fixture
    def view(self, theme: Theme, maps: np.ndarray, qtbot) -> Iterator[MosaicView]:
        """A view that got the focus as a user without a mouse gives it."""
        home = QWidget()
        qtbot.addWidget(home)
        column = QVBoxLayout(home)
        before, view = QLineEdit(), MosaicView(theme)
        view.set_maps(maps)
        column.addWidget(before)
        column.addWidget(view)
        with qtbot.waitActive(home):
            home.show()
        before.setFocus()
        qtbot.keyClick(before, Qt.Key.Key_Tab)
        assert view.hasFocus()
        yield view
        home.hide()

    def test_arrows_walk_over_pixels_and_on_to_the_next_map(self, view: MosaicView, qtbot) -> None:
        assert view.probe == Probe(0, 2, 2, 22.0)
        for _ in range(2):
            qtbot.keyClick(view, Qt.Key.Key_Right)
        assert view.probe == Probe(1, 2, 0, 120.0)
        qtbot.keyClick(view, Qt.Key.Key_Left)
        assert view.probe == Probe(0, 2, 3, 23.0)

    def test_with_shift_from_map_to_map(self, view: MosaicView, qtbot) -> None:
        qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        assert view.probe == Probe(1, 2, 2, 122.0)

    def test_the_walk_ends_at_the_edge_of_all(self, view: MosaicView, qtbot) -> None:
        view.set_probe(0, 0, 0)
        qtbot.keyClick(view, Qt.Key.Key_Left)
        qtbot.keyClick(view, Qt.Key.Key_Up)
        assert view.probe == Probe(0, 0, 0, 0.0)

    def test_enter_picks_and_escape_lets_go(self, view: MosaicView, qtbot) -> None:
        with qtbot.waitSignal(view.picked):
            qtbot.keyClick(view, Qt.Key.Key_Return)
        qtbot.keyClick(view, Qt.Key.Key_Escape)
        assert view.probe is None


class TestLayout:
    def test_columns_follow_the_width(self, view: MosaicView) -> None:
        assert view.grid.columns >= 6
        tall = view.height()
        view.resize(130, view.height())
        assert view.grid.columns == 2
        assert view.height() > tall

    def test_maps_are_enlarged_by_whole_numbers(self, theme: Theme, qtbot) -> None:
        view = shown(MosaicView(theme, cell=48), qtbot)
        for side, edge in ((5, 50), (7, 49), (14, 42), (28, 56), (64, 64)):
            view.set_maps(np.zeros((2, side, side)))
            assert view.grid.width == edge
            assert edge % side == 0

    def test_large_maps_are_shrunk_and_still_answer_for_every_value(self, theme: Theme, qtbot) -> None:
        view = shown(MosaicView(theme), qtbot)
        maps = np.arange(2 * 224 * 224, dtype=np.float32).reshape(2, 224, 224)
        view.set_maps(maps)
        assert view.grid.width <= 72
        view.set_probe(1, 100, 37)
        assert view.probe.value == maps[1, 100, 37]
        assert not view.grab().isNull()

    def test_a_vector_is_shown_as_dots(self, theme: Theme, qtbot) -> None:
        view = shown(MosaicView(theme), qtbot)
        view.set_maps(np.linspace(-1, 1, 100))
        assert (view.grid.count, view.grid.width) == (100, DOT)
        view.set_probe(99, 0, 0)
        assert view.probe_text(view.probe) == "unit 99 = 1.000"

    def test_nothing_at_all_is_fine(self, theme: Theme, qtbot) -> None:
        view = shown(MosaicView(theme), qtbot)
        view.set_maps(np.zeros((0, 3, 3)))
        assert not view.grab().isNull()

    def test_another_rank_is_refused(self, theme: Theme) -> None:
        with pytest.raises(ValueError, match=r"\(2, 2\)"):
            MosaicView(theme).set_maps(np.zeros((2, 2)))


class TestColours:
    def test_each_pixel_is_one_sharp_block_of_its_colour(self, theme: Theme, qtbot) -> None:
        view = shown(MosaicView(theme), qtbot)
        view.set_maps(np.array([[[-1.0, 0.0], [0.5, 1.0]]]), "diverging")
        image = view.grab().toImage()
        corners = {(0, 0): LIGHT.negative, (0, 1): LIGHT.surface, (1, 1): LIGHT.positive}
        for (row, column), color in corners.items():
            cell = view.cell_rect(Probe(0, row, column, 0.0)).toRect()
            for point in (cell.topLeft() + QPoint(1, 1), cell.center(), cell.bottomRight() - QPoint(2, 2)):
                assert image.pixelColor(point).name().upper() == color

    def test_the_scale_is_symmetric_unless_told(self, view: MosaicView, maps: np.ndarray) -> None:
        assert view.limits == (-533.0, 533.0)
        view.set_maps(maps, "magnitude")
        assert view.limits == (0.0, 533.0)
        view.set_maps(maps, "diverging", (-2.0, 2.0))
        assert view.limits == (-2.0, 2.0)

    def test_the_theme_changes_the_map(self, view: MosaicView, theme: Theme) -> None:
        place = view.cell_rect(Probe(5, 3, 3, 0.0)).center().toPoint()
        light = view.grab().toImage().pixelColor(place)
        theme.set_mode("dark")
        assert view.grab().toImage().pixelColor(place) != light

    def test_numbers_that_are_none_are_survived(self, theme: Theme, qtbot) -> None:
        view = shown(MosaicView(theme), qtbot)
        view.set_maps(np.array([[[np.nan, np.inf], [-np.inf, 1.0]]]))
        assert not view.grab().isNull()
        view.set_probe(0, 0, 0)
        assert view.probe_text(view.probe).endswith("= NaN")

    def test_new_values_keep_the_probe_and_tell_its_new_value(self, view: MosaicView, maps: np.ndarray, qtbot) -> None:
        view.set_probe(2, 1, 1)
        with qtbot.waitSignal(view.hovered) as hovered:
            view.set_maps(maps + 1)
        assert hovered.args == [Probe(2, 1, 1, 212.0)]


class TestPanel:
    def test_key_and_caption_follow_the_probe_in_their_fixed_place(self, theme: Theme, maps: np.ndarray, qtbot) -> None:
        panel = shown(MosaicPanel(theme), qtbot)
        panel.set_maps(maps)
        before = panel.key.geometry(), panel.caption.geometry()
        assert panel.key.texts() == ("−533", "0", "533")
        panel.view.set_probe(1, 0, 0)
        assert panel.caption.text() == "map 1, row 0, column 0 = 100.0"
        assert (panel.key.geometry(), panel.caption.geometry()) == before
        marked = panel.key.grab().toImage()
        colors = {marked.pixelColor(x, 2).name() for x in range(marked.width())}
        assert QColor(LIGHT.text).name() in colors
