"""Every figure can say how it comes about, and saying so is doing so: each formula, evaluated, gives the figure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given, settings

from cnnstudio.graph import (
    CATALOGUE,
    Graph,
    GraphError,
    Row,
    UnknownNodeError,
    Working,
    analyze,
    presets,
    why,
    workings,
)
from tests.graph.drawings import drawings
from tests.graph.networks import networks

Values = tuple[int, ...]
RESULT = re.compile(r"(?P<formula>.+?) = (?P<result>-?[\d,]+(?: × [\d,]+)*)(?: bytes)?(?:, .*)?")
STATEMENT = re.compile(r"(?P<result>-?[\d,]+(?: × [\d,]+)*)(?:, .*)?")


def whole(text: str) -> Values:
    return tuple(int(each.replace(",", "")) for each in text.split(" × "))


def worked(formula: str, names: dict[str, int]) -> int:
    """The value of a formula, read by Python."""
    text = re.sub(r"\d+", r"Fraction(\g<0>)", formula.replace("·", "*").replace("×", "*"))
    allowed = {"Fraction": Fraction, "floor": math.floor, "ceil": math.ceil, "max": max, **names}
    value = Fraction(eval(text, {"__builtins__": {}}, allowed))  # noqa: S307 - our own text, without builtins
    assert value.denominator == 1
    return int(value)


def evaluated(text: str, names: dict[str, int]) -> Values:
    """What one line says, after checking that its formula gives it."""
    match = RESULT.fullmatch(text)
    if match is None:
        stated = STATEMENT.fullmatch(text)
        assert stated is not None, f"not a line that can be read: {text}"
        return whole(stated["result"])
    result = whole(match["result"])
    # A product of axes on both sides is a shape; a product that ends in one number is a product.
    parts = re.split(r" × (?![^(]*\))", match["formula"]) if len(result) > 1 else [match["formula"]]
    assert tuple(worked(part, names) for part in parts) == result, text
    return result


def lines_of(graph: Graph, node_id: str, text: str) -> Iterator[Values]:
    """What a text says, axis by axis."""
    axes = re.fullmatch(r"height (.+), width (.+)", text)
    for axis, part in enumerate(axes.groups() if axes else (text,)):
        names = {}
        for name, value in graph.node(node_id).params.items():
            if isinstance(value, tuple) and len(value) == 2:
                names[name] = value[axis]
            elif isinstance(value, int):
                names[name] = value
        yield evaluated(part, names)


def both(values: list[Values]) -> Values:
    """(height, width) of lines that are alike or apart."""
    flat = tuple(each for value in values for each in value)
    return flat if len(flat) == 2 else flat * 2


def check(graph: Graph, row: Row, lines: tuple[Working, ...]) -> None:
    """Every known figure of a row has a working, and each gives the figure."""
    said = {line.figure: list(lines_of(graph, row.id, line.text)) for line in lines}
    assert row.output_shape is not None
    expected = {"output_shape", "parameters", "buffers", "macs", "activation_bytes"}
    expected |= {"receptive_field", "stride", "padding"} if row.receptive_field else set()
    expected |= {"channels"} & said.keys()
    assert said.keys() == expected
    assert len(lines) == len(expected), "each figure once"
    for figure in ("parameters", "buffers", "macs", "activation_bytes"):
        assert said[figure] == [(getattr(row, figure),)]
    if "channels" in said:
        assert (*said["channels"][0], *both(said["output_shape"])) == row.output_shape
    else:
        assert said["output_shape"] == [row.output_shape]
    if row.receptive_field is not None:
        assert both(said["receptive_field"]) == row.receptive_field.size
        assert both(said["stride"]) == row.receptive_field.stride
        assert both(said["padding"]) == row.receptive_field.padding


def check_all(graph: Graph) -> None:
    report = analyze(graph)
    for row in report:
        lines = workings(graph, row.id, report)
        if row.output_shape is None:
            assert lines == ()
        else:
            check(graph, row, lines)


class TestEveryFigure:
    @pytest.mark.parametrize("name", presets.names())
    def test_of_every_preset_is_explained(self, name: str) -> None:
        check_all(presets.load(name))

    @settings(deadline=None, max_examples=200)
    @given(graph=networks())
    def test_of_networks_at_random_is_explained(self, graph: Graph) -> None:
        check_all(graph)

    @settings(deadline=None)
    @given(graph=drawings())
    def test_that_is_known_of_faulty_drawings_is_explained(self, graph: Graph) -> None:
        check_all(graph)

    @pytest.mark.parametrize("kind", sorted(CATALOGUE.keys() - {"Input"}))
    @pytest.mark.parametrize("shape", [(4, 12, 12), (4, 12, 9), (8,)])
    def test_of_every_kind_is_explained(self, kind: str, shape: tuple[int, ...]) -> None:
        graph = Graph()
        image = graph.add("Input", shape=shape)
        sources = [image] * (2 if CATALOGUE[kind].ports.variadic else 1)
        graph.insert(kind, sources, CATALOGUE[kind].first_params())
        check_all(graph)

    def test_can_be_asked_for_by_name(self) -> None:
        graph = presets.load("resnet20-cifar10")
        report = analyze(graph)
        for row in report:
            for line in workings(graph, row.id):
                assert why(graph, row.id, line.figure, report) == line.text


def layer(kind: str, shape: tuple[int, ...], **params: object) -> tuple[Graph, str]:
    graph = Graph()
    return graph, graph.add(kind, graph.add("Input", shape=shape), **params)


class TestSizes:
    def size(self, kind: str, shape: tuple[int, ...], **params: object) -> str:
        return why(*layer(kind, shape, **params), "output_shape")

    def test_of_the_lecture_s_convolution(self) -> None:
        graph, conv = layer("Conv2d", (3, 32, 32), out_channels=10, kernel_size=5, padding=2)
        assert why(graph, conv, "output_shape") == "floor((32 + 2·2 - 5) / 1) + 1 = 32"
        assert why(graph, conv, "channels") == "out_channels = 10"
        assert why(graph, conv, "parameters") == "10 × (3·5·5 + 1) = 760"
        assert why(graph, conv, "macs") == "32·32·10·3·5·5 = 768,000"
        assert why(graph, conv, "activation_bytes") == "10·32·32 × 4 = 40,960 bytes"

    def test_height_and_width_apart_where_they_differ(self) -> None:
        assert self.size("Conv2d", (3, 32, 20), out_channels=4, kernel_size=(3, 5), padding=(1, 0)) == (
            "height floor((32 + 2·1 - 3) / 1) + 1 = 32, width floor((20 - 5) / 1) + 1 = 16"
        )

    def test_dilation_and_uneven_padding(self) -> None:
        assert self.size("Conv2d", (1, 9, 9), out_channels=1, kernel_size=3, dilation=2, padding=(1, 2, 1, 2)) == (
            "floor((9 + 1 + 2 - (2·(3 - 1) + 1)) / 1) + 1 = 8"
        )

    def test_same_padding_puts_the_odd_pixel_behind(self) -> None:
        assert self.size("Conv2d", (1, 9, 9), out_channels=1, kernel_size=4, padding="same") == (
            "floor((9 + 1 + 2 - 4) / 1) + 1 = 9"
        )

    def test_what_a_pool_leaves_out(self) -> None:
        assert self.size("MaxPool2d", (1, 7, 7), kernel_size=2) == (
            "floor((7 - 2) / 2) + 1 = 3, 1 pixel is left out at the far edge"
        )
        assert self.size("MaxPool2d", (1, 8, 8), kernel_size=3, stride=3) == (
            "floor((8 - 3) / 3) + 1 = 2, 2 pixels are left out at the far edge"
        )

    def test_ceiling_and_the_window_that_is_dropped(self) -> None:
        assert self.size("MaxPool2d", (1, 7, 7), kernel_size=2, ceil_mode=True) == (
            "ceil((7 - 2) / 2) + 1 = 4, the last window hangs over the far edge"
        )
        assert self.size("MaxPool2d", (1, 5, 5), kernel_size=2, padding=1, ceil_mode=True) == (
            "ceil((5 + 2·1 - 2) / 2) + 1 - 1 = 3, as the last window would begin in the padding at the far edge "
            "and is dropped"
        )

    def test_transposed_convolution(self) -> None:
        graph, up = layer(
            "ConvTranspose2d", (20, 7, 7), out_channels=8, kernel_size=3, stride=2, padding=1, output_padding=1
        )
        assert why(graph, up, "output_shape") == "(7 - 1)·2 + 3 - 2·1 + 1 = 14"
        assert why(graph, up, "parameters") == "8 × (20·3·3 + 1) = 1,448"
        assert why(graph, up, "macs") == "7·7·8·20·3·3 = 70,560"

    def test_other_changes_of_size(self) -> None:
        assert self.size("Flatten", (2, 3, 4)) == "2·3·4 = 24"
        assert self.size("Pad2d", (1, 28, 28), padding=2) == "28 + 2·2 = 32"
        assert self.size("Pad2d", (1, 28, 28), padding=(1, 2, 1, 2)) == "28 + 1 + 2 = 31"
        assert self.size("Upsample", (1, 7, 5), scale_factor=2) == "height 2·7 = 14, width 2·5 = 10"
        assert self.size("AdaptiveAvgPool2d", (1, 14, 14), output_size=7) == (
            "output_size = 7, bins of 14 / 7 = 2 pixels"
        )
        assert self.size("AdaptiveAvgPool2d", (1, 13, 13), output_size=6) == (
            "output_size = 6, bin i from pixel floor(i·13 / 6) to before ceil((i + 1)·13 / 6)"
        )
        assert self.size("Linear", (64,), out_features=10) == "out_features = 10"
        assert self.size("ReLU", (2, 3, 4)) == "2 × 3 × 4, as it arrives"

    def test_channels_side_by_side(self) -> None:
        graph = Graph()
        image = graph.add("Input", shape=(3, 8, 8))
        wide = graph.add("Conv2d", image, out_channels=5, kernel_size=1)
        both = graph.add("Concat", image, wide, image)
        assert why(graph, both, "output_shape") == "(3 + 5 + 3) × 8 × 8 = 11 × 8 × 8"
        assert why(graph, both, "channels") == why(graph, both, "output_shape")


class TestCounts:
    def count(self, kind: str, shape: tuple[int, ...], figure: str = "parameters", **params: object) -> str:
        return why(*layer(kind, shape, **params), figure)

    def test_with_and_without_bias_and_in_groups(self) -> None:
        assert self.count("Conv2d", (3, 9, 9), out_channels=64, kernel_size=7, bias=False) == "64 × 3·7·7 = 9,408"
        assert self.count("Conv2d", (96, 9, 9), out_channels=256, kernel_size=5, groups=2) == (
            "256 × ((96 / 2)·5·5 + 1) = 307,456"
        )
        assert self.count("Linear", (64,), out_features=10) == "10 × (64 + 1) = 650"
        assert self.count("Linear", (64,), "macs", out_features=10) == "10·64 = 640"

    def test_of_normalization(self) -> None:
        assert self.count("BatchNorm", (64, 8, 8)) == "2 × 64 = 128"
        assert self.count("BatchNorm", (64, 8, 8), "buffers") == "2 × 64 = 128"
        assert self.count("LayerNorm", (20, 8, 8)) == "2 × 20·8·8 = 2,560"
        assert self.count("PReLU", (20, 8, 8)) == "1"
        assert self.count("ReLU", (20, 8, 8)) == "0, nothing is learned"


class TestFields:
    @pytest.fixture
    def graph(self) -> Graph:
        graph = Graph()
        image = graph.add("Input", shape=(1, 28, 28))
        first = graph.add("Conv2d", image, name="conv1", out_channels=2, kernel_size=5, padding=2)
        pool = graph.add("MaxPool2d", first, name="pool1", kernel_size=2)
        graph.add("Conv2d", pool, name="conv2", out_channels=2, kernel_size=5, padding=2)
        return graph

    def test_grow_by_the_kernel_at_the_stride_so_far(self, graph: Graph) -> None:
        assert why(graph, "conv2d_2", "receptive_field") == "6 + (5 - 1)·2 = 14"
        assert why(graph, "conv2d_2", "stride") == "2 × 1 = 2"
        assert why(graph, "conv2d_2", "padding") == "2 + 2·2 = 6"
        relu = graph.add("ReLU", "conv2d_2")
        assert why(graph, relu, "receptive_field") == "14, as at conv2"

    def test_span_their_branches(self, graph: Graph) -> None:
        add = graph.add("Add", "conv2d_2", "maxpool2d_1")
        assert why(graph, add, "receptive_field") == "7 - (-6) + 1 = 14, from pixel -6 to pixel 7 over the branches"
        assert why(graph, add, "padding") == "max(6, 2) = 6, the largest of the branches"

    def test_of_one_tap_see_no_more_than_it(self, graph: Graph) -> None:
        frame = graph.add("Pad2d", "conv2d_2", padding=2)
        skip = graph.add("Conv2d", frame, out_channels=4, kernel_size=1, stride=2)
        size = why(graph, "conv2d_2", "receptive_field").split(" = ")[-1]
        assert why(graph, frame, "receptive_field") == f"{size}, as at conv2"
        assert why(graph, skip, "receptive_field") == f"{size}, as at pad2d_1"

    def test_that_are_the_whole_picture_say_by_whom(self, graph: Graph) -> None:
        fc = graph.add("Linear", graph.add("Flatten", "conv2d_2"), name="fc", out_features=3)
        gate = graph.add("ReLU", fc)
        assert why(graph, fc, "receptive_field") == "28 × 28, the whole picture: fc takes in all that arrives"
        assert why(graph, gate, "receptive_field") == "28 × 28, the whole picture, as fc sees it already"

    def test_that_do_not_exist_say_why(self, graph: Graph) -> None:
        up = graph.add("Upsample", "conv2d_2", scale_factor=2)
        assert why(graph, up, "receptive_field") == analyze(graph)[up].field_note


class TestAsking:
    def test_for_what_is_not_known_says_why(self) -> None:
        graph = Graph()
        linear = graph.add("Linear", graph.add("Input", shape=(1, 8, 8)), name="fc", out_features=2)
        relu = graph.add("ReLU", linear, name="gate")
        assert workings(graph, linear) == ()
        assert why(graph, linear, "macs") == "fc: Linear takes a vector; 1 × 8 × 8 arrived."
        assert why(graph, relu, "macs") == "gate: not known before the problem in front of it is mended."

    def test_for_a_field_without_a_picture(self) -> None:
        graph, linear = layer("Linear", (8,), out_features=2)
        assert why(graph, linear, "stride").endswith("without a picture.")

    def test_for_what_is_no_figure_is_refused(self) -> None:
        graph, relu = layer("ReLU", (8,))
        with pytest.raises(GraphError, match="no figure 'beauty'"):
            why(graph, relu, "beauty")
        with pytest.raises(UnknownNodeError):
            workings(graph, "ghost")

    def test_trainable_numbers_are_the_parameters(self) -> None:
        graph, linear = layer("Linear", (8,), out_features=2)
        assert why(graph, linear, "trainable") == why(graph, linear, "parameters")
