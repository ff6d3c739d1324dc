"""The network's public face: layouts, names, modes, errors, copies."""

from __future__ import annotations

import threading
from functools import partial

import numpy as np
import pytest

from cnnstudio.engine import InputError, LayerError, Network, NetworkError, NetworkNode, StateError, capture
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.layers import (
    EVALUATION,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    Add,
    BatchNorm,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    DropPath,
    Flatten,
    GroupNorm,
    Identity,
    Input,
    InstanceNorm,
    LayerNorm,
    Linear,
    LocalResponseNorm,
    Mode,
    Pad2d,
    ReLU,
    Softmax,
    SpatialDropout,
    StochasticPool2d,
    Upsample,
)


def pictures(count: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 2, 6, 6), np.float32)


def generator() -> np.random.Generator:
    return np.random.default_rng(0)


# Predicting


def test_predict_gives_scores_in_evaluation_mode(small_network):
    net = small_network()
    scores = net.predict(pictures())
    assert scores.shape == (5, 3)
    assert np.array_equal(scores, net.predict(pictures()))


def test_predict_in_chunks_is_predict_at_once(small_network, monkeypatch):
    net = small_network(dtype="float64")
    expected = net.predict(pictures(50))
    monkeypatch.setattr("cnnstudio.engine.network.CHUNK_BYTES", 4000)
    np.testing.assert_allclose(small_network(dtype="float64").predict(pictures(50)), expected, rtol=1e-12)


def test_memory_of_a_prediction_is_bounded_by_the_chunk(small_network, monkeypatch):
    monkeypatch.setattr("cnnstudio.engine.network.CHUNK_BYTES", 10_000)
    net, seen = small_network(), []
    layer = net.node("conv").layer
    forward = layer.forward
    monkeypatch.setattr(layer, "forward", lambda inputs, mode: seen.append(len(inputs[0])) or forward(inputs, mode))
    net.predict(pictures(100))
    assert sum(seen) >= 100
    assert max(seen) * 4 * (2 + 4) * 36 <= 10_000


def test_predict_of_no_pictures_is_no_scores(small_network):
    assert small_network().predict(np.empty((0, 2, 6, 6), np.float32)).shape == (0, 3)


def test_bytes_are_read_as_parts_of_255_and_floats_as_they_are(make_chain):
    net = make_chain(("image", Input((1, 1, 2))), ("same", Identity()))
    assert net.predict(np.array([[[[0, 255]]]], np.uint8)).ravel().tolist() == [0, 1]
    assert net.predict(np.array([[[[0, 255]]]], np.float64)).ravel().tolist() == [0, 255]


def test_output_of_maps_comes_channels_first(make_chain):
    net = make_chain(("image", Input((2, 3, 4))), ("relu", ReLU()))
    given = np.random.default_rng(0).random((3, 2, 3, 4))
    np.testing.assert_allclose(net.predict(given), given, rtol=1e-6)
    assert net.output_shape == (2, 3, 4)


def test_maps_of_one_pixel_are_scores(make_chain):
    net = make_chain(("image", Input((2, 3, 4))), ("mean", AdaptiveAvgPool2d((1, 1))))
    assert net.output_shape == (2,)
    assert net.predict(np.ones((3, 2, 3, 4))).shape == (3, 2)


def test_vectors_can_be_the_input(make_chain):
    net = make_chain(("image", Input((4,))), ("scores", Linear(4, 3, generator=generator())))
    assert net.predict(np.ones((2, 4))).shape == (2, 3)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.ones((5, 1, 6, 6)), "takes pictures of 2 × 6 × 6; 1 × 6 × 6 arrived"),
        (np.ones((2, 6, 6)), r"takes a batch, \(N, 2, 6, 6\); give one picture as picture\[None\]"),
        (np.ones((5, 2, 6, 6), np.int64), r"bytes \(uint8\) or floating-point numbers; int64 arrived"),
    ],
)
def test_pictures_that_do_not_fit_are_refused_in_a_sentence(small_network, images, message):
    with pytest.raises(InputError, match=message):
        small_network().predict(images)


