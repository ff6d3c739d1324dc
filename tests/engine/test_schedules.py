"""The learning rate's way through a run, by hand and by PyTorch's lr_scheduler."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cnnstudio.engine.schedules import (
    ByEpoch,
    Constant,
    Cosine,
    Exponential,
    OneCycle,
    Plateau,
    Schedule,
    Step,
    Warmup,
)


def rates(schedule: Schedule, count: int) -> list[float]:
    return [schedule(iteration) for iteration in range(count)]


# By hand


def test_constant_stays():
    assert rates(Constant(0.1), 3) == [0.1, 0.1, 0.1]


def test_step_falls_every_so_often():
    np.testing.assert_allclose(rates(Step(0.8, 2, gamma=0.5), 6), [0.8, 0.8, 0.4, 0.4, 0.2, 0.2])


def test_exponential_falls_by_the_same_share_each_time():
    np.testing.assert_allclose(rates(Exponential(1.0, 0.9), 4), [1, 0.9, 0.81, 0.729])


def test_cosine_is_at_half_height_half_way_and_at_the_floor_at_the_end():
    root = math.sqrt(0.5)
    np.testing.assert_allclose(rates(Cosine(1.0, 4), 5), [1, (1 + root) / 2, 0.5, (1 - root) / 2, 0], atol=1e-15)
    assert Cosine(0.5, 10, floor=0.1)(10) == pytest.approx(0.1)


def test_one_cycle_rises_for_three_tenths_and_falls_to_almost_nothing():
    schedule = OneCycle(1.0, 20)
    # It begins at 1/25, is at the top after 0.3 × 20 - 1 = 5 iterations, and ends at 1/25/10,000.
    np.testing.assert_allclose([schedule(t) for t in (0, 5, 19)], [0.04, 1.0, 4e-6])
    assert rates(schedule, 6) == sorted(rates(schedule, 6))
    assert rates(schedule, 20)[5:] == sorted(rates(schedule, 20)[5:], reverse=True)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 5])
def test_one_cycle_of_very_few_iterations_has_a_rate_for_each(length):
    assert all(0 < rate <= 1 for rate in rates(OneCycle(1.0, length), length))


def test_plateau_falls_when_the_loss_has_stood_still_for_more_than_its_patience():
    schedule, seen = Plateau(1.0, gamma=0.5, patience=1), []
    for loss in (3.0, 2.0, 2.0, 1.9999, 1.0, 1.1, 1.2, 1.3, 1.4):  # 1.9999 is no improvement worth the name
        schedule.observe(loss)
        seen.append(schedule(0))
    assert seen == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125]


def test_plateau_takes_a_loss_that_is_no_number_for_no_improvement():
    schedule = Plateau(1.0, patience=0)
    schedule.observe(math.nan)
    assert schedule(0) == pytest.approx(0.1)


def test_plateau_never_comes_down_to_nothing():
    schedule = Plateau(1.0, patience=0)
    for _ in range(400):
        schedule.observe(1.0)
    assert 1e-9 < schedule(0) < 1e-7


def test_warm_up_climbs_in_equal_steps_to_where_the_other_begins():
    np.testing.assert_allclose(rates(Warmup(3, Step(0.8, 2, 0.5)), 7), [0.2, 0.4, 0.6, 0.8, 0.8, 0.4, 0.4])


def test_a_warm_up_hears_for_the_other():
    schedule = Warmup(1, ByEpoch(Plateau(1.0, patience=0), 5))
    schedule.observe(1.0)
    schedule.observe(1.0)
    np.testing.assert_allclose(rates(schedule, 2), [0.05, 0.1])


def test_epochs_may_be_counted_for_iterations():
    np.testing.assert_allclose(rates(ByEpoch(Exponential(1.0, 0.5), 3), 7), [1, 1, 1, 0.5, 0.5, 0.5, 0.25])


# By PyTorch

LENGTH = 40
SCHEDULERS: dict[str, tuple[Schedule, Callable[[Any, Any], Any]]] = {
    "step": (Step(0.5, 7, 0.3), lambda lr, optimizer: lr.StepLR(optimizer, 7, 0.3)),
    "exponential": (Exponential(0.5, 0.93), lambda lr, optimizer: lr.ExponentialLR(optimizer, 0.93)),
    "cosine": (Cosine(0.5, LENGTH, 0.01), lambda lr, optimizer: lr.CosineAnnealingLR(optimizer, LENGTH, 0.01)),
    "one cycle": (OneCycle(0.5, LENGTH), lambda lr, optimizer: lr.OneCycleLR(optimizer, 0.5, LENGTH)),
    "one cycle, odd": (
        OneCycle(0.5, 37, 0.25),
        lambda lr, optimizer: lr.OneCycleLR(optimizer, 0.5, 37, pct_start=0.25),
    ),
    "warm-up, then cosine": (
        Warmup(8, Cosine(0.5, LENGTH)),
        lambda lr, optimizer: lr.SequentialLR(
            optimizer, [lr.LinearLR(optimizer, 1 / 9, total_iters=8), lr.CosineAnnealingLR(optimizer, LENGTH)], [8]
        ),
    ),
}


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore:The epoch parameter in `scheduler.step:UserWarning")  # SequentialLR's own call
@pytest.mark.parametrize(("ours", "theirs"), SCHEDULERS.values(), ids=SCHEDULERS)
def test_equals_pytorch(ours, theirs):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")
    optimizer = torch.optim.SGD([torch.zeros(1)], 0.5)
    scheduler, expected = theirs(torch.optim.lr_scheduler, optimizer), []
    for _ in range(37):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose(rates(ours, 37), expected, rtol=1e-10)


@pytest.mark.oracle
@pytest.mark.parametrize("patience", [0, 1, 3])
def test_plateau_equals_pytorch(patience):
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")
    optimizer = torch.optim.SGD([torch.zeros(1)], 0.5)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.3, patience=patience)
    schedule = Plateau(0.5, 0.3, patience)
    losses = np.random.default_rng(0).random(60) + np.linspace(2, 0.5, 60)
    for loss in losses:
        schedule.observe(float(loss))
        scheduler.step(float(loss))
        assert schedule(0) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
    assert schedule(0) < 0.5
