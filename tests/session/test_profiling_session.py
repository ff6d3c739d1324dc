"""Measuring in the background: what is refused, what goes through, progress, and the ways out of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from cnnstudio.engine import Network, Profile, ProfileControl, profile
from cnnstudio.graph.commands import Rename, SetParams
from cnnstudio.session import DataState, ProfilingState, SessionError, Studio
from cnnstudio.session.profiling import LIGHT_WORK
from tests.session.conftest import Conductor, Until

GB = 2**30


class Stage:
    """Stands in for the engine: each pass waits until the test lets it go on, and remembers what it was given."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.images: list[np.ndarray] = []
        self.networks: list[Network] = []

    def profile(self, net: Network, images: np.ndarray, *, repeats: int, control: ProfileControl) -> Profile:
        self.images.append(images)
        self.networks.append(net)
        control.total = 2 * (repeats + 1)
        control.done = 2
        while not self.gate.wait(0.002):
            control.checkpoint()
        return profile(net, images[:2], repeats=1, control=control)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    made = Stage()
    monkeypatch.setattr("cnnstudio.session.profiling.profile", made.profile)
    yield made
    made.gate.set()


@pytest.fixture
def memory_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Lets the computer have so many bytes."""
    return lambda size: monkeypatch.setattr("cnnstudio.session.profiling.physical_memory", lambda: size)


def node(studio: Studio, name: str) -> str:
    return next(each.id for each in studio.graph.nodes.values() if each.name == name)


def break_it(studio: Studio) -> None:
    SetParams(node(studio, "pool1"), kernel_size=50).do(studio.graph)


def finish(studio: Studio, until: Until) -> None:
    until(studio, lambda: studio.profiling.state is not ProfilingState.WORKING)


class TestAMeasurement:
    def test_times_every_layer_of_the_drawing(self, studio: Studio, until: Until) -> None:
        session = studio.profiling
        session.start(4, repeats=2)
        assert session.state is ProfilingState.WORKING
        finish(studio, until)
        result = session.result
        assert session.state is ProfilingState.READY
        assert result is not None
        assert [row.id for row in result.profile.rows] == [row.id for row in studio.report]
        assert (result.batch_size, result.repeats, result.profile.images) == (4, 2, 4)
        assert not result.disturbed
        assert not session.stale

    def test_sends_pictures_of_the_data_set_where_they_fit(self, studio: Studio, until: Until, stage: Stage) -> None:
        stage.gate.set()
        data = studio.data.dataset
        assert data is not None
        studio.profiling.start(3)
        finish(studio, until)
        np.testing.assert_array_equal(stage.images[0], data.train.images[:3])
        assert studio.profiling.result is not None
        assert studio.profiling.result.pictures == f"The first 3 training pictures of {data.title}."

    def test_sends_a_small_data_set_over_and_over(self, studio: Studio, until: Until, stage: Stage) -> None:
        stage.gate.set()
        data = studio.data.dataset
        assert data is not None
        many = len(data.train.images) + 2
        assert studio.profiling.pictures_text(many).endswith(f"{data.title}, over and over.")
        studio.profiling.start(many)
        finish(studio, until)
        np.testing.assert_array_equal(stage.images[0][-2:], data.train.images[:2])

    def test_sends_noise_of_the_right_shape_where_none_fit(self, studio: Studio, until: Until, stage: Stage) -> None:
        stage.gate.set()
        SetParams(node(studio, "input"), shape=(1, 12, 12)).do(studio.graph)
        assert studio.profiling.pictures_text(2).startswith("Random noise of 1 × 12 × 12, as no data is loaded")
        studio.profiling.start(2)
        finish(studio, until)
        assert stage.images[0].shape == (2, 1, 12, 12)
        assert stage.images[0].std() > 0.1

    def test_takes_the_compiled_network_where_there_is_one(self, studio: Studio, until: Until, stage: Stage) -> None:
        stage.gate.set()
        network = studio.network()
        studio.profiling.start(2)
        finish(studio, until)
        assert stage.networks == [network]

    def test_tells_its_progress_and_what_is_left(self, studio: Studio, until: Until, stage: Stage) -> None:
        studio.profiling.start(2, repeats=4)
        assert studio.profiling.seconds_left is None
        until(studio, lambda: studio.profiling.progress == (2, 10))
        left = studio.profiling.seconds_left
        assert left is not None
        assert left >= 0
        stage.gate.set()
        finish(studio, until)
        assert studio.profiling.seconds_left is None


class TestBeforeIt:
    def test_a_faulty_drawing_is_to_be_mended_first(self, studio: Studio) -> None:
        break_it(studio)
        problem = studio.profiling.problem()
        assert problem is not None
        assert "pool1" in problem
        with pytest.raises(SessionError, match="pool1"):
            studio.profiling.start(2)

    def test_an_empty_drawing_has_nothing_to_measure(self, studio: Studio) -> None:
        for each in tuple(studio.graph.nodes):
            studio.graph.remove(each)
        with pytest.raises(SessionError, match="There is no network to measure yet"):
            studio.profiling.start(2)

    def test_a_run_that_computes_is_to_be_paused(self, studio: Studio, until: Until, conductor: Conductor) -> None:
        studio.training.start(studio.config)
        with pytest.raises(SessionError, match="pause it"):
            studio.profiling.start(2)
        studio.training.pause()
        conductor.batches(5)
        until(studio, lambda: studio.training.state == "paused")
        assert studio.profiling.problem() is None

    def test_the_first_batch_is_the_training_runs(self, studio: Studio) -> None:
        studio.config = replace(studio.config, batch_size=24)
        assert studio.profiling.first_batch_size() == 24
        assert studio.profiling.warning(24) == ""

    def test_a_large_network_begins_with_fewer_pictures(self, studio: Studio, memory_of) -> None:
        studio.use_preset("vgg16")
        memory_of(None)
        size = studio.profiling.first_batch_size()
        assert size < studio.config.batch_size
        assert 3 * studio.report.macs * size * 6 <= LIGHT_WORK or size == 1
        assert "billion multiply-adds, and may take a minute or more" in studio.profiling.warning(64)

    def test_a_batch_that_fills_the_memory_is_warned_of_then_refused(self, studio: Studio, memory_of) -> None:
        studio.use_preset("resnet18")
        memory_of(4 * GB)
        assert studio.profiling.warning(64).startswith("This takes about 1")
        assert "of 4.0 GB that the computer has" in studio.profiling.warning(64)
        memory_of(GB)
        assert studio.profiling.warning(64).endswith("and the computer has 1.0 GB: choose fewer.")
        with pytest.raises(SessionError, match="64 pictures at once take"):
            studio.profiling.start(64)


class TestWaysOut:
    def test_cancel_ends_it_at_once_and_nothing_comes_after(self, studio: Studio, until: Until, stage: Stage) -> None:
        session = studio.profiling
        session.start(2)
        until(studio, lambda: bool(stage.images))
        session.cancel()
        assert (session.state, session.called_off, session.result) == (ProfilingState.EMPTY, True, None)
        assert session._worker.join(10)
        studio.poll()
        assert (session.state, session.result) == (ProfilingState.EMPTY, None)

    def test_an_older_result_outlives_a_cancel(self, studio: Studio, until: Until, stage: Stage) -> None:
        session = studio.profiling
        stage.gate.set()
        session.start(2)
        finish(studio, until)
        before = session.result
        stage.gate.clear()
        session.start(3)
        session.cancel()
        assert (session.state, session.result) == (ProfilingState.READY, before)

    def test_the_newest_wish_wins(self, studio: Studio, until: Until, stage: Stage) -> None:
        session = studio.profiling
        session.start(2)
        until(studio, lambda: len(stage.images) == 1)
        session.start(5)
        until(studio, lambda: len(stage.images) == 2)
        stage.gate.set()
        finish(studio, until)
        assert session.result is not None
        assert session.result.batch_size == 5

    def test_what_the_engine_refuses_is_said(self, studio: Studio, until: Until, monkeypatch) -> None:
        def refuse(*_args: object, **_kwargs: object) -> Profile:
            raise MemoryError

        monkeypatch.setattr("cnnstudio.session.profiling.profile", refuse)
        studio.profiling.start(2)
        finish(studio, until)
        assert studio.profiling.state is ProfilingState.FAILED
        assert studio.profiling.error == "The layers of so many pictures do not fit into memory: choose fewer."

    def test_another_project_forgets_it(self, studio: Studio, until: Until) -> None:
        studio.profiling.start(2, repeats=1)
        finish(studio, until)
        studio.new("lenet5-caffe")
        assert (studio.profiling.state, studio.profiling.result) == (ProfilingState.EMPTY, None)

    def test_closing_in_the_middle_of_it_leaves_no_thread(self, studio: Studio, until: Until, stage: Stage) -> None:
        studio.profiling.start(2)
        until(studio, lambda: bool(stage.images))
        assert studio.profiling.close(10)

    def test_ends_while_closing_waits_for_a_run(
        self, studio: Studio, until: Until, stage: Stage, conductor: Conductor
    ) -> None:
        studio.profiling.start(2)
        until(studio, lambda: bool(stage.images))
        studio.training.start()
        conductor.batches(1)
        until(studio, lambda: conductor.rates)
        assert not studio.close(timeout=1.0), "the run is held in its second batch"
        assert studio.profiling.close(0)

    def test_a_fault_of_one_that_gave_way_is_not_said_of_the_newer_one(
        self, studio: Studio, until: Until, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gates = threading.Event(), threading.Event()
        begun: list[int] = []

        def held(net: Network, images: np.ndarray, *, repeats: int, control: ProfileControl) -> Profile:
            begun.append(len(images))
            gates[len(begun) - 1].wait()
            if len(begun) == 1:
                raise RuntimeError("something unforeseen")
            return profile(net, images, repeats=repeats, control=control)

        monkeypatch.setattr("cnnstudio.session.profiling.profile", held)
        studio.profiling.start(2, repeats=1)
        until(studio, lambda: begun == [2])
        studio.profiling.start(3, repeats=1)
        gates[0].set()
        until(studio, lambda: begun == [2, 3])
        assert studio.profiling.state is ProfilingState.WORKING
        gates[1].set()
        finish(studio, until)
        assert studio.profiling.result is not None
        assert studio.profiling.result.batch_size == 3


class TestAfterwards:
    @pytest.fixture
    def measured(self, studio: Studio, until: Until) -> Studio:
        studio.profiling.start(2, repeats=1)
        finish(studio, until)
        return studio

    def test_an_edit_makes_it_stale_and_its_undo_fresh(self, measured: Studio) -> None:
        edit = SetParams(node(measured, "conv1"), out_channels=3)
        edit.do(measured.graph)
        assert measured.profiling.stale
        edit.undo(measured.graph)
        assert not measured.profiling.stale

    def test_a_name_or_a_place_does_not(self, measured: Studio) -> None:
        Rename(node(measured, "conv1"), "first").do(measured.graph)
        measured.graph.move(node(measured, "conv2"), (512.0, 64.0))
        assert not measured.profiling.stale

    def test_a_run_begun_meanwhile_makes_it_doubtful(
        self, studio: Studio, until: Until, stage: Stage, conductor: Conductor
    ) -> None:
        studio.profiling.start(2)
        studio.training.start(studio.config)
        studio.poll()
        stage.gate.set()
        finish(studio, until)
        assert studio.profiling.result is not None
        assert studio.profiling.result.disturbed


def test_the_saved_drawing_is_at_hand(studio: Studio, tmp_path) -> None:
    assert studio.data.state is DataState.READY
    begun = studio.graph.state
    SetParams(node(studio, "conv1"), out_channels=3).do(studio.graph)
    assert studio.saved_graph is not None
    assert studio.saved_graph.state == begun
    studio.save(tmp_path / "mine.cnnstudio")
    assert studio.saved_graph.state == studio.graph.state