def test_activations_are_every_nodes_output_channels_first(small_network):
    net, given = small_network(), pictures()
    found = net.activations(given)
    assert {name: each.shape for name, each in found.items()} == {
        "image": (5, 2, 6, 6),
        "conv": (5, 4, 6, 6),
        "norm": (5, 4, 6, 6),
        "relu": (5, 4, 6, 6),
        "conv2": (5, 4, 6, 6),
        "add": (5, 4, 6, 6),
        "pool": (5, 4, 3, 3),
        "drop": (5, 4, 3, 3),
        "flat": (5, 36),
        "scores": (5, 3),
    }
    assert np.array_equal(found["image"], given)
    np.testing.assert_allclose(found["add"], found["relu"] + found["conv2"], rtol=1e-6)
    assert np.array_equal(found["flat"], found["drop"].reshape(5, 36))
    assert np.array_equal(found["scores"], net.predict(given))


def test_activations_are_the_callers_own(make_chain):
    net = make_chain(("image", Input((1, 2, 2))), ("same", Identity()))
    given = np.ones((1, 1, 2, 2), np.float32)
    net.activations(given)["same"][...] = 7
    assert (given == 1).all()


# Learning


def test_gradients_come_under_the_names_and_in_the_layout_of_the_state(small_network):
    net = small_network()
    loss, gradients = net.loss_and_gradients(pictures(), [0, 1, 2, 0, 1])
    assert loss == pytest.approx(np.log(3), rel=0.6)
    buffers = {"norm.running_mean", "norm.running_var"}
    assert {key: each.shape for key, each in gradients.items()} == {
        key: each.shape for key, each in net.state_dict().items() if key not in buffers
    }


def test_loss_and_gradients_is_in_training_mode(small_network):
    net = small_network(p=0.5)
    before = net.array("norm.running_mean")
    first, second = (net.loss_and_gradients(pictures(), [0, 1, 2, 0, 1])[0] for _ in range(2))
    assert first != second, "dropout should draw anew"
    assert not np.array_equal(net.array("norm.running_mean"), before)


def test_same_seed_same_dropout(small_network):
    first, second = (small_network(seed=3).loss_and_gradients(pictures(), [0] * 5)[0] for _ in range(2))
    assert first == second


def test_a_node_that_feeds_twice_gets_the_sum_of_gradients(make_chain):
    scores = Linear(2, 2, generator=generator(), dtype=np.float64)
    nodes = [
        NetworkNode("image", "image", Input((2,))),
        NetworkNode("scores", "scores", scores, ("image",)),
        NetworkNode("add", "add", Add(), ("scores", "scores", "scores")),
    ]
    net = Network(nodes, "add", dtype="float64")
    single = make_chain(("image", Input((2,))), ("scores", scores), dtype="float64")
    given = np.array([[1.0, 2.0]])
    _, gradients = net.loss_and_gradients(given, [0], "mse")
    difference = 3 * single.predict(given) - [[1, 0]]
    np.testing.assert_allclose(gradients["scores.bias"], 3 * difference[0], rtol=1e-12)


def test_cross_entropy_after_softmax_is_taken_before_it(make_chain):
    scores = Linear(4, 3, generator=generator(), dtype=np.float64)
    plain = make_chain(("image", Input((4,))), ("scores", scores), dtype="float64")
    ending = make_chain(("image", Input((4,))), ("scores", scores), ("softmax", Softmax()), dtype="float64")
    given, labels = np.random.default_rng(0).random((5, 4)), [0, 1, 2, 1, 0]
    loss, gradients = plain.loss_and_gradients(given, labels)
    other_loss, other_gradients = ending.loss_and_gradients(given, labels)
    assert loss == other_loss
    assert all(np.array_equal(gradients[key], other_gradients[key]) for key in gradients)
    np.testing.assert_allclose(ending.predict(given).sum(axis=1), 1)


