"""A profile measures the real layers, leaves the network alone, and names what is out of proportion."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.engine import (
    ConfigError,
    InputError,
    Interrupted,
    LayerError,
    Network,
    NetworkNode,
    ProfileControl,
    profile,
)
from cnnstudio.engine.layers import Identity, Input, Linear
from cnnstudio.engine.profiling import NOTICEABLE, OUT_OF_PROPORTION, macs
from cnnstudio.graph import Graph, analyze, memory, presets


class Clock:
    """Shows the seconds that the layers say they took."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Slow(Linear):
    """A layer of 4 × 4 weights that takes the given seconds; one number for each pass, the last for all that follow."""

    def __init__(self, clock: Clock, forward: list[float], backward: list[float]) -> None:
        super().__init__(4, 4, generator=np.random.default_rng(0))
        self.clock, self.seconds = clock, {"forward": forward, "backward": backward}

    def wait(self, way: str) -> None:
        seconds = self.seconds[way]
        self.clock.now += seconds.pop(0) if len(seconds) > 1 else seconds[0]

    def forward(self, inputs, mode):
        self.wait("forward")
        return super().forward(inputs, mode)

    def backward(self, d_output, saved, *, input_gradient=True):
        self.wait("backward")
        return super().backward(d_output, saved, input_gradient=input_gradient)


def slow_chain(clock: Clock, *seconds: tuple[list[float], list[float]]) -> Network:
    nodes = [NetworkNode("image", "picture", Input((4,)))]
    for number, (forward, backward) in enumerate(seconds):
        nodes.append(NetworkNode(f"n{number}", f"fc{number}", Slow(clock, forward, backward), (nodes[-1].id,)))
    return Network(nodes, nodes[-1].id)


def blank(shape: tuple[int, ...]) -> np.ndarray:
    """Values of one image in the engine's layout, channels last, that take no memory."""
    return np.broadcast_to(np.float32(0), (1, *shape[1:], shape[0]))


VECTORS = np.ones((3, 4), np.float32)


class TestTimes:
    def test_milliseconds_are_the_clocks_forward_and_backward(self):
        clock = Clock()
        found = profile(slow_chain(clock, ([0.002], [0.003]), ([0.010], [0.020])), VECTORS, clock=clock)
        times = {row.id: (row.forward_ms, row.backward_ms) for row in found.rows}
        assert times == {
            "image": (0, 0),
            "n0": (pytest.approx(2), pytest.approx(3)),
            "n1": (pytest.approx(10), pytest.approx(20)),
        }
        assert (found.forward_ms, found.backward_ms) == (pytest.approx(12), pytest.approx(23))
        assert [row.time_share for row in found.rows] == [0, pytest.approx(1 / 7), pytest.approx(6 / 7)]
        assert found.slowest is found["n1"]
        assert found.slowest.milliseconds == pytest.approx(30)

    def test_the_first_pass_warms_up_and_the_median_of_the_others_counts(self):
        clock = Clock()
        found = profile(
            slow_chain(clock, ([9, 0.001, 5, 0.003], [9, 7, 0.004, 0.002])), VECTORS, repeats=3, clock=clock
        )
        assert found["n0"].forward_ms == pytest.approx(3)
        assert found["n0"].backward_ms == pytest.approx(4)

    def test_a_clock_that_stands_still_makes_no_shares(self):
        found = profile(slow_chain(Clock(), ([0.0], [0.0])), VECTORS, clock=Clock())
        assert [row.time_share for row in found.rows] == [0, 0]
        assert found.out_of_proportion is None

    def test_the_real_clock_runs_on_every_node_of_a_real_network(self, small_network):
        images, labels = np.random.default_rng(0).random((4, 2, 6, 6)), np.array([0, 1, 2, 0])
        found = profile(small_network(), images, labels, repeats=1)
        assert all(row.forward_ms > 0 for row in found.rows)
        assert {row.id for row in found.rows if row.backward_ms == 0} == {"image"}
        assert sum(row.time_share for row in found.rows) == pytest.approx(1)


