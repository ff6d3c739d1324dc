"""The network as a whole: its memory follows drawing, batch and optimizer; and what can be done with all of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from cnnstudio.graph import memory
from cnnstudio.graph.commands import RemoveNodes, Rename, SetParams
from cnnstudio.gui.builder import memory_card
from cnnstudio.gui.builder.memory_card import MemoryCard
from cnnstudio.gui.builder.network_page import NetworkPage
from cnnstudio.gui.theme import bytes_text
from cnnstudio.session import DataState
from tests.gui.builder.conftest import Bench


@pytest.fixture
def page(bench: Bench) -> NetworkPage:
    bench.build.canvas.select(())
    return bench.build.properties.network


@pytest.fixture
def card(page: NetworkPage) -> MemoryCard:
    return page.memory


def figure(card: MemoryCard, name: str) -> QLabel:
    found = card.findChild(QLabel, f"memory.{name}")
    assert isinstance(found, QLabel)
    return found


def exact(card: MemoryCard, name: str) -> int:
    return int(figure(card, name).toolTip().partition(" bytes")[0].replace(",", ""))


class TestMemory:
    def test_is_that_of_the_training_runs_batch_and_optimizer(self, bench: Bench, card: MemoryCard) -> None:
        config = bench.studio.config
        found = memory(bench.graph, config.batch_size, config.optimizer, config.momentum)
        assert card.batch.value() == config.batch_size
        assert exact(card, "run") == found.inference_total
        assert exact(card, "train") == found.training_total
        assert figure(card, "train").text() == bytes_text(found.training_total)
        assert card.convention.text() == found.convention

    def test_its_parts_add_up_to_the_byte(self, card: MemoryCard) -> None:
        train = [exact(card, f"train.{part}") for part in ("weights", "gradients", "optimizer", "kept", "passing")]
        assert sum(train) == exact(card, "train")
        assert exact(card, "run.weights") + exact(card, "run.outputs") == exact(card, "run")
        assert sum(card.train_bar.shares) == pytest.approx(1)
        assert sum(card.run_bar.shares) == pytest.approx(exact(card, "run") / exact(card, "train"))

    def test_is_worked_out_only_where_it_is_seen(self, bench: Bench, card: MemoryCard, monkeypatch) -> None:
        asked = []
        monkeypatch.setattr(memory_card, "memory", lambda *given: asked.append(given[1]) or memory(*given))
        bench.select("conv1")
        bench.studio.config = replace(bench.studio.config, batch_size=7)
        bench.editor.run(SetParams(bench.id("conv1"), out_channels=9))
        assert asked == []
        bench.build.canvas.select(())
        assert asked == [7]
        assert exact(card, "train") == memory(bench.graph, 7, "sgd", 0.9).training_total
        bench.build.hide()
        bench.studio.config = replace(bench.studio.config, batch_size=8)
        assert asked == [7]
        bench.build.show()
        assert asked == [7, 8]

    def test_is_not_worked_out_anew_while_data_are_loaded(self, bench: Bench, card: MemoryCard, monkeypatch) -> None:
        asked = []
        monkeypatch.setattr(memory_card, "memory", lambda *given: asked.append(given[1]) or memory(*given))
        monkeypatch.setattr(bench.studio.data, "state", DataState.LOADING)
        bench.studio.data.changed.emit()
        assert asked == []

    def test_another_batch_can_be_tried_out(self, bench: Bench, card: MemoryCard) -> None:
        bench.type_into_line("memory.batch.edit", "1")
        config = bench.studio.config
        assert exact(card, "train") == memory(bench.graph, 1, config.optimizer, config.momentum).training_total
        assert config.batch_size != 1
        bench.studio.config = replace(config, batch_size=48)
        assert card.batch.value() == 1
        assert card.trial.isVisible()
        assert card.trial.text() == "Training uses 48"
        bench.type_into_line("memory.batch.edit", "48")
        assert not card.trial.isVisible()

    def test_another_project_brings_its_own_batch(self, bench: Bench, card: MemoryCard) -> None:
        bench.type_into_line("memory.batch.edit", "3")
        bench.studio.new("lenet5-caffe")
        assert card.batch.value() == bench.studio.config.batch_size

    def test_follows_the_training_settings(self, bench: Bench, card: MemoryCard) -> None:
        weights = exact(card, "train.gradients")
        bench.studio.config = replace(bench.studio.config, optimizer="adam", batch_size=7)
        assert card.batch.value() == 7
        assert exact(card, "train.optimizer") == 2 * weights
        bench.studio.config = replace(bench.studio.config, optimizer="sgd", momentum=0.0)
        assert exact(card, "train.optimizer") == 0

    def test_follows_each_edit_at_once_and_nothing_moves(self, bench: Bench, card: MemoryCard) -> None:
        before, height = exact(card, "train"), card.height()
        bench.editor.run(SetParams(bench.id("conv1"), out_channels=200))
        after = exact(card, "train")
        assert after > before
        assert card.height() == height
        bench.editor.undo()
        assert exact(card, "train") == before

    def test_names_the_layer_of_the_peak_and_goes_there(self, bench: Bench, card: MemoryCard) -> None:
        config = bench.studio.config
        peak = memory(bench.graph, config.batch_size).inference_peak_at
        assert peak is not None
        bench.editor.run(Rename(peak, "the_fattest"))
        assert card.peak.text() == "Most at the_fattest"
        bench.click("memory.peak")
        assert bench.selected() == ["the_fattest"]

    def test_a_faulty_drawing_shows_what_is_known(self, bench: Bench, card: MemoryCard) -> None:
        bench.editor.run(RemoveNodes([bench.id("flatten1")]))
        bench.build.canvas.select(())
        assert figure(card, "train").text().endswith(" + ?")

    def test_an_empty_drawing_shows_none(self, empty: Bench) -> None:
        page = empty.build.properties.network
        assert not page.memory.isVisible()
        assert not page.tools.isVisible()


class TestFigures:
    def test_flops_are_twice_the_macs(self, bench: Bench, page: NetworkPage) -> None:
        macs = page.findChild(QLabel, "figure.macs")
        assert macs.text() == f"{bench.studio.report.macs:,}"
        bench.click("figureChoice.macs")
        assert bench.find("figureChoice.macs").text() == "FLOPs a picture"
        assert macs.text() == f"{2 * bench.studio.report.macs:,}"
        assert "FLOPs = 2 × MACs" in bench.find("figureChoice.macs").toolTip()

    def test_the_count_that_was_chosen_is_remembered(self, bench: Bench, page: NetworkPage) -> None:
        button = bench.find("figureChoice.macs")
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
        state = bench.build.save_state()
        page.show_flops(False)
        bench.build.restore_state(state)
        assert page.flops

    @pytest.mark.parametrize("action_id", ["network.profile", "network.compare"])
    def test_a_button_opens_each_window(self, bench: Bench, page: NetworkPage, action_id: str) -> None:
        opened = []
        page.action_wanted.connect(opened.append)
        bench.click(f"networkPage.{action_id}")
        assert opened == [action_id]
        assert any(each.isVisible() for each in bench.dialogs())