@pytest.mark.parametrize("behind", [Flatten(), Identity()], ids=["Flatten", "Identity"])
def test_what_stands_behind_the_softmax_does_not_hide_it(make_chain, behind):
    scores = Linear(4, 3, generator=generator(), dtype=np.float64)
    plain = make_chain(("image", Input((4,))), ("scores", scores), dtype="float64")
    layers = ("image", Input((4,))), ("scores", scores), ("softmax", Softmax()), ("behind", behind)
    given = np.random.default_rng(0).random((2, 4))
    ending = make_chain(*layers, dtype="float64")
    assert ending.loss_and_gradients(given, [0, 1])[0] == plain.loss_and_gradients(given, [0, 1])[0]


def test_a_softmax_at_every_pixel_is_a_layer_like_others(make_chain):
    layers = ("image", Input((2, 2, 3))), ("softmax", Softmax()), ("flat", Flatten())
    net = make_chain(*layers, ("scores", Linear(12, 12, generator=generator(), dtype=np.float64)), dtype="float64")
    net.load_state_dict({"scores.weight": np.eye(12), "scores.bias": np.zeros(12)})
    given = np.random.default_rng(0).random((2, 2, 2, 3))
    bare = make_chain(*layers, dtype="float64")
    assert bare.loss_and_gradients(given, [0, 11])[0] == pytest.approx(net.loss_and_gradients(given, [0, 11])[0])


def test_mse_after_softmax_is_taken_on_the_probabilities(make_chain):
    net = make_chain(
        ("image", Input((4,))),
        ("scores", Linear(4, 3, generator=generator(), dtype=np.float64)),
        ("softmax", Softmax()),
        dtype="float64",
    )
    given = np.random.default_rng(0).random((2, 4))
    loss, _ = net.loss_and_gradients(given, [0, 2], "mse")
    assert loss == pytest.approx(np.mean((net.predict(given) - [[1, 0, 0], [0, 0, 1]]) ** 2))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 2], "one for each of 5 pictures"),
        ([0.0, 1, 2, 0, 1], "whole numbers"),
        ([0, 1, 2, 3, 1], "3 outputs, so labels go from 0 to 2; they go from 0 to 3"),
        ([0, 1, 2, -1, 1], "they go from -1 to 2"),
    ],
)
def test_labels_that_do_not_fit_are_refused_in_a_sentence(small_network, labels, message):
    with pytest.raises(InputError, match=message):
        small_network().loss_and_gradients(pictures(), labels)


def test_loss_on_maps_says_what_to_add(make_chain):
    net = make_chain(
        ("image", Input((2, 6, 6))),
        ("conv", Conv2d(2, 3, Window((3, 3)), generator=generator())),
    )
    with pytest.raises(InputError, match="conv gives maps of 3 × 4 × 4: end with Flatten and Linear"):
        net.loss_and_gradients(pictures(), [0] * 5)


def test_unknown_loss_is_refused(small_network):
    with pytest.raises(InputError, match=r"no loss 'hinge'; there are: cross_entropy, svm, mse"):
        small_network().loss_and_gradients(pictures(), [0] * 5, "hinge")
    with pytest.raises(InputError, match=r"no loss \['svm'\]"):
        small_network().loss_and_gradients(pictures(), [0] * 5, ["svm"])


def test_there_is_no_loss_of_no_pictures(small_network):
    net, none = small_network(), pictures()[:0]
    for measure in (net.loss_and_gradients, partial(net.evaluate, loss="mse"), partial(capture, net)):
        with pytest.raises(InputError, match="A loss is a mean over pictures; none arrived"):
            measure(none, np.zeros(0, int))


