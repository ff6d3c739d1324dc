"""Layer kinds found, appended and carried to the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnstudio.graph import CATALOGUE
from cnnstudio.graph.specs import LayerSpec
from cnnstudio.gui.builder.palette_list import KIND_ROLE, Section, best_match, matching
from cnnstudio.gui.canvas import LAYER_MIME, Cargo, dragged


def kinds(rows: list[Section | LayerSpec]) -> list[str]:
    return [row.kind for row in rows if isinstance(row, LayerSpec)]


class TestFilter:
    def test_without_a_needle_every_kind_is_there(self) -> None:
        assert kinds(matching("")) == list(CATALOGUE)

    def test_looks_in_name_help_and_family(self) -> None:
        assert kinds(matching("pool")) == [
            "MaxPool2d",
            "AvgPool2d",
            "StochasticPool2d",
            "AdaptiveAvgPool2d",
            "AdaptiveMaxPool2d",
        ]
        assert "MaxPool2d" in kinds(matching("strongest"))
        assert kinds(matching("normalization")) == [
            "BatchNorm",
            "LayerNorm",
            "InstanceNorm",
            "GroupNorm",
            "LocalResponseNorm",
        ]
        assert kinds(matching("no such thing")) == []

    def test_the_beginning_of_a_name_wins(self) -> None:
        rows = matching("ad")
        best = best_match(rows, "ad")
        assert best is not None
        assert isinstance(rows[best], LayerSpec)
        assert rows[best].kind in ("Add", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d")
        rows = matching("add")
        assert rows[best_match(rows, "add") or 0].kind == "Add"


class TestPanel:
    def test_double_click_appends_after_the_selection(self, bench) -> None:
        bench.select("conv1")
        palette = bench.build.palette_panel.list
        place = palette.entry_rect("BatchNorm").center()
        QTest.mouseDClick(palette.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
        assert bench.names()[1:4] == ["conv1", "batchnorm_1", "relu1"]
        assert bench.selected() == ["batchnorm_1"]
        assert bench.editor.stack.undoText() == "add BatchNorm after conv1"

    def test_without_a_selection_it_goes_after_the_output(self, bench) -> None:
        bench.build.canvas.select(())
        bench.build.append("Softmax")
        assert bench.names()[-2:] == ["fc2", "softmax_1"]

    def test_an_input_stands_free(self, bench) -> None:
        bench.select("conv1")
        bench.build.append("Input")
        (name,) = bench.selected()
        assert bench.graph.node(bench.id(name)).kind == "Input"
        assert bench.graph.links_from(bench.id(name)) == ()
        assert len(bench.graph.links()) == 9

    def test_search_type_enter_type_enter(self, bench) -> None:
        bench.select("conv1")
        bench.run("build.append")
        search = bench.build.palette_panel.search
        assert QApplication.focusWidget() is search
        QTest.keyClicks(search, "batch")
        QTest.keyClick(search, Qt.Key.Key_Return)
        QTest.keyClicks(search, "drop")
        QTest.keyClick(search, Qt.Key.Key_Return)
        assert bench.names()[1:5] == ["conv1", "batchnorm_1", "dropout_1", "relu1"]
        QTest.keyClick(search, Qt.Key.Key_Escape)
        assert search.text() == ""
        QTest.keyClick(search, Qt.Key.Key_Escape)
        assert QApplication.focusWidget() is bench.build.canvas

    def test_arrows_choose_among_what_was_found(self, bench) -> None:
        search, palette = bench.build.palette_panel.search, bench.build.palette_panel.list
        search.setFocus()
        QTest.keyClicks(search, "pool")
        assert palette.current == Cargo("MaxPool2d")
        QTest.keyClick(search, Qt.Key.Key_Down)
        assert palette.current == Cargo("AvgPool2d")

    def test_nothing_found_is_said(self, bench) -> None:
        QTest.keyClicks(bench.build.palette_panel.search, "xyz")
        assert bench.find("paletteNothing").text() == "No layer or block of that name."

    def test_a_drag_carries_the_kind(self, bench) -> None:
        model = bench.build.palette_panel.list.entries
        index = next(model.index(row) for row in range(model.rowCount()) if model.index(row).data(KIND_ROLE) == "ReLU")
        data = model.mimeData([index])
        assert data.hasFormat(LAYER_MIME)
        assert dragged(data) == Cargo("ReLU")
        assert model.flags(index) & Qt.ItemFlag.ItemIsDragEnabled
        assert not model.flags(model.index(0)), "a heading is no layer"

    def test_a_layer_dropped_on_a_card_is_appended(self, bench) -> None:
        area = bench.build.canvas.mirror.cards[bench.id("relu1")].sceneBoundingRect()
        bench.drop("Dropout", area.center())
        assert bench.names()[2:4] == ["relu1", "dropout_1"]
        assert bench.cell("dropout_1", 2) == "16 × 8 × 8"

    def test_a_layer_dropped_on_the_paper_stands_free(self, bench) -> None:
        bench.drop("Conv2d", QPointF(700, 100))
        assert bench.selected() == ["conv2d_3"]
        assert bench.cell("conv2d_3", 3) == "?"


class TestPresets:
    def test_a_classic_network_takes_the_place_of_the_drawing_and_undo_brings_it_back(self, bench) -> None:
        before = bench.graph.state
        bench.build.use_preset("lenet5-caffe")
        assert bench.studio.report.parameters == 431_080
        assert bench.editor.stack.undoText() == "use preset LeNet-5, Caffe"
        bench.editor.undo()
        assert bench.graph.state == before
        assert list(bench.build.canvas.mirror.cards) == list(before_ids(before))


def before_ids(state) -> list[str]:
    return [node.id for node in state.nodes]
