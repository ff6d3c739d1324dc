"""Where a map lies in the mosaic, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.explain import Cell, MosaicLayout, assemble, lay_out


@given(
    st.integers(1, 40),
    st.integers(1, 6),
    st.integers(1, 6),
    st.floats(0.2, 5),
    st.integers(0, 3),
    st.integers(0, 10**6),
)
def test_every_pixel_of_the_mosaic_is_its_maps_value_or_background(
    count: int, height: int, width: int, aspect: float, gutter: int, seed: int
) -> None:
    maps = np.random.default_rng(seed).integers(1, 1000, (count, height, width))
    layout = lay_out(count, height, width, aspect=aspect, gutter=gutter)
    mosaic = assemble(maps, layout, maps.dtype.type(0))
    assert mosaic.shape == layout.size
    found = set()
    for y in range(layout.size[0]):
        for x in range(layout.size[1]):
            cell = layout.at(y, x)
            assert mosaic[y, x] == (0 if cell is None else maps[cell.map, cell.row, cell.column])
            found.add(cell)
    assert len(found - {None}) == maps.size


def test_maps_fill_rows_from_the_left() -> None:
    layout = MosaicLayout(count=5, height=2, width=3, columns=3, gutter=1)
    assert layout.rows == 2
    assert layout.size == (5, 11)
    assert list(layout.origins()) == [(0, 0), (0, 4), (0, 8), (3, 0), (3, 4)]
    assert layout.at(4, 6) == Cell(4, 1, 2)


@pytest.mark.parametrize(
    ("y", "x", "where"),
    [(2, 0, "gutter"), (0, 3, "gutter"), (3, 8, "empty place"), (-1, 0, "above"), (0, 99, "beside")],
)
def test_beside_the_maps_there_is_no_value(y: int, x: int, where: str) -> None:
    assert MosaicLayout(5, 2, 3, 3, 1).at(y, x) is None, where


def test_the_whole_comes_near_to_the_aspect_that_is_wanted() -> None:
    assert lay_out(64, 8, 8).columns == 8
    assert lay_out(64, 8, 8, aspect=4).columns == 16
    assert lay_out(3, 8, 8, aspect=100).columns == 3


def test_colour_maps_keep_their_channels() -> None:
    maps = np.random.default_rng(0).integers(0, 256, (4, 5, 5, 3), np.uint8)
    mosaic = assemble(maps, lay_out(4, 5, 5), np.uint8(7))
    assert mosaic.shape == (11, 11, 3)
    assert np.array_equal(mosaic[6:, 6:], maps[3])
    assert (mosaic[5] == 7).all()


def test_impossible_layouts_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one map"):
        lay_out(0, 8, 8)
    with pytest.raises(ValueError, match="not"):
        assemble(np.zeros((3, 8, 8)), lay_out(4, 8, 8), np.float64(0))
    with pytest.raises(IndexError):
        lay_out(4, 8, 8).origin(4)