def test_error_in_a_layer_names_the_node(make_chain):
    net = make_chain(("image", Input((4,))), ("norm_3", BatchNorm(4)), ("scores", Linear(4, 2, generator=generator())))
    with pytest.raises(LayerError, match="norm_3: BatchNorm needs more than one value per channel"):
        net.loss_and_gradients(np.ones((1, 4)), [0])


def test_no_input_gradient_for_the_first_layer(small_network, monkeypatch):
    """It would be the largest of all, and nobody asks for it."""
    net, asked = small_network(), []
    layer = net.node("conv").layer
    backward = layer.backward

    def listening(d_output, saved, *, input_gradient=True):
        asked.append(input_gradient)
        return backward(d_output, saved, input_gradient=input_gradient)

    monkeypatch.setattr(layer, "backward", listening)
    net.loss_and_gradients(pictures(), [0] * 5)
    assert asked == [False]


# Weights in and out


def test_state_has_pytorchs_names_and_layout(small_network):
    assert {key: each.shape for key, each in small_network().state_dict().items()} == {
        "conv.weight": (4, 2, 3, 3),
        "conv.bias": (4,),
        "norm.weight": (4,),
        "norm.bias": (4,),
        "norm.running_mean": (4,),
        "norm.running_var": (4,),
        "conv2.weight": (4, 4, 3, 3),
        "conv2.bias": (4,),
        "scores.weight": (3, 36),
        "scores.bias": (3,),
    }


def test_parameter_count_leaves_out_running_statistics(small_network):
    assert small_network().parameter_count == 4 * 18 + 4 + 8 + 4 * 36 + 4 + 3 * 36 + 3


def test_state_goes_from_one_network_into_another(small_network):
    one, other = small_network(seed=0), small_network(seed=1)
    assert not np.array_equal(one.predict(pictures()), other.predict(pictures()))
    state = one.state_dict()
    assert all(each.flags["C_CONTIGUOUS"] and each.flags["OWNDATA"] for each in state.values())
    other.load_state_dict({**state, "norm.num_batches_tracked": np.array(12)})
    assert np.array_equal(one.predict(pictures()), other.predict(pictures()))


def test_state_is_a_copy(small_network):
    net = small_network()
    net.state_dict()["conv.bias"][...] = 100
    assert abs(net.array("conv.bias")).max() < 1


def test_array_is_one_entry_of_the_state(small_network):
    net = small_network()
    assert np.array_equal(net.array("conv2.weight"), net.state_dict()["conv2.weight"])
    with pytest.raises(StateError, match=r"no array .conv9\.weight."):
        net.array("conv9.weight")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("conv.bias"), r"missing: conv\.bias"),
        (lambda state: state.update({"fc.weight": np.ones(2)}), r"unknown: fc\.weight"),
        (
            lambda state: state.update({"scores.weight": np.ones((36, 3))}),
            r"scores\.weight should be \(3, 36\); \(36, 3\) was given",
        ),
        (lambda state: state.update({"conv.bias": np.array(list("abcd"))}), r"conv\.bias should be numbers"),
    ],
)
def test_state_that_does_not_fit_is_refused_whole(small_network, change, message):
    net = small_network(seed=0)
    before, state = net.state_dict(), small_network(seed=1).state_dict()
    change(state)
    with pytest.raises(StateError, match=message):
        net.load_state_dict(state)
    assert all(np.array_equal(before[key], each) for key, each in net.state_dict().items())


def test_a_lenient_load_takes_what_fits_by_name(small_network):
    net = small_network()
    net.load_state_dict({"conv.bias": np.full(4, 9.0), "elsewhere.weight": np.ones(3)}, strict=False)
    assert net.array("conv.bias").tolist() == [9, 9, 9, 9]


def test_snapshot_is_independent(small_network):
    net = small_network()
    copy = net.snapshot()
    net.loss_and_gradients(pictures(), [0] * 5)
    net.load_state_dict({"conv.bias": np.full(4, 9.0)}, strict=False)
    assert abs(copy.array("conv.bias")).max() < 1
    assert (copy.array("norm.running_mean") == 0).all()


