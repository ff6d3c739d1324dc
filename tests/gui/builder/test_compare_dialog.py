"""The drawing beside another network: chosen by keyboard, read row by row, followed through edits, written down."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit

from cnnstudio.explain.reports.comparing import render_comparison
from cnnstudio.graph import compare, presets
from cnnstudio.graph.commands import AppendAfter, RemoveNodes, SetParams
from cnnstudio.gui.builder import compare_model as columns
from cnnstudio.gui.builder.compare_dialog import CompareDialog
from cnnstudio.gui.builder.compare_model import Fold
from cnnstudio.gui.dialogs.command_palette import CommandPalette
from cnnstudio.gui.widgets.figure_table import TINT_ROLE, TOKEN_ROLE
from cnnstudio.project import Project, save_project
from tests.gui.builder.conftest import LEFT, Bench


@pytest.fixture
def dialog(bench: Bench, qtbot) -> CompareDialog:
    bench.build.use_preset("lenet5-caffe")
    bench.run("network.compare")
    (made,) = (each for each in bench.dialogs() if isinstance(each, CompareDialog))
    qtbot.waitExposed(made)
    return made


def choose(dialog: CompareDialog, query: str) -> None:
    """Type into the list that stands open, and press Enter."""
    (field,) = (each for each in dialog.findChildren(QLineEdit, "commandPalette.field") if each.isVisible())
    QTest.keyClicks(field, query)
    QTest.keyClick(field, Qt.Key.Key_Return)


@pytest.fixture
def lenets(dialog: CompareDialog) -> CompareDialog:
    choose(dialog, "lenet cs231n")
    return dialog


def cells(dialog: CompareDialog, row: int) -> list[str]:
    return [str(dialog.model.index(row, column).data() or "") for column in range(columns.DIFFERENCES + 1)]


def row_of(dialog: CompareDialog, name: str, side: int = columns.RIGHT) -> int:
    return next(row for row in range(dialog.model.rowCount()) if cells(dialog, row)[side] == name)


def click(dialog: CompareDialog, row: int) -> None:
    QTest.mouseClick(
        dialog.table.viewport(), LEFT, pos=dialog.table.visualRect(dialog.model.index(row, columns.LEFT)).center()
    )


class TestChoosing:
    def test_escape_leaves_the_window_saying_what_would_fill_it(self, dialog: CompareDialog) -> None:
        field = dialog.findChild(QLineEdit, "commandPalette.field")
        QTest.keyClick(field, Qt.Key.Key_Escape)
        assert dialog.isVisible()
        assert dialog.empty.isVisible()
        assert not dialog.copy_button.isEnabled()
        QTest.mouseClick(dialog.empty.button, LEFT)
        assert any(each.isVisible() for each in dialog.findChildren(CommandPalette))

    def test_every_classic_network_can_be_found(self, dialog: CompareDialog) -> None:
        texts = {entry.text for entry in dialog.entries()}
        assert {presets.info(name).title for name in presets.names()} <= texts

    def test_a_project_file(self, bench: Bench, dialog: CompareDialog, tmp_path: Path) -> None:
        save_project(Project(graph=presets.load("lenet5-cs231n")), tmp_path / "other.cnnstudio")
        choose(dialog, "project file")
        ask = dialog.findChild(QFileDialog, "compareFileDialog")
        assert ask is not None
        ask.fileSelected.emit(str(tmp_path / "other.cnnstudio"))
        ask.reject()
        assert (dialog.first.text(), dialog.second.text()) == ("LeNet-5, Caffe", "other")

    def test_a_file_that_cannot_be_read_leaves_what_stood_there(self, lenets: CompareDialog, tmp_path: Path) -> None:
        (tmp_path / "bad.cnnstudio").write_text("no project")
        lenets.compare_with_file(tmp_path / "bad.cnnstudio")
        assert "bad.cnnstudio" in lenets.note.text()
        assert lenets.second.text() == "LeNet-5, CS231n"

    def test_the_version_last_saved(self, bench: Bench, dialog: CompareDialog, tmp_path: Path) -> None:
        bench.studio.save(tmp_path / "mine.cnnstudio")
        bench.editor.run(SetParams(bench.id("conv1"), out_channels=30))
        bench.run("network.compare")
        choose(dialog, "as last saved")
        assert (dialog.first.text(), dialog.second.text()) == ("As last saved", "Now")
        row = row_of(dialog, "conv1")
        assert cells(dialog, row)[columns.PARAMETERS] == "520 → 780"
        assert cells(dialog, row)[columns.DIFFERENCES] == "Output channels 20 → 30"
        bench.studio.save()
        assert dialog.summary.text() == "The version last saved and the drawing do not differ."

    def test_saved_for_the_first_time_it_is_no_longer_as_it_was_begun(
        self, bench: Bench, dialog: CompareDialog, tmp_path: Path
    ) -> None:
        choose(dialog, "as it was begun")
        assert dialog.first.text() == "As it was begun"
        bench.studio.save(tmp_path / "mine.cnnstudio")
        assert dialog.first.text() == "As last saved"
        assert dialog.summary.text() == "The version last saved and the drawing do not differ."

    def test_a_long_name_is_cut_short_and_told_in_full_by_its_tool_tip(
        self, dialog: CompareDialog, tmp_path: Path
    ) -> None:
        path = tmp_path / f"{'long' * 30}.cnnstudio"
        save_project(Project(graph=presets.load("lenet5-cs231n")), path)
        dialog.compare_with_file(path)
        dialog.resize(dialog.minimumSize())
        QApplication.processEvents()
        assert dialog.minimumSizeHint().width() <= dialog.width()
        assert dialog.summary.heightForWidth(dialog.summary.width()) <= dialog.summary.height()
        assert dialog.second.toolTip() == path.stem
        assert dialog.table.horizontalHeader().textElideMode() is Qt.TextElideMode.ElideRight


class TestReading:
    def test_both_stand_side_by_side_with_totals_and_a_sentence(self, lenets: CompareDialog) -> None:
        assert (lenets.first.text(), lenets.second.text()) == ("LeNet-5, Caffe", "LeNet-5, CS231n")
        assert lenets.summary.text().startswith("LeNet-5, CS231n has 2 layers more than LeNet-5, Caffe, 2.91 ×")
        after = lenets.findChild(QLabel, "compare.parameters.after")
        assert after.text() == "→ 1,256,080  2.91 ×"

    def test_weight_layers_are_explained(self, lenets: CompareDialog) -> None:
        for part in ("name", "before", "after"):
            shown = lenets.findChild(QLabel, f"compare.weight_layers.{part}")
            assert shown.toolTip() == "Convolutions and Linear layers, those on shortcuts too"

    def test_a_changed_cell_tells_before_and_after(self, lenets: CompareDialog) -> None:
        row = row_of(lenets, "conv1")
        assert cells(lenets, row) == [
            "≠", "conv1", "conv1", "20 × 24 × 24 → 20 × 28 × 28", "520", "288,000 → 392,000", "Padding 0 → 2",
        ]  # fmt: skip
        tokens = [lenets.model.index(row, column).data(TOKEN_ROLE) for column in columns.FIGURES]
        assert tokens == ["accent", "muted", "accent"]

    def test_an_added_row_has_a_sign_and_a_colour(self, lenets: CompareDialog) -> None:
        row = row_of(lenets, "relu1")
        assert cells(lenets, row)[: columns.OUTPUT] == ["+", "", "relu1"]
        assert lenets.model.index(row, 0).data(TINT_ROLE) == "ok"

    def test_swapped_it_is_removed(self, lenets: CompareDialog) -> None:
        QTest.mouseClick(lenets.swap_button, LEFT)
        assert lenets.first.text() == "LeNet-5, CS231n"
        row = row_of(lenets, "relu1", columns.LEFT)
        assert cells(lenets, row)[: columns.OUTPUT] == ["\u2212", "relu1", ""]
        assert lenets.model.index(row, 0).data(TINT_ROLE) == "danger"

    def test_what_only_follows_is_told_apart(self, lenets: CompareDialog) -> None:
        assert cells(lenets, row_of(lenets, "flatten1"))[0] == "≈"

    def test_what_is_the_same_is_muted(self, lenets: CompareDialog) -> None:
        index = lenets.model.index(row_of(lenets, "fc2"), columns.OUTPUT)
        assert index.data(TOKEN_ROLE) == "muted"
        assert cells(lenets, index.row())[0] == ""

    def test_only_differences_folds_the_rest_and_a_fold_opens(self, lenets: CompareDialog) -> None:
        QTest.mouseClick(lenets.only, LEFT)
        folds = [row for row in lenets.model.rows if isinstance(row, Fold)]
        assert [fold.count for fold in folds] == [1, 2]
        last = lenets.model.rowCount() - 1
        assert cells(lenets, last) == ["\u22ef", "2 layers", "2 layers", "", "", "", "the same in both"]
        click(lenets, last)
        assert cells(lenets, last + 1)[columns.RIGHT] == "fc2"
        lenets.table.setCurrentIndex(lenets.model.index(0, 0))
        QTest.keyClick(lenets.table, Qt.Key.Key_Return)
        assert not any(isinstance(row, Fold) for row in lenets.model.rows)

    def test_a_row_selects_the_layer_of_the_drawing(self, bench: Bench, lenets: CompareDialog) -> None:
        click(lenets, row_of(lenets, "conv2"))
        assert bench.selected() == ["conv2"]
        QTest.mouseClick(lenets.swap_button, LEFT)
        click(lenets, row_of(lenets, "pool2", columns.LEFT))
        assert bench.selected() == ["pool2"]

    def test_it_follows_each_edit(self, bench: Bench, lenets: CompareDialog) -> None:
        bench.editor.run(SetParams(bench.id("conv1"), padding=2))
        assert cells(lenets, row_of(lenets, "conv1"))[0] == ""
        assert lenets.first.text() == "The drawing"
        bench.editor.run(AppendAfter(bench.id("conv1"), "ReLU", {}))
        assert "1 layer more" in lenets.summary.text()

    def test_an_edit_leaves_the_place_that_is_read(self, bench: Bench, dialog: CompareDialog, qtbot) -> None:
        bench.build.use_preset("resnet18")
        choose(dialog, "resnet-34")
        bar = dialog.table.verticalScrollBar()
        qtbot.waitUntil(lambda: bar.maximum() > 0)
        bar.setValue(bar.maximum() // 2)
        place = bar.value()
        bench.editor.run(SetParams(bench.id("conv2"), bias=True))
        QApplication.processEvents()
        assert bar.value() == place

    def test_closed_it_works_nothing_out_and_opened_again_it_is_up_to_date(
        self, bench: Bench, lenets: CompareDialog
    ) -> None:
        QTest.mouseClick(lenets.close_button, LEFT)
        before = lenets.summary.text()
        bench.editor.run(SetParams(bench.id("conv1"), out_channels=40))
        assert lenets.summary.text() == before
        lenets.present()
        assert lenets.summary.text() != before

    def test_a_faulty_drawing_is_compared_as_far_as_it_goes(self, bench: Bench, lenets: CompareDialog) -> None:
        bench.editor.run(RemoveNodes([bench.id("flatten1")]))
        assert lenets.summary.text().endswith("Where a drawing is incomplete, what is known is counted.")
        assert cells(lenets, row_of(lenets, "flatten1"))[0] == "+"

    def test_an_empty_drawing_has_nothing_in_common(self, empty: Bench) -> None:
        empty.run("network.compare")
        (dialog,) = (each for each in empty.dialogs() if isinstance(each, CompareDialog))
        choose(dialog, "lenet cs231n")
        assert {cells(dialog, row)[0] for row in range(dialog.model.rowCount())} == {"+"}


class TestWritingDown:
    def test_as_markdown_onto_the_clipboard(self, bench: Bench, lenets: CompareDialog) -> None:
        names = "LeNet-5, Caffe", "LeNet-5, CS231n"
        found = compare(bench.graph, presets.load("lenet5-cs231n"), names)
        QTest.mouseClick(lenets.copy_button, LEFT)
        assert QGuiApplication.clipboard().text() == render_comparison(found, "markdown", names)
        QTest.mouseClick(lenets.only, LEFT)
        QTest.mouseClick(lenets.copy_button, LEFT)
        assert QGuiApplication.clipboard().text() == render_comparison(found, "markdown", names, only_differences=True)

    @pytest.mark.parametrize(("suffix", "form"), [("md", "markdown"), ("csv", "csv"), ("json", "json")])
    def test_into_a_file(self, lenets: CompareDialog, tmp_path: Path, suffix: str, form: str) -> None:
        QTest.mouseClick(lenets.export_button, LEFT)
        ask = lenets.findChild(QFileDialog, "saveTextDialog")
        assert ask is not None
        assert Path(ask.selectedFiles()[0]).name == "LeNet-5, Caffe and LeNet-5, CS231n.md"
        path = tmp_path / f"both.{suffix}"
        ask.fileSelected.emit(str(path))
        ask.reject()
        assert path.read_text(encoding="utf-8") == lenets.text(form) + "\n"
        assert path.name in lenets.note.text()

    @pytest.mark.parametrize("name", ["both.svg", "both.pdf"])
    def test_a_format_that_it_has_not_is_refused(self, lenets: CompareDialog, tmp_path: Path, name: str) -> None:
        lenets.write(tmp_path / name)
        assert list(tmp_path.glob("both*")) == []
        assert lenets.note.text().endswith("the name of this report may end in .txt, .csv, .md or .json.")

    def test_a_folder_that_is_not_there_is_said(self, lenets: CompareDialog, tmp_path: Path) -> None:
        lenets.write(tmp_path / "nowhere" / "both.md")
        assert "cannot be written" in lenets.note.text()


def test_a_network_compared_with_itself_does_not_differ(bench: Bench, dialog: CompareDialog) -> None:
    choose(dialog, "lenet caffe")
    assert dialog.summary.text() == "The drawing and LeNet-5, Caffe do not differ."
    QTest.mouseClick(dialog.only, LEFT)
    assert [row.count for row in dialog.model.rows if isinstance(row, Fold)] == [len(bench.graph)]
