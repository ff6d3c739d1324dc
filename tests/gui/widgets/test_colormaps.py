"""Tables of colours: symmetric around zero, or rising evenly."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from cnnstudio.gui.theme import DARK, LIGHT, Palette
from cnnstudio.gui.widgets import colormaps


def rgb(color: str) -> tuple[int, int, int]:
    return QColor(color).getRgb()[:3]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
class TestTables:
    def test_zero_is_the_surface_and_the_ends_are_the_tokens(self, palette: Palette) -> None:
        table = colormaps.diverging(palette)
        assert tuple(table[0]) == rgb(palette.negative)
        assert tuple(table[colormaps.MIDDLE]) == rgb(palette.surface)
        assert tuple(table[2 * colormaps.MIDDLE]) == rgb(palette.positive)

    def test_magnitudes_grow_brighter_all_the_way(self, palette: Palette) -> None:
        table = colormaps.magnitude(palette).astype(float)
        assert np.all(np.diff(table @ [0.2126, 0.7152, 0.0722]) > -0.6)
        assert table.shape == (256, 3)


def test_opposite_values_are_equally_far_from_the_middle() -> None:
    values = np.linspace(-3, 3, 101)
    levels = colormaps.levels(values, "diverging", -1.0, 3.0).astype(int)
    assert np.array_equal(levels + levels[::-1], np.full(101, 2 * colormaps.MIDDLE))
    assert levels[50] == colormaps.MIDDLE


def test_values_beyond_the_range_take_the_ends() -> None:
    levels = colormaps.levels(np.array([-9.0, 0.0, 1.0, 9.0, np.inf, np.nan]), "magnitude", 0.0, 1.0)
    assert levels.tolist() == [0, 0, 255, 255, 255, 0]


@pytest.mark.parametrize("size", [1e-45, 1e-40, 3e38])
def test_the_smallest_and_largest_numbers_of_float32_have_their_colours(size: float) -> None:
    values = np.array([-size, 0, size], np.float32)
    low, high = float(values[0]), float(values[2])
    assert colormaps.levels(values, "diverging", low, high).tolist() == [0, 127, 254]
    assert colormaps.levels(values[1:], "magnitude", 0.0, high).tolist() == [0, 255]
    assert colormaps.levels(values, "grey", low, high).tolist()[::2] == [0, 255]


def test_ranges() -> None:
    assert colormaps.value_range(np.array([-0.2, 0.5]), "diverging") == (-0.5, 0.5)
    assert colormaps.value_range(np.array([2.0, 5.0]), "magnitude") == (0.0, 5.0)
    assert colormaps.value_range(np.array([np.nan, np.inf]), "magnitude") == (0.0, 1.0)
    assert colormaps.value_range(np.zeros(4), "diverging") == (-1.0, 1.0)
    assert colormaps.value_range(np.zeros(0), "diverging") == (-1.0, 1.0)
