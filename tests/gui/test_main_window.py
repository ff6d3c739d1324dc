"""The shell around the workspaces: places, projects, problems, drops, closing. Workspaces here are stand-ins."""

from __future__ import annotations

import dataclasses
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from cnnstudio.graph import presets
from cnnstudio.graph.commands import AddNode, Disconnect, Rename
from cnnstudio.gui.actions import Actions, SearchEntry
from cnnstudio.gui.dialogs.command_palette import CommandPalette
from cnnstudio.gui.dialogs.question import Answer, QuestionDialog
from cnnstudio.gui.dialogs.shortcuts import ShortcutsDialog
from cnnstudio.gui.errors import ErrorReporter
from cnnstudio.gui.main_window import PLACES, MainWindow
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.undo import Editor
from cnnstudio.project import Autosave, Project, open_project
from cnnstudio.resources import sample_images_dir
from cnnstudio.session import Studio
from cnnstudio.session import autosave as autosave_session


class Place(QWidget):
    """A workspace that writes down what it is asked."""

    status = Signal(object)

    def __init__(self, name: str, *ids: str) -> None:
        super().__init__()
        self.log: list[str] = []
        self._name, self._ids = name, ids
        self.field = QLineEdit(self)
        self.state: dict[str, object] = {}

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {each: (lambda each=each: self.log.append(each)) for each in self._ids}

    def activated(self) -> None:
        self.log.append("activated")

    def search_entries(self) -> list[SearchEntry]:
        return [SearchEntry(f"Go to the {self._name} thing", lambda: self.log.append("went"))]

    def reveal(self, node_id: str) -> None:
        self.log.append(f"reveal {node_id}")

    def save_state(self) -> dict[str, object]:
        return {"columns": [3, 4], "note": "not a list of sizes"}

    def restore_state(self, state: dict[str, object]) -> None:
        self.state = state


def make_window(folder: Path) -> MainWindow:
    application = QApplication.instance()
    studio = Studio(folder)
    theme = Theme(studio.settings.theme)
    theme.apply(application)
    actions = Actions(theme, {name: presets.info(name).title for name in presets.names()})
    editor = Editor(studio, QUndoStack())
    ids = {
        "build": ("edit.delete", "build.arrange", "build.append"),
        "train": ("train.start", "train.stop"),
        "inspect": ("inspect.clear",),
    }
    window = MainWindow(studio, editor, theme, actions, {name: Place(name, *ids[name]) for name in PLACES})
    for part in (theme, actions, editor, editor.stack):
        part.setParent(window)
    return window


@pytest.fixture
def window(tmp_path: Path, qtbot) -> Iterator[MainWindow]:
    window = make_window(tmp_path / "settings")
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.leave()


def edit(window: MainWindow) -> None:
    assert window.editor.run(AddNode("Conv2d", {"out_channels": 4, "kernel_size": 3}))


def dialog(window: MainWindow, kind: type, qtbot):
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(kind)))
    return next(each for each in window.findChildren(kind) if each.isVisible())


def answer(window: MainWindow, choice: str, qtbot) -> None:
    asked = dialog(window, QuestionDialog, qtbot)
    qtbot.mouseClick(asked.findChild(QPushButton, f"answer.{choice}"), Qt.MouseButton.LeftButton)


class TestPlaces:
    def test_the_rail_switches_workspaces(self, window: MainWindow, qtbot) -> None:
        qtbot.mouseClick(window.rail.findChild(QWidget, "rail.train"), Qt.MouseButton.LeftButton)
        assert window.current_workspace == "train"
        assert window.pages.currentWidget() is window.workspaces["train"]
        assert window.workspaces["train"].log == ["activated"]

    def test_so_do_the_keys(self, window: MainWindow, qtbot) -> None:
        window.activateWindow()
        qtbot.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
        assert window.current_workspace == "inspect"
        qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
        assert window.current_workspace == "build"

    def test_an_action_of_another_workspace_brings_it_to_the_front(self, window: MainWindow, qtbot) -> None:
        window.activateWindow()
        qtbot.keyClick(window, Qt.Key.Key_F5)
        assert window.current_workspace == "train"
        assert window.workspaces["train"].log == ["activated", "train.start"]

    def test_a_workspace_speaks_in_the_status_bar_while_it_is_in_front(self, window: MainWindow) -> None:
        window.workspaces["build"].status.emit("conv2d_1 [0, 1, 2] = 0.5")
        assert window.status_bar.detail.text() == "conv2d_1 [0, 1, 2] = 0.5"
        window.show_workspace("train")
        assert window.status_bar.detail.text() == ""

    def test_every_interactive_part_has_a_name(self, window: MainWindow) -> None:
        for button in window.header.findChildren(QPushButton) + window.status_bar.findChildren(QPushButton):
            assert button.objectName()


