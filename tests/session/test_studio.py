"""The project as a whole: drawing and weights, what has changed, files, and the end."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.compile import CompileError
from cnnstudio.engine import TrainingConfig
from cnnstudio.graph import presets
from cnnstudio.graph.commands import AddNode, RemoveNodes, SetParams
from cnnstudio.project import DataChoice, ProjectError, open_project
from cnnstudio.session import DataState, SessionError, Standing, Studio
from cnnstudio.session.autosave import LONGEST_SECONDS, QUIET_SECONDS, AutosaveSession


@pytest.fixture
def trained(studio: Studio, until) -> Studio:
    studio.training.start(TrainingConfig(epochs=1))
    until(studio, lambda: not studio.training.state.active)
    assert studio.trained
    return studio


def weights(studio: Studio) -> dict[str, np.ndarray]:
    return studio.network().state_dict()


def same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> bool:
    return left.keys() == right.keys() and all(np.array_equal(left[name], right[name]) for name in left)


# ---------------------------------------------------------------- at the start


def test_it_begins_with_a_small_network_and_its_digits_ready_to_train(studio: Studio) -> None:
    assert studio.graph == presets.load("digits-small")
    assert studio.data.dataset.name == "digits"
    assert studio.training_problem() is None
    assert not studio.modified
    assert studio.title == "Untitled"
    assert studio.path is None


# ---------------------------------------------------------------- drawing, report, network


def test_each_edit_is_analysed_at_once_and_said(studio: Studio) -> None:
    said: list[str] = []
    studio.graph_changed.connect(lambda change: said.append("graph"))
    studio.report_changed.connect(lambda report: said.append(f"report {report['conv2d_1'].output_shape}"))
    studio.network_changed.connect(lambda: said.append("network"))
    studio.graph.set_params("conv2d_1", out_channels=4)
    assert said == ["graph", "report (4, 8, 8)", "network"]
    said.clear()
    studio.graph.move("conv2d_1", (5.0, 5.0))
    assert said == ["graph"]  # a card that moves changes no figure


def test_the_network_is_the_same_until_something_changes(studio: Studio) -> None:
    network = studio.network()
    assert studio.network() is network
    studio.graph.move("conv2d_1", (5.0, 5.0))
    assert studio.network() is network
    studio.graph.set_params("conv2d_1", stride=2)
    assert studio.network() is not network


def test_the_seed_decides_the_fresh_weights_and_leaves_learned_ones(studio: Studio, until) -> None:
    first = weights(studio)
    studio.config = replace(studio.config, seed=1)
    assert not same(weights(studio), first)
    studio.config = replace(studio.config, seed=0)
    assert same(weights(studio), first)
    studio.training.start(TrainingConfig(epochs=1))
    until(studio, lambda: not studio.training.state.active)
    learned = weights(studio)
    studio.config = replace(studio.config, seed=1)
    assert same(weights(studio), learned)


def test_a_faulty_drawing_has_no_network_and_gets_it_back(trained: Studio) -> None:
    before = weights(trained)
    command = RemoveNodes(["input_1"])
    command.do(trained.graph)
    with pytest.raises(CompileError):
        trained.network()
    command.undo(trained.graph)
    assert same(weights(trained), before)


def test_weights_stay_where_name_and_shape_still_match(trained: Studio) -> None:
    before = weights(trained)
    command = SetParams("conv2d_2", out_channels=8)
    command.do(trained.graph)
    after = weights(trained)
    assert np.array_equal(after["conv1.weight"], before["conv1.weight"])
    assert np.array_equal(after["fc2.weight"], before["fc2.weight"])
    assert after["conv2.weight"].shape == (8, 16, 3, 3)
    command.undo(trained.graph)
    assert same(weights(trained), before)


def test_a_deleted_layer_gets_its_weights_back_by_undo_but_a_new_one_begins_fresh(trained: Studio) -> None:
    before = weights(trained)
    remove = RemoveNodes(["linear_2"])
    remove.do(trained.graph)
    remove.undo(trained.graph)
    assert same(weights(trained), before)
    remove.do(trained.graph)
    add = AddNode("Linear", {"out_features": 10}, inputs=["relu_3"])
    add.do(trained.graph)
    assert add.node_id == "linear_2"  # the very id of the layer that is gone
    assert not np.array_equal(weights(trained)["linear_2.weight"], before["fc2.weight"])


def test_its_weights_come_back_also_after_another_layer_had_its_id(trained: Studio) -> None:
    before = weights(trained)
    remove, add = RemoveNodes(["linear_2"]), AddNode("Linear", {"out_features": 10}, inputs=["relu_3"])
    remove.do(trained.graph)
    add.do(trained.graph)
    assert add.node_id == "linear_2"
    add.undo(trained.graph)
    remove.undo(trained.graph)
    assert same(weights(trained), before)


def test_a_layer_drawn_during_a_run_takes_nothing_of_the_one_whose_id_it_has(studio: Studio, conductor, until) -> None:
    studio.training.start()
    remove, add = RemoveNodes(["linear_2"]), AddNode("Linear", {"out_features": 10}, inputs=["relu_3"])
    remove.do(studio.graph)
    add.do(studio.graph)
    fresh = weights(studio)["linear_2.weight"]
    conductor.batches(3)
    until(studio, lambda: len(studio.training.history) == 3)
    studio.training.stop()
    conductor.batches(1)
    until(studio, lambda: not studio.training.state.active)
    learned = studio.network().state_dict()
    assert np.array_equal(learned["linear_2.weight"], fresh)
    add.undo(studio.graph)
    remove.undo(studio.graph)
    assert not np.array_equal(weights(studio)["fc2.weight"], fresh)
    assert studio.project.weights is not None
    assert np.array_equal(weights(studio)["fc2.weight"], studio.project.weights["linear_2"]["weight"])


def test_another_preset_begins_fresh_and_undo_finds_the_weights_again(trained: Studio) -> None:
    before = weights(trained)
    command = trained.preset_command("digits-small")
    command.do(trained.graph)
    assert not same(weights(trained), before)
    assert trained.graph.nodes.keys().isdisjoint(presets.load("digits-small").nodes)
    command.undo(trained.graph)
    assert same(weights(trained), before)


def test_a_preset_brings_the_data_that_it_is_for(studio: Studio) -> None:
    studio.use_preset("resnet20-cifar10")
    assert studio.data.choice.source == "cifar10"
    studio.data.choose(DataChoice("fashion-mnist"))
    studio.use_preset("digits-small")
    assert studio.data.choice.source == "digits"


def test_a_layer_that_is_renamed_keeps_its_weights(trained: Studio) -> None:
    before = weights(trained)
    trained.graph.rename("conv2d_1", "edges")
    assert np.array_equal(weights(trained)["edges.weight"], before["conv1.weight"])


# ---------------------------------------------------------------- whose curves


def test_curves_and_result_are_of_the_drawing_that_was_trained(trained: Studio) -> None:
    history = trained.training.history
    assert trained.standing is Standing.PRESENT
    trained.graph.rename("conv2d_1", "edges")
    trained.graph.move("conv2d_1", (40.0, 40.0))
    assert trained.standing is Standing.PRESENT
    command = SetParams("conv2d_1", out_channels=4)
    command.do(trained.graph)
    assert trained.standing is Standing.EDITED
    assert trained.trained  # the last layers still hold what they have learned
    command.undo(trained.graph)
    assert trained.standing is Standing.PRESENT
    assert trained.training.history is history


def test_another_network_is_not_trained_and_undo_brings_back_the_one_that_is(trained: Studio, tmp_path: Path) -> None:
    command = trained.preset_command("lenet5-cs231n")
    command.do(trained.graph)
    assert trained.standing is Standing.OTHER
    assert not trained.trained
    trained.save(tmp_path / "other.cnnstudio")
    assert not len(open_project(tmp_path / "other.cnnstudio").history.iterations)
    command.undo(trained.graph)
    assert trained.standing is Standing.PRESENT
    assert trained.trained
    trained.save(tmp_path / "own.cnnstudio")
    assert len(open_project(tmp_path / "own.cnnstudio").history.iterations) == len(trained.training.history)


def test_a_run_goes_on_for_the_drawing_it_began_with(studio: Studio, conductor, until) -> None:
    studio.training.start()
    conductor.batches(1)
    until(studio, lambda: len(studio.training.history) == 1)
    assert studio.standing is Standing.PRESENT
    studio.use_preset("lenet5-cs231n")
    assert studio.standing is Standing.OTHER


# ---------------------------------------------------------------- modified


def test_an_edit_modifies_and_its_undo_unmodifies(studio: Studio) -> None:
    said: list[bool] = []
    studio.modified_changed.connect(said.append)
    command = SetParams("conv2d_1", out_channels=4)
    command.do(studio.graph)
    command.undo(studio.graph)
    command.do(studio.graph)
    assert said == [True, False, True]


def test_another_project_is_not_a_change_to_the_former(studio: Studio, tmp_path: Path, until) -> None:
    studio.save(tmp_path / "a.cnnstudio")
    said: list[bool] = []
    studio.modified_changed.connect(said.append)
    studio.new("lenet5-caffe")  # other data, which this project is for
    studio.open(tmp_path / "a.cnnstudio")
    assert said == []


def test_settings_data_and_training_modify(studio: Studio, tmp_path: Path, until) -> None:
    path = tmp_path / "a.cnnstudio"
    for change in (
        lambda: setattr(studio, "config", replace(studio.config, epochs=1)),
        lambda: studio.data.load(DataChoice("digits", seed=3)),
        lambda: studio.training.start(),
    ):
        studio.save(path)
        assert not studio.modified
        change()
        until(studio, lambda: studio.modified and not studio.training.state.active and studio.data.dataset is not None)
    studio.save()
    studio.reset_weights()
    assert studio.modified


# ---------------------------------------------------------------- files


def test_a_saved_project_opens_with_the_same_numbers(trained: Studio, tmp_path: Path, until) -> None:
    path = tmp_path / "digits.cnnstudio"
    pictures = trained.data.dataset.test.images[:20]
    scores, losses = trained.network().predict(pictures), trained.training.history.losses.copy()
    test = trained.training.history.test
    trained.save(path)
    trained.new("lenet5-caffe")
    assert len(trained.training.history) == 0
    assert not trained.trained
    said: list[str] = []
    trained.project_changed.connect(lambda: said.append("project"))
    trained.report_changed.connect(lambda report: said.append("report"))
    trained.network_changed.connect(lambda: said.append("network"))
    trained.open(path)
    assert said == ["project", "report", "network"]
    until(trained, lambda: trained.data.state is DataState.READY)
    assert np.array_equal(trained.network().predict(pictures), scores)
    assert np.array_equal(trained.training.history.losses, losses)
    assert trained.training.history.test == test
    assert (trained.title, trained.path, trained.modified) == ("digits", path, False)


def test_a_new_project_must_be_told_where_to_go(studio: Studio) -> None:
    with pytest.raises(SessionError, match="choose where to save"):
        studio.save()


def test_a_file_that_cannot_be_opened_leaves_the_present_project(trained: Studio, tmp_path: Path) -> None:
    before, state = weights(trained), trained.graph.state
    damaged = tmp_path / "damaged.cnnstudio"
    damaged.write_bytes(b"PK nonsense")
    with pytest.raises(ProjectError, match=r"damaged\.cnnstudio"):
        trained.open(damaged)
    assert trained.graph.state == state
    assert same(weights(trained), before)


def test_recent_projects_are_remembered_by_the_next_studio(studio: Studio, settings: Path, tmp_path: Path) -> None:
    studio.save(tmp_path / "one.cnnstudio")
    studio.save(tmp_path / "two.cnnstudio")
    studio.settings.theme = "dark"
    assert studio.close(timeout=10)
    later = Studio(settings)
    assert [Path(path).name for path in later.settings.recent] == ["two.cnnstudio", "one.cnnstudio"]
    assert later.settings.theme == "dark"
    assert later.close(timeout=10)


def test_two_windows_remember_the_projects_of_both(studio: Studio, settings: Path, tmp_path: Path) -> None:
    other = Studio(settings)
    other.save(tmp_path / "other.cnnstudio")
    studio.save(tmp_path / "own.cnnstudio")
    assert other.close(timeout=10)
    assert studio.close(timeout=10)
    later = Studio(settings)
    assert [Path(path).name for path in later.settings.recent] == ["own.cnnstudio", "other.cnnstudio"]
    later.settings.remember(tmp_path / "brief.cnnstudio")
    later.save_settings()
    for name in ("brief", "other"):
        later.settings.forget(tmp_path / f"{name}.cnnstudio")
    assert later.close(timeout=10)
    last = Studio(settings)
    assert [Path(path).name for path in last.settings.recent] == ["own.cnnstudio"]
    assert last.close(timeout=10)


def test_settings_that_cannot_be_written_are_a_warning(studio: Studio, settings: Path) -> None:
    said: list[object] = []
    studio.message.connect(said.append)
    settings.parent.mkdir(exist_ok=True)
    settings.write_text("a file where the folder should be")
    studio.save_settings()
    assert [message.level for message in said] == ["warning"]


# ---------------------------------------------------------------- autosave


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_copy_is_due_when_it_has_been_quiet_or_when_it_never_is(tmp_path: Path, studio: Studio) -> None:
    clock = Clock()
    autosave = AutosaveSession(tmp_path / "copies", clock)
    asked: list[float] = []

    def project():
        asked.append(clock.now)
        return studio.project

    autosave.changed()
    clock.now = QUIET_SECONDS - 0.1
    autosave.poll(project)
    assert asked == []
    clock.now = QUIET_SECONDS
    autosave.poll(project)
    assert asked == [QUIET_SECONDS]
    asked.clear()
    begun = clock.now
    while not asked:  # changes all the time
        autosave.changed()
        clock.now += 1
        autosave.poll(project)
    assert asked == [begun + LONGEST_SECONDS]
    assert autosave.close(timeout=10)
    assert not list((tmp_path / "copies").glob("*.cnnstudio"))


def test_a_copy_goes_when_the_project_is_as_its_file_again(tmp_path: Path, studio: Studio) -> None:
    clock = Clock()
    autosave = AutosaveSession(tmp_path / "copies", clock)
    autosave.changed()
    clock.now = QUIET_SECONDS
    autosave.poll(lambda: studio.project)
    assert autosave._worker.join(30)
    assert len(list((tmp_path / "copies").glob("*.cnnstudio"))) == 1
    autosave.unneeded()
    assert autosave._worker.join(30)
    assert not list((tmp_path / "copies").glob("*.cnnstudio"))
    assert autosave.close(timeout=10)


def test_a_copy_that_cannot_be_written_is_said_once(tmp_path: Path, studio: Studio) -> None:
    clock = Clock()
    (tmp_path / "copies").write_text("a file where the folder should be")
    autosave = AutosaveSession(tmp_path / "copies", clock)
    autosave.changed()
    clock.now = QUIET_SECONDS
    assert autosave.poll(lambda: studio.project) is None
    assert autosave._worker.join(30)
    assert "recovery copy" in autosave.poll(lambda: studio.project)
    assert autosave.poll(lambda: studio.project) is None
    assert autosave.close(timeout=10)


def test_work_of_a_session_that_crashed_is_recovered(settings: Path, tmp_path: Path, until) -> None:
    path = tmp_path / "work.cnnstudio"
    script = f"""
