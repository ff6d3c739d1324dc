"""Fields commit what fits, say what would fit, and move nothing while they do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLabel, QMainWindow, QScrollArea, QVBoxLayout, QWidget

from cnnstudio.graph.catalogue import CATALOGUE
from cnnstudio.graph.params import REQUIRED, ParamSpec, ParamType
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets import BoolField, ChoiceField, FloatField, Form, IntField, field_for
from cnnstudio.gui.widgets.fields import WIDTH, Field, TextField


@pytest.fixture
def theme(qapp) -> Theme:
    theme = Theme("light")
    theme.apply(qapp)
    return theme


@pytest.fixture
def home(qtbot) -> QWidget:
    home = QWidget()
    home.resize(320, 320)
    QVBoxLayout(home)
    qtbot.addWidget(home)
    return home


def placed(field: Field, home: QWidget, qtbot) -> tuple[Field, list[object]]:
    """The field in a shown window with the focus in it, and what it commits."""
    log: list[object] = []
    field.committed.connect(log.append)
    home.layout().addWidget(field)
    with qtbot.waitActive(home):
        home.show()
    field.setFocus()
    return field, log


@pytest.fixture
def epochs(theme: Theme, home: QWidget, qtbot) -> tuple[TextField, list[object]]:
    field = IntField(theme, 1, 64)
    field.set_value(5)
    return placed(field, home, qtbot)


class TestTyping:
    def type(self, field: TextField, text: str, qtbot) -> None:
        field.edit.selectAll()
        qtbot.keyClicks(field.edit, text)

    def test_enter_commits_once(self, epochs, qtbot) -> None:
        field, log = epochs
        self.type(field, "12", qtbot)
        assert log == []
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        assert log == [12]
        assert field.value() == 12

    def test_leaving_commits(self, epochs, home: QWidget, theme: Theme, qtbot) -> None:
        field, log = epochs
        other = IntField(theme)
        home.layout().addWidget(other)
        self.type(field, "7", qtbot)
        other.setFocus()
        assert log == [7]

    def test_escape_takes_the_typing_back(self, epochs, qtbot) -> None:
        field, log = epochs
        self.type(field, "99", qtbot)
        qtbot.keyClick(field.edit, Qt.Key.Key_Escape)
        assert (field.edit.text(), log, field.error) == ("5", [], "")

    def test_what_does_not_fit_is_explained_and_not_committed(self, epochs, home: QWidget, qtbot) -> None:
        field, log = epochs
        self.type(field, "99", qtbot)
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        assert field.error == "Enter a whole number from 1 to 64."
        assert log == []
        assert field.value() == 5
        note = home.findChild(QLabel, "fieldError")
        assert note.isVisible()
        assert home.rect().contains(note.geometry())

    def test_a_field_that_is_switched_off_says_what_counts(self, epochs, qtbot) -> None:
        field, log = epochs
        self.type(field, "99", qtbot)
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        field.setEnabled(False)
        assert (field.edit.text(), log, field.error) == ("5", [], "")

    def test_the_note_goes_with_the_next_key(self, epochs, qtbot) -> None:
        field, _log = epochs
        self.type(field, "99", qtbot)
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        qtbot.keyClick(field.edit, Qt.Key.Key_Backspace)
        assert field.error == ""

    def test_nothing_moves_while_a_note_stands(self, epochs, qtbot) -> None:
        field, _log = epochs
        before = field.geometry()
        self.type(field, "0", qtbot)
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        assert field.error
        assert field.geometry() == before

    def test_setting_by_program_commits_nothing(self, epochs) -> None:
        field, log = epochs
        field.set_value(9)
        assert (field.edit.text(), log) == ("9", [])

    def test_undo_is_the_networks_once_the_typing_is_committed(self, theme: Theme, qtbot) -> None:
        window = QMainWindow()
        qtbot.addWidget(window)
        field = IntField(theme, 1, 64)
        field.set_value(5)
        window.setCentralWidget(field)
        undone: list[int] = []
        action = QAction("Undo", window)
        action.setShortcut(QKeySequence(QKeySequence.StandardKey.Undo))
        action.triggered.connect(lambda: undone.append(1))
        window.addAction(action)
        with qtbot.waitActive(window):
            window.show()
        field.setFocus()
        self.type(field, "8", qtbot)
        qtbot.keyClick(field.edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert undone == []
        self.type(field, "9", qtbot)
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        qtbot.keyClick(field.edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert undone == [1]


class TestSteps:
    def test_up_and_down(self, epochs, qtbot) -> None:
        field, log = epochs
        qtbot.keyClick(field.edit, Qt.Key.Key_Up)
        qtbot.keyClick(field.edit, Qt.Key.Key_Down)
        qtbot.keyClick(field.edit, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
        assert log == [6, 5, 15]

    def test_a_step_out_of_range_stays(self, epochs, qtbot) -> None:
        field, log = epochs
        field.set_value(64)
        qtbot.keyClick(field.edit, Qt.Key.Key_Up)
        assert (field.value(), log, field.error) == (64, [], "")

    def test_the_arrows_at_the_right_end(self, epochs, qtbot) -> None:
        field, log = epochs
        right = field.edit.width() - 8
        qtbot.mouseClick(field.edit, Qt.MouseButton.LeftButton, pos=QPoint(right, 4))
        qtbot.mouseClick(field.edit, Qt.MouseButton.LeftButton, pos=QPoint(right, field.edit.height() - 4))
        assert log == [6, 5]

    def test_a_learning_rate_in_scientific_notation(self, theme: Theme, home: QWidget, qtbot) -> None:
        rate = FloatField(theme, 0, above=True, scale=True)
        rate.set_value(0.001)
        field, log = placed(rate, home, qtbot)
        field.edit.selectAll()
        qtbot.keyClicks(field.edit, "3e-4")
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        qtbot.keyClick(field.edit, Qt.Key.Key_Up)
        assert log == pytest.approx([3e-4, 5e-4])


class TestLayerParameters:
    @pytest.mark.parametrize(
        ("kind", "spec"),
        [(kind, spec) for kind, layer in CATALOGUE.items() for spec in layer.params],
        ids=lambda each: each if isinstance(each, str) else each.name,
    )
    def test_every_parameter_of_the_catalogue_has_a_field(
        self, theme: Theme, home: QWidget, kind: str, spec: ParamSpec
    ) -> None:
        field = field_for(theme, spec, home)
        value = spec.check(spec.first_value)
        field.set_value(value)
        assert field.value() == value
        assert field.objectName() == f"field.{spec.name}"
        assert field.accessibleName() == spec.label
        if isinstance(field, TextField):
            assert field.commit(), f"{kind}.{spec.name}: {field.edit.text()!r} is not read back"

    def test_a_size_takes_one_number_or_two(self, theme: Theme, home: QWidget, qtbot) -> None:
        spec = ParamSpec("kernel_size", ParamType.SIZE, "Kernel size", "", REQUIRED, 3)
        made = field_for(theme, spec)
        made.set_value(3)
        field, log = placed(made, home, qtbot)
        for text in ("5", "3 x 7", "7 7"):
            field.edit.selectAll()
            qtbot.keyClicks(field.edit, text)
            qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        assert log == [5, (3, 7), 7]
        assert field.edit.text() == "7 × 7"

    def test_the_layers_own_words_explain(self, theme: Theme, home: QWidget, qtbot) -> None:
        spec = ParamSpec("kernel_size", ParamType.SIZE, "Kernel size", "", REQUIRED, 3)
        field, _log = placed(field_for(theme, spec), home, qtbot)
        qtbot.keyClicks(field.edit, "big")
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        assert "whole number from 1" in field.error

    def test_an_optional_one_may_be_empty(self, theme: Theme, home: QWidget, qtbot) -> None:
        spec = ParamSpec("stride", ParamType.SIZE, "Stride", "", None, optional=True)
        made = field_for(theme, spec)
        made.set_value(2)
        field, log = placed(made, home, qtbot)
        field.edit.selectAll()
        qtbot.keyClick(field.edit, Qt.Key.Key_Delete)
        qtbot.keyClick(field.edit, Qt.Key.Key_Return)
        assert log == [None]


class TestChoices:
    def test_a_choice_commits_its_value(self, theme: Theme, home: QWidget, qtbot) -> None:
        made = ChoiceField(theme, [("sgd", "SGD"), ("adam", "Adam")])
        made.set_value("adam")
        field, log = placed(made, home, qtbot)
        qtbot.keyClick(field.box, Qt.Key.Key_Up)
        assert log == ["sgd"]
        assert field.value() == "sgd"

    def test_a_value_that_is_no_choice_is_refused(self, theme: Theme) -> None:
        field = ChoiceField(theme, ["zeros", "reflect"])
        with pytest.raises(ValueError, match="wrap"):
            field.set_value("wrap")

    def test_a_switch(self, theme: Theme, home: QWidget, qtbot) -> None:
        made = BoolField(theme)
        made.set_value(True)
        field, log = placed(made, home, qtbot)
        qtbot.keyClick(field.switch, Qt.Key.Key_Space)
        qtbot.mouseClick(field.switch, Qt.MouseButton.LeftButton)
        assert log == [False, True]

    def test_a_switch_that_cannot_be_moved_is_seen_to_be_off_duty(self, theme: Theme, home: QWidget, qtbot) -> None:
        field, _ = placed(BoolField(theme), home, qtbot)
        field.switch.clearFocus()
        before = field.switch.grab().toImage()
        field.setEnabled(False)
        assert field.switch.grab().toImage() != before


def test_all_fields_have_one_width(theme: Theme, home: QWidget) -> None:
    form = Form(home)
    fields = (IntField(theme), FloatField(theme), ChoiceField(theme, ["a"]), BoolField(theme))
    for place, field in enumerate(fields):
        form.add(f"row {place}", field)
    home.layout().addWidget(form)
    home.show()
    assert {field.width() for field in fields} == {WIDTH}
    assert len({field.geometry().right() for field in fields}) == 1


def test_a_wheel_over_a_field_scrolls_the_panel(theme: Theme, qtbot) -> None:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    area = QScrollArea()
    qtbot.addWidget(area)
    field = IntField(theme, 0, 9)
    field.set_value(5)
    area.setWidget(field)
    area.show()
    keys, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    spot = QPointF(10, 10)
    event = QWheelEvent(spot, spot, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, keys, phase, False)
    field.edit.clearFocus()
    QApplication.sendEvent(field.edit, event)
    assert field.value() == 5
