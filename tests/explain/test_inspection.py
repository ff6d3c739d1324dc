"""What a network makes of one picture, as plain arrays."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.engine import InputError
from cnnstudio.explain import inspect_picture
from cnnstudio.graph import Graph, analyze, presets


def small(*tail: str) -> Graph:
    graph = Graph()
    image = graph.add("Input", shape=(1, 6, 6))
    last = graph.add("Linear", graph.add("Flatten", graph.add("ReLU", image)), out_features=4)
    for kind in tail:
        last = graph.add(kind, last)
    return graph


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (1, 6, 6), np.uint8)


def test_scores_are_what_predict_gives_and_probabilities_their_softmax(picture: np.ndarray) -> None:
    graph = small()
    net = compile_graph(graph, seed=2)
    found = inspect_picture(net, analyze(graph), picture, ["a", "b", "c", "d"])
    expected = net.predict(picture[None])[0]
    assert np.array_equal(found.scores, expected)
    assert np.allclose(found.probabilities, np.exp(expected) / np.exp(expected).sum())
    assert found.classes == ("a", "b", "c", "d")
    assert found.predicted == int(expected.argmax())
    assert found.ranking[0] == found.predicted
    assert sorted(found.ranking) == [0, 1, 2, 3]


@pytest.mark.parametrize("tail", [("Softmax",), ("Softmax", "Identity"), ("Softmax", "Flatten")])
def test_a_network_that_ends_in_softmax_gives_probabilities_already(picture: np.ndarray, tail: tuple[str, ...]) -> None:
    graph = small(*tail)
    found = inspect_picture(compile_graph(graph, seed=2), analyze(graph), picture)
    assert np.array_equal(found.scores, found.probabilities)
    assert np.isclose(found.probabilities.sum(), 1)


def test_every_layer_is_there_in_order_without_the_batch_axis(picture: np.ndarray) -> None:
    graph = presets.load("digits-small")
    picture = np.random.default_rng(0).integers(0, 256, (1, 8, 8), np.uint8)
    report = analyze(graph)
    found = inspect_picture(compile_graph(graph), report, picture)
    assert list(found.activations) == [row.id for row in report]
    assert {node_id: array.shape for node_id, array in found.activations.items()} == {
        row.id: row.output_shape for row in report
    }
    assert np.allclose(found.activations["input_1"], picture / 255)


def test_results_cannot_be_changed_and_do_not_change_with_the_picture(picture: np.ndarray) -> None:
    graph = small()
    found = inspect_picture(compile_graph(graph), analyze(graph), picture)
    for array in (found.scores, found.probabilities, found.picture, *found.activations.values()):
        assert not array.flags.writeable
    before = found.picture.copy()
    picture[:] = 0
    assert np.array_equal(found.picture, before)


def test_names_that_are_not_as_many_as_the_scores_give_way_to_numbers(picture: np.ndarray) -> None:
    graph = small()
    found = inspect_picture(compile_graph(graph), analyze(graph), picture, ["cat", "dog"])
    assert found.classes == ("0", "1", "2", "3")


def test_a_network_that_ends_in_maps_gives_no_scores(picture: np.ndarray) -> None:
    graph = Graph()
    graph.add("ReLU", graph.add("Input", shape=(1, 6, 6)))
    found = inspect_picture(compile_graph(graph), analyze(graph), picture)
    assert found.scores.shape == (0,)
    assert found.predicted is None
    assert found.classes == ()


def test_maps_of_one_pixel_count_as_scores(picture: np.ndarray) -> None:
    graph = Graph()
    graph.add("AdaptiveAvgPool2d", graph.add("Input", shape=(1, 6, 6)), output_size=1)
    found = inspect_picture(compile_graph(graph), analyze(graph), picture)
    assert found.scores.shape == (1,)
    assert found.predicted == 0


def test_scores_that_are_no_numbers_predict_nothing(picture: np.ndarray) -> None:
    graph = small()
    net = compile_graph(graph)
    net.load_state_dict({name: np.full_like(array, np.nan) for name, array in net.state_dict().items()})
    found = inspect_picture(net, analyze(graph), picture)
    assert found.predicted is None
    assert np.isnan(found.probabilities).all()


def test_a_picture_of_another_shape_is_refused(picture: np.ndarray) -> None:
    graph = small()
    with pytest.raises(InputError):
        inspect_picture(compile_graph(graph), analyze(graph), picture[:, :5])
