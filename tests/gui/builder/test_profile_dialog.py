"""Measuring from the window: begun, watched, called off, read, and followed to the drawing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnstudio.engine import Network, Profile, ProfileControl, profile
from cnnstudio.explain.reports.timing import render_profile
from cnnstudio.graph.commands import RemoveNodes, SetParams
from cnnstudio.gui.builder import profile_model as columns
from cnnstudio.gui.builder.profile_dialog import ProfileDialog
from cnnstudio.gui.builder.profile_model import ODD_ROLE, milliseconds_text
from cnnstudio.gui.widgets.figure_table import GAP
from cnnstudio.session import ProfilingState
from tests.gui.builder.conftest import LEFT, Bench

LONG = 30_000


@pytest.fixture
def dialog(bench: Bench, qtbot) -> ProfileDialog:
    bench.run("network.profile")
    (made,) = (each for each in bench.dialogs() if isinstance(each, ProfileDialog))
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def finish(bench: Bench, qtbot) -> Callable[[], None]:
    """Poll as the window's clock does, until nothing is measured any more."""

    def done() -> bool:
        bench.studio.poll()
        return bench.studio.profiling.state is not ProfilingState.WORKING

    return lambda: qtbot.waitUntil(done, timeout=LONG)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Holds the engine until it is set; a layer is out of proportion then."""
    event = threading.Event()

    def held(net: Network, images: np.ndarray, *, repeats: int, control: ProfileControl) -> Profile:
        control.total, control.done = 40, 10
        while not event.wait(0.002):
            control.checkpoint()
        found = profile(net, images[:2], repeats=1, control=control)
        return replace(found, out_of_proportion=found.rows[2], remark=f"{found.rows[2].name} is out of proportion.")

    monkeypatch.setattr("cnnstudio.session.profiling.profile", held)
    yield event
    event.set()


def press(button) -> None:
    QTest.mouseClick(button, LEFT)


def click_row(dialog: ProfileDialog, row: int) -> None:
    index = dialog.model.index(row, columns.NAME)
    dialog.table.scrollTo(index)
    QTest.mouseClick(dialog.table.viewport(), LEFT, pos=dialog.table.visualRect(index).center())


class TestMeasuring:
    def test_an_empty_window_says_what_would_fill_it_and_offers_the_button(self, dialog: ProfileDialog, finish) -> None:
        assert dialog.empty.isVisible()
        assert not dialog.copy_button.isEnabled()
        press(dialog.empty.button)
        finish()
        assert dialog.table.isVisible()

    def test_every_layer_has_its_row(self, bench: Bench, dialog: ProfileDialog, finish) -> None:
        press(dialog.measure_button)
        finish()
        result = bench.studio.profiling.result
        assert result is not None
        assert [row.name for row in dialog.model.rows] == bench.names()
        assert dialog.remark.text() == result.profile.remark
        assert dialog.measure_button.text() == "Measure again"
        cells = [str(dialog.model.index(1, column).data()) for column in range(columns.SHARES)]
        assert cells[:3] == ["conv1", "Conv2d", f"{milliseconds_text(result.profile.rows[1].forward_ms)} ms"]

    def test_what_the_fields_say_is_measured(self, bench: Bench, dialog: ProfileDialog, finish) -> None:
        for line, text in ((dialog.pictures.edit, "5"), (dialog.repeats.edit, "2")):
            line.setFocus()
            QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
            QTest.keyClicks(line, text)
        QTest.keyClick(dialog.repeats.edit, Qt.Key.Key_Return)
        assert dialog.material.text().startswith("The first 5 training pictures of")
        press(dialog.measure_button)
        finish()
        result = bench.studio.profiling.result
        assert result is not None
        assert (result.batch_size, result.repeats) == (5, 2)

    def test_the_window_waits_for_nothing_and_shows_how_far_it_is(
        self, bench: Bench, dialog: ProfileDialog, gate: threading.Event, finish, qtbot
    ) -> None:
        press(dialog.measure_button)
        assert not dialog.measure_button.isEnabled()
        assert dialog.cancel_button.isEnabled()
        assert not dialog.pictures.isEnabled()

        def begun() -> bool:
            bench.studio.poll()
            return dialog.progress.share == 0.25

        qtbot.waitUntil(begun, timeout=LONG)
        gate.set()
        finish()
        assert dialog.progress.share == 0
        assert not dialog.cancel_button.isEnabled()

    def test_cancel_calls_it_off(self, bench: Bench, dialog: ProfileDialog, gate: threading.Event) -> None:
        press(dialog.measure_button)
        press(dialog.cancel_button)
        assert bench.studio.profiling.state is ProfilingState.EMPTY
        assert dialog.remark.text() == "The measurement was called off"
        assert dialog.measure_button.isEnabled()

    def test_closing_the_window_calls_it_off(self, bench: Bench, dialog: ProfileDialog, gate: threading.Event) -> None:
        press(dialog.measure_button)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
        assert bench.studio.profiling.state is ProfilingState.EMPTY

    def test_a_large_network_is_warned_of(self, bench: Bench, dialog: ProfileDialog) -> None:
        bench.build.use_preset("vgg16")
        assert int(str(dialog.pictures.value())) < bench.studio.config.batch_size
        dialog.pictures.edit.selectAll()
        QTest.keyClicks(dialog.pictures.edit, "256")
        QTest.keyClick(dialog.pictures.edit, Qt.Key.Key_Return)
        assert "fewer" in dialog.material.text()


class TestWhatIsInTheWay:
    def test_a_faulty_drawing_is_to_be_mended_and_the_layer_is_shown(self, bench: Bench, dialog: ProfileDialog) -> None:
        bench.editor.run(RemoveNodes([bench.id("flatten1")]))
        bench.build.canvas.select(())
        assert not dialog.measure_button.isEnabled()
        assert "fc1" in dialog.detail.text()
        press(dialog.remedy)
        assert bench.selected() == ["fc1"]
        bench.editor.undo()
        assert dialog.measure_button.isEnabled()

    def test_a_run_is_paused_from_here(self, bench: Bench, dialog: ProfileDialog, qtbot) -> None:
        bench.studio.training.start(replace(bench.studio.config, epochs=500))
        assert not dialog.measure_button.isEnabled()
        assert dialog.remedy.text() == "Pause the training"
        press(dialog.remedy)

        def paused() -> bool:
            bench.studio.poll()
            return dialog.measure_button.isEnabled()

        qtbot.waitUntil(paused, timeout=LONG)
        bench.studio.training.stop()

    def test_too_many_pictures_are_refused_in_words(self, bench: Bench, dialog: ProfileDialog, monkeypatch) -> None:
        monkeypatch.setattr("cnnstudio.session.profiling.physical_memory", lambda: 2**20)
        press(dialog.measure_button)
        assert dialog.remark.text() == "This could not be measured"
        assert dialog.detail.text().endswith("choose fewer.")


class TestTheResult:
    @pytest.fixture
    def measured(self, dialog: ProfileDialog, gate: threading.Event, finish) -> ProfileDialog:
        gate.set()
        press(dialog.measure_button)
        finish()
        return dialog

    def test_a_row_selects_its_layer_on_the_canvas(self, bench: Bench, measured: ProfileDialog) -> None:
        click_row(measured, 3)
        assert bench.selected() == [measured.model.rows[3].name]
        QTest.keyClick(measured.table, Qt.Key.Key_Down)
        assert bench.selected() == [measured.model.rows[4].name]

    def test_a_row_of_a_layer_that_is_gone_selects_nothing(self, bench: Bench, measured: ProfileDialog) -> None:
        bench.editor.run(RemoveNodes([measured.model.rows[3].id]))
        bench.build.canvas.select(())
        click_row(measured, 3)
        assert bench.selected() == []

    def test_the_layer_out_of_proportion_is_marked_and_shown(self, bench: Bench, measured: ProfileDialog) -> None:
        marked = [row for row in range(measured.model.rowCount()) if measured.model.index(row, 0).data(ODD_ROLE)]
        assert marked == [2]
        assert measured.remark.text() == f"{measured.model.rows[2].name} is out of proportion."
        press(measured.remedy)
        assert bench.selected() == [measured.model.rows[2].name]

    def test_the_slowest_can_come_first(self, measured: ProfileDialog) -> None:
        measured.order.box.setFocus()
        QTest.keyClick(measured.order.box, Qt.Key.Key_Down)
        times = [row.milliseconds for row in measured.model.rows]
        assert times == sorted(times, reverse=True)

    def test_it_can_be_copied_as_text(self, bench: Bench, measured: ProfileDialog) -> None:
        result = bench.studio.profiling.result
        assert result is not None
        press(measured.copy_button)
        text = QGuiApplication.clipboard().text()
        assert text.startswith(render_profile(result.profile, "table"))
        assert text.endswith(result.pictures)
        assert measured.copied.text() == "Copied."
        measured.table.setFocus()
        QGuiApplication.clipboard().clear()
        QTest.keyClick(measured.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == text

    def test_an_edit_makes_it_out_of_date(self, bench: Bench, measured: ProfileDialog) -> None:
        bench.editor.run(SetParams(bench.id("conv1"), out_channels=3))
        assert "The drawing has been changed since" in measured.detail.text()
        bench.editor.undo()
        assert "changed since" not in measured.detail.text()

    def test_nothing_is_cut_off_in_the_smallest_window(self, bench: Bench, measured: ProfileDialog) -> None:
        session = bench.studio.profiling
        found = session.result
        assert found is not None
        row = replace(found.profile.rows[1], name="w" * 64, macs=1_849_688_064)
        remark = (
            f"{row.name} is out of proportion: it takes 41% of the time for 12% of the multiply-adds and 12% of the "
            "memory traffic."
        )
        odd = replace(found.profile, out_of_proportion=row, remark=remark, rows=(row, *found.profile.rows[2:]))
        session.result = replace(found, profile=odd, disturbed=True)
        session.changed.emit()
        measured.resize(measured.minimumSize())
        QApplication.processEvents()
        hint = measured.minimumSizeHint()
        assert (hint.width(), hint.height()) <= (measured.width(), measured.height())
        for part in (measured.remark, measured.detail):
            assert part.heightForWidth(part.width()) <= part.height()
        table = measured.table
        needed = QFontMetricsF(measured.table.itemDelegate().font("figure")).horizontalAdvance("1,849,688,064")
        assert table.columnWidth(columns.MACS) - 2 * GAP >= needed

    def test_it_is_there_when_the_window_is_opened_again_as_large_as_it_was(
        self, bench: Bench, measured: ProfileDialog
    ) -> None:
        measured.resize(772, 477)
        press(measured.close_button)
        assert bench.studio.settings.splitters["dialogs/profile"] == [772, 477]
        bench.run("network.profile")
        assert measured.isVisible()
        assert measured.model.rowCount(QModelIndex()) == len(bench.graph)


def test_it_opens_as_large_as_it_was_left_the_last_time(bench: Bench) -> None:
    bench.studio.settings.splitters["dialogs/profile"] = [760, 466]
    bench.run("network.profile")
    (dialog,) = bench.dialogs()
    assert (dialog.width(), dialog.height()) == (760, 466)


def test_the_window_closes_in_the_middle_of_a_measurement(open_window) -> None:
    window = open_window("build")
    window.studio.use_preset("resnet18")
    window.actions_table.run("network.profile")
    (dialog,) = window.findChildren(ProfileDialog)
    press(dialog.measure_button)
    assert window.studio.profiling.state is ProfilingState.WORKING
    window.leave()  # and no thread outlives the test, says its guard


def test_small_times_are_not_called_nothing() -> None:
    assert [milliseconds_text(each) for each in (0, 0.001, 0.012, 1234.5)] == ["0.00", "<0.01", "0.01", "1,234.50"]
