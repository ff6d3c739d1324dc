"""Windows along one axis: how many fit, and what one of them sees."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnstudio.graph.geometry import POINT, IntervalMap, Window, centred, merge, same_padding

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
