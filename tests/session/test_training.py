"""Train, pause, step, stop, and what the screen gets to see of it."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.engine import ConfigError, EpochDone, IterationDone, RunDone, TrainingConfig, train
from cnnstudio.session import RunState, SessionError, Studio


def states(studio: Studio) -> list[str]:
    seen: list[str] = []
    studio.training.state_changed.connect(lambda state: seen.append(str(state)))
    return seen


def test_a_run_gives_the_very_events_of_train(studio: Studio, until) -> None:
    config = TrainingConfig(epochs=2, batch_size=64, seed=4)
    net = compile_graph(studio.graph, seed=4)
    expected = list(train(net, studio.data.dataset, config))
    seen = states(studio)
    studio.training.start(config)
    until(studio, lambda: not studio.training.state.active)
    history = studio.training.history
    assert seen == ["running", "finished"]
    assert history.losses.tolist() == [event.loss for event in expected if isinstance(event, IterationDone)]
    assert history.epochs == [event for event in expected if isinstance(event, EpochDone)]
    assert [history.test] == [event for event in expected if isinstance(event, RunDone)]
    pictures = studio.data.dataset.test.images[:50]
    assert np.array_equal(studio.network().predict(pictures), net.predict(pictures))


def test_progress_counts_to_the_end_and_news_come_once_a_poll(studio: Studio, until) -> None:
    polls, news = [], []
    studio.training.progressed.connect(lambda: news.append(len(polls)))
    studio.training.start(TrainingConfig(epochs=2))
    until(studio, lambda: polls.append(None) or not studio.training.state.active)
    progress = studio.training.progress
    assert (progress.epoch, progress.epochs) == (2, 2)
    assert progress.iteration == progress.iterations == len(studio.training.history)
    assert progress.fraction == 1
    assert progress.images_per_second > 0
    assert progress.evaluating is None
    assert len(news) == len(set(news))


def test_stop_ends_the_run_after_the_batch_under_way(studio: Studio, conductor, until) -> None:
    seen = states(studio)
    studio.training.start(TrainingConfig())
    conductor.batches(3)
    until(studio, lambda: len(studio.training.history) == 3)
    studio.training.stop()
    assert studio.training.state is RunState.STOPPING
    conductor.batches(100)
    until(studio, lambda: not studio.training.state.active)
    assert len(studio.training.history) == 4
    assert seen == ["running", "stopping", "idle"]


def test_a_paused_run_holds_until_it_is_resumed_or_stopped(studio: Studio, conductor, until) -> None:
    studio.training.start(TrainingConfig())
    conductor.batches(2)
    until(studio, lambda: len(studio.training.history) == 2)
    studio.training.pause()
    assert studio.training.state is RunState.PAUSED
    conductor.batches(100)
    until(studio, lambda: len(studio.training.history) == 3)  # the batch that was under way
    studio.training.stop()
    until(studio, lambda: not studio.training.state.active)
    assert len(studio.training.history) == 3


def test_a_step_is_one_iteration(studio: Studio, conductor, until) -> None:
    conductor.batches(100)
    studio.training.step()  # from idle: begins a run
    assert studio.training.state is RunState.PAUSED
    until(studio, lambda: len(studio.training.history) == 1)
    studio.training.step()
    studio.training.step()
    until(studio, lambda: len(studio.training.history) == 3)
    studio.training.resume()
    until(studio, lambda: len(studio.training.history) > 3)
    assert studio.training.state is RunState.RUNNING
    studio.training.stop()
    conductor.batches(1)
    until(studio, lambda: not studio.training.state.active)


def test_after_a_step_nothing_more_has_happened(studio: Studio, conductor, until) -> None:
    conductor.batches(100)
    studio.training.step()
    until(studio, lambda: len(studio.training.history) == 1)
    studio.training.stop()
    until(studio, lambda: not studio.training.state.active)
    assert conductor.rates == [studio.config.learning_rate]


def test_the_learning_rate_changes_while_it_runs(studio: Studio, conductor, until) -> None:
    studio.training.start(TrainingConfig(learning_rate=0.5))
    conductor.batches(2)
    until(studio, lambda: len(studio.training.history) == 2)
    studio.training.pause()
    conductor.batches(1)
    until(studio, lambda: len(studio.training.history) == 3)
    studio.training.set_learning_rate(0.25)
    studio.training.resume()
    conductor.batches(2)
    until(studio, lambda: len(studio.training.history) == 5)
    assert studio.training.history.learning_rates.tolist() == [0.5, 0.5, 0.5, 0.25, 0.25]
    with pytest.raises(ConfigError):
        studio.training.set_learning_rate(-1)


def test_the_watched_filters_follow_the_run(studio: Studio, conductor, until) -> None:
    before = studio.network().state_dict()["conv2.weight"]
    studio.training.watched = "conv2d_2"
    node, shown = studio.training.filters
    assert node == "conv2d_2"
    assert np.array_equal(shown, before)
    studio.training.start(TrainingConfig())
    conductor.batches(1)
    until(studio, lambda: len(studio.training.history) == 1)
    studio.training.pause()
    conductor.batches(1)
    until(studio, lambda: np.allclose(studio.training.filters[1], before + 2))
    studio.training.watched = "relu_1"
    assert studio.training.filters is None
    studio.training.watched = None
    assert studio.training.filters is None


def test_what_was_learned_stays_after_stop_and_is_there_while_paused(studio: Studio, conductor, until) -> None:
    before = studio.network().state_dict()["fc1.weight"]
    studio.training.start(TrainingConfig())
    conductor.batches(1)
    until(studio, lambda: len(studio.training.history) == 1)
    studio.training.pause()
    conductor.batches(1)
    until(studio, lambda: np.allclose(studio.network().state_dict()["fc1.weight"], before + 2))
    studio.training.stop()
    until(studio, lambda: not studio.training.state.active)
    assert np.allclose(studio.network().state_dict()["fc1.weight"], before + 2)
    assert studio.trained
    studio.reset_weights()
    assert not studio.trained
    assert np.array_equal(studio.network().state_dict()["fc1.weight"], before)


def test_the_next_run_goes_on_from_the_weights_with_curves_of_its_own(studio: Studio, conductor, until) -> None:
    before = studio.network().state_dict()["fc1.weight"]
    for _ in range(2):
        studio.training.start(TrainingConfig())
        conductor.batches(1)
        until(studio, lambda: len(studio.training.history) == 1)
        studio.training.stop()
        conductor.batches(1)
        until(studio, lambda: not studio.training.state.active)
    assert studio.training.run_id == 2
    assert len(studio.training.history) == 2
    assert np.allclose(studio.network().state_dict()["fc1.weight"], before + 4)


def test_the_drawing_may_be_edited_while_it_is_trained(studio: Studio, conductor, until) -> None:
    before = studio.network().state_dict()["fc1.weight"]
    studio.training.start(TrainingConfig())
    conductor.batches(1)
    until(studio, lambda: len(studio.training.history) == 1)
    studio.graph.rename("linear_1", "hidden")
    studio.graph.set_params("conv2d_1", kernel_size=5, padding=2)
    studio.training.stop()
    conductor.batches(1)
    until(studio, lambda: not studio.training.state.active)
    learned = studio.network().state_dict()
    assert np.allclose(learned["hidden.weight"], before + 2)
    assert learned["conv1.weight"].shape == (16, 1, 5, 5)


def test_a_fault_in_the_worker_becomes_one_sentence_and_the_weights_stand(studio: Studio, conductor, until) -> None:
    before = studio.network().state_dict()
    studio.training.start(TrainingConfig())
    conductor.batches(1)
    until(studio, lambda: len(studio.training.history) == 1)
    conductor.fault = RuntimeError("the disk\nis on fire")
    conductor.batches(1)
    until(studio, lambda: not studio.training.state.active)
    assert studio.training.state is RunState.FAILED
    assert studio.training.error == "Training broke off: the disk is on fire"
    assert all(np.array_equal(array, before[name]) for name, array in studio.network().state_dict().items())


def test_a_run_that_diverges_names_the_layer_and_leaves_the_weights_as_they_were(studio: Studio, until) -> None:
    before = studio.network().state_dict()
    studio.training.start(TrainingConfig(optimizer="sgd", learning_rate=1e9))
    until(studio, lambda: not studio.training.state.active)
    assert studio.training.state is RunState.FAILED
    assert any(row.name in studio.training.error for row in studio.report)
    assert all(np.array_equal(array, before[name]) for name, array in studio.network().state_dict().items())


def test_news_of_a_run_that_was_left_behind_are_dropped(studio: Studio, conductor, until) -> None:
    studio.training.start(TrainingConfig())
    conductor.batches(2)
    until(studio, lambda: len(studio.training.history) == 2)
    former = studio.training.run_id
    studio.new("digits-small")
    assert studio.training.state is RunState.IDLE
    assert studio.training.run_id > former
    conductor.batches(1)  # the old worker's last batch
    studio.training.step()
    conductor.batches(1)
    until(studio, lambda: len(studio.training.history) == 1)
    assert studio.training.history.iterations.tolist() == [1]
    studio.training.stop()
    until(studio, lambda: not studio.training.state.active)


def test_a_network_larger_than_the_memory_is_refused_in_a_sentence(studio: Studio, monkeypatch) -> None:
    monkeypatch.setattr("cnnstudio.compile.physical_memory", lambda: 1000)
    studio.graph.set_params("conv2d_1", out_channels=17)  # so that the network has to be made anew
    assert studio.training_problem() is None
    for begin in (studio.training.start, studio.training.step):
        with pytest.raises(SessionError, match=r"fc1 has .* parameters, more than this computer's memory can hold"):
            begin()
    assert studio.training.state is RunState.IDLE


def test_what_cannot_be_done_during_a_run_is_refused_in_a_sentence(studio: Studio, conductor, until) -> None:
    studio.training.start(TrainingConfig())
    with pytest.raises(SessionError, match="under way"):
        studio.training.start(TrainingConfig())
    with pytest.raises(SessionError, match="stop the run"):
        studio.reset_weights()
    studio.training.stop()
    conductor.batches(1)
    until(studio, lambda: not studio.training.state.active)
    studio.training.pause()
    studio.training.resume()
    studio.training.stop()  # without a run, these do nothing
    assert studio.training.state is RunState.IDLE


def test_close_ends_a_run_at_full_speed(settings, until) -> None:
    studio = Studio(settings)
    until(studio, lambda: studio.data.dataset is not None)
    studio.training.start(TrainingConfig(epochs=10_000))
    until(studio, lambda: len(studio.training.history) > 3)
    assert studio.close(timeout=1.5)
