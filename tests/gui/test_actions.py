"""Rows of actions become QActions, menus and shortcuts, and find who answers them."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from cnnstudio.graph import presets
from cnnstudio.gui.action_rows import MENUS, ROWS
from cnnstudio.gui.actions import Actions
from cnnstudio.gui.theme import Theme
from cnnstudio.resources import resource_path

CONTRACT = [
    f"{area}.{name}"
    for area, names in {
        "file": "new open save save_as recent quit new.digits-small",
        "edit": "undo redo delete select_all rename",
        "build": "append arrange connect",
        "train": "start pause step stop reset data",
        "inspect": "open samples dataset clear",
        "view": "build train inspect theme zoom_in zoom_out zoom_fit",
        "help": "shortcuts about",
        "palette": "open",
    }.items()
    for name in names.split()
]
PRESETS = {"digits-small": "Small network for digits", "lenet5-caffe": "LeNet-5 (Caffe)"}


@pytest.fixture
def actions(qapp) -> Actions:
    return Actions(Theme("light"), PRESETS)


def calls(*ids: str):
    """(handlers, log): each handler writes its id into the log."""
    log: list[str] = []
    return {each: (lambda each=each: log.append(each)) for each in ids}, log


class TestRows:
    def test_every_action_has_a_name_a_shortcut_an_icon_and_a_word_of_help(self, actions: Actions) -> None:
        for row in actions.rows.values():
            assert row.text, row.id
            assert row.help, row.id
            assert row.shortcut, row.id
            assert resource_path("icons", f"{row.icon}.svg").is_file(), row.id

    def test_every_shortcut_is_a_key_and_none_is_used_twice(self, actions: Actions) -> None:
        keys = [QKeySequence(each).toString() for row in actions.rows.values() for each in row.shortcut.split("  ")]
        assert all(keys)
        assert [key for key, count in Counter(keys).items() if count > 1] == []

    def test_ids_are_unique_and_belong_to_a_menu(self) -> None:
        assert len({row.id for row in ROWS}) == len(ROWS)
        assert {row.menu for row in ROWS} <= {*MENUS, "palette"}

    @pytest.mark.parametrize("action_id", CONTRACT)
    def test_the_contract(self, actions: Actions, action_id: str) -> None:
        assert actions[action_id].objectName() == action_id


class TestHandlers:
    def test_nobody_to_answer_means_disabled(self, actions: Actions) -> None:
        assert not actions["file.open"].isEnabled()
        assert actions.run("file.open") is False

    def test_the_windows_handler_answers(self, actions: Actions) -> None:
        handlers, log = calls("file.open")
        actions.register(handlers)
        actions["file.open"].trigger()
        assert log == ["file.open"]

    def test_an_unknown_id_is_refused(self, actions: Actions) -> None:
        with pytest.raises(KeyError, match="opne"):
            actions.register({"file.opne": lambda: None})

    def test_the_workspace_in_front_answers_what_belongs_to_none(self, actions: Actions) -> None:
        build, build_log = calls("edit.delete", "view.zoom_in")
        inspect, inspect_log = calls("view.zoom_in")
        actions.register(build, "build")
        actions.register(inspect, "inspect")
        actions.set_active("build")
        actions.run("view.zoom_in")
        actions.run("edit.delete")
        actions.set_active("inspect")
        actions.run("view.zoom_in")
        assert not actions["edit.delete"].isEnabled()
        assert (build_log, inspect_log) == (["view.zoom_in", "edit.delete"], ["view.zoom_in"])

    def test_a_workspaces_own_action_works_from_anywhere_and_brings_it_to_the_front(
        self, actions: Actions, qtbot
    ) -> None:
        handlers, log = calls("train.start", "train.pause")
        actions.register(handlers, "train")
        actions.set_active("build")
        with qtbot.waitSignal(actions.followed) as followed:
            actions.run("train.start")
        assert followed.args == ["train"]
        with qtbot.assertNotEmitted(actions.followed):
            actions.run("train.pause")
        assert log == ["train.start", "train.pause"]

    def test_a_workspace_says_what_makes_sense_now(self, actions: Actions) -> None:
        handlers, log = calls("train.stop")
        actions.register(handlers, "train")
        actions.set_enabled("train.stop", False)
        actions["train.stop"].trigger()
        assert actions.run("train.stop") is False
        assert log == []
        actions.set_enabled("train.stop", True)
        actions["train.stop"].trigger()
        assert log == ["train.stop"]

    def test_detail_names_what_it_would_do(self, actions: Actions) -> None:
        actions.set_detail("edit.undo", "set conv2 padding to 2")
        assert actions["edit.undo"].text() == "Undo: set conv2 padding to 2"
        actions.set_detail("edit.undo", "")
        assert actions["edit.undo"].text() == "Undo"


class TestMenus:
    def test_every_action_stands_in_exactly_one_menu(self, actions: Actions, qtbot) -> None:
        window = QMainWindow()
        qtbot.addWidget(window)
        found: list[str] = []

        def walk(menu) -> None:
            for action in menu.actions():
                if action.menu() is not None:
                    walk(action.menu())
                elif not action.isSeparator():
                    found.append(action.objectName())

        for menu in actions.menus(window):
            walk(menu)
        assert sorted(found) == sorted(actions.rows)

    def test_tooltips_name_the_shortcut(self, actions: Actions) -> None:
        assert "F5" in actions["train.start"].toolTip()

    def test_the_palette_lists_every_other_action(self, actions: Actions) -> None:
        handlers, log = calls("file.save")
        actions.register(handlers)
        entries = {entry.text: entry for entry in actions.entries()}
        assert entries["Save"].enabled
        assert not entries["Undo"].enabled
        entries["Save"].run()
        assert log == ["file.save"]
        assert entries["New: LeNet-5 (Caffe)"].shortcut == "Alt+2"


def test_presets_stand_in_menus_by_their_groups(actions: Actions, qtbot) -> None:
    home = QMainWindow()
    qtbot.addWidget(home)
    actions.fill_menu("file", home)
    menu = home.findChild(QMenu, "menu.file.presets")
    groups = {each.title(): [action.objectName() for action in each.actions()] for each in menu.findChildren(QMenu)}
    assert groups == {presets.info(name).group: [f"file.new.{name}"] for name in PRESETS}