class TestProportion:
    def test_a_layer_far_above_its_share_of_the_work_is_named(self):
        clock = Clock()
        alike = [([0.001], [0.001])] * 9
        found = profile(slow_chain(clock, *alike, ([0.050], [0.050])), VECTORS, clock=clock)
        odd = found.out_of_proportion
        assert odd is found["n9"]
        assert odd.time_share >= OUT_OF_PROPORTION * odd.work_share
        assert odd.macs_share == pytest.approx(0.1)
        assert found.remark == (
            "fc9 is out of proportion: it takes 85% of the time for 10% of the multiply-adds and 9% of the memory "
            "traffic."
        )

    def test_equal_layers_are_in_proportion(self):
        clock = Clock()
        found = profile(slow_chain(clock, *[([0.001], [0.002])] * 4), VECTORS, clock=clock)
        assert found.out_of_proportion is None
        assert found.remark == (
            "No layer is out of proportion to its multiply-adds or its memory traffic; fc0 takes most, 25% of the time."
        )

    def test_what_takes_little_time_is_not_worth_a_remark(self):
        clock = Clock()
        # 5 times its share of the work, but less than a tenth of the time.
        found = profile(slow_chain(clock, *[([0.001], [0.001])] * 99, ([0.005], [0.005])), VECTORS, clock=clock)
        odd = found["n99"]
        assert OUT_OF_PROPORTION * odd.work_share <= odd.time_share < NOTICEABLE
        assert found.out_of_proportion is None


class TestFigures:
    @pytest.mark.parametrize("name", presets.names())
    def test_macs_from_the_layers_own_weights_are_the_drawings(self, name):
        graph = presets.load(name)
        report, net = analyze(graph), compile_graph(graph)
        for row in report:
            arrived, left = blank((row.input_shapes or (row.output_shape,))[0]), blank(row.output_shape)
            assert macs(net.node(row.id).layer, arrived, left) == row.macs, row.name
        assert report.macs > 0

    @pytest.mark.parametrize("name", ["digits-small", "notes-cifar10", "resnet20-cifar10"])
    def test_a_profile_has_the_macs_of_the_drawing(self, name):
        graph = presets.load(name)
        net = compile_graph(graph)
        found = profile(net, np.zeros((2, *net.input_shape), np.uint8), repeats=1)
        assert {row.id: row.macs for row in found.rows} == {row.id: row.macs for row in analyze(graph)}

    def test_macs_of_groups_and_of_transposed_convolutions_too(self):
        graph = Graph()
        node = graph.add("Conv2d", graph.add("Input", shape=(4, 9, 7)), out_channels=6, kernel_size=3, groups=2)
        graph.add("ConvTranspose2d", node, out_channels=3, kernel_size=(3, 2), stride=2)
        report = analyze(graph)
        found = profile(compile_graph(graph), np.zeros((1, 4, 9, 7), np.float32), repeats=1)
        assert {row.id: row.macs for row in found.rows} == {row.id: row.macs for row in report}
        assert found.rows[-1].macs == 6 * 3 * 6 * (7 * 5)

    def test_bytes_are_the_outputs_and_what_backward_holds(self):
        graph = Graph()
        image = graph.add("Input", shape=(2, 8, 8))
        conv = graph.add("Conv2d", image, out_channels=4, kernel_size=3, padding=1)
        relu = graph.add("ReLU", conv)
        pool = graph.add("MaxPool2d", relu, kernel_size=2)
        linear = graph.add("Linear", graph.add("Flatten", pool), out_features=10)
        found = profile(compile_graph(graph), np.ones((5, 2, 8, 8)), repeats=1)
        of = {
            each: (found[each].forward_bytes, found[each].backward_bytes) for each in (image, conv, relu, pool, linear)
        }
        assert of == {
            image: (5 * 4 * 128, 0),
            conv: (5 * 4 * 256, 5 * 4 * 128),  # its input
            relu: (0, 5 * 4 * 256),  # works in place, and holds its output
            pool: (5 * 4 * 64, 5 * 64),  # a byte for each winner
            linear: (5 * 4 * 10, 5 * 4 * 64),  # its input
        }
        assert {row.id: row.backward_bytes for row in found.rows} == {
            row.id: row.kept_bytes for row in memory(graph, 5).rows
        }

    def test_nodes_that_do_not_lead_to_the_output_are_not_run(self):
        graph = Graph()
        image = graph.add("Input", shape=(4,))
        aside = graph.add("Linear", image, out_features=2)
        end = graph.add("Linear", image, out_features=3)
        found = profile(compile_graph(graph), VECTORS, repeats=1)
        assert [row.id for row in found.rows] == [image, end]
        with pytest.raises(KeyError):
            found[aside]

    def test_cross_entropy_begins_before_the_last_softmax(self):
        graph = Graph()
        scores = graph.add("Linear", graph.add("Input", shape=(4,)), out_features=3)
        softmax = graph.add("Softmax", scores)
        clock = iter(range(10_000))
        found = profile(compile_graph(graph), VECTORS, np.array([0, 1, 2]), clock=lambda: float(next(clock)))
        assert (found[softmax].forward_ms, found[softmax].backward_ms) == (1000, 0)
        assert (found[scores].forward_ms, found[scores].backward_ms) == (1000, 1000)


