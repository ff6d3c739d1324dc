"""The classic networks agree with the papers' tables; figures that no paper gives are derived here by the formula."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from cnnstudio.graph import Graph, Row, analyze, presets
from cnnstudio.graph.presets import UnknownPresetError
from cnnstudio.graph.specs import Shape


def conv(before: int, after: int, kernel: int, *, bias: bool = True) -> int:
    """Parameters of a convolution, by the formula: out × (in × k² + 1)."""
    return after * (before * kernel * kernel + bias)


def linear(before: int, after: int) -> int:
    return after * (before + 1)


def norm(channels: int) -> int:
    """Scale and shift."""
    return 2 * channels


@dataclass(frozen=True)
class Figures:
    input: Shape
    parameters: int
    macs: int
    size: int
    stride: int
    padding: int
    buffers: int = 0


# Stem; stage of 16 channels: 6 convolutions; of 32: one from 16, 5 inside, a 1 × 1 shortcut; of 64: the same from 32.
# Every convolution is followed by a norm and has no bias. 272,474, as the literature has it for option B.
RESNET20 = (
    (conv(3, 16, 3, bias=False) + norm(16))
    + 6 * (conv(16, 16, 3, bias=False) + norm(16))
    + (conv(16, 32, 3, bias=False) + norm(32))
    + 5 * (conv(32, 32, 3, bias=False) + norm(32))
    + (conv(16, 32, 1, bias=False) + norm(32))
    + (conv(32, 64, 3, bias=False) + norm(64))
    + 5 * (conv(64, 64, 3, bias=False) + norm(64))
    + (conv(32, 64, 1, bias=False) + norm(64))
    + linear(64, 10)
)

FIGURES = {
    "digits-small": Figures(
        (1, 8, 8),
        conv(1, 16, 3) + conv(16, 32, 3) + linear(32 * 4 * 4, 64) + linear(64, 10),
        64 * 16 * 9 + 64 * 32 * 16 * 9 + 512 * 64 + 64 * 10,
        # 3, 5, and the pool of two: 6; each 3 × 3 pads 1
        size=6,
        stride=2,
        padding=2,
    ),
    "lenet5-cs231n": Figures((1, 28, 28), 1_256_080, 6_522_000, size=16, stride=4, padding=6),
    "lenet5-caffe": Figures((1, 28, 28), 431_080, 2_293_000, size=16, stride=4, padding=0),
    "notes-cifar10": Figures(
        (3, 32, 32),
        conv(3, 10, 3) + norm(10) + conv(10, 20, 3) + norm(20) + conv(20, 10, 3) + norm(10)
        + linear(160, 20) + norm(20) + linear(20, 20) + norm(20) + linear(20, 10),
        32 * 32 * 10 * 27 + 16 * 16 * 20 * 90 + 8 * 8 * 10 * 180 + 160 * 20 + 20 * 20 + 20 * 10,
        size=22,
        stride=8,
        padding=7,
        buffers=2 * (10 + 20 + 10 + 20 + 20),
    ),
    "resnet20-cifar10": Figures(
        (3, 32, 32),
        RESNET20,
        40_813_184,
        size=81,
        stride=4,
        # stem and 6 convolutions pad 1 pixel each; then 1 + 5 × 2; then 2 + 5 × 4
        padding=7 + 11 + 22,
        buffers=2 * (7 * 16 + 7 * 32 + 7 * 64),
    ),
}  # fmt: skip


def last_local(graph: Graph) -> Row:
    """The last convolution or pooling before any global pooling or Flatten."""
    rows = [
        row
        for row in analyze(graph)
        if row.kind in ("Conv2d", "MaxPool2d", "AvgPool2d") and row.receptive_field is not None
    ]
    return rows[-1]


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
        figures, field = FIGURES[name], last_local(presets.load(name)).receptive_field
        assert field is not None
        assert field.size == (figures.size, figures.size)
        assert field.stride == (figures.stride, figures.stride)
        assert field.padding == (figures.padding, figures.padding)
        assert field.aligned
        assert not field.whole_input

    def test_ends_in_ten_classes_that_see_the_whole_picture(self, name: str) -> None:
        report = analyze(presets.load(name))
        assert report.problems == ()
        assert report.complete
        assert report.output is not None
        last = report[report.output]
        assert last.output_shape == (10,)
        assert last.receptive_field is not None
        assert last.receptive_field.whole_input
        assert last.receptive_field.size == FIGURES[name].input[1:]

    def test_tells_its_story(self, name: str) -> None:
        preset = presets.info(name)
        assert preset.name == name
        assert preset.title
        assert preset.source
        assert 1980 <= preset.year <= 2026
        assert preset.story.endswith(".")

    def test_is_drawn_afresh_each_time(self, name: str) -> None:
        first = presets.load(name)
        assert presets.load(name) == first
        first.remove(next(iter(first.nodes)))
        assert presets.load(name) != first

    def test_has_a_place_for_every_card(self, name: str) -> None:
        assert all(node.position is not None for node in presets.load(name).nodes.values())


def test_resnet20_has_the_literature_s_count() -> None:
    assert RESNET20 == 272_474


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


def test_the_notes_network_flattens_to_160() -> None:
    report = analyze(presets.load("notes-cifar10"))
    assert [row.output_shape for row in report if row.kind == "Flatten"] == [(160,)]
    kinds = [row.kind for row in report]
    assert kinds[1:5] == ["Conv2d", "BatchNorm", "ReLU", "MaxPool2d"]
    assert kinds[14:18] == ["Linear", "BatchNorm", "Dropout", "ReLU"]


def test_resnet20_has_nine_sums_and_two_projections() -> None:
    graph = presets.load("resnet20-cifar10")
    report = analyze(graph)
    assert sum(row.kind == "Add" for row in report) == 9
    projections = [row for row in report if row.name.startswith("shortcut") and row.kind == "Conv2d"]
    assert [row.output_shape for row in projections] == [(32, 16, 16), (64, 8, 8)]
    assert sum(row.kind in ("Conv2d", "Linear") for row in report) == 20 + len(projections)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    for call in (presets.load, presets.info):
        with pytest.raises(UnknownPresetError, match=r"There is no preset 'lenet5'\. Nearest: .*lenet5-caffe"):
            call("lenet5")
        with pytest.raises(UnknownPresetError, match="Nearest: digits-small, lenet5-cs231n"):
            call("zzzz")
