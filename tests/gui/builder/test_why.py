"""Every figure of a layer says how it comes about: in the panel, and as text that can be taken along."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from cnnstudio.graph import Graph, analyze, presets
from cnnstudio.graph.commands import SetParams
from cnnstudio.gui.builder.workings import Explained, explained, reason, typeset, wrapping


def layer(kind: str, shape: tuple[int, ...], **params: object) -> tuple[Graph, str]:
    graph = Graph()
    return graph, graph.add(kind, graph.add("Input", shape=shape), **params)


def figures(graph: Graph, node: str) -> dict[str, Explained]:
    return {each.figure: each for each in explained(graph, analyze(graph), node)}


def askew() -> tuple[Graph, str, str]:
    """Two branches that look at different centres, where they meet, and a layer behind."""
    graph = Graph()
    image = graph.add("Input", shape=(3, 8, 8))
    left = graph.add("Conv2d", image, out_channels=4, kernel_size=3, padding=1, name="left")
    right = graph.add("Conv2d", image, out_channels=4, kernel_size=2, padding="same", name="right")
    merge = graph.add("Concat", left, right, name="merge")
    return graph, merge, graph.add("ReLU", merge)


class TestWords:
    def test_each_figure_stands_beside_its_formula(self) -> None:
        said = figures(*layer("Conv2d", (20, 14, 14), out_channels=50, kernel_size=5, padding=2))
        assert [each.text for each in said.values()] == [
            "Output 50 × 14 × 14: ⌊(14 + 2·2 − 5) / 1⌋ + 1 = 14; channels = out_channels = 50",
            "Parameters 25,050: 50 × (20·5·5 + 1) = 25,050",
            "MACs 4,900,000: 14·14·50·20·5·5 = 4,900,000",
            "Memory 38 KB: 50·14·14 × 4 = 39,200 bytes",
            "Receptive field 5 × 5: 1 + (5 − 1)·1 = 5",
            "Effective stride 1 × 1: 1 × 1 = 1",
            "Effective padding 2 × 2: 0 + 1·2 = 2",
            "Alignment aligned: value u is centred on pixel u",
        ]

    def test_height_and_width_have_a_line_each_where_they_differ(self) -> None:
        said = figures(*layer("MaxPool2d", (1, 7, 9), kernel_size=(2, 3), ceil_mode=True))
        assert said["output_shape"].formulas == (
            "height ⌈(7 − 2) / 2⌉ + 1 = 4, the last window hangs over the far edge",
            "width ⌈(9 − 3) / 3⌉ + 1 = 3",
        )
        assert said["output_shape"].remark == "channels 1, one map out of each that arrives"
        assert said["alignment"].remark == "value u is centred on pixel 2u + 0.5, 3u + 1"

    def test_what_is_not_worked_out_is_said_once_for_both_axes(self) -> None:
        graph, pool = layer("MaxPool2d", (1, 6, 9), kernel_size=(2, 3))
        norm = graph.add("BatchNorm", pool)
        said = figures(graph, norm)
        assert said["receptive_field"].value == "2 × 3"
        assert said["receptive_field"].remark == "as at maxpool2d_1"
        assert said["buffers"].text == "Running statistics 2: 2 × 1 = 2"

    def test_the_whole_picture_names_the_layer_that_takes_it_in(self) -> None:
        graph = presets.load("lenet5-cs231n")
        report = analyze(graph)
        rows = {row.name: row.id for row in report}
        first, second = figures(graph, rows["fc1"]), figures(graph, rows["fc2"])
        assert first["receptive_field"].text == "Receptive field whole picture: fc1 takes in all that arrives"
        assert second["receptive_field"].remark == "as relu3 sees it already"
        assert not {"stride", "padding", "alignment"} & first.keys()

    def test_branches_that_look_elsewhere_are_named(self) -> None:
        graph, merge, behind = askew()
        said = figures(graph, merge)["alignment"]
        assert said.value == "not aligned"
        assert said.remark == (
            "Its branches look at different centres: left is half a pixel above and half a pixel left of right."
        )
        assert figures(graph, behind)["alignment"].value == "not aligned"

    def test_nothing_is_explained_that_is_not_known(self) -> None:
        assert figures(*layer("Conv2d", (1, 4, 4), out_channels=1, kernel_size=9)) == {}

    def test_rounding_has_its_own_brackets_and_those_inside_stay(self) -> None:
        assert typeset("floor((9 - (2·(3 - 1) + 1)) / 1) + 1 = 5") == "⌊(9 − (2·(3 − 1) + 1)) / 1⌋ + 1 = 5"
        assert typeset("bin i from floor(i·9 / 4) to before ceil((i + 1)·9 / 4)") == (
            "bin i from ⌊i·9 / 4⌋ to before ⌈(i + 1)·9 / 4⌉"
        )

    def test_a_long_formula_breaks_between_its_parts(self) -> None:
        def lines(text: str) -> list[str]:
            return [each.replace("\u00a0", " ") for each in wrapping(text).split(" ")]

        assert lines("128 × ((64 / 2)·3·5 + 1) = 61,568") == ["128", "× ((64 / 2)·3·5 + 1)", "= 61,568"]
        assert lines("⌊(130 + 1 + 0 − (2·(3 − 1) + 1)) / 1⌋ + 1 = 127") == [
            "⌊(130",
            "+ 1",
            "+ 0",
            "− (2·(3 − 1) + 1))",
            "/ 1⌋",
            "+ 1",
            "= 127",
        ]

    @pytest.mark.parametrize("name", ["digits-small", "googlenet", "resnet18", "lenet5-1998"])
    def test_one_sentence_says_any_figure_of_a_classic_network(self, name: str) -> None:
        graph = presets.load(name)
        report = analyze(graph)
        for row in report:
            for each in explained(graph, report, row.id):
                sentence = reason(graph, report, row.id, each.figure)
                assert all(part in sentence for part in (*each.formulas[:1], each.remark))


class TestCard:
    def row(self, bench, figure: str):
        return bench.find(f"why.{figure}")

    def test_follows_each_edit(self, bench) -> None:
        bench.select("conv2")
        assert self.row(bench, "parameters").value.text() == "4,640"
        bench.type_into("out_channels", "8")
        assert self.row(bench, "parameters").value.text() == "1,160"
        assert self.row(bench, "parameters").formulas == [wrapping("8 × (16·3·3 + 1) = 1,160")]
        bench.editor.undo()
        assert self.row(bench, "parameters").formulas == [wrapping("32 × (16·3·3 + 1) = 4,640")]

    def test_shows_the_general_formula_alone_where_nothing_is_known(self, bench) -> None:
        bench.select("conv2")
        bench.editor.run(SetParams(bench.id("conv2"), kernel_size=99))
        card = bench.build.properties.layer.why
        assert card.rows == []
        assert bench.find("formula").text() == bench.graph.spec(bench.id("conv2")).formula
        assert not card.copy.isVisible()

    def test_a_short_remark_stands_in_the_line_and_a_long_one_below(self, bench, qtbot) -> None:
        bench.select("relu1")
        short, long = self.row(bench, "parameters"), self.row(bench, "macs")
        assert (short.remark, long.remark) == ("nothing is learned", "it multiplies by no learned weights")
        qtbot.waitUntil(lambda: long.height() > 1.5 * long.value.height())
        assert short.height() < 1.5 * short.value.height()

    def test_nothing_is_wider_than_the_panel(self, bench, qtbot) -> None:
        bench.build.use_preset("alexnet-2012")
        page = bench.build.properties.layer
        for name in ("conv2", "fc6", "pool5"):
            node = next((each.id for each in bench.graph.nodes.values() if each.name == name), None)
            if node is None:
                continue
            bench.build.canvas.select((node,))
            qtbot.wait(1)
            for text in page.why.findChildren(QLabel):
                if text.isVisible():
                    assert text.mapTo(page.why, text.rect().bottomRight()).x() <= page.why.width()
                    assert text.wordWrap() or text.fontMetrics().horizontalAdvance(text.text()) <= text.width() + 1

    def test_can_be_copied_as_text(self, bench) -> None:
        bench.select("conv1")
        bench.click("why.copy")
        lines = QGuiApplication.clipboard().text().splitlines()
        assert lines[0] == "conv1 (Conv2d)"
        assert lines[2] == "Parameters 160: 16 × (1·3·3 + 1) = 160"
        assert all("\u00a0" not in line for line in lines)

    def test_a_figure_and_its_formula_can_be_selected(self, bench) -> None:
        bench.select("conv1")
        row = self.row(bench, "parameters")
        assert row.value.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
        assert row.accessibleName() == "Parameters 160: 16 × (1·3·3 + 1) = 160"
