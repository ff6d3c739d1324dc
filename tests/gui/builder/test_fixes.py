"""What mends a problem: offered in the panel and on the canvas, one step to undo each."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from cnnstudio.graph import Problem, ProblemCode, Severity, analyze
from cnnstudio.graph.commands import RemoveNodes, Rename, SetParams
from cnnstudio.gui.builder.problem_box import SHOWN, ProblemBox
from cnnstudio.gui.canvas.hits import FixHit

LEFT = Qt.MouseButton.LeftButton
POPUP = pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)  # the offscreen platform has none to grab


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def first_problem(bench) -> Problem:
    return analyze(bench.graph).problems[0]


def shown_fixes(bench) -> list[str]:
    return [plain(each.text()) for each in bench.build.properties.findChildren(QLabel, "fixText") if each.isVisible()]


def menu_of(home) -> QMenu:
    return next(each for each in home.findChildren(QMenu, "fixMenu") if each.isVisible())


@pytest.fixture
def broken(bench):
    """A Linear that gets maps: flatten1 is gone."""
    bench.editor.run(RemoveNodes([bench.id("flatten1")]))
    bench.select("fc1")
    return bench


@pytest.fixture
def doubtful(bench):
    """A stride that does not come out: five ways to mend it."""
    bench.select("conv1")
    bench.editor.run(SetParams(bench.id("conv1"), stride=3, padding=0))
    assert len(first_problem(bench).fixes) > SHOWN
    return bench


class TestPanel:
    def test_every_fix_is_a_button_with_its_price(self, broken) -> None:
        fixes = first_problem(broken).fixes
        assert len(fixes) > 1
        assert shown_fixes(broken) == [fix.text.partition(": ")[0] for fix in fixes]
        prices = [plain(each.text()) for each in broken.build.properties.findChildren(QLabel, "fixPrice")]
        assert prices[: len(fixes)] == [fix.text.partition(": ")[2] for fix in fixes]

    @pytest.mark.parametrize("number", [0, 1])
    def test_each_mends_and_is_one_step_to_undo(self, broken, number: int) -> None:
        before = broken.graph.state
        steps = broken.editor.stack.count()
        broken.click(f"problemFix{number or ''}")
        assert not broken.studio.report.errors
        assert broken.editor.stack.count() == steps + 1
        broken.editor.undo()
        assert broken.graph.state == before
        assert len(shown_fixes(broken)) == 2

    def test_a_fix_taken_again_after_undo_looks_at_the_drawing_as_it_is(self, broken) -> None:
        broken.click("problemFix")
        broken.editor.undo()
        broken.editor.run(Rename(broken.id("conv1"), "first"))
        broken.click("problemFix")
        assert not broken.studio.report.errors
        assert "first" in broken.names()

    def test_by_keyboard(self, broken) -> None:
        button = broken.find("problemFix")
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
        assert not broken.studio.report.errors

    def test_tab_reaches_them_with_the_rest_of_the_panel(self, broken) -> None:
        broken.build.canvas.setFocus()
        stops: list[str] = []
        while "paletteSearch" not in stops:
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
            stops.append(QApplication.focusWidget().objectName())
        assert {"problemFix", "problemFix1", "field.name.edit"} <= set(stops)

    @POPUP
    def test_more_than_three_wait_in_a_menu(self, doubtful) -> None:
        fixes = first_problem(doubtful).fixes
        assert len(shown_fixes(doubtful)) == SHOWN
        assert doubtful.find("problemMore").text() == f"{len(fixes) - SHOWN} more\u2026"
        doubtful.click("problemMore")
        menu = menu_of(doubtful.build)
        assert [each.text() for each in menu.actions()] == [fix.text for fix in fixes[SHOWN:]]
        menu.actions()[0].trigger()
        menu.close()
        assert not doubtful.studio.report.problems

    def test_a_warning_looks_like_one(self, doubtful) -> None:
        assert first_problem(doubtful).severity is Severity.WARNING
        assert doubtful.find("problem").property("look") == "warning"
        doubtful.editor.run(SetParams(doubtful.id("conv1"), kernel_size=40))
        assert doubtful.find("problem").property("look") == "inset"

    def test_nothing_to_offer_shows_no_button(self, theme, qtbot) -> None:
        box = ProblemBox(theme)
        qtbot.addWidget(box)
        box.show_problem(Problem(None, ProblemCode.EMPTY, "Something is wrong."), elsewhere=False)
        box.show()
        assert not [each for each in box.buttons if each.isVisible()]
        assert not box.more.isVisible()

    @pytest.mark.parametrize("width", [284, 296, 420])
    def test_long_words_wrap_and_nothing_is_clipped(self, broken, width: int) -> None:
        broken.build.restore_state({"build.columns": [200, 1224 - 200 - width - 2, width]})
        QApplication.processEvents()
        for name in ("problemFix", "problemFix1"):
            button = broken.find(name)
            for label in button.findChildren(QLabel):
                if label.isVisible():
                    assert label.height() >= label.heightForWidth(label.width())
                    assert button.rect().contains(label.geometry())


class TestNote:
    def centre(self, bench, *, more: bool) -> QPoint:
        note = bench.build.canvas.mirror.notes[bench.id("fc1")]
        return bench.build.canvas.mapFromScene(note.fix_rect(0, more=more).center())

    def test_offers_the_first_and_says_how_many_others_there_are(self, broken) -> None:
        canvas = broken.build.canvas
        canvas.camera.show(canvas.mirror.area_of(broken.id("fc1")))
        hits = [canvas.hit(canvas.mapToScene(self.centre(broken, more=more))) for more in (False, True)]
        assert hits == [FixHit(broken.id("fc1"), 0), FixHit(broken.id("fc1"), 0, more=True)]
        QTest.mouseClick(canvas.viewport(), LEFT, pos=self.centre(broken, more=False))
        assert broken.editor.stack.undoText() == "insert Flatten before fc1"

    @POPUP
    def test_the_others_are_chosen_from_a_menu(self, broken) -> None:
        canvas = broken.build.canvas
        canvas.camera.show(canvas.mirror.area_of(broken.id("fc1")))
        QTest.mouseClick(canvas.viewport(), LEFT, pos=self.centre(broken, more=True))
        menu = menu_of(broken.build)
        fixes = first_problem(broken).fixes
        assert [each.text() for each in menu.actions()] == [fix.text for fix in fixes]
        menu.actions()[1].trigger()
        menu.close()
        assert not broken.studio.report.errors
        assert "AdaptiveAvgPool2d" in [broken.graph.node(each).kind for each in broken.graph.nodes]

    @POPUP
    def test_the_menu_of_the_card_begins_with_them(self, broken) -> None:
        canvas = broken.build.canvas
        card = canvas.mirror.cards[broken.id("fc1")]
        canvas.camera.show(card.sceneBoundingRect())
        place = canvas.mapFromScene(card.sceneBoundingRect().center())
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, canvas.viewport().mapToGlobal(place))
        QApplication.sendEvent(canvas.viewport(), event)
        menu = next(each for each in broken.build.findChildren(QMenu, "canvasMenu") if each.isVisible())
        fixes = first_problem(broken).fixes
        assert [each.text() for each in menu.actions()[: len(fixes)]] == [fix.text for fix in fixes]
        menu.actions()[0].trigger()
        menu.close()
        assert not broken.studio.report.errors

    def test_the_links_lie_beside_each_other_on_the_note(self, broken) -> None:
        note = broken.build.canvas.mirror.notes[broken.id("fc1")]
        first, more = note.fix_rect(0), note.fix_rect(0, more=True)
        assert not first.intersects(more)
        assert note.sceneBoundingRect().contains(first)
        assert note.sceneBoundingRect().contains(more)
