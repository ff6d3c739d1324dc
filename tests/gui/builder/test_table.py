"""The analysis table follows every edit and the selection, and moves nothing that need not move."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from cnnstudio.graph import Graph, analyze, presets
from cnnstudio.graph.commands import AppendAfter, RemoveNodes, SetParams
from cnnstudio.gui.builder import table_model as columns
from cnnstudio.gui.builder.table_model import AnalysisModel


def row(model: AnalysisModel, number: int) -> list[str]:
    return [str(model.index(number, column).data()) for column in range(model.columnCount())]


class TestModel:
    def model(self, graph: Graph) -> AnalysisModel:
        model = AnalysisModel()
        model.set_report(analyze(graph))
        return model

    def test_writes_figures_as_people_do(self) -> None:
        model = self.model(presets.load("lenet5-cs231n"))
        assert row(model, 1) == ["conv1", "Conv2d", "20 × 28 × 28", "520", "392,000", "61 KB", "5 × 5", "1", ""]
        assert row(model, 8)[columns.FIELD] == "whole picture"

    def test_unknown_is_a_question_mark_with_its_reason(self) -> None:
        graph = presets.load("lenet5-cs231n")
        graph.remove(next(node.id for node in graph.nodes.values() if node.kind == "Flatten"))
        model = self.model(graph)
        faulty = model.row_of("linear_1")
        assert faulty is not None
        assert row(model, faulty)[columns.OUTPUT : columns.STRIDE + 1] == ["?"] * 6
        cell = model.index(faulty, columns.PARAMETERS)
        assert cell.data(Qt.ItemDataRole.ToolTipRole) == "fc1 has no input; draw a wire to it from the layer before."
        assert cell.data(columns.TOKEN_ROLE) == "danger"
        behind = model.index(faulty + 1, columns.PARAMETERS)
        assert behind.data(Qt.ItemDataRole.ToolTipRole) == "Not known, because of fc1."
        assert behind.data(columns.TOKEN_ROLE) == "muted"

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

    @pytest.mark.parametrize("width", [714, 1000, 1600])
    def test_columns_fill_the_width_without_a_scroll_bar(self, bench, width: int) -> None:
        table = bench.build.table
        table.setParent(None)
        table.resize(width, 276)
        table.show()
        assert table.table.horizontalScrollBar().maximum() == 0
        table.hide()
        table.setParent(bench.build)


def test_an_edit_of_a_large_network_tells_of_the_rows_that_it_reaches(bench) -> None:
    bench.build.use_preset("resnet50")
    model, told = bench.build.table.model, []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.rowsInserted.connect(lambda *_: told.append("inserted"))
    row = model.row_of(bench.id("conv20"))
    bench.graph.set_params(bench.id("conv20"), bias=True)
    assert told == [(row, row)]
    assert model.ids == list(bench.graph.topological_order())