class TestCommandPalette:
    def open(self, window: MainWindow, qtbot) -> CommandPalette:
        qtbot.mouseClick(window.header.search, Qt.MouseButton.LeftButton)
        return dialog(window, CommandPalette, qtbot)

    def test_finds_an_action_and_does_it_with_the_keyboard_alone(self, window: MainWindow, qtbot) -> None:
        palette = self.open(window, qtbot)
        qtbot.keyClicks(palette.field, "arrange")
        assert palette.current is not None
        assert palette.current.text == "Arrange"
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
        assert "build.arrange" in window.workspaces["build"].log

    def test_finds_what_workspaces_offer(self, window: MainWindow, qtbot) -> None:
        palette = self.open(window, qtbot)
        qtbot.keyClicks(palette.field, "inspect thing")
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
        assert window.workspaces["inspect"].log == ["went"]

    def test_escape_leaves_everything_as_it_was(self, window: MainWindow, qtbot) -> None:
        palette = self.open(window, qtbot)
        qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: not window.findChildren(CommandPalette))
        assert window.workspaces["build"].log == ["activated"]


class TestProblems:
    def test_none_at_the_start(self, window: MainWindow) -> None:
        assert window.status_bar.problems.text() == "No problems"
        assert window.status_bar.layers.text() == f"{len(window.studio.graph.nodes)} layers"

    def test_a_fault_is_counted_at_once_and_a_click_leads_to_it(self, window: MainWindow, qtbot) -> None:
        window.editor.run(Disconnect(window.studio.graph.links()[:1]))
        faults = window.studio.report.errors
        assert faults
        assert window.status_bar.problems.text() == ("1 problem" if len(faults) == 1 else f"{len(faults)} problems")
        window.show_workspace("train")
        qtbot.mouseClick(window.status_bar.problems, Qt.MouseButton.LeftButton)
        if len(window.studio.report.problems) > 1:
            palette = dialog(window, CommandPalette, qtbot)
            wanted = next(each for each in window.studio.report.problems if each.node)
            qtbot.keyClicks(palette.field, wanted.message)
            qtbot.keyClick(palette.field, Qt.Key.Key_Return)
        assert window.current_workspace == "build"
        assert any(line.startswith("reveal ") for line in window.workspaces["build"].log)


class TestUndo:
    def test_names_stand_in_menu_and_status_bar(self, window: MainWindow, qtbot) -> None:
        assert not window.actions_table["edit.undo"].isEnabled()
        edit(window)
        text = window.editor.stack.undoText()
        assert window.actions_table["edit.undo"].text() == f"Undo: {text}"
        assert window.status_bar.detail.text() == f"Undo: {text}"
        window.activateWindow()
        qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert not window.actions_table["edit.undo"].isEnabled()
        assert window.actions_table["edit.redo"].text() == f"Redo: {text}"

    def test_a_refused_edit_is_told(self, window: MainWindow) -> None:
        first, second, *_rest = window.studio.graph.nodes.values()
        window.editor.run(Rename(second.id, first.name))
        assert window.messages.isVisible()
        assert first.name in window.messages.text.text()


class TestProjects:
    def test_the_title_says_what_is_open_and_whether_it_is_edited(self, window: MainWindow) -> None:
        assert window.header.state.text() == ""
        edit(window)
        assert window.header.state.text() == "edited"
        assert window.isWindowModified()
        window.editor.undo()
        assert window.header.state.text() == ""

    def test_saving_asks_where_and_remembers(self, window: MainWindow, qtbot, tmp_path: Path) -> None:
        edit(window)
        path = tmp_path / "mine.cnnstudio"
        window.activateWindow()
        qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        dialog(window, QFileDialog, qtbot).fileSelected.emit(str(path))
        assert open_project(path).graph == window.studio.graph
        assert window.header.title.text() == "mine"
        assert window.header.state.text() == ""
        assert window.studio.settings.recent == [str(path)]

    def test_opening_another_asks_before_work_is_lost(self, window: MainWindow, qtbot, tmp_path: Path) -> None:
        path = tmp_path / "saved.cnnstudio"
        window.studio.save(path)
        saved = window.studio.graph.copy()
        edit(window)
        window.open_file(path)
        answer(window, "cancel", qtbot)
        assert window.studio.graph != saved
        window.open_file(path)
        answer(window, "discard", qtbot)
        assert window.studio.graph == saved
        assert window.editor.stack.count() == 0

    def test_a_damaged_file_is_told_and_changes_nothing(self, window: MainWindow, tmp_path: Path) -> None:
        path = tmp_path / "broken.cnnstudio"
        path.write_bytes(b"PK\x03\x04 no zip at all")
        before = window.studio.graph.copy()
        window.open_file(path)
        assert "broken" in window.messages.text.text()
        assert window.studio.graph == before
        assert path.read_bytes() == b"PK\x03\x04 no zip at all"

    def test_recent_projects_are_chosen_from_a_list(self, window: MainWindow, qtbot, tmp_path: Path) -> None:
        path = tmp_path / "yesterday.cnnstudio"
        window.studio.save(path)
        window.studio.new()
        window.actions_table.run("file.recent")
        palette = dialog(window, CommandPalette, qtbot)
        qtbot.keyClicks(palette.field, "yester")
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
        assert window.studio.path == path

    def test_a_preset_begins_a_new_project(self, window: MainWindow) -> None:
        window.actions_table["file.new.lenet5-caffe"].trigger()
        assert window.studio.report.parameters == 431_080
        assert window.header.state.text() == ""


