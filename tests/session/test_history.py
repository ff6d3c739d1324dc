"""What a run has told so far, and how fast it goes."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.engine import EpochDone, IterationDone, RunDone
from cnnstudio.session.history import History
from cnnstudio.session.pace import Pace


def filled(count: int) -> History:
    history = History()
    for number in range(1, count + 1):
        history.add(IterationDone(number, 1, 1 / number, number / count, 0.1))
    return history


def test_columns_grow_with_the_run_and_cannot_be_changed() -> None:
    history = filled(3000)
    assert len(history) == 3000
    assert np.array_equal(history.iterations, np.arange(1, 3001))
    assert np.array_equal(history.losses, 1 / np.arange(1, 3001))
    assert history.accuracies[-1] == 1
    assert (history.learning_rates == 0.1).all()
    with pytest.raises(ValueError, match="read-only"):
        history.losses[0] = 5


def test_a_view_that_the_screen_holds_stays_as_it_was() -> None:
    history = filled(1024)
    view = history.losses
    kept = view.copy()
    history.add(IterationDone(1025, 1, 9.0, 0.0, 0.1))
    assert np.array_equal(view, kept)
    assert history.losses[-1] == 9


def test_a_history_goes_into_a_project_and_comes_back() -> None:
    history = filled(10)
    history.epochs.append(EpochDone(1, 10, 0.5, 0.6, None, None))
    history.test = RunDone(1, 10, 0.4, 0.7)
    back = History.of(history.record())
    assert np.array_equal(back.iterations, history.iterations)
    assert np.array_equal(back.losses, history.losses)
    assert np.array_equal(back.accuracies, history.accuracies)
    assert (back.epochs, back.test) == (history.epochs, history.test)
    back.add(IterationDone(11, 2, 0.1, 0.9, 0.1))
    assert len(back) == 11


def test_speed_and_time_left_follow_from_the_last_iterations() -> None:
    pace = Pace()
    assert pace.images_per_second(32) is None
    assert pace.seconds_left(100, 3) is None
    for iteration in range(1, 6):
        pace.iteration(clock=0.1 * iteration, iteration=iteration)
    assert pace.images_per_second(32) == pytest.approx(320)
    assert pace.seconds_left(iterations=50, evaluations=2) == pytest.approx(5)


def test_an_evaluation_does_not_slow_the_training_down_but_takes_its_time() -> None:
    pace = Pace()
    pace.iteration(1.0, 1)
    pace.iteration(1.1, 2)
    pace.evaluation(3.1)
    pace.iteration(3.2, 3)
    pace.iteration(3.3, 4)
    assert pace.images_per_second(10) == pytest.approx(100)
    assert pace.seconds_left(iterations=10, evaluations=1) == pytest.approx(1 + 2)


def test_only_the_last_seconds_count() -> None:
    pace = Pace()
    for iteration in range(1, 11):
        pace.iteration(float(iteration), iteration)  # one a second ...
    for iteration in range(11, 411):
        pace.iteration(10 + 0.01 * (iteration - 10), iteration)  # ... then a hundred a second
    assert pace.images_per_second(1) == pytest.approx(100, rel=0.05)
