"""The panel at the right keeps its place: never sideways, from the top for another layer, and no key goes astray."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnstudio.graph.commands import RemoveNodes, SetParams

LEFT = Qt.MouseButton.LeftButton


def area(bench):
    return bench.build.properties.currentWidget()


def sideways(bench) -> int:
    QTest.qWait(1)
    return area(bench).horizontalScrollBar().maximum()


@pytest.fixture
def answered(bench, qtbot):
    """The answers to a wish that is typed into the open finder."""

    def wish(text: str) -> None:
        edit = bench.find("solve.wish.edit")
        edit.setFocus()
        edit.selectAll()
        QTest.keyClicks(edit, text)
        QTest.keyClick(edit, Qt.Key.Key_Return)

        def there() -> bool:
            bench.studio.poll()
            return not bench.build.properties.layer.solve.typing and not bench.studio.solving.busy

        qtbot.waitUntil(there)

    return wish


class TestPlace:
    @pytest.mark.parametrize("width", [284, 296, 420])
    def test_all_parts_fit_beside_the_scroll_bar(self, bench, answered, width: int) -> None:
        bench.build.restore_state({"build.columns": [200, 1224 - 200 - width - 2, width]})
        bench.build.use_preset("lenet5-cs231n")
        for name in ("conv2", "pool1", "fc1"):
            bench.select(name)
            assert sideways(bench) == 0
        bench.select("conv2")
        bench.click("solve.toggle")
        answered("16")
        assert sideways(bench) == 0
        page = area(bench).widget()
        assert area(bench).verticalScrollBar().maximum() > 0
        for part in (bench.field("kernel_size"), bench.find("solve.wish.edit"), bench.find("why.copy")):
            right = part.mapTo(page, part.rect().topRight()).x()
            assert right < page.width()
        QTest.mouseClick(bench.find("solve.apply0"), LEFT)
        assert sideways(bench) == 0
        assert area(bench).horizontalScrollBar().value() == 0

    def test_another_layer_starts_at_the_top_and_an_edit_moves_nothing(self, bench) -> None:
        bench.select("conv2")
        QTest.qWait(1)
        bar = area(bench).verticalScrollBar()
        bar.setValue(60)
        bench.editor.run(SetParams(bench.id("conv2"), bias=False))
        assert bar.value() == 60
        bench.select("conv1")
        assert bar.value() == 0


class TestKeyboard:
    """What had the keyboard is gone: the next key is for the drawing, and for nothing else in the panel."""

    @pytest.mark.parametrize("keys", [True, False])
    def test_after_a_fix(self, bench, keys: bool) -> None:
        bench.editor.run(RemoveNodes([bench.id("flatten1")]))
        bench.select("fc1")
        fix = bench.find("problemFix")
        if keys:
            fix.setFocus()
            QTest.keyClick(fix, Qt.Key.Key_Space)
        else:
            QTest.mouseClick(fix, LEFT)
        assert not bench.studio.report.errors
        assert QApplication.focusWidget() is bench.build.canvas
        assert area(bench).verticalScrollBar().value() == 0

    def test_after_an_answer(self, bench, answered, qtbot) -> None:
        bench.select("conv2")
        bench.click("solve.toggle")
        answered("4")
        QTest.keyClick(bench.find("solve.wish.edit"), Qt.Key.Key_Return)
        before = area(bench).verticalScrollBar().value()
        QTest.keyClick(bench.find("solve.answers"), Qt.Key.Key_Return)
        assert bench.editor.stack.count() == 1
        qtbot.waitUntil(lambda: bench.studio.poll() or not bench.studio.solving.busy)
        assert QApplication.focusWidget() is bench.build.canvas
        assert area(bench).verticalScrollBar().value() <= before, "it may have become shorter"

    def test_after_a_layer_of_another_kind_took_the_place_of_the_form(self, bench) -> None:
        bench.select("input")
        bench.field("shape").setFocus()
        bench.build.append("Conv2d")
        assert QApplication.focusWidget() is bench.build.canvas
        assert area(bench).verticalScrollBar().value() == 0

    def test_tab_still_goes_on_through_the_panel(self, bench) -> None:
        bench.select("conv2")
        bench.field("name").setFocus()
        QTest.keyClick(bench.field("name"), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is bench.field("out_channels")