def test_snapshot_in_another_precision(small_network):
    net = small_network()
    copy = net.snapshot("float64")
    assert copy.predict(pictures()).dtype == np.float64
    np.testing.assert_allclose(copy.predict(pictures()), net.predict(pictures()), atol=1e-6)


def test_a_snapshot_predicts_in_another_thread_while_the_network_learns(small_network):
    net = small_network()
    copy, given = net.snapshot(), pictures(64)
    expected, answers = copy.predict(given), []
    watcher = threading.Thread(target=lambda: answers.extend(copy.predict(given) for _ in range(20)))
    watcher.start()
    for _ in range(20):
        net.loss_and_gradients(given, np.zeros(64, int))
    watcher.join()
    assert len(answers) == 20
    assert all(np.array_equal(each, expected) for each in answers)


# Wiring


def test_nodes_may_come_in_any_order(small_network):
    net = small_network()
    shuffled = Network(reversed(net.nodes), net.output)
    assert np.array_equal(shuffled.predict(pictures()), net.predict(pictures()))


def test_a_branch_off_the_path_is_computed_for_activations_only():
    nodes = [
        NetworkNode("image", "image", Input((2,))),
        NetworkNode("side", "side", Linear(2, 5, generator=generator()), ("image",)),
        NetworkNode("scores", "scores", Linear(2, 3, generator=generator()), ("image",)),
    ]
    net = Network(nodes, "scores")
    assert net.predict(np.ones((1, 2))).shape == (1, 3)
    assert net.activations(np.ones((1, 2)))["side"].shape == (1, 5)
    assert set(net.loss_and_gradients(np.ones((1, 2)), [0])[1]) == {"scores.weight", "scores.bias"}


def node(name: str, *inputs: str, id: str | None = None) -> NetworkNode:  # noqa: A002
    return NetworkNode(id or name, name, Identity(), inputs)


SOURCE = NetworkNode("image", "image", Input((2,)))


@pytest.mark.parametrize(
    ("nodes", "output", "message"),
    [
        ([SOURCE, node("a", "b"), node("b", "a")], "a", "a cannot be computed: its inputs lead back to itself"),
        ([SOURCE, node("a", "x")], "a", "a cannot be computed: its input 'x' does not exist"),
        ([SOURCE, node("a", "image"), node("a", "image", id="b")], "a", "a name of its own; a stands twice"),
        ([node("a")], "a", "A network has one Input; this one has 0"),
        ([SOURCE, NetworkNode("i", "i", Input((2,)))], "i", "A network has one Input; this one has 2"),
        ([SOURCE, node("a")], "a", "a has no input"),
        ([SOURCE], "scores", "no node 'scores' to be the output"),
    ],
)
def test_nodes_that_are_no_network_are_refused(nodes, output, message):
    with pytest.raises(NetworkError, match=message):
        Network(nodes, output)


def test_only_float32_and_float64():
    with pytest.raises(NetworkError, match="float32 or float64, not in float16"):
        Network([SOURCE], "image", dtype="float16")


def test_unknown_node_is_refused(small_network):
    with pytest.raises(NetworkError, match="no node 'conv7'"):
        small_network().node("conv7")


TRANSPOSED = ConvTranspose2d(2, 1, Window((3, 3), padding=(2, 2, 2, 2)), generator=generator())


