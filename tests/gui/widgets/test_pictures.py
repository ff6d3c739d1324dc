"""One picture pixel for pixel, and grids of small ones."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QWidget

from cnnstudio.gui.theme import LIGHT, Theme
from cnnstudio.gui.widgets import PicturePoint, PictureView, ThumbnailGrid


@pytest.fixture
def theme(qapp) -> Theme:
    return Theme("light")


def shown(widget: QWidget, qtbot, width: int = 240, height: int = 240) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.fixture
def picture() -> np.ndarray:
    """(1, 8, 8): the value tells its place."""
    return np.arange(64, dtype=np.uint8).reshape(1, 8, 8)


@pytest.fixture
def view(theme: Theme, picture: np.ndarray, qtbot) -> PictureView:
    view = shown(PictureView(theme), qtbot)
    view.set_picture(picture)
    return view


def middle(view: PictureView, row: int, column: int) -> QPoint:
    return view.to_widget(QRectF(column, row, 1, 1)).center().toPoint()


class TestPicture:
    def test_pixels_are_sharp_blocks(self, theme: Theme, qtbot) -> None:
        view = shown(PictureView(theme), qtbot)
        view.set_picture(np.array([[[0, 255], [255, 0]]], np.uint8))
        image = view.grab().toImage()
        for row in (0, 1):
            for column in (0, 1):
                block = view.to_widget(QRectF(column, row, 1, 1)).toRect().adjusted(1, 1, -2, -2)
                values = {image.pixelColor(point).value() for point in (block.topLeft(), block.bottomRight())}
                assert values == {255 if row != column else 0}

    def test_colours_are_kept(self, theme: Theme, qtbot) -> None:
        view = shown(PictureView(theme), qtbot)
        view.set_picture(np.array([[[200]], [[100]], [[50]]], np.uint8))
        assert view.grab().toImage().pixelColor(120, 120).getRgb()[:3] == (200, 100, 50)

    def test_it_keeps_its_proportions(self, theme: Theme, qtbot) -> None:
        view = shown(PictureView(theme), qtbot)
        view.set_picture(np.zeros((3, 30, 60), np.uint8))
        assert view.area().width() == 2 * view.area().height()

    @pytest.mark.parametrize("array", [np.zeros((2, 4, 4), np.uint8), np.zeros((1, 4, 4), np.float32)])
    def test_what_is_no_picture_is_refused(self, theme: Theme, array: np.ndarray) -> None:
        with pytest.raises(ValueError, match="uint8"):
            PictureView(theme).set_picture(array)

    def test_the_mouse_tells_the_pixel(self, view: PictureView, qtbot) -> None:
        with qtbot.waitSignal(view.hovered) as hovered:
            qtbot.mouseMove(view, middle(view, 3, 5))
        assert hovered.args == [PicturePoint(3, 5, (29,))]

    def test_the_keyboard_walks(self, view: PictureView, qtbot) -> None:
        view.setFocus()
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
            qtbot.keyClick(view, key)
        assert view.point == PicturePoint(5, 5, (45,))
        for _ in range(9):
            qtbot.keyClick(view, Qt.Key.Key_Left)
        assert view.point == PicturePoint(5, 0, (40,))

    def test_the_outline_stands_on_the_pixels_it_names(self, view: PictureView) -> None:
        view.set_overlay(QRectF(2, 1, 3, 4))
        seen = view.to_widget(QRectF(2, 1, 3, 4))
        image = view.grab().toImage()
        edge = image.pixelColor(int(seen.left()), int(seen.center().y()))
        assert edge.name().upper() == LIGHT.accent

    def test_an_outline_beyond_the_picture_is_held_inside_the_widget(self, view: PictureView) -> None:
        view.set_overlay(QRectF(-3, -3, 14, 14))
        image = view.grab().toImage()
        assert image.pixelColor(1, 120).name().upper() == LIGHT.accent

    def test_another_picture_takes_the_outline_away(self, view: PictureView, picture: np.ndarray) -> None:
        view.set_overlay(QRectF(0, 0, 2, 2))
        view.set_picture(picture)
        assert view.overlay is None
        view.set_picture(None)
        assert not view.grab().isNull()


class TestThumbnails:
    @pytest.fixture
    def grid(self, theme: Theme, qtbot) -> ThumbnailGrid:
        grid = shown(ThumbnailGrid(theme, cell=40), qtbot, 200)
        grid.set_pictures(np.zeros((10, 1, 8, 8), np.uint8), [f"digit {n}" for n in range(10)])
        return grid

    def test_a_click_picks(self, grid: ThumbnailGrid, qtbot) -> None:
        with qtbot.waitSignal(grid.picked) as picked:
            qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.grid.rect(6).center().toPoint())
        assert picked.args == [6]
        assert grid.toolTip() == "digit 6"

    def test_so_do_the_keys(self, grid: ThumbnailGrid, qtbot) -> None:
        grid.clearFocus()
        grid.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(grid, Qt.Key.Key_Down)
        qtbot.keyClick(grid, Qt.Key.Key_Right)
        with qtbot.waitSignal(grid.picked) as picked:
            qtbot.keyClick(grid, Qt.Key.Key_Return)
        assert picked.args == [grid.grid.columns + 1]

    def test_columns_follow_the_width(self, grid: ThumbnailGrid) -> None:
        assert grid.grid.columns == 4
        grid.resize(100, grid.height())
        assert grid.grid.columns == 2
        assert grid.height() >= 5 * 40

    def test_pictures_may_differ_in_size(self, grid: ThumbnailGrid) -> None:
        grid.set_pictures([np.zeros((1, 8, 8), np.uint8), np.zeros((3, 64, 32), np.uint8)])
        assert grid.grid.count == 2
        assert not grid.grab().isNull()
