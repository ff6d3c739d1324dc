"""Settings of single layers follow the drawing: renamed, deleted, brought back, left over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cnnstudio.engine import LayerSettings, TrainingConfig
from cnnstudio.graph.commands import AddNode, Group, RemoveNodes, Rename
from cnnstudio.session import Studio

FROZEN = LayerSettings(frozen=True)
SLOW = LayerSettings(learning_rate_factor=0.1)


@pytest.fixture
def settled(studio: Studio) -> Studio:
    """The usual studio, its first convolution frozen and its last layer slow."""
    studio.config = replace(studio.config, epochs=1, layers={"conv1": FROZEN, "fc2": SLOW})
    return studio


def test_a_renamed_layer_takes_its_settings_along_and_back_by_undo(settled: Studio) -> None:
    said: list[TrainingConfig] = []
    settled.config_changed.connect(said.append)
    rename = Rename("conv2d_1", "eye")
    rename.do(settled.graph)
    assert settled.config.layers == {"eye": FROZEN, "fc2": SLOW}
    rename.undo(settled.graph)
    assert settled.config.layers == {"conv1": FROZEN, "fc2": SLOW}
    assert [sorted(config.layers) for config in said] == [["eye", "fc2"], ["conv1", "fc2"]]


def test_layers_that_swap_their_names_in_one_edit_keep_their_own_settings(settled: Studio) -> None:
    steps = [Rename("conv2d_1", "between"), Rename("linear_2", "conv1"), Rename("conv2d_1", "fc2")]
    swap = Group(steps, "swap names")
    swap.do(settled.graph)
    assert settled.config.layers == {"fc2": FROZEN, "conv1": SLOW}
    swap.undo(settled.graph)
    assert settled.config.layers == {"conv1": FROZEN, "fc2": SLOW}


def test_a_deleted_layer_gets_its_settings_back_by_undo_but_a_new_one_of_its_name_begins_without(
    settled: Studio,
) -> None:
    remove = RemoveNodes(["linear_2"])
    remove.do(settled.graph)
    assert settled.config.layers == {"conv1": FROZEN}
    add = AddNode("Linear", {"out_features": 10}, inputs=["relu_3"])
    add.do(settled.graph)
    rename = Rename(add.node_id, "fc2")
    rename.do(settled.graph)
    assert settled.config.layers == {"conv1": FROZEN}
    for command in (rename, add, remove):
        command.undo(settled.graph)
    assert settled.config.layers == {"conv1": FROZEN, "fc2": SLOW}


def test_a_preset_begins_without_and_undo_brings_all_settings_back(settled: Studio) -> None:
    command = settled.preset_command("lenet5-cs231n")
    command.do(settled.graph)
    assert settled.config.layers == {}, "though its layers have such names too"
    command.undo(settled.graph)
    assert settled.config.layers == {"conv1": FROZEN, "fc2": SLOW}


def test_an_edit_that_is_undone_leaves_nothing_to_save(settled: Studio, tmp_path) -> None:
    settled.save(tmp_path / "mine.cnnstudio")
    for command in (Rename("conv2d_1", "eye"), RemoveNodes(["linear_2"])):
        command.do(settled.graph)
        assert settled.modified
        command.undo(settled.graph)
        assert not settled.modified


def test_renamed_settings_are_in_the_file(settled: Studio, tmp_path) -> None:
    Rename("conv2d_1", "eye").do(settled.graph)
    settled.save(tmp_path / "mine.cnnstudio")
    settled.new()
    settled.open(tmp_path / "mine.cnnstudio")
    assert settled.config.layers == {"eye": FROZEN, "fc2": SLOW}


def test_the_run_obeys_the_settings_of_a_renamed_layer(settled: Studio, until) -> None:
    Rename("conv2d_1", "eye").do(settled.graph)
    before = settled.network().state_dict()
    settled.training.start()
    until(settled, lambda: not settled.training.state.active)
    after = settled.network().state_dict()
    assert np.array_equal(after["eye.weight"], before["eye.weight"])
    assert not np.array_equal(after["conv2.weight"], before["conv2.weight"])


@pytest.mark.parametrize("name", ["gone", "relu1"])
def test_settings_that_no_layer_has_a_use_for_are_kept_and_left_out_of_the_run(settled: Studio, until, name) -> None:
    """As a file that was written by hand may have them."""
    settled.config = replace(settled.config, layers={name: FROZEN, "fc2": SLOW})
    settled.training.start()
    until(settled, lambda: not settled.training.state.active)
    assert settled.training.error is None
    assert settled.training.run_config.layers == {"fc2": SLOW}
    assert settled.config.layers == {name: FROZEN, "fc2": SLOW}
