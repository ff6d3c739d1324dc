"""Filters as tiles to look at."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.explain import filter_tiles


def weight(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).normal(size=shape).astype(np.float32)


def test_filters_over_one_channel_are_their_tiles() -> None:
    w = weight(6, 1, 3, 3)
    view = filter_tiles(w)
    assert np.array_equal(view.tiles, w[:, 0])
    assert (view.colour, view.channel) == (False, None)
    assert view.limit == np.abs(w).max()


def test_filters_over_three_channels_are_one_tile_in_colour() -> None:
    w = weight(4, 3, 5, 5)
    view = filter_tiles(w)
    assert view.colour
    assert np.array_equal(view.tiles[2, 1, 4], w[2, :, 1, 4])
    rgb = view.as_rgb()
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    assert np.allclose(filter_tiles(w * 0).as_rgb(), 0.5)


def test_of_deeper_filters_one_channel_is_shown_at_a_time() -> None:
    w = weight(4, 16, 3, 3)
    assert np.array_equal(filter_tiles(w).tiles, w[:, 0])
    assert np.array_equal(filter_tiles(w, channel=9).tiles, w[:, 9])
    assert filter_tiles(w, channel=9).channel == 9
    assert np.allclose(filter_tiles(w, channel=-1).tiles, w.mean(axis=1))


def test_the_scale_is_the_same_for_every_channel_and_blind_to_what_is_not_finite() -> None:
    w = weight(2, 4, 3, 3)
    w[1, 3, 0, 0] = 50
    assert {filter_tiles(w, channel).limit for channel in range(4)} == {50}
    w[0, 0, 0, 0] = np.inf
    assert filter_tiles(w).limit == 50
    assert filter_tiles(np.zeros((1, 1, 2, 2))).limit == 1


def test_a_linear_weight_is_rows() -> None:
    w = weight(3, 7)
    assert filter_tiles(w).tiles.shape == (3, 1, 7)
    assert np.array_equal(filter_tiles(w).tiles[:, 0], w)


def test_what_is_no_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="A weight is"):
        filter_tiles(np.zeros(3))
    with pytest.raises(IndexError, match="4 input channels"):
        filter_tiles(np.zeros((1, 4, 3, 3)), 4)
    with pytest.raises(ValueError, match="not in colour"):
        filter_tiles(weight(1, 1, 3, 3)).as_rgb()
