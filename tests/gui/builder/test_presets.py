"""The classic networks searched, looked at and taken, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from cnnstudio.graph import analyze, presets
from cnnstudio.graph.presets import Preset
from cnnstudio.gui.builder.preset_list import Rows, best_preset, matching_presets
from cnnstudio.gui.builder.sections import Section
from cnnstudio.gui.builder.silhouette import Silhouette
from cnnstudio.gui.builder.stories import facts_of
from cnnstudio.gui.theme import count_text, shape_text


def names(rows: Rows) -> list[str]:
    return [row.name for row in rows if isinstance(row, Preset)]


def groups(rows: Rows) -> list[str]:
    return [row.title for row in rows if isinstance(row, Section)]


class TestSearch:
    def test_without_a_word_every_network_stands_under_its_group(self) -> None:
        rows = matching_presets("")
        assert names(rows) == list(presets.names())
        assert groups(rows) == list(dict.fromkeys(presets.info(name).group for name in presets.names()))

    def test_finds_by_name_title_year_and_author(self) -> None:
        assert names(matching_presets("resnet152")) == ["resnet152"]
        assert names(matching_presets("GoogLeNet")) == ["googlenet"]
        assert "vgg16" in names(matching_presets("simonyan"))
        assert all(presets.info(name).year == 2012 for name in names(matching_presets("2012")))
        assert "alexnet-2012" in names(matching_presets("2012 krizhevsky"))
        assert matching_presets("no such thing") == []

    def test_an_author_is_found_by_the_beginning_of_the_name_only(self) -> None:
        found = names(matching_presets("he"))
        assert "resnet18" in found
        assert "vgg16" not in found, "`he` stands inside `the`"

    def test_groups_without_a_match_are_left_out(self) -> None:
        assert groups(matching_presets("vgg16")) == [presets.info("vgg16").group]

    def test_the_very_name_wins_then_its_beginning(self) -> None:
        rows = matching_presets("alexnet")
        assert rows[best_preset(rows, "alexnet") or 0] == presets.info("alexnet")
        rows = matching_presets("resnet1")
        best = rows[best_preset(rows, "resnet1") or 0]
        assert isinstance(best, Preset)
        assert best.name.startswith("resnet1")


@pytest.mark.parametrize("name", ["lenet5-caffe", "googlenet"])
def test_the_facts_are_those_of_the_analysis(name: str) -> None:
    graph = presets.load(name)
    report, facts = analyze(graph), facts_of(name)
    assert (facts.parameters, facts.macs, facts.layers) == (report.parameters, report.macs, len(graph))
    assert facts.input == next(iter(report)).output_shape
    assert len(facts.outline) == len(graph)


@pytest.mark.parametrize("name", ["linear", "googlenet", "resnet152"])
def test_the_outline_stays_in_its_place_and_covers_nothing_twice(name: str, theme, qtbot) -> None:
    outline = Silhouette(theme)
    qtbot.addWidget(outline)
    outline.resize(340, 120)
    outline.show_outline(facts_of(name).outline)
    blocks = outline.blocks()
    assert all(QRectF(outline.rect()).contains(block) for block in blocks)
    corners = [(round(block.left(), 3), round(block.top(), 3)) for block in blocks]
    assert len(set(corners)) == len(presets.load(name))


class TestPicker:
    @pytest.fixture
    def picker(self, bench):
        """Opened by its button; digits-small is on the canvas."""
        bench.click("presetsButton")
        return bench.find("presetPicker")

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(QApplication.focusWidget(), key)

    def shown(self, bench) -> str:
        return bench.find("presetTitle").text()

    def closed(self, bench) -> bool:
        return not [each for each in bench.build.children() if each.objectName() == "presetPicker"]

    def test_begins_at_the_network_on_the_canvas_ready_to_type(self, bench, picker) -> None:
        assert QApplication.focusWidget() is bench.find("presetSearch")
        assert self.shown(bench) == presets.info("digits-small").title

    def test_tells_figures_story_and_source_of_the_current_one(self, bench, picker) -> None:
        QTest.keyClicks(QApplication.focusWidget(), "resnet152")
        info, facts = presets.info("resnet152"), facts_of("resnet152")
        texts = {label.text().replace("\u00a0", " ") for label in picker.findChildren(QLabel) if label.isVisible()}
        assert {info.title, info.story, info.source, f"{info.year} \u00b7 resnet152"} <= texts
        assert {shape_text(facts.input), count_text(facts.parameters), count_text(facts.macs)} <= texts

    def test_type_and_enter(self, bench, picker, qtbot) -> None:
        QTest.keyClicks(QApplication.focusWidget(), "caffe 2014 lenet")
        self.press(Qt.Key.Key_Return)
        assert bench.editor.stack.undoText() == "use preset LeNet-5, Caffe"
        assert QApplication.focusWidget() is bench.build.canvas
        qtbot.waitUntil(lambda: self.closed(bench))

    def test_arrows_and_pages_pass_the_headings(self, bench, picker) -> None:
        every = [presets.info(name).title for name in presets.names()]
        at = every.index(self.shown(bench))
        self.press(Qt.Key.Key_Down)
        assert self.shown(bench) == every[at + 1]
        self.press(Qt.Key.Key_PageDown)
        assert self.shown(bench) == every[at + 11]
        for _ in range(9):
            self.press(Qt.Key.Key_PageUp)
        assert self.shown(bench) == every[0]
        self.press(Qt.Key.Key_Up)
        assert self.shown(bench) == every[0]

    def test_escape_empties_the_line_then_leaves(self, bench, picker, qtbot) -> None:
        before = bench.graph.state
        QTest.keyClicks(QApplication.focusWidget(), "vgg")
        self.press(Qt.Key.Key_Escape)
        assert bench.find("presetSearch").text() == ""
        self.press(Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: self.closed(bench))
        assert bench.graph.state == before

    def test_a_click_takes_what_it_hits_and_a_heading_is_nothing(self, bench, picker, qtbot) -> None:
        chosen = bench.find("presetList")
        QTest.mouseClick(chosen.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 15))
        assert not self.closed(bench)
        rows = chosen.entries.rows
        row = rows.index(presets.info("lenet5-d2l"))
        place = chosen.visualRect(chosen.entries.index(row)).center()
        QTest.mouseClick(chosen.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert bench.studio.report.parameters == 61_706
        qtbot.waitUntil(lambda: self.closed(bench))

    def test_a_click_beside_it_closes_it(self, bench, picker, qtbot) -> None:
        beside = QPoint(bench.build.width() - 20, 20)
        assert not picker.panel.geometry().contains(beside)
        QTest.mouseClick(picker, Qt.MouseButton.LeftButton, pos=beside)
        qtbot.waitUntil(lambda: self.closed(bench))

    def test_what_is_not_found_is_said_and_enter_does_nothing(self, bench, picker) -> None:
        QTest.keyClicks(QApplication.focusWidget(), "transformer")
        assert bench.find("presetNothing").text() == "No network of that name, year or author."
        self.press(Qt.Key.Key_Return)
        assert not bench.editor.stack.canUndo()

    @pytest.mark.parametrize("size", [(948, 560), (1224, 736), (828, 480)])
    def test_fits_and_clips_nothing(self, bench, qtbot, size: tuple[int, int]) -> None:
        bench.build.resize(*size)
        bench.click("presetsButton")
        picker = bench.find("presetPicker")
        assert picker.rect().contains(picker.panel.geometry())
        page, longest = bench.find("presetPage"), max(presets.names(), key=lambda name: len(presets.info(name).source))
        bench.find("presetList").show_preset(longest)
        qtbot.wait(1)
        for label in page.findChildren(QLabel):
            assert label.height() >= label.heightForWidth(label.width()), label.text()
        titles = bench.find("presetList")
        metrics = titles.fontMetrics()
        room = titles.viewport().width() - 64
        assert all(metrics.horizontalAdvance(presets.info(name).title) <= room for name in presets.names())
