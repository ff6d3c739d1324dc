"""Memory: what a network takes to be held, run and trained, worked out by hand and measured on the engine."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings

from cnnstudio.compile import compile_graph
from cnnstudio.engine import OPTIMIZERS, Network, TrainingConfig
from cnnstudio.engine.layers import Mode
from cnnstudio.graph import Graph, ParameterError, analyze, memory, presets
from cnnstudio.graph.memory import CONVENTIONS, OPTIMIZER_ARRAYS
from tests.graph.drawings import drawings

F = 4
"""Bytes of a float32."""


def chain(shape: tuple[int, ...], *layers: tuple[str, dict[str, object]]) -> tuple[Graph, list[str]]:
    graph = Graph()
    ids = [graph.add("Input", shape=shape)]
    for kind, params in layers:
        ids.append(graph.add(kind, ids[-1], **params))
    return graph, ids


def small() -> tuple[Graph, list[str]]:
    """2×8×8 picture; maps of 4×8×8 = 256 values; pooled 4×4×4 = 64; 10 scores."""
    return chain(
        (2, 8, 8),
        ("Conv2d", {"out_channels": 4, "kernel_size": 3, "padding": 1}),
        ("ReLU", {}),
        ("MaxPool2d", {"kernel_size": 2}),
        ("Flatten", {}),
        ("Linear", {"out_features": 10}),
    )


class TestInference:
    def test_every_output_by_itself_and_with_pointwise_layers_in_place(self):
        graph, _ = small()
        found = memory(graph)
        assert found.sum == F * (128 + 256 + 256 + 64 + 64 + 10) == analyze(graph).activation_bytes
        assert found.sum_in_place == F * (128 + 256 + 64 + 10)

    def test_an_output_is_freed_after_its_last_use(self):
        graph, (image, conv, relu, pool, flat, linear) = small()
        found = memory(graph)
        live = {row.id: row.live_bytes for row in found.rows}
        assert live == {
            image: F * 128,
            conv: F * (128 + 256),
            relu: F * 256,
            pool: F * (256 + 64),
            flat: F * 64,
            linear: F * (64 + 10),
        }
        assert (found.inference_peak, found.inference_peak_at) == (F * 384, conv)
        assert [row.id for row in found.rows if row.in_place] == [relu, flat]

    def test_a_layer_works_in_place_only_where_its_input_serves_nobody_else(self):
        graph, (image, conv) = chain((2, 8, 8), ("Conv2d", {"out_channels": 2, "kernel_size": 1}))
        relu = graph.add("ReLU", conv)
        add = graph.add("Add", relu, conv)
        found = memory(graph)
        assert not found.row(relu).in_place
        assert found.row(relu).live_bytes == 2 * F * 128
        assert found.row(add).live_bytes == 3 * F * 128
        assert found.sum_in_place == found.sum
        assert found.row(image).live_bytes == F * 128

    def test_what_is_handed_on_needs_no_memory_even_where_others_read_it(self):
        graph, (_, conv) = chain((2, 8, 8), ("Conv2d", {"out_channels": 2, "kernel_size": 1}))
        shortcut = graph.add("Identity", conv)
        add = graph.add("Add", shortcut, conv)
        found = memory(graph)
        assert found.row(shortcut).in_place
        assert found.row(shortcut).live_bytes == F * 128
        assert found.row(add).live_bytes == 2 * F * 128

    def test_a_shortcut_lives_until_it_is_added(self):
        graph, (_image, first) = chain((2, 8, 8), ("Conv2d", {"out_channels": 2, "kernel_size": 1}))
        second = graph.add("Conv2d", first, out_channels=2, kernel_size=1)
        third = graph.add("Conv2d", second, out_channels=2, kernel_size=1)
        graph.add("Add", third, first)
        found = memory(graph)
        assert found.row(third).live_bytes == 3 * F * 128
        assert found.row(second).live_bytes == 2 * F * 128

    def test_a_layer_that_does_not_lead_to_the_output_does_not_run(self):
        graph, (_, conv, *_) = small()
        aside = graph.add("Conv2d", conv, out_channels=1, kernel_size=1)
        end = graph.add("Linear", "linear_1", out_features=2)
        assert analyze(graph).output == end
        found = memory(graph)
        assert found.row(aside).live_bytes is None
        assert found.row(aside).kept_bytes is None
        assert found.row(aside).weight_bytes == F * 5


class TestVgg16:
    """CS231n, "VGGNet in detail": values of each layer's output, one image, ReLU in place.

    The notes add them up to "24M * 4 bytes ~= 93MB"; their own rows come to 15.2M, or 61 MB (issue 88 of
    cs231n.github.io). The rows are what is right.
    """

    ROWS = (
        *(150_528, 3_211_264, 3_211_264, 802_816, 1_605_632, 1_605_632, 401_408, *[802_816] * 3, 200_704),
        *(*[401_408] * 3, 100_352, *[100_352] * 3, 25_088, 4096, 4096, 1000),
    )

    def test_activations_in_place_are_the_rows_of_the_course(self):
        found = memory(presets.load("vgg16"))
        rows = [row.output_bytes for row in found.rows if not row.in_place]
        assert rows == [F * values for values in self.ROWS]
        assert found.sum_in_place == F * 15_237_608 == 60_950_432

    def test_weights_are_those_of_the_paper(self):
        assert memory(presets.load("vgg16")).weights == F * 138_357_544

    def test_the_peak_is_between_the_first_two_convolutions(self):
        found = memory(presets.load("vgg16"))
        assert (found.inference_peak, found.inference_peak_at) == (F * 2 * 3_211_264, "conv2d_2")

    def test_training_keeps_what_the_course_counts_but_for_masks_and_the_winners_of_pooling(self):
        pooled = 802_816 + 401_408 + 200_704 + 100_352 + 25_088
        # Dropout changes its input in training, so ReLU's output, Dropout's and the factors are three arrays.
        dropped = F * 2 * 2 * 4096
        assert memory(presets.load("vgg16")).kept == F * (15_237_608 - 1000) + pooled + dropped


class TestTraining:
    def test_each_array_that_backward_needs_is_counted_once(self):
        graph, (image, conv, relu, pool, flat, linear) = small()
        kept = {row.id: row.kept_bytes for row in memory(graph).rows}
        # Conv2d its input; ReLU its output; MaxPool2d a byte for each winner; Linear its input.
        assert kept == {image: 0, conv: F * 128, relu: F * 256, pool: 64, flat: 0, linear: F * 64}

    def test_an_array_that_two_layers_need_counts_at_the_first(self):
        graph, (_, first, relu, second) = chain(
            (2, 8, 8),
            ("Conv2d", {"out_channels": 2, "kernel_size": 1}),
            ("ReLU", {}),
            ("Conv2d", {"out_channels": 2, "kernel_size": 1}),
        )
        found = memory(graph)
        assert [found.row(each).kept_bytes for each in (first, relu, second)] == [F * 128, F * 128, 0]
        assert found.kept == 2 * F * 128

    def test_the_peak_of_a_step_has_what_is_kept_and_the_gradients_that_meet(self):
        graph, (image, conv, relu, pool, flat, linear) = small()
        found = memory(graph)
        gradients = {row.id: row.gradient_bytes for row in found.rows}
        # By a layer's output and by its input; nothing learns before the convolution.
        assert gradients == {
            linear: F * (10 + 64),
            flat: F * (64 + 64),
            pool: F * (64 + 256),
            relu: F * (256 + 256),
            conv: F * 256,
            image: 0,
        }
        assert found.gradient_peak == F * 512
        # ReLU goes back when Linear's and MaxPool2d's arrays are gone; the scores stay until the end.
        assert found.training_peak == F * (128 + 256) + F * 10 + F * 512
        assert (found.training_peak_at, found.training_peak_backward) == (relu, True)

    def test_an_output_that_nobody_keeps_still_has_to_exist_once(self):
        # The convolution's output, 128 values, is freed after the mean; all that is kept is the picture.
        graph, (_, _conv, pool) = chain(
            (1, 8, 8), ("Conv2d", {"out_channels": 2, "kernel_size": 1}), ("AdaptiveAvgPool2d", {"output_size": 1})
        )
        found = memory(graph)
        assert found.kept == F * 64
        assert found.row(pool).gradient_bytes == F * (2 + 128)
        assert found.training_peak == F * (64 + 2 + 2 + 128)
        assert found.training_peak_backward
        forward = memory(chain((1, 8, 8), ("AdaptiveAvgPool2d", {"output_size": 1}), ("Flatten", {}))[0])
        assert (forward.training_peak, forward.training_peak_backward) == (F * 65, False)

    def test_gradients_meet_where_a_shortcut_begins(self):
        graph, (_, first, second) = chain((2, 8, 8), *[("Conv2d", {"out_channels": 2, "kernel_size": 1})] * 2)
        add = graph.add("Add", second, first)
        found = memory(graph)
        assert found.row(add).gradient_bytes == 3 * F * 128
        assert found.row(second).gradient_bytes == 2 * F * 128
        assert found.row(first).gradient_bytes == F * 128

    def test_identity_hands_its_gradient_on(self):
        graph, (_, conv, same, end) = chain(
            (2, 8, 8),
            ("Conv2d", {"out_channels": 2, "kernel_size": 1}),
            ("Identity", {}),
            ("Conv2d", {"out_channels": 2, "kernel_size": 1}),
        )
        found = memory(graph)
        assert [found.row(each).gradient_bytes for each in (end, same, conv)] == [2 * F * 128, F * 128, F * 128]

    @pytest.mark.parametrize("optimizer", OPTIMIZERS)
    @pytest.mark.parametrize("momentum", [0.0, 0.9])
    def test_the_optimizer_remembers_what_the_engines_does(self, optimizer, momentum):
        graph, _ = small()
        arrays = TrainingConfig(optimizer=optimizer, momentum=momentum).make_optimizer()
        parameter = {"p": np.ones(20_000, np.float32)}
        arrays.step(parameter, {"p": np.ones(20_000, np.float32)}, 0.1)
        remembered = sum(each.size for each in arrays._memory["p"]) // 20_000
        found = memory(graph, optimizer=optimizer, momentum=momentum)
        assert found.optimizer_state == remembered * found.weights
        assert found.weight_gradients == found.weights

    def test_every_optimizer_of_the_engine_is_known(self):
        assert tuple(OPTIMIZER_ARRAYS) == OPTIMIZERS

    def test_totals(self):
        found = memory(small()[0], optimizer="adam")
        weights = F * (4 * (2 * 9 + 1) + 10 * 65)
        assert found.weights == weights
        assert found.inference_total == weights + found.inference_peak
        assert found.training_total == 4 * weights + found.training_peak


def test_the_batch_scales_activations_and_not_weights():
    graph = presets.load("resnet20-cifar10")
    one, many = memory(graph), memory(graph, 32)
    for figure in ("sum", "sum_in_place", "inference_peak", "kept", "gradient_peak", "training_peak"):
        assert getattr(many, figure) == 32 * getattr(one, figure) > 0
    for figure in ("weights", "buffers", "weight_gradients", "optimizer_state"):
        assert getattr(many, figure) == getattr(one, figure) > 0
    assert one.buffers == F * analyze(graph).buffers


@pytest.mark.parametrize("name", CONVENTIONS)
def test_every_figure_says_what_it_counts(name):
    assert isinstance(getattr(memory(small()[0]), name), int)
    assert CONVENTIONS[name].endswith(".")


class TestFaults:
    def test_what_cannot_be_known_is_none_and_the_rest_is_counted(self):
        graph, (_image, conv, *_) = small()
        wrong = graph.add("Linear", conv, out_features=3)
        found = memory(graph)
        assert not found.complete
        row = found.row(wrong)
        assert (row.weight_bytes, row.output_bytes, row.live_bytes, row.kept_bytes) == (None,) * 4
        assert found.row(conv).weight_bytes == F * 76

    def test_a_broken_chain_gives_what_is_known_before_it(self):
        graph, (_image, conv, _relu, pool, _flat, linear) = small()
        graph.set_params(pool, kernel_size=100)
        found = memory(graph)
        assert not found.complete
        assert found.row(conv).live_bytes == F * 384
        assert found.row(linear).live_bytes is None

    @settings(deadline=None)
    @given(graph=drawings())
    def test_any_drawing_has_a_memory(self, graph):
        found, report = memory(graph, 2), analyze(graph)
        assert found.complete == report.complete
        assert [row.id for row in found.rows] == [row.id for row in report]
        assert found.sum_in_place <= found.sum == 2 * report.activation_bytes
        assert found.inference_peak <= found.sum_in_place
        assert found.training_peak >= found.kept

    def test_nothing_drawn_takes_nothing(self):
        found = memory(Graph())
        assert (found.sum, found.inference_peak, found.training_total, found.rows) == (0, 0, 0, ())
        assert found.inference_peak_at is None

    @pytest.mark.parametrize("batch_size", [0, -1, 1.5, True, "2"])
    def test_a_batch_size_out_of_range_is_refused(self, batch_size):
        with pytest.raises(ParameterError, match="whole number from 1"):
            memory(Graph(), batch_size)

    def test_an_unknown_optimizer_is_refused_with_those_there_are(self):
        with pytest.raises(ParameterError, match="sgd, adagrad"):
            memory(Graph(), optimizer="lion")


def arrays_in(saved: object) -> Iterator[np.ndarray]:
    if isinstance(saved, np.ndarray):
        yield saved
    elif isinstance(saved, dict):
        for each in saved.values():
            yield from arrays_in(each)
    elif isinstance(saved, (tuple, list)):
        for each in saved:
            yield from arrays_in(each)
    elif dataclasses.is_dataclass(saved):
        for field in dataclasses.fields(saved):
            yield from arrays_in(getattr(saved, field.name))


def measured(net: Network, batch_size: int) -> int:
    """Bytes of memory that the engine holds after a forward pass, each array once however many views look at it."""
    images = np.random.default_rng(0).random((batch_size, *net.input_shape), np.float32)
    mode = Mode(training=True, generator=np.random.default_rng(0))
    trace = net.forward(net.read(images), mode, end=net.scored_node("mse"))
    roots = {}
    for array in arrays_in(trace.saved):
        while isinstance(array.base, np.ndarray):
            array = array.base
        roots[id(array)] = array
    return sum(array.nbytes for array in roots.values())


def all_kinds() -> Graph:
    """Every way of keeping, with shortcuts and branches."""
    graph, (_, node) = chain((3, 16, 16), ("Conv2d", {"out_channels": 8, "kernel_size": 3, "padding": 1}))
    node = graph.add("ReLU", graph.add("BatchNorm", node))
    branch = graph.add("Conv2d", node, out_channels=8, kernel_size=3, padding=1, groups=2)
    branch = graph.add("DropPath", graph.add("SiLU", graph.add("GroupNorm", branch, num_groups=2)))
    node = graph.add("LocalResponseNorm", graph.add("Add", node, branch), size=3)
    node = graph.add("MaxPool2d", node, kernel_size=2)
    wide = graph.add("Conv2d", node, out_channels=8, kernel_size=5, padding="same", padding_mode="reflect")
    narrow = graph.add("GELU", graph.add("Conv2d", node, out_channels=4, kernel_size=1))
    node = graph.add("AvgPool2d", graph.add("Concat", wide, narrow), kernel_size=3, stride=2, padding=1)
    node = graph.add("ConvTranspose2d", node, out_channels=4, kernel_size=2, stride=2)
    node = graph.add("LeakyReLU", graph.add("Upsample", graph.add("LayerNorm", node), scale_factor=2))
    node = graph.add("StochasticPool2d", graph.add("SpatialDropout", node), kernel_size=2)
    node = graph.add("InstanceNorm", graph.add("PReLU", graph.add("Pad2d", node, padding=1)))
    node = graph.add("MaxPool2d", graph.add("ELU", node), kernel_size=18, stride=1, padding=8)
    node = graph.add("Dropout", graph.add("Flatten", graph.add("AdaptiveMaxPool2d", node, output_size=3)), p=0.0)
    node = graph.add("Dropout", graph.add("Sigmoid", graph.add("Linear", node, out_features=64)))
    node = graph.add("Tanh", graph.add("Identity", graph.add("Linear", node, out_features=32)))
    graph.add("Softmax", graph.add("Linear", node, out_features=10))
    return graph


class TestBesideTheEngine:
    """What is kept, array by array, is what the engine holds; only statistics of batch normalization are left out."""

    @pytest.mark.parametrize(
        ("name", "batch_size"),
        [
            *((name, size) for name in ("lenet5-1998", "notes-cifar10", "resnet20-cifar10") for size in (2, 16)),
            *((name, 16) for name in ("digits-small", "lenet5-caffe", "lenet5-cs231n", "tiny-vgg", "nin-cifar10")),
            *((name, 2) for name in ("alexnet-2012", "googlenet", "resnet18")),
            *(("all kinds", size) for size in (2, 16)),
        ],
    )
    def test_kept_bytes_are_the_engines(self, name, batch_size):
        graph = all_kinds() if name == "all kinds" else presets.load(name)
        channels = sum(prod(row.weights["weight"]) for row in analyze(graph) if row.kind == "BatchNorm")
        kept, held = memory(graph, batch_size).kept, measured(compile_graph(graph), batch_size)
        # A mean and a spread a channel; a block of images whose mean is large beside its spread has another mean.
        blocks = 1 if batch_size == 2 else 8
        assert kept <= held <= kept + F * channels * (1 + blocks)
        assert channels or kept == held