class TestTheNetworkIsLeftAlone:
    @pytest.mark.parametrize("labels", [None, np.array([0, 1, 2, 0])])
    def test_weights_statistics_and_chance_are_as_before(self, small_network, labels):
        net, like = small_network(seed=3), small_network(seed=3)
        images = np.random.default_rng(0).random((4, 2, 6, 6))
        arrays = {key: id(array) for key, array in net.parameters.items()}
        buffers = dict(net.node("norm").layer.buffers)
        profile(net, images, labels, repeats=2)
        assert all(net.node("norm").layer.buffers[name] is array for name, array in buffers.items())
        assert {key: id(array) for key, array in net.parameters.items()} == arrays
        for key, array in like.state_dict().items():
            assert np.array_equal(net.state_dict()[key], array), key
        # Dropout draws next what it would have drawn.
        batch = images, np.array([0, 1, 2, 0])
        ours, theirs = net.loss_and_gradients(*batch), like.loss_and_gradients(*batch)
        assert ours[0] == theirs[0]
        assert all(np.array_equal(ours[1][key], theirs[1][key]) for key in ours[1])

    def test_the_pictures_are_left_alone(self, small_network):
        images = np.random.default_rng(0).random((4, 2, 6, 6), np.float32)
        before = images.copy()
        profile(small_network(), images, repeats=1)
        assert np.array_equal(images, before)


class Stopping(Identity):
    """Calls the profile off while it works, in the pass of that number."""

    def __init__(self, control: ProfileControl, passes: int) -> None:
        super().__init__()
        self.control, self.left = control, [passes]

    def forward(self, inputs, mode):
        self.left[0] -= 1
        if not self.left[0]:
            self.control.interrupt()
        return super().forward(inputs, mode)


class TestControl:
    def test_progress_counts_to_its_total(self):
        control = ProfileControl()
        assert (control.done, control.total) == (0, 0)
        profile(slow_chain(Clock(), ([0.0], [0.0])), VECTORS, repeats=4, control=control)
        # A warm-up and four passes: two nodes forward, one back.
        assert (control.done, control.total) == (15, 15)

    @pytest.mark.parametrize("passes", [1, 2, 3])
    def test_it_can_be_called_off_before_any_layer(self, passes):
        control = ProfileControl()
        nodes = [
            NetworkNode("image", "image", Input((4,))),
            NetworkNode("stop", "stop", Stopping(control, passes), ("image",)),
            NetworkNode("fc", "fc", Linear(4, 4, generator=np.random.default_rng(0)), ("stop",)),
        ]
        with pytest.raises(Interrupted):
            profile(Network(nodes, "fc"), VECTORS, control=control)
        assert control.done == (passes - 1) * 4 + 2

    def test_one_called_off_beforehand_does_not_begin(self):
        control = ProfileControl()
        control.interrupt()
        with pytest.raises(Interrupted):
            profile(slow_chain(Clock(), ([0.0], [0.0])), VECTORS, control=control)
        assert control.done == 0


class TestFaults:
    @pytest.mark.parametrize(
        ("images", "labels", "sentence"),
        [
            (np.ones((3, 5)), None, "takes"),
            (np.ones((0, 4)), None, "at least one picture"),
            (VECTORS, np.array([0, 1]), "one for each of 3 pictures"),
            (VECTORS, np.array([0, 1, 4]), "from 0 to 3"),
        ],
    )
    def test_pictures_and_labels_that_do_not_fit_are_refused(self, images, labels, sentence):
        with pytest.raises(InputError, match=sentence):
            profile(slow_chain(Clock(), ([0.0], [0.0])), images, labels)

    @pytest.mark.parametrize("repeats", [0, -1, 1.5, True])
    def test_there_is_at_least_one_repeat(self, repeats):
        with pytest.raises(ConfigError, match="repeats"):
            profile(slow_chain(Clock(), ([0.0], [0.0])), VECTORS, repeats=repeats)

    def test_a_batch_too_small_for_batch_normalization_names_the_remedy(self):
        net = compile_graph(_normalized_vectors())
        with pytest.raises(LayerError, match="at least 2 images"):
            profile(net, VECTORS[:1])


def _normalized_vectors() -> Graph:
    graph = Graph()
    graph.add("Linear", graph.add("BatchNorm", graph.add("Input", shape=(4,))), out_features=2)
    return graph


def test_maps_can_be_profiled_without_labels():
    graph = Graph()
    graph.add("Conv2d", graph.add("Input", shape=(1, 6, 6)), out_channels=2, kernel_size=3)
    found = profile(compile_graph(graph), np.ones((2, 1, 6, 6)), repeats=1)
    assert found.rows[-1].backward_ms > 0
