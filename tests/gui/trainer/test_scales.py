"""Axes of growing curves: round ends, ticks at ends of epochs, nothing that jumps."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.gui.trainer import scales
from cnnstudio.gui.trainer.smoothing import LARGEST_SPAN, SMALLEST_SPAN, Smoother, span_for
from cnnstudio.gui.trainer.stopwatch import Stopwatch, time_text


@pytest.mark.parametrize(
    ("value", "top"), [(2.31, 2.4), (2.4, 2.4), (1.0, 1.0), (0.013, 0.016), (130, 160), (0.9999, 1.0), (7, 8)]
)
def test_the_top_is_the_next_round_number(value: float, top: float) -> None:
    assert scales.round_up(value) == pytest.approx(top)


@pytest.mark.parametrize("value", [0.0, -3.0, np.nan, np.inf])
def test_a_value_without_size_gets_one(value: float) -> None:
    assert scales.round_up(value) == 1.0


def test_a_single_spike_leaves_the_picture_but_validation_never_does() -> None:
    losses = np.full(1000, 0.5)
    losses[3] = 1e9
    assert scales.ceiling(losses, np.empty(0)) == pytest.approx(0.6)
    assert scales.ceiling(losses, np.array([3.0])) == pytest.approx(3.2)
    assert scales.ceiling(np.array([np.nan, np.inf]), np.empty(0)) == 1.0


def test_ticks_have_as_many_decimals_as_their_step() -> None:
    assert [text for _, text in scales.value_ticks(2.4)] == ["0", "0.6", "1.2", "1.8", "2.4"]
    assert [text for _, text in scales.value_ticks(160)] == ["0", "40", "80", "120", "160"]
    assert [text for _, text in scales.value_ticks(6e25)][-1] == "6e+25"


def test_iterations_are_ticked_at_ends_of_epochs_six_at_most() -> None:
    assert [text for _, text in scales.iteration_ticks(141, 705)] == ["0", "141", "282", "423", "564", "705"]
    many = scales.iteration_ticks(23, 2300)
    assert len(many) <= 6
    assert all(place % 23 == 0 for place, _ in many)
    assert many[-1] == (2300.0, "2,300")
    assert scales.iteration_ticks(0, 0) == [(0.0, "0")]


def test_the_axis_of_a_very_long_run_grows_with_it() -> None:
    assert scales.horizon(0, 705) == scales.horizon(705, 705) == 705
    ends = [scales.horizon(done, 205_000) for done in range(0, 205_001, 500)]
    assert ends[0] < 6_000
    assert ends == sorted(ends)
    assert ends[-1] == 205_000
    assert all(2 * done <= end for done, end in zip(range(0, 100_000, 500), ends, strict=False))
    assert scales.horizon(1_640, 205_000) < 8 * 1_640


def test_a_logarithmic_axis_encloses_what_is_positive() -> None:
    assert scales.power_range(np.array([0.03, 2.0, 0.0, np.nan])) == (-2, 1)
    assert scales.power_ticks(-3, 1) == [(-3.0, "0.001"), (-2.0, "0.01"), (-1.0, "0.1"), (0.0, "1"), (1.0, "10")]


def test_the_average_of_a_constant_is_the_constant_from_the_start() -> None:
    smoother = Smoother(20)
    assert smoother.follow(np.full(50, 3.0)) == pytest.approx(np.full(50, 3.0))


def test_an_average_that_grows_in_pieces_equals_one_made_at_once() -> None:
    series = np.random.default_rng(1).normal(size=5000)
    pieces = Smoother(30)
    for end in (1, 2, 700, 1024, 1025, 5000):
        pieces.follow(series[:end])
    assert np.array_equal(pieces.values, Smoother(30).follow(series))


def test_what_is_not_finite_is_passed_over() -> None:
    values = Smoother(10).follow(np.array([np.nan, 2.0, np.inf, 2.0]))
    assert np.isnan(values[0])
    assert values[1:] == pytest.approx([2.0, 2.0, 2.0])


def test_long_runs_are_smoothed_more_within_reason() -> None:
    assert (span_for(10), span_for(5000), span_for(10**6)) == (SMALLEST_SPAN, 100, LARGEST_SPAN)


def test_the_stopwatch_leaves_pauses_out() -> None:
    now = iter([0.0, 5.0, 100.0, 103.0])
    watch = Stopwatch(lambda: next(now))
    watch.run(True)
    watch.run(False)
    watch.run(True)
    watch.run(False)
    assert watch.seconds == 8.0
    watch.reset()
    assert watch.seconds == 0.0
    assert (time_text(0.84), time_text(42.0)) == ("0.8 s", "42 s")
