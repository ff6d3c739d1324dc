"""Parameters edited, faults mended and figures explained in the panel at the right."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from cnnstudio.graph import CATALOGUE, Graph, presets
from cnnstudio.graph.commands import RemoveNodes
from cnnstudio.gui.builder.stories import story_of


class TestLayer:
    def test_has_a_field_for_every_parameter_of_every_kind(self, bench) -> None:
        for kind, spec in CATALOGUE.items():
            bench.build.canvas.select((bench.id("conv1"),))
            bench.build.append(kind)
            assert bench.find("layerSubtitle").text().startswith(f"{kind} \u00b7")
            for param in spec.params:
                assert bench.field(param.name).isEnabled()
            bench.editor.undo()

    def test_says_what_arrives(self, bench) -> None:
        def said(name: str) -> str:
            bench.select(name)
            return bench.find("layerSubtitle").text().replace("\u00a0", " ")

        assert said("conv2") == "Conv2d · 16 × 8 × 8 in"
        assert said("input") == "Input · the picture that comes in"
        bench.build.use_preset("googlenet")
        assert said("inc1_concat") == "Concat · 4 inputs of 28 × 28: 64 + 128 + 32 + 32"
        with bench.graph.batch():
            bench.graph.add("Add", bench.id("conv1"), bench.id("conv1"), name="same")
            bench.graph.add("Add", bench.id("conv1"), bench.id("pool1"), name="unlike")
        assert said("same") == "Add · 2 inputs of 64 × 112 × 112"
        assert said("unlike") == "Add · 2 inputs: 64 × 112 × 112, 64 × 56 × 56"

    def test_a_stride_that_is_left_open_names_the_kernel(self, bench) -> None:
        bench.select("pool1")
        assert (bench.field("stride").text(), bench.field("stride").placeholderText()) == ("", "as kernel (2 × 2)")
        bench.type_into("kernel_size", "3")
        assert bench.field("stride").placeholderText() == "as kernel (3 × 3)"
        bench.select("conv1")
        assert bench.field("stride").text() == "1 × 1"

    def test_an_edit_applies_at_once_everywhere(self, bench) -> None:
        bench.select("conv2")
        bench.type_into("out_channels", "8")
        assert bench.graph.node(bench.id("conv2")).params["out_channels"] == 8
        assert bench.build.canvas.mirror.cards[bench.id("conv2")].face.shape == "8 × 8 × 8"
        assert bench.cell("conv2", 3) == "1,160"
        assert bench.editor.stack.undoText() == "set conv2 out_channels to 8"
        bench.editor.undo()
        assert bench.field("out_channels").text() == "32"

    def test_what_is_out_of_range_is_said_in_words_and_not_applied(self, bench) -> None:
        bench.select("conv2")
        bench.type_into("out_channels", "0")
        assert bench.editor.stack.count() == 0
        error = bench.find("fieldError")
        assert isinstance(error, QLabel)
        assert "a whole number from 1 to 65536" in error.text()
        QTest.keyClick(bench.field("out_channels"), Qt.Key.Key_Escape)
        assert bench.field("out_channels").text() == "32"

    def test_the_name_is_a_field_and_a_taken_one_is_refused(self, bench) -> None:
        bench.select("conv2")
        bench.type_into("name", "second")
        assert bench.names()[3] == "second"
        assert bench.find("layerTitle").text() == "second"
        bench.type_into("name", "conv1")
        assert bench.find("fieldError").text() == "Another layer is called conv1; names are unique."
        assert bench.names()[3] == "second"

    def test_a_switch_is_one_edit(self, bench) -> None:
        bench.select("conv1")
        QTest.mouseClick(bench.field("bias"), Qt.MouseButton.LeftButton)
        assert bench.editor.stack.undoText() == "set conv1 bias to off"
        assert bench.cell("conv1", 3) == "144"

    def test_a_value_that_fits_no_picture_is_a_fault_with_its_reason(self, bench) -> None:
        bench.select("conv2")
        bench.type_into("kernel_size", "40")
        assert "does not fit" in bench.find("problemText").text()
        assert bench.find("fieldSize").text() == "Not known"

    def test_a_fault_is_mended_by_its_button(self, bench) -> None:
        bench.editor.run(RemoveNodes([bench.id("flatten1")]))
        bench.select("fc1")
        assert bench.find("problemText").text().replace("\u00a0", " ") == (
            "fc1: Linear takes a vector; 32 × 4 × 4 arrived."
        )
        bench.click("problemFix")
        assert bench.names()[6:8] == ["flatten_1", "fc1"]
        assert not bench.studio.report.problems
        assert bench.editor.stack.undoText() == "insert Flatten before fc1"

    def test_enter_on_the_canvas_leads_to_the_first_parameter(self, bench) -> None:
        bench.select("conv2")
        bench.build.canvas.setFocus()
        QTest.keyClick(bench.build.canvas, Qt.Key.Key_Return)
        assert QApplication.focusWidget() is bench.field("out_channels")

    def test_the_look_changes_while_it_is_shown(self, bench) -> None:
        bench.select("conv2")
        before = bench.build.grab().toImage()
        bench.theme.set_mode("dark")
        after = bench.build.grab().toImage()
        assert before.pixelColor(4, 730).name() == "#ffffff"
        assert after.pixelColor(4, 730).name() == "#1b1f26"


class TestNetwork:
    def test_nothing_selected_shows_totals_and_story(self, bench) -> None:
        bench.build.canvas.select(())
        assert bench.find("networkTitle").text() == "Small network for digits"
        assert bench.find("figure.parameters").text() == "38,282"
        assert bench.find("figure.output").text() == "10"
        assert "enough to read handwriting" in bench.find("networkStory").text()
        bench.build.append("Softmax")
        bench.build.canvas.select(())
        assert bench.find("networkTitle").text() == "Network"

    def test_all_problems_are_listed_and_lead_to_their_layer(self, bench) -> None:
        bench.editor.run(RemoveNodes([bench.id("flatten1")]))
        bench.build.canvas.select(())
        bench.click("problemShow")
        assert bench.selected() == ["fc1"]

    def test_several_layers_show_their_sums(self, bench) -> None:
        bench.select("fc1", "fc2")
        assert bench.find("figure.parameters").text() == "33,482"
        bench.click("deleteSelection")
        assert bench.editor.stack.undoText() == "delete 2 layers"


class TestStory:
    @pytest.mark.parametrize("name", presets.names())
    def test_a_preset_is_known_by_its_network_not_by_its_names(self, name: str) -> None:
        graph = presets.load(name)
        first = next(iter(graph.nodes))
        graph.rename(first, "something else")
        graph.move(first, (8, 8))
        assert story_of(graph) == presets.info(name)

    def test_a_changed_one_is_not(self) -> None:
        graph = presets.load("digits-small")
        graph.set_params("conv2d_1", out_channels=17)
        assert story_of(graph) is None
        assert story_of(Graph()) is None
