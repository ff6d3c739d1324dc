"""The cards with the curves: what they show is the history, and what the cursor reads is what they show."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from cnnstudio.engine import IterationDone
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.trainer.curve_cards import AccuracyCard, LossCard, points
from cnnstudio.gui.trainer.plot import THIN_ABOVE, nearest
from cnnstudio.session import History


@pytest.fixture
def loss(theme: Theme, qtbot) -> LossCard:
    card = LossCard(theme)
    qtbot.addWidget(card)
    card.resize(460, 300)
    card.show()
    qtbot.waitExposed(card)
    return card


@pytest.fixture
def accuracy(theme: Theme, qtbot) -> AccuracyCard:
    card = AccuracyCard(theme)
    qtbot.addWidget(card)
    card.resize(460, 300)
    card.show()
    qtbot.waitExposed(card)
    return card


def test_the_loss_curves_are_the_history(loss: LossCard, make_history) -> None:
    history = make_history(3, 40)
    loss.follow(history, 40, 120)
    x, y = loss.batches.getOriginalDataset()
    assert np.array_equal(x, history.iterations)
    assert np.array_equal(y, history.losses)
    x, y = loss.validation.getOriginalDataset()
    assert x.tolist() == [40, 80, 120]
    assert y == pytest.approx([1, 1 / 2, 1 / 3])
    assert len(loss.smoothed.getOriginalDataset()[0]) == 120


def test_the_accuracy_card_marks_the_best_epoch(accuracy: AccuracyCard, make_history) -> None:
    accuracy.follow(make_history(3, 40), 40, 120)
    assert accuracy.training.getOriginalDataset()[1] == pytest.approx([0.61, 0.62, 0.63])
    assert accuracy.best.isVisible()
    assert accuracy.best.toPlainText() == "70.0 %, best"
    assert (accuracy.best.pos().x(), accuracy.best.pos().y()) == pytest.approx((80, 0))
    assert accuracy.column.isVisible()
    assert accuracy.column.value() == 80


def test_without_validation_there_is_no_best(accuracy: AccuracyCard, make_history) -> None:
    history = make_history(2, 10, validation=False)
    accuracy.follow(history, 10, 20)
    assert not accuracy.best.isVisible()
    assert not accuracy.column.isVisible()
    assert len(points(history, "validation_accuracy")[0]) == 0


def test_the_axis_spans_the_whole_run_from_its_first_iteration(loss: LossCard, make_history) -> None:
    loss.follow(make_history(1, 10), 40, 200)
    (left, right), _ = loss.plot.viewRange()
    assert left == 0
    assert 200 <= right <= 210


def test_long_curves_are_one_pixel_wide_and_thinned(loss: LossCard, make_history) -> None:
    short, long = make_history(1, 100), make_history(1, THIN_ABOVE + 1)
    loss.follow(short, 100, 100)
    assert loss.smoothed.opts["pen"].widthF() == 2
    loss.follow(long, len(long), len(long))
    assert loss.smoothed.opts["pen"].widthF() == 1
    assert loss.smoothed.opts["autoDownsample"]
    assert loss.batches.opts["autoDownsample"]


def test_a_new_run_begins_new_averages(loss: LossCard, make_history) -> None:
    loss.follow(make_history(2, 10), 10, 20)
    assert len(loss.smoother) == 20
    loss.follow(make_history(1, 5), 5, 20)
    assert len(loss.smoother) == 5


def test_the_logarithmic_scale_is_one_click_away(loss: LossCard, make_history, qtbot) -> None:
    loss.follow(make_history(2, 50), 50, 100)
    qtbot.mouseClick(loss.logarithmic, Qt.MouseButton.LeftButton)
    _, (low, high) = loss.plot.viewRange()
    assert low < math.log10(2 / 100) < math.log10(2) < high
    assert loss.batches.getData()[1] == pytest.approx(np.log10(loss.batches.getOriginalDataset()[1]))
    qtbot.mouseClick(loss.logarithmic, Qt.MouseButton.LeftButton)
    assert loss.plot.viewRange()[1][1] > 2


def test_the_mouse_reads_the_curve_below_it(loss: LossCard, make_history) -> None:
    history = make_history(2, 50)
    loss.follow(history, 50, 100)
    box = loss.plot.getPlotItem().getViewBox()
    place = loss.plot.mapFromScene(box.mapViewToScene(box.viewRect().center()))
    place.setX(round(box.mapViewToScene(box.viewRect().center()).x()))
    QTest.mouseMove(loss.plot.viewport(), QPoint(place.x(), place.y()))
    iteration = loss.plot.cursor
    assert iteration is not None
    assert abs(iteration - 51) <= 2
    assert f"Iteration {iteration}" in loss.plot.readout
    assert f"this batch {2 / iteration:.4f}" in loss.plot.readout


def test_the_keyboard_reads_it_too(loss: LossCard, make_history) -> None:
    loss.follow(make_history(2, 50), 50, 100)
    plot = loss.plot
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_End)
    assert plot.cursor == 100
    assert "validation, epoch 2 0.5" in plot.readout
    QTest.keyClick(plot, Qt.Key.Key_Left)
    assert plot.cursor == 99
    QTest.keyClick(plot, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert plot.cursor == 89
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert plot.cursor is None
    assert plot.readout == ""


def test_where_the_run_has_not_been_yet_nothing_is_read(loss: LossCard, make_history) -> None:
    loss.follow(make_history(1, 10), 10, 1000)
    loss.plot.set_cursor(600)
    assert loss.plot.cursor is None


def test_a_loss_that_is_not_finite_can_be_drawn(loss: LossCard) -> None:
    history = History()
    for iteration, value in enumerate((2.0, np.inf, np.nan), start=1):
        history.add(IterationDone(iteration, 1, value, 0.1, 1.0))
    loss.follow(history, 3, 3)
    loss.logarithmic.setChecked(True)
    loss.grab()
    assert loss.plot.viewRange()[0][1] >= 3


def test_both_looks(loss: LossCard, theme: Theme, make_history) -> None:
    loss.follow(make_history(1, 10), 10, 10)
    before = loss.batches.opts["pen"].color().name()
    theme.set_mode("dark")
    assert loss.batches.opts["pen"].color().name() == theme.hex("convolution").lower() != before


def test_the_nearest_entry() -> None:
    steps = np.array([10.0, 20.0, 30.0])
    assert [nearest(steps, at) for at in (0, 14, 16, 99)] == [0, 0, 1, 2]
    assert nearest(np.empty(0), 3) is None