class TestDrop:
    def drop(self, window: MainWindow, path: Path) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPoint(300, 300), Qt.DropAction.CopyAction, mime, buttons, keys)
        QApplication.sendEvent(window, enter)
        if enter.isAccepted():
            assert window.findChild(QWidget, "dropFrame").isVisible()
            event = QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, mime, buttons, keys)
            QApplication.sendEvent(window, event)
            assert not window.findChild(QWidget, "dropFrame").isVisible()

    def test_a_picture_goes_to_inspect(self, window: MainWindow, samples: list[Path], qtbot) -> None:
        self.drop(window, samples[0])
        assert window.current_workspace == "inspect"
        qtbot.waitUntil(lambda: window.studio.inspection.picture is not None)

    def test_a_project_is_opened(self, window: MainWindow, tmp_path: Path) -> None:
        path = tmp_path / "dropped.cnnstudio"
        window.studio.save(path)
        window.studio.new("lenet5-caffe")
        self.drop(window, path)
        assert window.studio.path == path

    def test_anything_else_is_not_taken(self, window: MainWindow, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("hello")
        self.drop(window, path)
        assert window.current_workspace == "build"
        assert not window.messages.isVisible()


@pytest.fixture
def samples() -> list[Path]:
    return sorted(sample_images_dir().glob("*.png"))


class TestClosing:
    def test_at_once_when_nothing_would_be_lost(self, window: MainWindow) -> None:
        assert window.close()

    def test_asks_when_there_are_changes(self, window: MainWindow, qtbot) -> None:
        edit(window)
        assert not window.close()
        answer(window, "cancel", qtbot)
        assert window.isVisible()
        assert not window.close()
        answer(window, "discard", qtbot)
        qtbot.waitUntil(lambda: not window.isVisible())

    @pytest.mark.parametrize("trained", [False, True])
    def test_speaks_of_what_was_learned_only_where_something_was(
        self, window: MainWindow, qtbot, monkeypatch: pytest.MonkeyPatch, trained: bool
    ) -> None:
        monkeypatch.setattr(type(window.studio), "trained", property(lambda studio: trained))
        edit(window)
        assert not window.close()
        text = dialog(window, QuestionDialog, qtbot).findChild(QLabel, "questionDialog.text").text()
        assert ("what was learned" in text) is trained
        assert "the edits since the last save" in text
        answer(window, "cancel", qtbot)

    def test_saving_first_when_that_is_the_answer(self, window: MainWindow, qtbot, tmp_path: Path) -> None:
        path = tmp_path / "kept.cnnstudio"
        edit(window)
        window.close()
        answer(window, "save", qtbot)
        dialog(window, QFileDialog, qtbot).fileSelected.emit(str(path))
        qtbot.waitUntil(lambda: not window.isVisible())
        assert path.is_file()

    def test_during_training_every_thread_ends(self, window: MainWindow, qtbot) -> None:
        qtbot.waitUntil(lambda: window.studio.data.dataset is not None)
        window.studio.training.start()
        qtbot.waitUntil(lambda: window.studio.training.progress.iteration > 0)
        assert window.status_bar.run.text().startswith("Training")
        assert window.close()
        assert not window.studio.training.state.active

    def test_during_training_nobody_is_asked_and_nothing_is_lost(
        self, window: MainWindow, tmp_path: Path, qtbot
    ) -> None:
        edit(window)
        window.editor.undo()
        window.editor.run(Rename(next(iter(window.studio.graph.nodes)), "eyes"))
        edited = window.studio.graph.copy()
        qtbot.waitUntil(lambda: window.studio.data.dataset is not None)
        window.studio.training.start()
        assert window.close()
        again = make_window(tmp_path / "settings")
        qtbot.addWidget(again)
        again.show()
        answer(again, "restore", qtbot)
        assert again.studio.graph == edited
        again.leave()

    def test_what_was_set_is_found_again(self, window: MainWindow, tmp_path: Path, qtbot) -> None:
        window.resize(900, 700)  # the platform of the tests has a screen of 800 x 800
        window.show_workspace("train")
        window.actions_table.run("view.theme")
        dark = window.theme.dark
        window.leave()
        again = make_window(tmp_path / "settings")
        qtbot.addWidget(again)
        assert again.current_workspace == "train"
        assert again.theme.dark == dark
        assert again.height() == 700
        assert again.workspaces["train"].state == {"columns": [3, 4]}
        again.leave()


class TestQuestion:
    @pytest.mark.parametrize("place", range(3))
    def test_enter_gives_the_answer_that_has_the_keyboard(self, window: MainWindow, place: int, qtbot) -> None:
        answers = ("save", "cancel", "discard")
        asked = QuestionDialog(
            window.theme, "Save?", "It was edited.", [Answer(each, each) for each in answers], window
        )
        asked.open()
        qtbot.waitExposed(asked)
        chosen = asked.findChild(QPushButton, f"answer.{answers[place]}")
        chosen.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(chosen, Qt.Key.Key_Return)
        assert asked.answer == answers[place]


class TestRecovery:
    @pytest.fixture
    def crashed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
        """A copy that a session left which nobody holds any more."""
        project = Project(graph=presets.load("lenet5-caffe"), title="Lost")
        folder = tmp_path / "elsewhere"
        copies = Autosave(folder)
        copies.write(project)
        target = tmp_path / "settings" / "recovery"
        target.mkdir(parents=True)
        for file in folder.iterdir():
            if file.suffix != ".lock":
                shutil.copy(file, target / file.name)
        copies.close()
        return project

    def test_is_offered_at_the_start(self, crashed: Project, window: MainWindow, qtbot) -> None:
        answer(window, "restore", qtbot)
        assert window.studio.graph == crashed.graph
        assert window.header.state.text() == "edited"

    def test_names_the_file_that_the_work_belongs_to(
        self, crashed: Project, tmp_path: Path, window: MainWindow, qtbot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        [left] = window.studio.autosave.recoverable()
        answer(window, "cancel", qtbot)
        saved = dataclasses.replace(left, title="Untitled", original_path=tmp_path / "Saved as.cnnstudio")
        monkeypatch.setattr(window.studio.autosave, "recoverable", lambda: [saved])
        window.flow.offer_recovery()
        asked = dialog(window, QuestionDialog, qtbot)
        assert asked.findChild(QLabel, "questionDialog.title").text() == "Restore Saved as?"
        answer(window, "cancel", qtbot)

    def test_discarding_removes_the_copy(self, crashed: Project, window: MainWindow, qtbot) -> None:
        answer(window, "discard", qtbot)
        assert window.studio.autosave.recoverable() == []

    def test_not_now_keeps_it(self, crashed: Project, window: MainWindow, qtbot) -> None:
        answer(window, "cancel", qtbot)
        assert len(window.studio.autosave.recoverable()) == 1

    def test_the_session_knows_it_by_the_same_name(self) -> None:
        assert autosave_session.AutosaveSession.recoverable


class TestHelp:
    def test_the_shortcut_page_names_every_action(self, window: MainWindow, qtbot) -> None:
        window.activateWindow()
        qtbot.keyClick(window, Qt.Key.Key_F1)
        page = dialog(window, ShortcutsDialog, qtbot)
        texts = {label.text() for label in page.findChildren(QWidget) if hasattr(label, "text")}
        actions = window.actions_table
        assert {actions.text(each) for each in actions} <= texts
        QTest.keyClick(page, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: not window.findChildren(ShortcutsDialog))


class TestUnforeseen:
    def test_is_told_once_logged_and_survived(self, window: MainWindow, qtbot, tmp_path: Path) -> None:
        reporter = ErrorReporter(window.theme, tmp_path / "log", window)
        for _ in range(3):
            try:
                raise RuntimeError("a cable came loose")
            except RuntimeError:
                reporter.report(*sys.exc_info())
        shown = [each for each in window.findChildren(QuestionDialog) if each.isVisible()]
        assert len(shown) == 1
        assert reporter.log.read_text().count("RuntimeError: a cable came loose") == 3
        answer(window, "close", qtbot)
        reporter.uninstall()
        assert window.isVisible()

    def test_so_is_what_breaks_in_a_thread(self, window: MainWindow, qtbot, tmp_path: Path) -> None:
        reporter = ErrorReporter(window.theme, tmp_path / "log", window)
        reporter.install()
        thread = threading.Thread(target=lambda: 1 // 0)
        thread.start()
        thread.join()
        asked = dialog(window, QuestionDialog, qtbot)
        assert "ZeroDivisionError" in asked.findChild(QPlainTextEdit).toPlainText()
        answer(window, "close", qtbot)
        reporter.uninstall()
        assert sys.excepthook is sys.__excepthook__
