"""Capture: what passes through a network, seen from outside."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.engine import InputError, NetworkError, capture
from cnnstudio.engine.layers import EVALUATION, Flatten, Identity, Input, Linear, Mode, ReLU, Softmax
from cnnstudio.engine.losses import SVM, CrossEntropy
from cnnstudio.graph import Graph


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray]:
    return np.random.default_rng(0).random((5, 2, 6, 6)), np.array([0, 1, 2, 1, 0])


def nudged_loss(net, images, labels, loss, node_id, index, amount):
    """The loss when one number that leaves a node is another: the difference is computed behind the node."""

    class Nudge(Identity):
        def forward(self, inputs, mode):
            y, saved = former.forward(inputs, mode)
            y = y.copy()
            y[index] += amount
            return y, saved

    copy = net.snapshot()
    former = copy.node(node_id).layer
    nodes = [
        type(node)(node.id, node.name, Nudge() if node.id == node_id else node.layer, node.inputs)
        for node in copy.nodes
    ]
    return type(net)(nodes, net.output, dtype=net.dtype).evaluate(images, labels, loss)[0]


@pytest.mark.parametrize("node", ["conv", "norm", "relu", "conv2", "add", "pool", "drop", "flat", "scores"])
@pytest.mark.parametrize("loss", [CrossEntropy(0.1), SVM()], ids=["cross_entropy", "svm"])
def test_gradients_are_those_of_the_loss_by_the_nodes_output(small_network, batch, node, loss):
    net = small_network(dtype="float64")
    seen = capture(net, *batch, loss, nodes=[node])
    gradient = seen.gradients[node]
    assert gradient.shape == seen.activations[node].shape
    for place in np.random.default_rng(1).permutation(gradient.size)[:4]:
        index = np.unravel_index(place, gradient.shape)
        inside = (index[0], *index[2:], index[1]) if len(index) == 4 else index
        above, below = (nudged_loss(net, *batch, loss, node, inside, side) for side in (1e-6, -1e-6))
        assert gradient[index] == pytest.approx((above - below) / 2e-6, abs=1e-8)


def test_activations_are_the_networks_and_the_gradient_by_the_picture_is_too(small_network, batch):
    net = small_network(dtype="float64")
    seen = capture(net, *batch)
    activations = net.activations(batch[0])
    assert seen.activations.keys() == activations.keys()
    for each, array in activations.items():
        assert np.array_equal(seen.activations[each], array), each
    assert seen.gradients.keys() == activations.keys()
    plain = net.run_loss(*batch, "cross_entropy", EVALUATION, input_gradient=True)
    assert seen.loss == plain.loss
    np.testing.assert_allclose(seen.gradients["image"], plain.derivatives.input.transpose(0, 3, 1, 2), rtol=1e-12)


def test_in_training_mode_dropout_draws_and_nothing_of_the_network_moves(small_network, batch):
    net = small_network(dtype="float64", p=0.5)
    before = net.state_dict()
    seen, again = (capture(net, *batch, training=True, seed=4) for _ in range(2))
    assert all(np.array_equal(before[key], array) for key, array in net.state_dict().items())
    assert (seen.activations["drop"] == 0).mean() > (seen.activations["pool"] == 0).mean()
    assert all(np.array_equal(seen.gradients[each], again.gradients[each]) for each in seen.gradients)
    mode = Mode(training=True, generator=np.random.default_rng(4))
    assert seen.loss == net.snapshot().run_loss(*batch, "cross_entropy", mode).loss


def test_a_softmax_behind_the_loss_has_an_activation_and_no_gradient(make_chain, batch):
    linear = Linear(72, 3, generator=np.random.default_rng(0))
    layers = [("image", Input((2, 6, 6))), ("flat", Flatten()), ("fc", linear)]
    net, bare = make_chain(*layers, ("soft", Softmax())), make_chain(*layers)
    seen = capture(net, *batch)
    np.testing.assert_allclose(seen.activations["soft"].sum(axis=1), 1, rtol=1e-6)
    assert set(seen.gradients) == {"image", "flat", "fc"}
    assert seen.loss == capture(bare, *batch).loss
    assert "soft" in capture(net, *batch, "mse").gradients


def test_only_what_is_asked_for_is_kept(small_network, batch):
    seen = capture(small_network(), *batch, nodes=["relu"])
    assert set(seen.activations) == set(seen.gradients) == {"relu"}


def test_what_does_not_fit_is_refused(small_network, batch):
    with pytest.raises(NetworkError, match="There is no node 'conv9'"):
        capture(small_network(), *batch, nodes=["conv9"])
    with pytest.raises(InputError, match="labels go from 0 to 2"):
        capture(small_network(), batch[0], [7] * 5)


def test_captured_arrays_are_the_callers_own(make_chain, batch):
    net = make_chain(("image", Input((2, 6, 6))), ("r", ReLU()), ("f", Flatten()), ("i", Identity()))
    seen = capture(net, batch[0][:, :, :6], np.array([0, 1, 2, 1, 0]))
    arrays = [*seen.activations.values(), *seen.gradients.values()]
    assert not any(np.shares_memory(one, other) for n, one in enumerate(arrays) for other in arrays[:n])


def test_a_batch_of_many_images_is_captured_whole_and_in_order(small_network):
    net = small_network(dtype="float64")
    images, labels = np.random.default_rng(0).random((19, 2, 6, 6)), np.arange(19) % 3
    seen = capture(net, images, labels)
    for each, array in net.activations(images).items():
        np.testing.assert_allclose(seen.activations[each], array, rtol=1e-12, atol=1e-12, err_msg=each)
    assert {len(gradient) for gradient in seen.gradients.values()} == {19}


def test_all_that_is_captured_in_training_is_of_one_pass():
    """Dropout draws once: what stands behind where the loss is taken belongs to what stands before."""
    graph = Graph()
    image = graph.add("Input", shape=(1, 4, 4))
    dropped = graph.add("Dropout", graph.add("Conv2d", image, out_channels=4, kernel_size=3), p=0.5)
    scores = graph.add("Linear", graph.add("Flatten", dropped), out_features=3)
    last = graph.add("Softmax", scores)
    net = compile_graph(graph, dtype="float64")
    images, labels = np.random.default_rng(0).random((16, 1, 4, 4)), np.arange(16) % 3
    seen = capture(net, images, labels, training=True, seed=3).activations
    exponentials = np.exp(seen[scores])
    np.testing.assert_allclose(seen[last], exponentials / exponentials.sum(axis=1, keepdims=True), rtol=1e-12)
