"""Windows along one axis: how many fit, what one of them sees, and by which of them a pixel is seen."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnstudio.graph.geometry import POINT, IntervalMap, Window, centred, merge, same_padding
from cnnstudio.graph.runs import Runs, cover, joined, nested, one
from cnnstudio.graph.views import Axis, Between, Groups, Painted, Shares

SIDES = st.integers(0, 5)
WINDOWS = st.builds(
    Window,
    kernel=st.integers(1, 5),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
    before=SIDES,
    after=SIDES,
)


class TestPositions:
    @pytest.mark.parametrize(
        ("size", "kernel", "stride", "padding", "floor", "ceil"),
        [
            # golden.md, "Pool output size"
            (5, 2, 2, 0, 2, 3),
            (6, 3, 2, 0, 2, 3),
            (6, 3, 2, 1, 3, 4),
            (5, 3, 2, 0, 2, 2),
            (4, 2, 3, 1, 2, 2),
            (2, 2, 3, 1, 1, 1),
            (32, 3, 2, 0, 15, 16),
            (112, 3, 2, 0, 55, 56),
        ],
    )
    def test_agree_with_pytorch(self, size: int, kernel: int, stride: int, padding: int, floor: int, ceil: int) -> None:
        window = Window(kernel, stride, before=padding, after=padding)
        assert window.positions(size) == floor
        assert window.positions(size, ceil_mode=True) == ceil

    def test_of_the_lecture_s_exercises(self) -> None:
        assert Window(5, before=2, after=2).positions(32) == 32
        size, layers = 224, 0
        while size > 4:
            size, layers = Window(5).positions(size), layers + 1
        assert (size, layers) == (4, 55)

    def test_are_none_where_the_window_is_larger_than_the_padded_axis(self) -> None:
        assert Window(5).positions(4) == 0
        assert Window(3, dilation=2).positions(4) == 0
        assert Window(5, before=1).positions(4) == 1
        assert Window(5).positions(4, ceil_mode=True) == 0

    @given(window=WINDOWS, size=st.integers(1, 30))
    def test_are_as_many_as_can_be_counted(self, window: Window, size: int) -> None:
        padded = window.before + size + window.after
        starts = [start for start in range(0, padded, window.stride) if start + window.extent <= padded]
        assert window.positions(size) == len(starts)

    @given(window=WINDOWS, size=st.integers(1, 30))
    def test_with_ceil_mode_one_more_may_hang_over_the_end(self, window: Window, size: int) -> None:
        assume(window.after <= window.extent // 2)  # more padding than that is refused for pools
        floor, ceil = window.positions(size), window.positions(size, ceil_mode=True)
        end_of_last = (floor - 1) * window.stride + window.extent
        something_left = floor > 0 and end_of_last < window.before + size + window.after
        next_starts_inside = floor * window.stride < window.before + size
        assert ceil == floor + (something_left and next_starts_inside)


class TestSamePadding:
    @pytest.mark.parametrize(
        ("kernel", "dilation", "sides"),
        [(1, 1, (0, 0)), (2, 1, (0, 1)), (3, 1, (1, 1)), (4, 1, (1, 2)), (3, 2, (2, 2)), (2, 3, (1, 2))],
    )
    def test_puts_the_odd_pixel_behind(self, kernel: int, dilation: int, sides: tuple[int, int]) -> None:
        assert same_padding(kernel, dilation) == sides

    @given(kernel=st.integers(1, 9), dilation=st.integers(1, 4), size=st.integers(1, 40))
    def test_keeps_the_size(self, kernel: int, dilation: int, size: int) -> None:
        before, after = same_padding(kernel, dilation)
        assert Window(kernel, 1, dilation, before, after).positions(size) == size


class TestIntervalMaps:
    def test_begin_with_each_pixel_seeing_itself(self) -> None:
        assert IntervalMap().interval(7) == (7, 7)
        assert IntervalMap().size == 1

    def test_a_point_changes_nothing(self) -> None:
        before = IntervalMap(4, -3, 9)
        assert before.through(POINT) == before

    def test_follow_the_stated_rule(self) -> None:
        # a -= S·p, b += S·(d·(k-1) - p), then S *= s
        window = Window(kernel=3, stride=2, dilation=2, before=1, after=4)
        assert IntervalMap(4, -3, 9).through(window) == IntervalMap(8, -3 - 4 * 1, 9 + 4 * (2 * 2 - 1))

    @given(windows=st.lists(WINDOWS, min_size=1, max_size=4), position=st.integers(0, 20))
    def test_equal_the_hull_of_what_is_touched_tap_by_tap(self, windows: list[Window], position: int) -> None:
        mapping = IntervalMap()
        for window in windows:
            mapping = mapping.through(window)
        touched = {position}
        for window in reversed(windows):
            touched = {
                place * window.stride - window.before + tap * window.dilation
                for place in touched
                for tap in range(window.kernel)
            }
        assert mapping.interval(position) == (min(touched), max(touched))
        assert mapping.size == max(touched) - min(touched) + 1

    def test_meet_in_the_hull_of_all(self) -> None:
        assert merge([IntervalMap(2, -3, 4), IntervalMap(2, -1, 7), IntervalMap(2, 0, 0)]) == IntervalMap(2, -3, 7)

    def test_of_unequal_scale_do_not_meet(self) -> None:
        assert merge([IntervalMap(2, 0, 0), IntervalMap(1, 0, 0)]) is None

    def test_are_centred_when_all_look_at_the_same_place(self) -> None:
        assert centred([IntervalMap(1, -2, 2), IntervalMap(1, 0, 0)])
        assert not centred([IntervalMap(1, -2, 2), IntervalMap(1, 0, 1)])


PLACES = st.sets(st.integers(0, 29), min_size=1)


def runs_of(places: set[int]) -> Runs:
    return joined((place, place + 1) for place in places)


def places_of(runs: Runs) -> set[int]:
    return {place for first, stop in runs for place in range(first, stop)}


class TestRuns:
    @given(places=PLACES, others=PLACES)
    def test_are_sets(self, places: set[int], others: set[int]) -> None:
        runs, more = runs_of(places), runs_of(others)
        assert places_of(runs) == places
        assert places_of(joined(runs + more)) == places | others
        assert cover(runs, more) == (others <= places)

    @given(places=PLACES)
    def test_stand_apart_in_ascending_order(self, places: set[int]) -> None:
        runs = runs_of(places)
        assert all(first < stop for first, stop in runs)
        assert all(before[1] < after[0] for before, after in pairwise(runs))

    @given(outer=PLACES, inner=st.sets(st.integers(0, 4), min_size=1))
    def test_lie_within_each_other(self, outer: set[int], inner: set[int]) -> None:
        assert places_of(nested(runs_of(outer), runs_of(inner), 5)) == {
            5 * each + place for each in outer for place in inner
        }


class TestTaps:
    """What is seen of an axis of `size` places, and the converse, against taking every tap by itself."""

    @given(window=WINDOWS, positions=PLACES, size=st.integers(1, 30))
    def test_of_a_window_fall_on_pixels_and_on_padding(self, window: Window, positions: set[int], size: int) -> None:
        assert places_of(window.seen(runs_of(positions), size)) == {
            pixel for position in positions for pixel in taps(window, position) if 0 <= pixel < size
        }

    @given(window=WINDOWS, pixels=PLACES, count=st.integers(1, 30))
    def test_reach_every_position_that_sees_a_pixel(self, window: Window, pixels: set[int], count: int) -> None:
        assert places_of(window.reached(runs_of(pixels), 30, count)) == {
            position for position in range(count) if pixels & set(taps(window, position))
        }

    @given(
        axis=st.builds(Between, st.integers(1, 5))
        | st.builds(lambda wide: Groups(wide, 3), st.integers(1, 3))
        | st.builds(Shares, st.integers(1, 12))
        | st.builds(Painted, WINDOWS)
        | st.builds(
            lambda window, fill: replace(window, fill=fill), WINDOWS, st.sampled_from(["reflect", "replicate"])
        ),
        size=st.integers(6, 12).map(lambda third: 3 * third),
        data=st.data(),
    )
    def test_are_the_same_from_both_sides(self, axis: Axis, size: int, data: st.DataObject) -> None:
        match axis:
            case Between(scale):
                count = scale * size
            case Groups(wide, narrow):
                count = size // narrow * wide
            case Shares(fixed):
                count = fixed
            case Window():
                count = axis.positions(size)
            case _:
                count = 20
        places = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
        reached = places_of(axis.reached(runs_of(places), size, count))
        assert reached == {each for each in range(count) if places & places_of(axis.seen(one(each), size))}
        together = places_of(axis.seen(runs_of(reached), size)) if reached else set()
        assert together == {place for each in reached for place in places_of(axis.seen(one(each), size))}


def taps(window: Window, position: int) -> list[int]:
    return [position * window.stride - window.before + tap * window.dilation for tap in range(window.kernel)]
