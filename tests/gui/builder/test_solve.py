"""A wish in the panel: typed, answered while one types on, looked at, and done as one edit."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnstudio.graph import CATALOGUE, Wanted, solve
from cnnstudio.graph.commands import AddNode, SetParams
from cnnstudio.gui.builder.answer_list import price_text, signed
from cnnstudio.gui.builder.solve_card import checked_size, solvable

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def card(bench, qtbot):
    """The card of conv2, open, with what the tests do with it."""
    bench.select("conv2")
    bench.click("solve.toggle")
    return bench.build.properties.layer.solve


@pytest.fixture
def answered(bench, qtbot):
    """Wait until the answers to what was typed are there."""

    def wait() -> None:
        def there() -> bool:
            bench.studio.poll()
            return not bench.build.properties.layer.solve.typing and not bench.studio.solving.busy

        qtbot.waitUntil(there)

    return wait


def wish(bench, text: str) -> None:
    edit = bench.find("solve.wish.edit")
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)


class TestCard:
    def test_is_closed_at_first_and_stays_open_from_layer_to_layer(self, bench) -> None:
        bench.select("conv2")
        card = bench.build.properties.layer.solve
        assert card.isVisible()
        assert not card.wish.isVisible()
        bench.click("solve.toggle")
        assert card.wish.isVisible()
        assert card.wish.edit.hasFocus(), "one types on"
        bench.select("pool1")
        assert card.wish.isVisible()
        bench.click("solve.toggle")
        assert not card.wish.isVisible()

    def test_stands_where_there_is_a_size_to_change(self, bench) -> None:
        assert {kind for kind, spec in CATALOGUE.items() if solvable(spec)} == {
            "Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d", "StochasticPool2d", "AdaptiveAvgPool2d",
            "AdaptiveMaxPool2d", "Pad2d", "Upsample",
        }  # fmt: skip
        bench.select("relu1")
        assert not bench.build.properties.layer.solve.isVisible()

    def test_says_what_to_type(self, bench, card) -> None:
        assert bench.find("solve.message").text() == (
            "Type the height and width that are to leave this layer, such as 16 or 16 × 24."
        )

    def test_an_answer_says_what_it_does_what_comes_of_it_and_its_price(self, bench, card, answered) -> None:
        wish(bench, "4")
        answered()
        expected = solve(bench.graph, bench.id("conv2"), Wanted(output_size=4))
        assert [row.text.text().replace("\u00a0", " ") for row in card.list.rows] == [each.text for each in expected]
        first = card.list.rows[0]
        assert first.text.text() == "Set stride to 2"
        assert first.outcome.text().replace("\u00a0", " ") == "32 × 4 × 4, sees 5 × 5"
        assert first.price.text() == price_text(expected[0])
        assert first.price.text().startswith("−24,576 parameters, −")
        assert first.text.text() in first.accessibleName()
        assert bench.find("solve.answers").accessibleDescription() == first.accessibleName()

    def test_typing_asks_nothing_until_it_rests(self, bench, card, answered) -> None:
        wish(bench, "1")
        QTest.keyClicks(card.wish.edit, "6")
        assert bench.studio.solving.question is None
        answered()
        assert bench.studio.solving.question.wanted == Wanted(output_size=(16, 16))

    def test_the_field_of_view_can_be_wished_for(self, bench, card, answered) -> None:
        card.goal.box.setFocus()
        QTest.keyClick(card.goal.box, Qt.Key.Key_Down)
        wish(bench, "8 x 7")
        QTest.keyClick(card.wish.edit, Qt.Key.Key_Return)
        answered()
        assert bench.studio.solving.question.wanted == Wanted(receptive_field=(8, 7))
        texts = [row.text.text() for row in card.list.rows]
        assert any("more layer" in each for each in texts)

    def test_what_a_change_breaks_is_said_in_place_of_a_price(self, bench, card, answered) -> None:
        bench.editor.run(AddNode("Add", {}, None, [bench.id("relu1"), bench.id("conv2")]))
        bench.editor.run(AddNode("Conv2d", {"out_channels": 16, "kernel_size": 1}, None, [bench.id("relu1")]))
        made = [each.id for each in bench.graph.nodes.values()][-1]
        bench.editor.run(AddNode("Concat", {}, None, [bench.id("relu1"), made]))
        bench.build.canvas.select((made,))
        wish(bench, "4")
        answered()
        row = card.list.rows[0]
        assert row.trouble.isVisible()
        assert "Concat joins channels" in row.trouble.text()
        assert row.price.text() == "Its price is known once this is mended:"
        assert bench.find("solve.preview").text().startswith("It breaks the network further on")


class TestDoing:
    def test_one_press_on_apply_is_one_edit_and_one_undo(self, bench, card, answered) -> None:
        wish(bench, "4")
        answered()
        QTest.mouseClick(bench.find("solve.apply0"), LEFT)
        assert bench.graph.node(bench.id("conv2")).params["stride"] == 2
        assert bench.editor.stack.undoText() == "set conv2 stride to 2"
        answered()
        assert card.list.rows == []
        assert bench.find("solve.message").text() == "conv2 gives 4 × 4 already."
        bench.editor.undo()
        assert bench.editor.stack.index() == 0
        answered()
        assert len(card.list.rows) > 1

    def test_an_answer_to_a_former_drawing_is_not_done(self, bench, card, answered) -> None:
        wish(bench, "4")
        answered()
        apply = bench.find("solve.apply0")
        QTest.mouseClick(apply, LEFT)
        QTest.mouseClick(apply, LEFT)
        assert bench.editor.stack.count() == 1, "a double click is one edit"
        bench.editor.run(SetParams(bench.id("conv1"), out_channels=3))
        QTest.mouseClick(apply, LEFT)
        assert bench.graph.node(bench.id("conv1")).params["out_channels"] == 3, "later edits stay"
        assert bench.editor.stack.count() == 2

    def test_nothing_is_asked_that_nobody_sees(self, bench, card, answered) -> None:
        wish(bench, "4")
        answered()
        number = len(card.list.answers)
        wish(bench, "5")
        bench.build.canvas.select(())
        answered()
        assert bench.studio.solving.question is None
        bench.select("conv2")
        assert bench.studio.solving.question.wanted == Wanted(output_size=(5, 5))
        bench.build.hide()
        bench.editor.run(SetParams(bench.id("conv2"), kernel_size=5))
        assert bench.studio.solving.question is None
        bench.editor.undo()
        bench.build.show()
        wish(bench, "4")
        answered()
        assert len(card.list.answers) == number

    def test_by_keyboard_alone(self, bench, card, answered) -> None:
        wish(bench, "4")
        QTest.keyClick(card.wish.edit, Qt.Key.Key_Return)
        answered()
        QTest.keyClick(card.wish.edit, Qt.Key.Key_Return)
        assert QApplication.focusWidget() is card.list
        QTest.keyClick(card.list, Qt.Key.Key_Down)
        second = card.list.answers[1]
        assert card.list.current is second
        assert f"{second.parameters:,} parameters" in bench.find("solve.preview").text()
        QTest.keyClick(card.list, Qt.Key.Key_Return)
        assert bench.studio.report[bench.id("conv2")].output_shape == second.output_shape
        assert bench.editor.stack.count() == 1

    def test_arrows_stay_within_the_answers_and_escape_closes(self, bench, card, answered) -> None:
        wish(bench, "4")
        answered()
        card.list.setFocus()
        QTest.keyClick(card.list, Qt.Key.Key_Up)
        assert card.list.current is card.list.answers[0]
        QTest.keyClick(card.list, Qt.Key.Key_End)
        QTest.keyClick(card.list, Qt.Key.Key_Down)
        assert card.list.current is card.list.answers[-1]
        QTest.keyClick(card.list, Qt.Key.Key_Escape)
        assert not card.open
        assert bench.studio.solving.question is None

    def test_the_mouse_previews_and_a_double_click_does_it(self, bench, card, answered, qtbot) -> None:
        wish(bench, "4")
        answered()
        row, answer = card.list.rows[1], card.list.answers[1]
        area = bench.build.properties.currentWidget()
        qtbot.waitUntil(lambda: area.ensureWidgetVisible(row) or row.visibleRegion().contains(row.rect().center()))
        for shift in (0, 2):  # the first one only brings the cursor in
            QTest.mouseMove(row, row.rect().center() + QPoint(shift, 0))
        preview = bench.find("solve.preview")
        qtbot.waitUntil(lambda: f"{answer.parameters:,} parameters" in preview.text())
        assert card.list.current is card.list.answers[0], "a look is no choice"
        QTest.mouseDClick(row, LEFT, pos=QPoint(20, row.height() - 6))
        assert bench.studio.report.parameters == answer.parameters

    def test_more_layers_are_added_and_the_last_one_is_selected(self, bench, card, answered) -> None:
        card.goal.box.setFocus()
        QTest.keyClick(card.goal.box, Qt.Key.Key_Down)
        wish(bench, "9")
        answered()
        number = next(n for n, each in enumerate(card.list.answers) if "layers" in each.changes)
        answer = card.list.answers[number]
        card.list.setFocus()
        QTest.keyClick(card.list, Qt.Key.Key_Home)
        for _ in range(number):
            QTest.keyClick(card.list, Qt.Key.Key_Down)
        QTest.keyClick(card.list, Qt.Key.Key_Return)
        assert bench.studio.report.macs == answer.macs
        row = bench.studio.report[bench.build.canvas.selection[0]]
        assert min(row.receptive_field.size) >= 9
        answered()
        assert bench.find("solve.message").text() == f"{row.name} sees at least 9 × 9 already."
        bench.editor.undo()
        assert bench.editor.stack.index() == 0

    def test_answers_follow_an_edit_of_the_layer(self, bench, card, answered) -> None:
        wish(bench, "4")
        answered()
        before = [each.text for each in card.list.answers]
        bench.type_into("kernel_size", "5")
        answered()
        assert [each.text for each in card.list.answers] != before


class TestInVain:
    @pytest.mark.parametrize("text", ["0", "x", "3 4 5", "70000"])
    def test_what_is_no_size_is_said_in_words(self, bench, card, answered, text: str) -> None:
        wish(bench, text)
        answered()
        assert bench.find("solve.message").text() == "Enter a size from 1 to 65,536 pixels, such as 16 or 16 × 24."
        assert card.list.rows == []
        assert bench.studio.solving.question is None

    def test_what_cannot_be_is_answered_with_the_reason(self, bench, card, answered) -> None:
        bench.select("pool1")
        wish(bench, "999")
        answered()
        assert bench.find("solve.message").text() == (
            "No kernel size, stride, padding or dilation was found with which pool1 gives 999 × 999."
        )
        assert not bench.build.properties.layer.solve.preview.isVisible()

    def test_an_emptied_field_asks_nothing(self, bench, card, answered) -> None:
        wish(bench, "4")
        answered()
        card.wish.edit.selectAll()
        QTest.keyClick(card.wish.edit, Qt.Key.Key_Delete)
        answered()
        assert card.list.rows == []
        assert bench.find("solve.message").text().startswith("Type the height and width")

    def test_sizes(self) -> None:
        assert checked_size(16) == (16, 16)
        assert checked_size((16, 24)) == (16, 24)
        with pytest.raises(ValueError, match="Enter a size"):
            checked_size("16")


def test_prices_have_their_sign() -> None:
    assert [signed(each) for each in (1200, -1200, 0)] == ["+1,200", "−1,200", "±0"]