@pytest.mark.parametrize(
    ("layer", "given", "message"),
    [
        (Linear(4, 2, generator=generator()), (1, 3), "vectors of 4 features; 3 arrived"),
        (Linear(4, 2, generator=generator()), (1, 2, 2, 1), "vectors of 4 features; 1 × 2 × 2 arrived"),
        (Conv2d(2, 1, Window((3, 3)), generator=generator()), (1, 4, 4, 3), "maps of 2 channels; 3 × 4 × 4 arrived"),
        (Conv2d(2, 1, Window((3, 3)), generator=generator()), (1, 2, 4, 2), "window of 3 × 3 does not fit"),
        (AdaptiveAvgPool2d((1, 1)), (1, 4), "AdaptiveAvgPool2d takes maps .*; a vector of 4 arrived"),
        (AdaptiveMaxPool2d((1, 1)), (1, 4), "AdaptiveMaxPool2d takes maps .*; a vector of 4 arrived"),
        (StochasticPool2d(Window((2, 2))), (1, 1, 4, 2), "window of 2 × 2 does not fit"),
        (TRANSPOSED, (1, 4, 4, 3), "maps of 2 channels; 3 × 4 × 4 arrived"),
        (TRANSPOSED, (1, 1, 1, 2), "takes away more than the 3 × 3 pixels"),
        (LayerNorm((2, 4, 5)), (1, 5, 4, 2), "made for 2 × 4 × 5; 2 × 5 × 4 arrived"),
        (GroupNorm(2, 4), (1, 5, 4, 2), "GroupNorm was made for 4 channels; 2 × 5 × 4 arrived"),
        (InstanceNorm(2), (3, 1, 1, 2), "maps of more than one pixel; 2 × 1 × 1 arrived"),
        (SpatialDropout(), (3, 2), "SpatialDropout takes maps .*; a vector of 2 arrived"),
        (Pad2d((1, 1, 1, 1)), (3, 2), "Pad2d takes maps .*; a vector of 2 arrived"),
        (Pad2d((1, 1, 0, 0), "reflect"), (1, 1, 4, 2), "less than the maps' size; they are 1 × 4"),
        (Upsample((2, 2)), (3, 2), "Upsample takes maps .*; a vector of 2 arrived"),
        (LocalResponseNorm(2), (3, 2), "LocalResponseNorm takes maps .*; a vector of 2 arrived"),
        (BatchNorm(2), (4, 3), "made for 2 channels; 3 arrived"),
    ],
)
def test_layers_refuse_what_does_not_fit(layer, given, message):
    with pytest.raises(LayerError, match=message):
        layer.forward([np.ones(given, np.float32)], EVALUATION)


def test_merges_refuse_inputs_that_differ():
    with pytest.raises(LayerError, match="Add takes inputs of one size; 2 and 3 arrived"):
        Add().forward([np.ones((1, 2)), np.ones((1, 3))], EVALUATION)


def test_groups_must_divide_the_channels():
    with pytest.raises(LayerError, match="2 groups must divide the channels; 3 come in, 4 leave"):
        Conv2d(3, 4, Window((1, 1)), groups=2, generator=generator())


def test_groups_must_divide_what_is_normalized():
    with pytest.raises(LayerError, match="2 groups must divide the channels; 3 come in"):
        GroupNorm(2, 3)


def test_output_padding_stays_below_the_stride():
    with pytest.raises(LayerError, match="below the stride; it is 1 × 1, the stride 2 × 1"):
        ConvTranspose2d(1, 1, Window((3, 3), (2, 1)), output_padding=(1, 1), generator=generator())


@pytest.mark.parametrize(
    "layer",
    [Dropout(), SpatialDropout(), DropPath(), StochasticPool2d(Window((1, 1)))],
    ids=lambda layer: type(layer).__name__,
)
def test_chance_without_a_generator_is_refused(layer):
    with pytest.raises(LayerError, match="needs a generator"):
        layer.forward([np.ones((1, 2, 2, 1))], Mode(training=True))


def test_flatten_is_in_the_order_channel_row_column(make_chain):
    net = make_chain(("image", Input((2, 2, 3))), ("flat", Flatten()))
    given = np.arange(12.0).reshape(1, 2, 2, 3)
    assert net.predict(given).tolist() == [list(range(12))]
