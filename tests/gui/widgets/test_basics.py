"""Rail, score bars, progress, empty states, notes and the ranking of the command palette."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from cnnstudio.gui.actions import SearchEntry
from cnnstudio.gui.dialogs.ranking import rank
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets import (
    Card,
    EmptyState,
    MessageBar,
    ProgressLine,
    Rail,
    ScoreBars,
    SearchField,
    time_left_text,
)
from cnnstudio.gui.widgets.status import StatusBar


@pytest.fixture
def theme(qapp) -> Theme:
    theme = Theme("light")
    theme.apply(qapp)
    return theme


@pytest.fixture
def home(qtbot) -> QWidget:
    home = QWidget()
    qtbot.addWidget(home)
    home.resize(800, 600)
    home.show()
    qtbot.waitExposed(home)
    return home


class TestRail:
    @pytest.fixture
    def rail(self, theme: Theme, qtbot) -> Rail:
        rail = Rail(theme)
        qtbot.addWidget(rail)
        for place in ("build", "train", "inspect"):
            rail.add(place, place, place.title())
        rail.set_current("build")
        rail.show()
        return rail

    def test_a_click_selects(self, rail: Rail, qtbot) -> None:
        with qtbot.waitSignal(rail.selected) as selected:
            qtbot.mouseClick(rail.findChild(QWidget, "rail.inspect"), Qt.MouseButton.LeftButton)
        assert selected.args == ["inspect"]
        assert rail.current == "inspect"

    def test_the_keys_go_round(self, rail: Rail, qtbot) -> None:
        seen: list[object] = []
        rail.selected.connect(seen.append)
        rail.findChild(QWidget, "rail.build").setFocus()
        for _ in range(3):
            qtbot.keyClick(rail.focusWidget(), Qt.Key.Key_Down)
        assert seen == ["train", "inspect", "build"]

    def test_showing_by_program_is_no_choice(self, rail: Rail, qtbot) -> None:
        with qtbot.assertNotEmitted(rail.selected):
            rail.set_current("train")


class TestScores:
    def test_the_likeliest_first_and_never_more_than_fit(self, theme: Theme, qtbot) -> None:
        bars = ScoreBars(theme, limit=3)
        qtbot.addWidget(bars)
        height = bars.height()
        bars.set_scores(["a", "b", "c", "d"], np.array([0.1, 0.6, 0.05, 0.25]))
        assert bars.rows == [("b", 0.6), ("d", 0.25), ("a", 0.1)]
        assert bars.height() == height
        assert bars.accessibleDescription() == "b 60.0 %, d 25.0 %, a 10.0 %"

    def test_bars_are_as_long_as_their_share(self, theme: Theme, qtbot) -> None:
        bars = ScoreBars(theme, limit=2)
        qtbot.addWidget(bars)
        bars.resize(300, bars.height())

        def accent_pixels(share: float) -> int:
            bars.set_scores(["a", "b"], [share, 0.0])
            image = bars.grab().toImage()
            wanted = theme.color("accent").rgb()
            return sum(image.pixel(x, 14) == wanted for x in range(image.width()))

        assert accent_pixels(1.0) == pytest.approx(2 * accent_pixels(0.5), abs=4)

    def test_no_scores_and_no_numbers_are_survived(self, theme: Theme, qtbot) -> None:
        bars = ScoreBars(theme)
        qtbot.addWidget(bars)
        bars.set_scores(["a", "b"], [np.nan, 0.5])
        assert bars.rows[0] == ("b", 0.5)
        bars.set_scores([], [])
        assert bars.rows == []
        assert not bars.grab().isNull()


class TestProgress:
    def test_share(self, theme: Theme, qtbot) -> None:
        line = ProgressLine(theme)
        qtbot.addWidget(line)
        line.set_progress(30, 120)
        assert line.share == 0.25
        line.set_progress(130, 120)
        assert line.share == 1.0

    def test_without_a_total_it_wanders(self, theme: Theme, qtbot) -> None:
        line = ProgressLine(theme)
        qtbot.addWidget(line)
        line.resize(200, line.height())
        line.set_progress(0, 0)
        first = line.grab().toImage()
        for _ in range(20):
            line.set_progress(0, 0)
        assert line.share is None
        assert line.grab().toImage() != first

    def test_words(self) -> None:
        assert time_left_text(3870, 6) == "3,870 images a second · 6 s left"
        assert time_left_text(None, None) == ""


class TestEmptyState:
    def test_its_button_offers_what_would_fill_it(self, theme: Theme, home: QWidget, qtbot) -> None:
        empty = EmptyState(theme, "picture", "No picture", "Drop one here.", "Choose a sample", home)
        empty.resize(400, 300)
        empty.show()
        with qtbot.waitSignal(empty.activated):
            qtbot.mouseClick(empty.findChild(QPushButton, "emptyStateButton"), Qt.MouseButton.LeftButton)
        empty.set_text("Nothing", "And no way to change it.")
        assert not empty.button.isVisible()

    def test_a_long_text_is_not_cut(self, theme: Theme, home: QWidget) -> None:
        empty = EmptyState(theme, "picture", "Title", "many words " * 30, "", home)
        assert empty.text.height() >= empty.text.heightForWidth(empty.text.width())


class TestMessages:
    def test_an_error_stays_until_it_is_closed(self, theme: Theme, home: QWidget, qtbot) -> None:
        bar = MessageBar(theme, home)
        bar.show_message("error", "The file cannot be read.")
        assert bar.isVisible()
        assert home.rect().contains(bar.geometry())
        assert not bar._timer.isActive()
        qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
        assert not bar.isVisible()

    def test_a_word_in_passing_goes_by_itself(self, theme: Theme, home: QWidget, qtbot) -> None:
        bar = MessageBar(theme, home)
        bar._timer.setInterval(1)
        bar.show_message("ok", "Saved.")
        qtbot.waitUntil(lambda: not bar.isVisible())

    def test_its_button_does_what_it_says(self, theme: Theme, home: QWidget, qtbot) -> None:
        bar = MessageBar(theme, home)
        done: list[int] = []
        bar.show_message("warning", "MNIST is not here yet.", "Download", lambda: done.append(1))
        qtbot.mouseClick(bar.action, Qt.MouseButton.LeftButton)
        assert done == [1]
        assert not bar.isVisible()

    def test_a_long_one_wraps_and_stays_inside(self, theme: Theme, home: QWidget) -> None:
        bar = MessageBar(theme, home)
        bar.show_message("error", "a long story " * 30)
        home.resize(500, 400)
        assert home.rect().contains(bar.geometry())
        assert bar.text.height() >= 3 * bar.text.fontMetrics().height()


class TestSearchField:
    def test_escape_empties_and_arrows_step(self, theme: Theme, qtbot) -> None:
        field = SearchField(theme, "Filter layers")
        qtbot.addWidget(field)
        field.show()
        qtbot.keyClicks(field, "conv")
        steps: list[object] = []
        field.stepped.connect(steps.append)
        qtbot.keyClick(field, Qt.Key.Key_Down)
        qtbot.keyClick(field, Qt.Key.Key_Up)
        qtbot.keyClick(field, Qt.Key.Key_Escape)
        assert (field.text(), steps) == ("", [1, -1])


def test_a_card_has_a_title_only_when_it_is_given_one(theme: Theme, qtbot) -> None:
    card = Card()
    qtbot.addWidget(card)
    card.show()
    assert not card.title.isVisible()
    card.set_title("conv1")
    assert card.title.isVisible()


def test_the_status_bar_says_faults_first(theme: Theme, qtbot) -> None:
    bar = StatusBar(theme)
    qtbot.addWidget(bar)
    words = []
    for faults, warnings in ((0, 0), (1, 3), (4, 0), (0, 1), (0, 2)):
        bar.set_problems(faults, warnings=warnings)
        words.append(bar.problems.text())
    assert words == ["No problems", "1 problem", "4 problems", "1 warning", "2 warnings"]


class TestRanking:
    def entries(self, *texts: str, **more: object) -> list[SearchEntry]:
        return [SearchEntry(text, lambda: None, **more) for text in texts]

    def names(self, found: list[SearchEntry]) -> list[str]:
        return [entry.text for entry in found]

    def test_nothing_typed_keeps_the_order(self) -> None:
        assert self.names(rank(self.entries("Save", "Open", "Arrange"), "")) == ["Save", "Open", "Arrange"]

    def test_a_name_that_begins_so_comes_first(self) -> None:
        entries = self.entries("Use pool", "Unpool", "Pool")
        assert self.names(rank(entries, "pool")) == ["Pool", "Use pool", "Unpool"]

    def test_every_word_must_be_found(self) -> None:
        entries = [SearchEntry("Save", lambda: None, "Save the network"), SearchEntry("Save as", lambda: None)]
        assert self.names(rank(entries, "save net")) == ["Save"]

    def test_letters_in_order_are_enough(self) -> None:
        assert self.names(rank(self.entries("BatchNorm", "Dropout"), "bnm")) == ["BatchNorm"]
        assert rank(self.entries("BatchNorm"), "mnb") == []

    def test_a_layer_of_that_kind_comes_before_the_offer_to_append_one(self) -> None:
        entries = [*self.entries("Append Concat"), *self.entries("inception_3a", kind="Concat", keywords="Concat")]
        assert self.names(rank(entries, "concat")) == ["inception_3a", "Append Concat"]
        assert self.names(rank(entries, "append concat")) == ["Append Concat"]

    def test_what_cannot_be_done_now_comes_last(self) -> None:
        entries = [*self.entries("Undo", enabled=False), *self.entries("Unused")]
        assert self.names(rank(entries, "un")) == ["Unused", "Undo"]