import os
from cnnstudio.session import Studio
studio = Studio({str(settings)!r})
studio.save({str(path)!r})
studio.graph.set_params("conv2d_1", out_channels=7)
studio.autosave._copies.write(studio.project)
os._exit(9)
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=60, env=os.environ.copy())
    assert done.returncode == 9
    studio = Studio(settings)
    (recovery,) = studio.autosave.recoverable()
    assert recovery.original_path == path
    studio.recover(recovery)
    assert studio.graph.node("conv2d_1").params["out_channels"] == 7
    assert studio.modified
    assert studio.path == path
    assert open_project(path).graph.node("conv2d_1").params["out_channels"] == 16  # the file itself stands
    assert studio.autosave.recoverable() == []
    assert studio.autosave._worker.join(30)
    assert len(list((settings / "recovery").glob("*.cnnstudio"))) == 1  # safe from a second crash, too
    studio.save()
    assert not studio.modified
    assert open_project(path).graph.node("conv2d_1").params["out_channels"] == 7
    assert studio.close(timeout=10)


# ---------------------------------------------------------------- the end


def test_an_end_that_leaves_no_time_to_ask_leaves_a_copy_for_the_next_start(settings: Path, until) -> None:
    studio = Studio(settings)
    until(studio, lambda: studio.data.dataset is not None)
    studio.training.start(TrainingConfig(epochs=10_000))
    until(studio, lambda: studio.training.history.epochs)
    assert studio.close(timeout=10, keep_copy=True)
    learned = weights(studio)
    later = Studio(settings)
    (recovery,) = later.autosave.recoverable()
    later.recover(recovery)
    assert same(weights(later), learned)
    assert np.array_equal(later.training.history.losses, studio.training.history.losses)
    assert later.close(timeout=10)
    last = Studio(settings)
    assert last.autosave.recoverable() == []
    assert last.close(timeout=10)


def test_closing_twice_does_no_harm(studio: Studio) -> None:
    assert studio.close(timeout=10)
    assert studio.close(timeout=10)
