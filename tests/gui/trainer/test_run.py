"""A run driven by mouse and keys, on real digits: train, pause, step, stop, and what is seen of it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from cnnstudio.compile import compile_graph
from cnnstudio.data import Dataset, Split
from cnnstudio.engine import TrainingConfig, train
from cnnstudio.graph import presets
from cnnstudio.graph.commands import SetParams
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.trainer import TrainerWorkspace
from cnnstudio.gui.trainer.plan import iterations_per_epoch
from cnnstudio.project import DataChoice
from cnnstudio.session import RunState

LEFT = Qt.MouseButton.LeftButton


def click(window: MainWindow, name: str) -> None:
    target = window.findChild(QPushButton, name)
    assert target.isEnabled(), f"{name} is disabled"
    QTest.mouseClick(target, LEFT)


def type_into(window: MainWindow, name: str, text: str) -> None:
    edit = window.findChild(QLineEdit, f"{name}.edit")
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)


def configure(window: MainWindow, **settings: object) -> None:
    window.studio.config = dataclasses.replace(TrainingConfig(), **settings)


def test_before_the_first_run_the_page_says_what_train_does(window: MainWindow, trainer: TrainerWorkspace) -> None:
    assert trainer.pages.currentWidget() is trainer.start_page
    assert trainer.start_page.offer == "train"
    assert trainer.run_bar.title.text() == "Not trained yet"
    configure(window, batch_size=100, epochs=5)
    per_epoch = -(-len(window.studio.data.dataset.train) // 100)
    assert trainer.run_bar.detail.text() == f"{per_epoch} iterations an epoch, {5 * per_epoch} in all"
    assert not trainer.run_bar.stop.isEnabled()
    assert not trainer.run_bar.reset.isEnabled()


def test_two_epochs_by_a_click_and_the_curves_are_the_history(
    window: MainWindow, trainer: TrainerWorkspace, until
) -> None:
    type_into(window, "learning.epochs", "2")
    training = window.studio.training
    before = np.array(training.filters[1])
    click(window, "startPageButton")
    until(lambda: training.state is RunState.FINISHED)
    history = training.history
    assert len(history.epochs) == 2
    until(lambda: len(trainer.loss.batches.getOriginalDataset()[0]) == len(history))
    assert np.array_equal(trainer.loss.batches.getOriginalDataset()[1], history.losses)
    validation = [epoch.validation_accuracy for epoch in history.epochs]
    assert trainer.accuracy.validation.getOriginalDataset()[1] == pytest.approx(validation)
    assert trainer.result.accuracy.text() == f"{100 * history.test.test_accuracy:.1f} %"
    assert trainer.result.text("test_loss") == f"{history.test.test_loss:.4f}"
    assert trainer.result.text("time").endswith("s")
    assert trainer.run_bar.title.text() == "Finished · 2 epochs"
    assert not np.array_equal(training.filters[1], before)
    assert np.array_equal(trainer.filters.kernels._maps, training.filters[1][:, 0])
    assert trainer.run_bar.reset.isEnabled()


def test_pause_step_resume_and_stop(window: MainWindow, trainer: TrainerWorkspace, until) -> None:
    configure(window, epochs=400)
    training = window.studio.training
    click(window, "trainButton")
    until(lambda: len(training.history) > 3)
    assert trainer.run_bar.main.text() == "Pause"
    assert not trainer.run_bar.step.isEnabled()
    click(window, "trainButton")
    assert training.state is RunState.PAUSED
    assert trainer.run_bar.main.text() == "Resume"
    assert trainer.run_bar.detail.text() == "Paused"

    def rested() -> bool:  # nothing is posted any more, and all that was has arrived
        resting = training._run.gate.resting
        window.studio.poll()
        return resting

    until(rested)
    held = len(training.history)
    click(window, "stepButton")
    until(lambda: len(training.history) == held + 1)
    until(lambda: len(trainer.loss.batches.getOriginalDataset()[0]) == held + 1)
    assert training.state is RunState.PAUSED
    click(window, "trainButton")
    until(lambda: len(training.history) > held + 3)
    click(window, "stopButton")
    until(lambda: not training.state.active)
    assert training.state is RunState.IDLE
    assert trainer.run_bar.title.text().startswith("Stopped in epoch")
    assert trainer.result.caption.text() == "The run was stopped before the test."
    assert len(trainer.loss.batches.getOriginalDataset()[0]) == len(training.history)


def test_the_first_step_begins_a_run(window: MainWindow, until) -> None:
    click(window, "stepButton")
    training = window.studio.training
    until(lambda: len(training.history) == 1)
    assert training.state is RunState.PAUSED


def test_the_keys_do_it_from_anywhere(window: MainWindow, until) -> None:
    configure(window, epochs=400)
    window.show_workspace("build")
    training = window.studio.training
    QTest.keyClick(window, Qt.Key.Key_F5)
    until(lambda: training.state is RunState.RUNNING)
    assert window.current_workspace == "train"
    QTest.keyClick(window, Qt.Key.Key_F6)
    until(lambda: training.state is RunState.PAUSED)
    QTest.keyClick(window, Qt.Key.Key_F7)
    QTest.keyClick(window, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: training.state is RunState.IDLE)


def test_the_learning_rate_changes_while_it_runs(window: MainWindow, trainer: TrainerWorkspace, until) -> None:
    configure(window, epochs=400)
    training = window.studio.training
    click(window, "trainButton")
    until(lambda: len(training.history) > 3)
    assert not trainer.learning.field("batch_size").isEnabled()
    assert trainer.learning.field("learning_rate").isEnabled()
    type_into(window, "learning.learning_rate", "5e-4")
    until(lambda: training.history.learning_rates[-1] == 5e-4)
    assert training.history.learning_rates[0] == 1e-3
    assert window.studio.config.learning_rate == 5e-4
    until(lambda: trainer.result.text("rate") == "0.0005")
    click(window, "stopButton")
    until(lambda: not training.state.active)
    assert trainer.learning.field("batch_size").isEnabled()


def test_a_run_that_breaks_off_says_where_and_what_to_do(window: MainWindow, trainer: TrainerWorkspace, until) -> None:
    configure(window, optimizer="sgd", learning_rate=1e6)
    click(window, "trainButton")
    until(lambda: window.studio.training.state is RunState.FAILED)
    assert trainer.failure.isVisible()
    assert "no longer a finite number" in trainer.failure.text.text()
    assert any(row.name in trainer.failure.text.text() for row in window.studio.report)
    assert trainer.run_bar.title.text() == "Broke off in epoch 1"
    configure(window, epochs=1)
    click(window, "trainButton")
    assert not trainer.failure.isVisible()
    until(lambda: window.studio.training.state is RunState.FINISHED)


def test_nothing_moves_while_the_numbers_change(window: MainWindow, trainer: TrainerWorkspace, until) -> None:
    configure(window, epochs=400)
    training = window.studio.training
    click(window, "trainButton")
    until(lambda: len(training.history) > 2)
    parts = (trainer.run_bar.main, trainer.run_bar.progress, trainer.loss, trainer.accuracy, trainer.filters)
    places = [part.mapTo(window, part.rect().topLeft()) for part in parts]
    sizes = [part.size() for part in parts]
    until(lambda: len(training.history.epochs) > 3)
    assert [part.mapTo(window, part.rect().topLeft()) for part in parts] == places
    assert [part.size() for part in parts] == sizes
    click(window, "stopButton")
    until(lambda: not training.state.active)


def test_what_nobody_sees_is_drawn_when_it_is_seen(window: MainWindow, trainer: TrainerWorkspace, until) -> None:
    configure(window, epochs=2)
    training = window.studio.training
    window.show_workspace("build")
    training.start(window.studio.config)
    until(lambda: training.state is RunState.FINISHED)
    assert trainer.loss.history is not training.history
    window.show_workspace("train")
    assert trainer.loss.history is training.history
    assert len(trainer.loss.batches.getOriginalDataset()[0]) == len(training.history)


def test_reset_forgets_what_was_learned(window: MainWindow, trainer: TrainerWorkspace, until) -> None:
    fresh = np.array(window.studio.training.filters[1])
    configure(window, epochs=1)
    click(window, "trainButton")
    until(lambda: window.studio.training.state is RunState.FINISHED)
    assert not np.array_equal(trainer.filters.kernels._maps, fresh[:, 0])
    QTest.mouseClick(trainer.run_bar.reset, LEFT)
    assert np.array_equal(trainer.filters.kernels._maps, fresh[:, 0])
    assert not trainer.run_bar.reset.isEnabled()
    assert trainer.run_bar.title.text() == "Not trained yet"
    assert "begins from nothing" in window.messages.text.text()
    assert trainer.run_bar.main.text() == "Train"


def test_a_reset_by_mistake_is_taken_back(window: MainWindow, trainer: TrainerWorkspace, until) -> None:
    training = window.studio.training
    configure(window, epochs=1)
    click(window, "trainButton")
    until(lambda: training.state is RunState.FINISHED)
    learned, history = window.studio.network().state_dict(), training.history
    assert trainer.run_bar.main.text() == "Train on"
    QTest.mouseClick(trainer.run_bar.reset, LEFT)
    assert len(training.history) == 0
    assert training.history.test is None
    QTest.mouseClick(window.messages.action, LEFT)
    assert all(np.array_equal(array, learned[name]) for name, array in window.studio.network().state_dict().items())
    assert training.history is history
    assert trainer.run_bar.title.text() == "Finished · 1 epoch"


def test_a_project_opened_again_shows_its_old_curves(
    window: MainWindow, trainer: TrainerWorkspace, until, tmp_path
) -> None:
    configure(window, epochs=2)
    click(window, "trainButton")
    until(lambda: window.studio.training.state is RunState.FINISHED)
    losses, accuracy = window.studio.training.history.losses.copy(), trainer.result.accuracy.text()
    window.studio.save(tmp_path / "run.cnnstudio")
    window.studio.new()
    assert trainer.pages.currentWidget() is trainer.start_page
    assert trainer.result.accuracy.text() == "–"
    window.studio.open(tmp_path / "run.cnnstudio")
    assert trainer.pages.currentWidget() is not trainer.start_page
    assert np.array_equal(trainer.loss.batches.getOriginalDataset()[1], losses)
    assert trainer.result.accuracy.text() == accuracy


def test_the_result_of_an_earlier_drawing_is_not_shown_as_this_ones(
    window: MainWindow, trainer: TrainerWorkspace, until
) -> None:
    studio = window.studio
    configure(window, epochs=1)
    click(window, "trainButton")
    until(lambda: studio.training.state is RunState.FINISHED)
    accuracy = trainer.result.accuracy.text()
    assert window.status_bar.run.text() == "Trained"
    assert not trainer.earlier.isVisible()

    window.editor.run(SetParams("conv2d_1", out_channels=4))
    assert trainer.earlier.isVisible()
    assert trainer.result.accuracy.text() == accuracy
    assert trainer.result.caption.text() == "of the test pictures were recognized by an earlier drawing"
    assert trainer.run_bar.title.text() == "Edited since it was trained"
    assert window.status_bar.run.text() == ""

    window.editor.run(studio.preset_command("lenet5-cs231n"))
    studio.data.choose(DataChoice("mnist"))
    assert trainer.pages.currentWidget() is trainer.start_page
    assert trainer.start_page.offer == "load"
    assert trainer.result.accuracy.text() == "–"
    assert trainer.run_bar.title.text() == "Not trained yet"
    assert trainer.run_bar.main.text() == "Train"
    assert window.status_bar.run.text() == ""

    window.editor.undo()
    window.editor.undo()
    assert trainer.pages.currentWidget() is not trainer.start_page
    assert not trainer.earlier.isVisible()
    assert trainer.result.accuracy.text() == accuracy
    assert trainer.result.caption.text() == "of the test pictures are recognized"
    assert trainer.run_bar.title.text() == "Finished · 1 epoch"
    assert window.status_bar.run.text() == "Trained"


def test_a_button_that_cannot_be_pressed_says_why(window: MainWindow, trainer: TrainerWorkspace, until) -> None:
    configure(window, epochs=1)
    click(window, "trainButton")
    until(lambda: window.studio.training.state is RunState.FINISHED)
    assert not trainer.misfit.isVisible()
    window.studio.data.choose(DataChoice("mnist"))
    window.editor.run(SetParams("input_1", shape=(1, 28, 28)))
    reason = "MNIST is not on this computer yet: download it, or choose other data."
    assert not trainer.run_bar.main.isEnabled()
    assert trainer.run_bar.main.toolTip() == reason
    assert trainer.misfit.isVisible()
    assert reason in [each.text() for each in trainer.misfit.findChildren(QLabel)]


def test_the_look_of_the_loss_axis_is_remembered(trainer: TrainerWorkspace) -> None:
    trainer.loss.logarithmic.setChecked(True)
    state = trainer.save_state()
    trainer.loss.logarithmic.setChecked(False)
    trainer.restore_state(state)
    assert trainer.loss.logarithmic.isChecked()
    trainer.restore_state({"logarithmic": "nonsense"})
    assert not trainer.loss.logarithmic.isChecked()


@pytest.mark.parametrize(("images", "batch_size"), [(9, 4), (8, 4), (1, 4), (11, 4), (3, 1)])
def test_the_plan_counts_as_the_engine_does(images: int, batch_size: int) -> None:
    pictures = np.zeros((images, 1, 8, 8), np.uint8)
    split = Split(pictures, np.zeros(images, np.int64))
    data = Dataset("x", "x", split, split, split, tuple("0123456789"), "")
    network = compile_graph(presets.load("digits-small"))
    started = next(iter(train(network, data, TrainingConfig(batch_size=batch_size))))
    assert iterations_per_epoch(images, batch_size) == started.iterations_per_epoch
