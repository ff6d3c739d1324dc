"""The analysis table follows every edit and the selection, and moves nothing that need not move."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from cnnstudio.graph import Graph, analyze, presets
from cnnstudio.graph.commands import AppendAfter, RemoveNodes, SetParams
from cnnstudio.gui.builder import table_columns as columns
from cnnstudio.gui.builder.table_model import MARK_ROLE, TOKEN_ROLE, AnalysisModel


def row(model: AnalysisModel, number: int) -> list[str]:
    return [str(model.index(number, column).data()) for column in range(model.columnCount())]


class TestModel:
    def model(self, graph: Graph) -> AnalysisModel:
        model = AnalysisModel()
        model.set_report(analyze(graph))
        return model

    def test_writes_figures_as_people_do(self) -> None:
        model = self.model(presets.load("lenet5-cs231n"))
        figures = ["20 × 28 × 28", "520", "392,000", "61 KB", "5 × 5", "1", "2", "yes"]
        assert row(model, 1) == ["conv1", "Conv2d", *figures, ""]
        assert row(model, 8)[columns.FIELD] == "whole"

    def test_unknown_is_a_question_mark_with_its_reason(self) -> None:
        graph = presets.load("lenet5-cs231n")
        graph.remove(next(node.id for node in graph.nodes.values() if node.kind == "Flatten"))
        model = self.model(graph)
        faulty = model.row_of("linear_1")
        assert faulty is not None
        assert row(model, faulty)[columns.OUTPUT : columns.NOTE] == ["?"] * 8
        cell = model.index(faulty, columns.PARAMETERS)
        assert cell.data(Qt.ItemDataRole.ToolTipRole) == "fc1 has no input; draw a wire to it from the layer before."
        assert cell.data(TOKEN_ROLE) == "danger"
        behind = model.index(faulty + 1, columns.PARAMETERS)
        assert behind.data(Qt.ItemDataRole.ToolTipRole) == "Not known, because of fc1."
        assert behind.data(TOKEN_ROLE) == "muted"

    def test_says_whether_branches_look_at_one_centre(self) -> None:
        graph = Graph()
        image = graph.add("Input", shape=(1, 8, 8))
        left = graph.add("Conv2d", image, out_channels=2, kernel_size=3, padding=1, name="left")
        right = graph.add("Conv2d", image, out_channels=2, kernel_size=2, padding="same", name="right")
        graph.add("Concat", left, right)
        model = self.model(graph)
        assert [row(model, number)[columns.ALIGNED] for number in range(4)] == ["yes", "yes", "yes", "no"]
        marks = [bool(model.index(3, column).data(MARK_ROLE)) for column in range(model.columnCount())]
        assert marks == [column == columns.FIELD for column in range(model.columnCount())]
        assert model.index(3, columns.ALIGNED).data(TOKEN_ROLE) == "warning"
        assert not model.index(2, columns.FIELD).data(MARK_ROLE)

    def test_one_edit_changes_only_the_rows_it_concerns(self, qtbot) -> None:
        graph = presets.load("digits-small")
        model = self.model(graph)
        conv2 = next(node.id for node in graph.nodes.values() if node.name == "conv2")
        changed: list[int] = []
        model.dataChanged.connect(lambda first, last: changed.append(first.row()))
        model.modelReset.connect(lambda: pytest.fail("the table was built anew"))
        SetParams(conv2, out_channels=8).do(graph)
        model.set_report(analyze(graph))
        assert changed == [3, 4, 5, 6, 7], "conv2 and what follows up to the first Linear"

    def test_rows_come_and_go_singly(self) -> None:
        graph = presets.load("digits-small")
        model = self.model(graph)
        heard: list[tuple[str, int, int]] = []
        model.rowsInserted.connect(lambda _parent, first, last: heard.append(("in", first, last)))
        model.rowsRemoved.connect(lambda _parent, first, last: heard.append(("out", first, last)))
        command = AppendAfter(model.ids[1], "BatchNorm", {})
        command.do(graph)
        model.set_report(analyze(graph))
        command.undo(graph)
        model.set_report(analyze(graph))
        RemoveNodes([model.ids[4]]).do(graph)
        model.set_report(analyze(graph))
        assert heard == [("in", 2, 2), ("out", 2, 2), ("out", 4, 4)]

    def test_follows_any_change_of_the_drawing(self) -> None:
        model = self.model(presets.load("digits-small"))
        for name in (*presets.names(), "digits-small"):
            report = analyze(presets.load(name))
            model.set_report(report)
            assert model.ids == [each.id for each in report]
            assert [row(model, number)[0] for number in range(model.rowCount())] == [each.name for each in report]


class TestPanel:
    def test_selection_is_in_step_both_ways(self, bench) -> None:
        bench.select("conv2")
        assert bench.build.table.selection == (bench.id("conv2"),)
        table = bench.build.table.table
        index = bench.build.table.model.index(5, 0)
        QTest.mouseClick(
            table.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            table.visualRect(index).center(),
        )
        assert bench.selected() == ["pool1"]
        QTest.keyClick(table, Qt.Key.Key_Down)
        assert bench.selected() == ["flatten1"]

    def test_several_rows_select_several_cards(self, bench) -> None:
        table = bench.build.table
        flag = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for number in (1, 3):
            table.table.selectionModel().select(table.model.index(number, 0), flag)
        assert bench.selected() == ["conv1", "conv2"]
        assert bench.find("selectionTitle").text() == "2 layers selected"

    def test_totals_say_when_something_is_missing(self, bench) -> None:
        totals = bench.build.table.totals
        assert totals.texts[columns.PARAMETERS] == "38,282"
        bench.editor.run(SetParams(bench.id("conv2"), kernel_size=99))
        assert totals.texts[columns.PARAMETERS] == "160 + ?"
        assert totals.texts[columns.MACS] == "9,216 + ?"
        bench.editor.undo()
        assert totals.texts[columns.PARAMETERS] == "38,282"

    def test_figures_follow_at_once_and_the_table_does_not_jump(self, bench, qtbot) -> None:
        bench.build.use_preset("resnet20-cifar10")
        bar = bench.build.table.table.verticalScrollBar()
        qtbot.waitUntil(lambda: bar.maximum() > 600)
        bar.setValue(600)
        bench.editor.run(SetParams(bench.id("conv1"), bias=True))
        assert bench.cell("conv1", columns.PARAMETERS) == "448"
        assert bar.value() == 600

    def test_copies_as_text(self, bench) -> None:
        bench.select("conv1")
        QTest.keyClick(bench.build.table.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        lines = QGuiApplication.clipboard().text().splitlines()
        assert lines[0].split("\t")[:4] == ["Layer", "Kind", "Output", "Parameters"]
        assert lines[1].split("\t")[:5] == ["conv1", "Conv2d", "16 × 8 × 8", "160", "9,216"]
        assert len(lines) == 2

    def test_columns_keep_room_for_their_longest_text(self, bench) -> None:
        table, model = bench.build.table.table, bench.build.table.model
        narrow = table.columnWidth(columns.MACS)
        bench.editor.run(SetParams(bench.id("conv2"), out_channels=4096, kernel_size=5, padding=2))
        assert model.longest[columns.MACS] == "104,857,600"
        wide = table.columnWidth(columns.MACS)
        assert wide > narrow
        bench.editor.undo()
        assert table.columnWidth(columns.MACS) == wide, "columns do not jump while figures change"
        bench.build.table.home()
        assert table.columnWidth(columns.MACS) == narrow

    @pytest.mark.parametrize("width", [714, 1000, 1600])
    def test_columns_fill_the_width_without_a_scroll_bar(self, bench, width: int) -> None:
        table = bench.build.table
        table.setParent(None)
        table.resize(width, 276)
        table.show()
        assert table.table.horizontalScrollBar().maximum() == 0
        table.hide()
        table.setParent(bench.build)

    @pytest.mark.parametrize("name", ["lenet5-cs231n", "vgg16", "googlenet", "resnet152"])
    def test_stride_and_padding_of_a_classic_network_are_seen_at_once(self, bench, name: str) -> None:
        bench.build.use_preset(name)
        table = bench.build.table.table
        QTest.qWait(1)
        assert table.horizontalScrollBar().maximum() == 0
        for column in (columns.FIELD, columns.STRIDE, columns.PADDING):
            assert not table.isColumnHidden(column)

    def test_sums_stand_side_by_side_where_the_columns_scroll(self, bench) -> None:
        totals, table = bench.build.table.totals, bench.build.table.table
        assert not totals.apart
        bench.build.restore_state({"build.columns": [200, 430, 592]})
        QTest.qWait(1)
        assert totals.apart
        assert not table.isColumnHidden(columns.PADDING), "what scrolls need leave nothing out"
        assert totals.line == "38,282 parameters · 337,536 MACs · 29 KB"
        assert QFontMetricsF(bench.theme.text_font(-1)).horizontalAdvance(totals.line) < totals.width() - 60


def test_an_edit_of_a_large_network_tells_of_the_rows_that_it_reaches(bench) -> None:
    bench.build.use_preset("resnet50")
    model, told = bench.build.table.model, []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.rowsInserted.connect(lambda *_: told.append("inserted"))
    row = model.row_of(bench.id("conv20"))
    bench.graph.set_params(bench.id("conv20"), bias=True)
    assert told == [(row, row)]
    assert model.ids == list(bench.graph.topological_order())


class TestWhy:
    def tip(self, bench, name: str, column: int) -> str:
        model = bench.build.table.model
        return str(model.index(model.row_of(bench.id(name)), column).data(Qt.ItemDataRole.ToolTipRole))

    def test_every_figure_tells_its_formula(self, bench) -> None:
        assert self.tip(bench, "conv2", columns.OUTPUT) == (
            "Output: ⌊(8 + 2·1 − 3) / 1⌋ + 1 = 8; channels = out_channels = 32"
        )
        assert self.tip(bench, "conv2", columns.PARAMETERS) == "Parameters: 32 × (16·3·3 + 1) = 4,640"
        assert self.tip(bench, "conv2", columns.MACS) == "MACs: 8·8·32·16·3·3 = 294,912"
        assert self.tip(bench, "conv2", columns.MEMORY) == "Memory: 32·8·8 × 4 = 8,192 bytes"
        assert self.tip(bench, "conv2", columns.STRIDE) == "Effective stride: 1 × 1 = 1"
        assert self.tip(bench, "conv2", columns.PADDING) == "Effective padding: 1 + 1·1 = 2"
        assert self.tip(bench, "conv2", columns.ALIGNED) == "Alignment: aligned, value u is centred on pixel u"

    def test_a_receptive_field_tells_stride_padding_and_alignment_too(self, bench) -> None:
        assert self.tip(bench, "pool1", columns.FIELD).splitlines() == [
            "Receptive field: 5 + (2 − 1)·1 = 6",
            "Effective stride: 1 × 2 = 2",
            "Effective padding: 2, as at relu2",
            "Alignment: aligned, value u is centred on pixel 2u + 0.5",
        ]
        assert self.tip(bench, "fc1", columns.FIELD) == (
            "Receptive field: 8 × 8, the whole picture: fc1 takes in all that arrives"
        )

    def test_long_lines_are_broken(self, bench) -> None:
        with bench.graph.batch():
            right = bench.graph.add("Conv2d", bench.id("input"), out_channels=2, kernel_size=2, padding="same")
            bench.graph.add("Concat", bench.id("conv1"), right, name="merge")
        tip = self.tip(bench, "merge", columns.ALIGNED)
        assert "look at different centres" in tip.replace("\n", " ")
        assert 1 < len(tip.splitlines()) < 4
        assert max(map(len, tip.splitlines())) <= 76

    def test_nothing_is_worked_out_before_it_is_asked_for(self) -> None:
        asked: list[tuple[str, str]] = []

        def why(node: str, figure: str) -> str:
            asked.append((node, figure))
            return "so"

        model = AnalysisModel(why)
        model.set_report(analyze(presets.load("resnet18")))
        for number in range(model.rowCount()):
            row(model, number)
        assert asked == []
        assert model.index(1, columns.MACS).data(Qt.ItemDataRole.ToolTipRole) == "MACs: so"
        assert asked == [(model.ids[1], "macs")]

    def test_the_keyboard_finds_it_in_the_status_bar_and_with_space(self, bench) -> None:
        heard: list[str] = []
        bench.build.status.connect(heard.append)
        bench.select("conv2")
        table = bench.build.table.table
        table.setFocus()
        QTest.keyClick(table, Qt.Key.Key_Right)
        while table.currentIndex().column() != columns.PARAMETERS:
            QTest.keyClick(table, Qt.Key.Key_Right)
        assert heard[-1] == "Parameters: 32 × (16·3·3 + 1) = 4,640"
        QTest.keyClick(table, Qt.Key.Key_Up)
        assert heard[-1] == "Parameters: 0, nothing is learned"
        QTest.keyClick(table, Qt.Key.Key_Space)
        assert QToolTip.text() == "Parameters: 0, nothing is learned"
        assert bench.selected() == ["relu1"], "Space is no choice"
        QToolTip.hideText()
        bench.build.canvas.setFocus()
        assert heard[-1] == ""

    def test_a_sum_tells_what_it_is_made_of(self, bench) -> None:
        totals = bench.build.table.totals
        assert totals.reason(columns.PARAMETERS) == "conv1 160 + conv2 4,640 + fc1 32,832 + fc2 650 = 38,282"
        assert totals.reason(columns.NAME) == ""
        bench.build.use_preset("resnet18")
        assert totals.reason(columns.PARAMETERS) == (
            "Conv2d 11,166,912 (20 layers) + BatchNorm 9,600 (20 layers) + Linear 513,000 (1 layer) = 11,689,512"
        )
        bench.editor.undo()
        bench.editor.run(SetParams(bench.id("conv2"), kernel_size=99))
        assert totals.reason(columns.MACS) == (
            "9,216\nLayers with a question mark are not counted: mend their faults first."
        )

    def test_the_mouse_finds_the_sum_s_reason(self, bench) -> None:
        totals, table = bench.build.table.totals, bench.build.table.table
        place = QPoint(table.columnViewportPosition(columns.MACS) + 10, totals.height() // 2)
        QApplication.sendEvent(totals, QHelpEvent(QEvent.Type.ToolTip, place, totals.mapToGlobal(place)))
        assert QToolTip.text().endswith("= 337,536")
        QToolTip.hideText()


class TestColumns:
    NEEDS = (90, 90, 110, 96, 112, 74, 112, 62, 70, 64, 62)

    LEAST_NAME, LEAST_KIND = 64, 72
    """Two thirds of a name are less than the least that it keeps."""

    def test_alignment_stands_where_there_is_room(self) -> None:
        least = sum(self.NEEDS[: columns.ALIGNED])
        assert columns.shared(least, self.NEEDS)[columns.ALIGNED :] == [0, 0]
        assert columns.shared(least + 64, self.NEEDS)[columns.ALIGNED :] == [64, 0]

    def test_words_give_way_to_figures(self) -> None:
        least = sum(self.NEEDS[: columns.ALIGNED])
        widths = columns.shared(least - 40, self.NEEDS)
        assert sum(widths) == least - 40
        assert widths[columns.OUTPUT : columns.ALIGNED] == list(self.NEEDS[columns.OUTPUT : columns.ALIGNED])
        assert widths[columns.KIND] == self.LEAST_KIND
        narrow = columns.shared(300, self.NEEDS)
        assert narrow[: columns.NOTE] == list(self.NEEDS[: columns.NOTE]), "it scrolls: words need not give way"

    def test_of_a_long_name_two_thirds_are_kept(self) -> None:
        needs = (150, *self.NEEDS[1:])
        least = sum(needs[: columns.ALIGNED]) - 50 - (90 - self.LEAST_KIND)
        assert columns.shared(least, needs)[columns.NAME] == 100

    @pytest.mark.parametrize("width", range(560, 2000, 37))
    def test_all_the_width_is_used(self, width: int) -> None:
        widths = columns.shared(width, self.NEEDS)
        least = sum(self.NEEDS[: columns.ALIGNED]) - 90 - 90 + self.LEAST_NAME + self.LEAST_KIND
        assert sum(widths) == (width if width >= least else sum(self.NEEDS[: columns.NOTE]))

    def test_what_is_left_goes_to_the_problems(self) -> None:
        widths = columns.shared(1700, self.NEEDS)
        assert widths[: columns.NOTE] == [max(pair) for pair in zip(columns.USUAL, self.NEEDS, strict=True)][:-1]
        assert widths[columns.NOTE] == 1700 - sum(widths[: columns.NOTE])


def test_without_layers_words_stand_in_the_place_of_headings(bench) -> None:
    table = bench.build.table.table
    assert table.horizontalHeader().isVisible()
    bench.editor.run(RemoveNodes(tuple(bench.graph.nodes)))
    assert not table.horizontalHeader().isVisible()
    assert not table.horizontalScrollBar().isVisible()
    image = table.viewport().grab().toImage()
    assert len({image.pixel(x, image.height() // 2) for x in range(image.width())}) > 1, "there are words"
    bench.editor.undo()
    assert table.horizontalHeader().isVisible()
