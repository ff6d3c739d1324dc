"""The classic networks agree with the papers' tables, and with what the formulas give by hand (figures.py)."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from cnnstudio.graph import Graph, ReceptiveField, Row, analyze, presets
from cnnstudio.graph.presets import UnknownPresetError
from cnnstudio.graph.shapes import Shape
from tests.graph.figures import FIGURES, RESNET101, RESNET101_MACS, VGG13, VGG13_MACS

SHEET = Path(__file__).resolve().parents[3] / "shared" / "reference" / "networks.md"
TWO_LINES = 120
"""Characters of a story that the list of presets shows in full."""


def last_field(graph: Graph) -> ReceptiveField | None:
    """What arrives at the first global pooling or Flatten."""
    report = analyze(graph)
    ends = (row for row in report if row.kind == "Flatten" or graph.node(row.id).params.get("output_size") == 1)
    (source,) = graph.inputs_of(next(ends).id)
    assert source is not None
    return report[source].receptive_field


def last_window(graph: Graph) -> Row | None:
    """The last convolution or pooling before any global pooling or Flatten."""
    rows = [row for row in analyze(graph) if row.kind in ("Conv2d", "MaxPool2d", "AvgPool2d")]
    return rows[-1] if rows else None


def test_every_preset_has_its_figures() -> None:
    assert set(presets.names()) == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
class TestEveryPreset:
    def test_has_the_figures_of_the_papers(self, name: str) -> None:
        figures, report = FIGURES[name], analyze(presets.load(name))
        assert next(iter(report)).output_shape == figures.input
        assert report.parameters == report.trainable == figures.parameters
        assert report.macs == figures.macs
        assert report.buffers == figures.buffers

    def test_sees_what_the_papers_say(self, name: str) -> None:
        graph, figures = presets.load(name), FIGURES[name]
        field = last_field(graph)
        assert field is not None
        assert field.size == (figures.size, figures.size)
        assert field.stride == (figures.stride, figures.stride)
        assert field.padding == (figures.padding, figures.padding)
        assert field.aligned
        assert not field.whole_input
        last = last_window(graph)
        assert last is None or last.receptive_field == field

    def test_ends_in_its_classes_that_see_the_whole_picture(self, name: str) -> None:
        figures, report = FIGURES[name], analyze(presets.load(name))
        assert report.problems == ()
        assert report.complete
        assert report.output is not None
        last = report[report.output]
        assert last.output_shape == (figures.classes,)
        assert last.receptive_field is not None
        assert last.receptive_field.whole_input
        assert last.receptive_field.size == figures.input[1:]

    def test_tells_its_story(self, name: str) -> None:
        preset = presets.info(name)
        assert preset.name == name
        assert preset.group
        assert preset.title
        assert preset.source
        assert 1980 <= preset.year <= 2026
        assert preset.story.endswith(".")
        assert preset.story.isprintable()
        assert len(preset.story) <= TWO_LINES

    def test_knows_how_many_cards_it_has(self, name: str) -> None:
        assert presets.info(name).cards == len(presets.load(name))

    def test_is_drawn_afresh_each_time(self, name: str) -> None:
        first = presets.load(name)
        assert presets.load(name) == first
        first.remove(next(iter(first.nodes)))
        assert presets.load(name) != first

    def test_has_a_place_for_every_card(self, name: str) -> None:
        assert all(node.position is not None for node in presets.load(name).nodes.values())


def test_no_two_are_the_same_to_their_reader() -> None:
    every = [presets.info(name) for name in presets.names()]
    for words in ({preset.title for preset in every}, {preset.story for preset in every}):
        assert len(words) == len(every)


def test_groups_stand_together() -> None:
    groups = [presets.info(name).group for name in presets.names()]
    runs = groups[:1] + [after for before, after in pairwise(groups) if before != after]
    assert runs == [
        "First networks",
        "LeNet",
        "Courses and tutorials",
        "AlexNet and VGG",
        "NiN and GoogLeNet",
        "ResNet",
    ]


def test_what_is_derived_agrees_with_what_the_literature_says() -> None:
    assert FIGURES["resnet20-cifar10"].parameters == 272_474
    assert FIGURES["resnet20-cifar10"].macs == 40_813_184
    assert FIGURES["resnet20-cifar10"].size == 81
    assert FIGURES["notes-cifar10"].size == 22
    # torchvision's published metadata, the multiply-adds in thousands of millions
    assert (VGG13, round(VGG13_MACS / 1e9, 3)) == (133_047_848, 11.308)
    assert (RESNET101, round(RESNET101_MACS / 1e9, 3)) == (44_549_160, 7.801)


def test_the_figures_are_those_of_the_reference_sheet() -> None:
    if not SHEET.is_file():
        pytest.skip(f"needs the reference sheet in {SHEET}, which this machine lacks")
    lines = re.findall(r"^\| `(.+)$", SHEET.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == 24
    for line in lines:
        name, _, shape, parameters, macs, field = (cell.strip(" `") for cell in line.rstrip("|").split("|"))
        figures = FIGURES[name]
        assert "x".join(str(each) for each in figures.input) == shape
        for said, figure in ((parameters, figures.parameters), (macs, figures.macs)):
            assert said in ("derive", f"{figure:,}")
        for said, number in zip(field.split()[:5:2], (figures.size, figures.stride, figures.padding), strict=False):
            assert said in ("derive", "-", str(number))


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        (
            "lenet5-cs231n",
            [
                ("input", (1, 28, 28), 0),
                ("conv1", (20, 28, 28), 520),
                ("relu1", (20, 28, 28), 0),
                ("pool1", (20, 14, 14), 0),
                ("conv2", (50, 14, 14), 25_050),
                ("relu2", (50, 14, 14), 0),
                ("pool2", (50, 7, 7), 0),
                ("flatten1", (2450,), 0),
                ("fc1", (500,), 1_225_500),
                ("relu3", (500,), 0),
                ("fc2", (10,), 5010),
            ],
        ),
        (
            "lenet5-caffe",
            [
                ("input", (1, 28, 28), 0),
                ("conv1", (20, 24, 24), 520),
                ("pool1", (20, 12, 12), 0),
                ("conv2", (50, 8, 8), 25_050),
                ("pool2", (50, 4, 4), 0),
                ("flatten1", (800,), 0),
                ("fc1", (500,), 400_500),
                ("relu1", (500,), 0),
                ("fc2", (10,), 5010),
            ],
        ),
    ],
)
def test_row_by_row(name: str, rows: list[tuple[str, Shape, int]]) -> None:
    assert [(row.name, row.output_shape, row.parameters) for row in analyze(presets.load(name))] == rows


def kinds(name: str) -> list[str]:
    return [row.kind for row in analyze(presets.load(name))]


def by_name(name: str) -> dict[str, Row]:
    return {row.name: row for row in analyze(presets.load(name))}


def test_the_notes_network_flattens_to_160() -> None:
    report = analyze(presets.load("notes-cifar10"))
    assert [row.output_shape for row in report if row.kind == "Flatten"] == [(160,)]
    assert kinds("notes-cifar10")[1:5] == ["Conv2d", "BatchNorm", "ReLU", "MaxPool2d"]
    assert kinds("notes-cifar10")[14:18] == ["Linear", "BatchNorm", "Dropout", "ReLU"]


class TestVGG16:
    @pytest.mark.parametrize(
        ("layer", "field"),
        [
            ("conv1", (3, 1, 1)),
            ("pool1", (6, 2, 2)),
            ("pool2", (16, 4, 6)),
            ("pool3", (44, 8, 18)),
            ("pool4", (100, 16, 42)),
            ("pool5", (212, 32, 90)),
        ],
    )
    def test_sees_stage_by_stage_what_the_reference_says(self, layer: str, field: tuple[int, int, int]) -> None:
        seen = by_name("vgg16")[layer].receptive_field
        assert seen is not None
        assert (seen.size[0], seen.stride[0], seen.padding[0]) == field

    def test_has_sixteen_layers_with_weights(self) -> None:
        assert sum(row.parameters != 0 for row in analyze(presets.load("vgg16"))) == 16

    def test_holds_fifteen_million_numbers_when_relu_works_in_place(self) -> None:
        """What CS231n's table lists: picture, convolutions, pools, full connections; ReLU, Dropout and Flatten have
        their outputs in the place of their inputs. The table's lines add up to 15.2 million numbers or 61 MB; the
        "24M * 4 bytes ~= 93MB" below it do not follow from them.
        """
        report = analyze(presets.load("vgg16"))
        listed = [row for row in report if row.kind in ("Input", "Conv2d", "MaxPool2d", "Linear")]
        # two or three convolutions of a stage, and the pool behind them
        values = (
            3 * 224**2
            + 64 * (2 * 224**2 + 112**2)
            + 128 * (2 * 112**2 + 56**2)
            + 256 * (3 * 56**2 + 28**2)
            + 512 * (3 * 28**2 + 14**2)
            + 512 * (3 * 14**2 + 7**2)
            + 4096 + 4096 + 1000
        )  # fmt: skip
        assert values == 15_237_608
        assert sum(row.activation_bytes or 0 for row in listed) == 4 * values


class TestAlexNet:
    def test_of_2012_is_the_paper_s(self) -> None:
        graph = presets.load("alexnet-2012")
        nodes = [graph.node(row.id) for row in analyze(graph)]
        assert [node.params["groups"] for node in nodes if node.kind == "Conv2d"] == [1, 2, 1, 2, 2]
        assert [node.kind for node in nodes][1:5] == ["Conv2d", "ReLU", "LocalResponseNorm", "MaxPool2d"]
        for node in nodes:
            if node.kind == "LocalResponseNorm":
                # The paper adds α times the sum of 5 squares; ours is PyTorch's, α times their mean.
                assert node.params == {"size": 5, "alpha": pytest.approx(5 * 1e-4), "beta": 0.75, "k": 2}

    def test_maps_are_those_of_the_paper(self) -> None:
        rows = by_name("alexnet-2012")
        assert [rows[f"conv{number}"].output_shape for number in range(1, 6)] == [
            (96, 55, 55),
            (256, 27, 27),
            (384, 13, 13),
            (384, 13, 13),
            (256, 13, 13),
        ]

    def test_of_torchvision_ends_its_maps_at_6_by_6(self) -> None:
        assert by_name("alexnet")["flatten1"].input_shapes == ((256, 6, 6),)


class TestGoogLeNet:
    def test_inception_blocks_give_the_paper_s_channels(self) -> None:
        rows = by_name("googlenet")
        assert [rows[f"inc{number}_concat"].output_shape for number in range(1, 10)] == [
            (256, 28, 28),
            (480, 28, 28),
            (512, 14, 14),
            (512, 14, 14),
            (512, 14, 14),
            (528, 14, 14),
            (832, 14, 14),
            (832, 7, 7),
            (1024, 7, 7),
        ]

    def test_block_3a_has_the_paper_s_parameters(self) -> None:
        """Table 1 says 159 K of weights."""
        rows = by_name("googlenet")
        block = sum(row.parameters or 0 for name, row in rows.items() if name.startswith("inc1_"))
        assert block == 192 * 64 + 64 + 192 * 96 + 96 + 9 * 96 * 128 + 128 + 192 * 16 + 16 + 25 * 16 * 32 + 32 + (
            192 * 32 + 32
        )
        assert block // 1024 == 159

    def test_is_twenty_two_layers_deep(self) -> None:
        graph = presets.load("googlenet")
        depth: dict[str, int] = {}
        for row in analyze(graph):
            before = max((depth[each] for each in graph.inputs_of(row.id) if each is not None), default=0)
            depth[row.id] = before + (row.kind in ("Conv2d", "Linear"))
        assert max(depth.values()) == 22


class TestNiN:
    def test_gives_a_map_a_class(self) -> None:
        for name, classes in (("nin-cifar10", (10, 8, 8)), ("nin-imagenet", (1000, 5, 5))):
            assert by_name(name)["avgpool1"].input_shapes == (classes,)
            assert "Linear" not in kinds(name)


class TestResNets:
    def test_resnet20_has_nine_sums_and_two_projections(self) -> None:
        report = analyze(presets.load("resnet20-cifar10"))
        projections = [row for row in report if row.name.startswith("shortcut") and row.kind == "Conv2d"]
        assert [row.output_shape for row in projections] == [(32, 16, 16), (64, 8, 8)]
        assert sum(row.kind == "Add" for row in report) == 9

    @pytest.mark.parametrize("name", [name for name in presets.names() if name.startswith("resnet")])
    def test_are_as_deep_as_they_are_called(self, name: str) -> None:
        rows = analyze(presets.load(name))
        weighty = [row for row in rows if row.kind in ("Conv2d", "Linear") and not row.name.startswith("shortcut")]
        assert len(weighty) == int(name.removeprefix("resnet").removesuffix("-cifar10"))

    def test_resnet50_projects_once_a_stage_and_strides_on_the_3_by_3(self) -> None:
        graph = presets.load("resnet50")
        rows = analyze(graph)
        shortcuts = [row.output_shape for row in rows if row.name.startswith("shortcut") and row.kind == "Conv2d"]
        assert shortcuts == [(256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7)]
        strided = {
            graph.node(row.id).params["kernel_size"]
            for row in rows
            if row.kind == "Conv2d" and row.name.startswith("conv") and graph.node(row.id).params["stride"] == 2
        }
        assert strided == {7, 3}


class TestTheLectureSExercises:
    def test_ten_filters_of_five_by_five(self) -> None:
        graph = Graph()
        image = graph.add("Input", shape=(3, 32, 32))
        row = analyze(graph)[image]
        conv = graph.add("Conv2d", image, out_channels=10, kernel_size=5, padding=2)
        row = analyze(graph)[conv]
        assert (row.output_shape, row.parameters, row.macs) == ((10, 32, 32), 760, 768_000)

    def test_fifty_five_layers_of_five_by_five_lead_from_224_to_4(self) -> None:
        graph = Graph()
        tip = graph.add("Input", shape=(1, 224, 224))
        layers = 0
        while (analyze(graph)[tip].output_shape or ())[1:] != (4, 4):
            tip = graph.add("Conv2d", tip, out_channels=1, kernel_size=5)
            layers += 1
        assert layers == 55
        seen = analyze(graph)[tip].receptive_field
        assert seen is not None
        assert seen.size == (1 + 55 * 4, 1 + 55 * 4)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("lenet5", {"lenet5-1998", "lenet5-d2l", "lenet5-caffe", "lenet5-cs231n"}),
        ("VGG", {"vgg11", "vgg13", "vgg16", "vgg19"}),
        ("resnet-50", {"resnet50"}),
        ("alexnet2012", {"alexnet-2012", "alexnet"}),
        ("zzzz", set()),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_in_one_short_line(name: str, near: set[str]) -> None:
    for call in (presets.load, presets.info):
        with pytest.raises(UnknownPresetError, match=rf"^There is no preset '{name}'\. .*\.$") as caught:
            call(name)
        named = set(str(caught.value).partition("Nearest: ")[2].removesuffix(".").split(", ")) - {""}
        assert near <= named <= set(presets.names())
        assert len(named) <= 4
        assert bool(named) == bool(near)
