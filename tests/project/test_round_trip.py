"""What is saved is what is opened, to the last bit, and equal projects are equal files."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.compile import compile_graph
from cnnstudio.engine import LOSSES, OPTIMIZERS, SCHEDULES, LayerSettings, TrainingConfig
from cnnstudio.engine.events import EpochDone, RunDone
from cnnstudio.graph import CATALOGUE, Graph, analyze, presets
from cnnstudio.graph.params import ParamSpec, ParamType
from cnnstudio.project import (
    DataChoice,
    Project,
    TrainingHistory,
    expected_shapes,
    open_project,
    save_project,
    to_parts,
)

RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SMALL = [name for name in presets.names() if analyze(presets.load(name)).parameters < 1_000_000]
"""The presets whose weights are quickly written and read."""
NAMES = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="."), min_size=1, max_size=20)
POSITIONS = st.none() | st.tuples(*[st.floats(-1e6, 1e6)] * 2)


def values(param: ParamSpec) -> st.SearchStrategy[object]:
    """Sound values of a parameter; sizes stay small, so that weights stay small."""
    whole = st.integers(int(param.minimum), 6)
    sound: dict[ParamType, st.SearchStrategy[object]] = {
        ParamType.INTEGER: whole,
        ParamType.REAL: st.floats(
            param.minimum,
            param.maximum,
            exclude_min=param.above_minimum,
            exclude_max=param.below_maximum,
        ),
        ParamType.FLAG: st.booleans(),
        ParamType.CHOICE: st.sampled_from(param.choices or ("",)),
        ParamType.SIZE: whole | st.tuples(whole, whole),
        ParamType.PADDING: whole
        | st.tuples(*[whole] * 2)
        | st.tuples(*[whole] * 4)
        | st.sampled_from(param.choices or (0,)),
        ParamType.SHAPE: st.tuples(whole) | st.tuples(whole, *[st.integers(1, 32)] * 2),
    }
    return st.none() | sound[param.type] if param.optional else sound[param.type]


@st.composite
def graphs(draw: st.DrawFn, most: int = 8) -> Graph:
    """Any drawing: of every kind, wired forward, with holes and faults."""
    graph = Graph()
    for _ in range(draw(st.integers(0, most))):
        spec = draw(st.sampled_from(list(CATALOGUE.values())))
        ports = spec.ports.maximum if spec.ports.maximum is not None else draw(st.integers(0, 4))
        sources = draw(st.lists(st.sampled_from(list(graph.nodes)), max_size=ports)) if len(graph) else []
        taken = {node.name for node in graph.nodes.values()}
        name = draw(st.none() | NAMES.filter(lambda text, taken=taken: text not in taken))
        params = {param.name: draw(values(param)) for param in spec.params}
        graph.insert(spec.kind, sources, params, name=name, position=draw(POSITIONS))
    return graph


POSITIVE = st.floats(1e-9, 1e9)
LAYERS = st.builds(
    LayerSettings, st.floats(0, 9), st.booleans(), *[st.none() | st.floats(0, 1)] * 2, st.none() | POSITIVE
)


@st.composite
def projects(draw: st.DrawFn) -> Project:
    graph = draw(graphs())
    numbers = st.floats(width=32) | st.sampled_from([math.nan, math.inf, -math.inf])
    count = draw(st.integers(0, 5))
    vector = st.lists(numbers, min_size=count, max_size=count).map(np.array)
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    weights = {
        node_id: {
            name: rng.standard_normal(shape, dtype=draw(st.sampled_from(["f4", "f8"]))) for name, shape in each.items()
        }
        for node_id, each in expected_shapes(graph).items()
        if each and sum(math.prod(shape) for shape in each.values()) < 10_000
    }
    epoch = st.builds(EpochDone, *[st.integers(1, 99)] * 2, *[numbers] * 2, *[st.none() | numbers] * 2)
    test = st.builds(RunDone, *[st.integers(1, 99)] * 2, *[st.none() | numbers] * 2)
    return Project(
        graph=graph,
        title=draw(st.text(st.characters(codec="utf-8"), max_size=20)),
        training=draw(
            st.builds(
                TrainingConfig,
                epochs=st.integers(1, 10**6),
                optimizer=st.sampled_from(OPTIMIZERS),
                loss=st.sampled_from(LOSSES),
                learning_rate=st.floats(1e-9, 10),
                weight_decay=st.floats(0, 1),
                seed=st.integers(0, 2**63),
                label_smoothing=st.floats(0, 0.9),
                class_weights=st.none() | st.lists(POSITIVE, min_size=1, max_size=4).map(tuple),
                schedule=st.sampled_from([each for each in SCHEDULES if each != "one_cycle"]),
                warmup=st.integers(0, 10**6),
                step_epochs=st.integers(1, 99),
                gamma=st.none() | st.floats(0.01, 0.99),
                patience=st.integers(0, 99),
                clip_norm=st.none() | POSITIVE,
                clip_value=st.none() | POSITIVE,
                l1=st.floats(0, 1),
                max_norm=st.none() | POSITIVE,
                layers=st.dictionaries(
                    NAMES,
                    LAYERS,
                    max_size=3,
                ),
            )
        ),
        data=draw(
            st.builds(
                DataChoice,
                source=NAMES,
                size=st.none() | st.tuples(*[st.integers(1, 999)] * 2),
                mode=st.sampled_from(["grey", "rgb", None]),
                validation=st.floats(0, 0.99),
            )
        ),
        weights=weights or None,
        history=TrainingHistory(
            np.arange(1, count + 1),
            draw(vector).astype(float),
            draw(vector).astype(float),
            tuple(draw(st.lists(epoch, max_size=3))),
            draw(st.none() | test),
        ),
        view=draw(
            st.dictionaries(NAMES, st.none() | st.booleans() | st.integers(0, 99) | st.text(max_size=5), max_size=3)
        ),
    )


def there_and_back(project: Project, folder: Path) -> Project:
    path = folder / "there.cnnstudio"
    save_project(project, path)
    return open_project(path)


def same_arrays(one: Project, other: Project) -> bool:
    first, second = one.state_dict(), other.state_dict()
    return first.keys() == second.keys() and all(
        first[name].dtype == second[name].dtype and first[name].tobytes() == second[name].tobytes() for name in first
    )


@RELAXED
@given(project=projects())
def test_any_project_comes_back_equal(project: Project, tmp_path: Path) -> None:
    back = there_and_back(project, tmp_path)
    assert back.graph == project.graph
    assert list(analyze(back.graph)) == list(analyze(project.graph))
    assert (back.title, back.training, back.data, back.view) == (
        project.title,
        project.training,
        project.data,
        project.view,
    )
    assert same_arrays(back, project)
    np.testing.assert_array_equal(back.history.losses, project.history.losses)
    assert repr(back.history.epochs) == repr(project.history.epochs)  # by repr: a NaN is not equal to itself
    assert repr(back.history.test) == repr(project.history.test)
    assert to_parts(back) == to_parts(project)


@pytest.mark.parametrize("name", presets.names())
def test_the_drawing_of_every_preset_comes_back_equal(name: str, tmp_path: Path) -> None:
    graph = presets.load(name)
    assert there_and_back(Project(graph=graph), tmp_path).graph == graph


@pytest.mark.parametrize("name", SMALL)
def test_a_trained_preset_comes_back_equal(name: str, make_project: Callable[..., Project], tmp_path: Path) -> None:
    project = make_project(name)
    back = there_and_back(project, tmp_path)
    assert back.graph == project.graph
    assert same_arrays(back, project)


def test_equal_projects_give_equal_bytes(make_project: Callable[..., Project], tmp_path: Path) -> None:
    paths = [tmp_path / "one.cnnstudio", tmp_path / "two.cnnstudio"]
    for path in paths:
        save_project(make_project(), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_saving_what_was_opened_gives_the_same_bytes(sound_file: Path, sound_bytes: bytes, tmp_path: Path) -> None:
    save_project(open_project(sound_file), tmp_path / "again.cnnstudio")
    assert (tmp_path / "again.cnnstudio").read_bytes() == sound_bytes


def test_opening_says_where_the_project_came_from(sound_file: Path) -> None:
    project = open_project(str(sound_file))
    assert project.path == sound_file
    assert not project.read_only


class TestWeights:
    def test_stay_with_their_layer_when_it_is_renamed(self, project: Project, tmp_path: Path) -> None:
        before = project.state_dict()["conv1.weight"]
        project.graph.rename("conv2d_1", "stem")
        back = there_and_back(project, tmp_path)
        assert "conv1.weight" not in back.state_dict()
        np.testing.assert_array_equal(back.state_dict()["stem.weight"], before)

    def test_that_no_longer_fit_are_left_out(self, project: Project, tmp_path: Path) -> None:
        project.graph.set_params("conv2d_1", out_channels=5)
        back = there_and_back(project, tmp_path)
        # conv2 takes what conv1 gives, so only its bias still fits.
        assert set(back.state_dict()) == {"conv2.bias", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}

    def test_of_a_removed_layer_are_left_out(self, project: Project, tmp_path: Path) -> None:
        project.graph.remove("linear_2")
        assert "fc2.weight" not in there_and_back(project, tmp_path).state_dict()

    def test_whose_fit_cannot_be_known_are_kept(self, project: Project, tmp_path: Path) -> None:
        project.graph.remove("input_1")
        assert same_arrays(there_and_back(project, tmp_path), project)

    def test_are_taken_over_by_their_names(self, project: Project) -> None:
        arrays = {name: array * 2 for name, array in project.state_dict().items()}
        project.keep_state_dict(arrays)
        np.testing.assert_array_equal(project.weights["conv2d_1"]["weight"], arrays["conv1.weight"])
        assert project.state_dict().keys() == arrays.keys()

    def test_of_a_layer_that_is_not_drawn_are_refused(self, project: Project) -> None:
        with pytest.raises(KeyError, match="ghost"):
            project.keep_state_dict({"ghost.weight": np.ones(3)})

    @pytest.mark.parametrize("name", SMALL)
    def test_of_a_compiled_network_all_fit(self, name: str, tmp_path: Path) -> None:
        network = compile_graph(presets.load(name), seed=1)
        project = Project(graph=presets.load(name))
        project.keep_state_dict(network.state_dict())
        back = there_and_back(project, tmp_path).state_dict()
        assert back.keys() == network.state_dict().keys()
        network.load_state_dict(back)

    def test_are_none_for_a_new_network(self, tmp_path: Path) -> None:
        project = Project(graph=presets.load("digits-small"))
        assert project.state_dict() == {}
        assert there_and_back(project, tmp_path).weights is None


class TestTheRecords:
    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"source": ""}, "source is empty"),
            ({"source": "a\nb"}, "source is empty or cannot be shown"),
            ({"seed": -1}, "seed is -1"),
            ({"validation": 1.0}, "validation is 1"),
            ({"size": (8, 0)}, "size is 8 × 0"),
        ],
    )
    def test_a_data_choice_out_of_range_is_refused(self, values: dict[str, object], words: str) -> None:
        with pytest.raises(ValueError, match=words):
            DataChoice(**values)

    def test_a_history_has_columns_of_one_length(self) -> None:
        with pytest.raises(ValueError, match="one length"):
            TrainingHistory(np.arange(3), np.zeros(2), np.zeros(3))

    def test_a_history_is_empty_until_something_happens(self) -> None:
        assert not TrainingHistory()
        assert TrainingHistory(np.arange(1, 2), np.ones(1), np.ones(1))
        assert TrainingHistory(test=RunDone(1, 1, 0.5, 0.9))
