"""The one window: header, rail, three workspaces on one network, status bar, and what holds them together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.graph import Problem, Report, Severity
from cnnstudio.gui.actions import Actions, SearchEntry
from cnnstudio.gui.dialogs.about import AboutDialog
from cnnstudio.gui.dialogs.command_palette import CommandPalette
from cnnstudio.gui.dialogs.shortcuts import ShortcutsDialog
from cnnstudio.gui.project_flow import ProjectFlow
from cnnstudio.gui.report_flow import ReportFlow
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.undo import Editor
from cnnstudio.gui.widgets.drop import DropFrame, Dropped, dropped_file, kind_of
from cnnstudio.gui.widgets.header import Header
from cnnstudio.gui.widgets.messages import MessageBar
from cnnstudio.gui.widgets.rail import Rail
from cnnstudio.gui.widgets.status import StatusBar
from cnnstudio.session import Message, RunState, Standing, Studio

POLL_MS = 33
"""The clock of the session: workers' news are taken in thirty times a second."""
CLOSE_SECONDS = 1.5
FRAME_HEIGHT = 40
"""About what a title bar takes; it cannot be asked before the window is shown."""
PLACES = ("build", "train", "inspect")


class MainWindow(QMainWindow):
    """Wired and not shown. `workspaces` are the widgets of Build, Train and Inspect by those names.

    A workspace has `handlers()` (action id to callable), and may have `activated()`, `save_state()` and
    `restore_state(state)`, `search_entries()` for the command palette, `reveal(node_id)`, and a signal `status` whose
    text is shown in the status bar.
    """

    def __init__(
        self,
        studio: Studio,
        editor: Editor,
        theme: Theme,
        actions: Actions,
        workspaces: Mapping[str, QWidget],
    ) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.studio, self.editor, self.theme, self.actions_table = studio, editor, theme, actions
        self.workspaces = dict(workspaces)
        self._leaving = False
        self._shown = False
        self._lay_out()
        self.flow = ProjectFlow(studio, theme, self.notify, self)
        self.reports = ReportFlow(studio, self.notify, self)
        self._register()
        self._connect()
        self._restore()
        self._refresh_title()
        self._refresh_report(studio.report)
        self._refresh_run(studio.training.state)
        self._clock = QTimer(self)
        self._clock.setObjectName("sessionClock")
        self._clock.setInterval(POLL_MS)
        self._clock.timeout.connect(studio.poll)
        self._clock.start()

    # building

    def _lay_out(self) -> None:
        self.setWindowIcon(self.theme.icons.icon("app"))
        self.setMinimumSize(880, 560)
        self.setAcceptDrops(True)
        self.header = Header(self.theme, self.actions_table["palette.open"])
        self.rail = Rail(self.theme)
        self.pages = QStackedWidget()
        self.pages.setObjectName("workspaces")
        self.status_bar = StatusBar(self.theme)
        words = {"build": self.tr("Build"), "train": self.tr("Train"), "inspect": self.tr("Inspect")}
        for place in PLACES:
            self.rail.add(place, place, words[place], self.actions_table[f"view.{place}"].toolTip())
            self.pages.addWidget(self.workspaces[place])
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.rail)
        middle.addWidget(self.pages, 1)
        page = QWidget()
        page.setProperty("look", "workspace")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(middle, 1)
        column.addWidget(self.status_bar)
        self.setCentralWidget(page)
        self.messages = MessageBar(self.theme, self.pages)
        self._drop_frame = DropFrame(self.theme, page)
        menus = self.actions_table.menus(self)
        if sys.platform == "darwin":
            for menu in menus:
                self.menuBar().addMenu(menu)
            self.header.menu_button.hide()
        else:
            self.header.set_menus(menus)
        self.addActions([self.actions_table[each] for each in self.actions_table])
        for action_id in ("edit.undo", "edit.redo"):
            self.header.add_action(self.actions_table[action_id])
        self.header.add_action(self.actions_table["view.theme"], end=True)

    def _register(self) -> None:
        actions = self.actions_table
        actions.register(
            {
                **self.flow.handlers(),
                **self.reports.handlers(),
                **{f"view.{place}": partial(self.show_workspace, place) for place in PLACES},
                "file.quit": self.close,
                "edit.undo": self.editor.undo,
                "edit.redo": self.editor.redo,
                "view.theme": self._toggle_theme,
                "view.theme_system": lambda: self._set_theme("system"),
                "palette.open": self.open_palette,
                "help.shortcuts": lambda: self._show_dialog(ShortcutsDialog(actions, self)),
                "help.about": lambda: self._show_dialog(AboutDialog(self.theme, self)),
            }
        )
        for place, workspace in self.workspaces.items():
            actions.register(workspace.handlers(), place)  # type: ignore[attr-defined]
        stack = self.editor.stack
        actions.set_enabled("edit.undo", stack.canUndo())
        actions.set_enabled("edit.redo", stack.canRedo())

    def _connect(self) -> None:
        studio, stack = self.studio, self.editor.stack
        self.rail.selected.connect(self.show_workspace)
        self.actions_table.followed.connect(self.show_workspace)
        # Methods of the window, not lambdas: the stack speaks once more when it dies, and by then they are cut off.
        self.editor.failed.connect(self._tell_refusal)
        stack.canUndoChanged.connect(self._refresh_can_undo)
        stack.canRedoChanged.connect(self._refresh_can_redo)
        stack.undoTextChanged.connect(self._refresh_undo)
        stack.redoTextChanged.connect(self._refresh_redo)
        studio.project_changed.connect(self._project_changed)
        studio.report_changed.connect(self._refresh_report)
        studio.modified_changed.connect(self._refresh_modified)
        studio.message.connect(self._show_message)
        studio.training.state_changed.connect(self._refresh_run)
        self.status_bar.problems_clicked.connect(self.show_problems)
        self.status_bar.run_clicked.connect(lambda: self.show_workspace("train"))
        for workspace in self.workspaces.values():
            for name, slot in (("status", self.status_bar.set_passing), ("progress_shown", self._refresh_progress)):
                signal = getattr(workspace, name, None)
                if signal is not None:
                    signal.connect(slot)

    # places

    @property
    def current_workspace(self) -> str:
        """`build`, `train` or `inspect`."""
        return self.rail.current or PLACES[0]

    def show_workspace(self, place: str) -> None:
        """Bring a workspace to the front. Raises KeyError for an unknown one."""
        workspace = self.workspaces[place]
        changed = self.pages.currentWidget() is not workspace or self.actions_table.active != place
        self.pages.setCurrentWidget(workspace)
        self.rail.set_current(place)
        self.status_bar.set_passing("")
        self.actions_table.set_active(place)
        if not self.rail.has_keyboard(place):
            workspace.setFocus(Qt.FocusReason.OtherFocusReason)
        if changed:
            activated = getattr(workspace, "activated", None)
            if activated is not None:
                activated()
        self.messages.raise_()

    def fit_screen(self) -> None:
        """Grow no larger than the screen has room for, the window's own frame included."""
        room = self.screen().availableGeometry().size() - QSize(0, FRAME_HEIGHT)
        self.resize(self.size().boundedTo(room))

    def notify(self, level: str, text: str, action: str = "", callback: Callable[[], object] | None = None) -> None:
        """Tell the user one sentence; level is info, ok, warning or error."""
        self.messages.show_message(level, text, action, callback)

    def open_palette(self) -> None:
        """The command palette over everything: layers and kinds first, then actions."""
        self._open_list([*self._workspace_entries(), *self.actions_table.entries()])

    def show_problems(self) -> None:
        """Go to the one problem, or choose among several."""
        problems = self.studio.report.problems
        if len(problems) == 1:
            self._reveal(problems[0])
        elif problems:
            self._open_list([self._problem_entry(each) for each in problems], self.tr("Search problems"))

    def _open_list(self, entries: list[SearchEntry], placeholder: str = "") -> None:
        CommandPalette(self.theme, entries, self, placeholder).open_over(self)

    def _workspace_entries(self) -> Iterator[SearchEntry]:
        for workspace in self.workspaces.values():
            offered = getattr(workspace, "search_entries", None)
            if offered is not None:
                yield from offered()

    def _problem_entry(self, problem: Problem) -> SearchEntry:
        name = self.studio.graph.node(problem.node).name if problem.node else ""
        serious = problem.severity is Severity.ERROR
        return SearchEntry(problem.message, lambda: self._reveal(problem), name, "error" if serious else "warning")

    def _reveal(self, problem: Problem) -> None:
        self.show_workspace("build")
        reveal = getattr(self.workspaces["build"], "reveal", None)
        if problem.node is not None and reveal is not None:
            reveal(problem.node)
        else:
            self.notify("warning", problem.message)

    # what the session tells

    def _project_changed(self) -> None:
        self.editor.forget()
        self.messages.dismiss()
        self._refresh_title()

    def _refresh_modified(self, _modified: bool) -> None:
        self._refresh_title()

    def _refresh_title(self) -> None:
        studio = self.studio
        self.header.set_title(studio.title, studio.modified, read_only=studio.read_only)
        self.setWindowTitle(f"{studio.title}[*] \u2013 CNN Studio")
        self.setWindowModified(studio.modified)

    def _refresh_report(self, report: Report) -> None:
        problems = report.problems
        faults = sum(each.severity is Severity.ERROR for each in problems)
        self.status_bar.set_problems(faults, warnings=len(problems) - faults)
        self.status_bar.set_layers(len(report))
        self._refresh_run(self.studio.training.state)  # a run that is over was of an earlier drawing, or is of this one

    def _tell_refusal(self, sentence: str) -> None:
        self.notify("error", sentence)

    def _refresh_can_undo(self, able: bool) -> None:
        self.actions_table.set_enabled("edit.undo", able)

    def _refresh_can_redo(self, able: bool) -> None:
        self.actions_table.set_enabled("edit.redo", able)

    def _refresh_redo(self, text: str) -> None:
        self.actions_table.set_detail("edit.redo", text)

    def _refresh_undo(self, text: str) -> None:
        self.actions_table.set_detail("edit.undo", text)
        self.status_bar.set_undo(text)

    def _refresh_run(self, state: RunState) -> None:
        texts = {
            RunState.RUNNING: (self.tr("Training"), "ok"),
            RunState.PAUSED: (self.tr("Paused"), "warning"),
            RunState.STOPPING: (self.tr("Stopping"), "warning"),
            RunState.FINISHED: (self.tr("Trained"), ""),
            RunState.FAILED: (self.tr("Training failed"), "danger"),
        }
        told = state.active or self.studio.standing is Standing.PRESENT
        text, level = texts.get(state, ("", "")) if told else ("", "")
        progress = self.studio.training.progress
        if state.active and progress.epochs:
            where = self.tr("epoch {epoch} of {epochs}")
            text = f"{text} · {where.format(epoch=progress.epoch, epochs=progress.epochs)}"
        if text != self.status_bar.run.text() or not text:
            self.status_bar.set_run(text, level)

    def _refresh_progress(self) -> None:
        self._refresh_run(self.studio.training.state)

    def _show_message(self, message: Message) -> None:
        self.notify(str(message.level), message.text, message.action, message.act)

    # look and memory

    def _toggle_theme(self) -> None:
        self._set_theme("light" if self.theme.dark else "dark")

    def _set_theme(self, mode: str) -> None:
        self.theme.set_mode(mode)
        self.studio.settings.theme = mode  # type: ignore[assignment]

    def _show_dialog(self, dialog: QWidget) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()  # type: ignore[attr-defined]

    def _restore(self) -> None:
        settings = self.studio.settings
        self.resize(1280, 800)
        if settings.geometry:
            self.restoreGeometry(QByteArray(settings.geometry))
        for place, workspace in self.workspaces.items():
            state = _own(settings.splitters, place)
            restore = getattr(workspace, "restore_state", None)
            if restore is not None and state:
                restore(state)
        self.show_workspace(settings.workspace)

    def _remember(self) -> None:
        settings = self.studio.settings
        settings.geometry = bytes(self.saveGeometry().data())
        settings.workspace = self.current_workspace  # type: ignore[assignment]
        for place, workspace in self.workspaces.items():
            save = getattr(workspace, "save_state", None)
            for key, value in (save() if save is not None else {}).items():
                if isinstance(value, list) and all(isinstance(each, int) and each >= 0 for each in value):
                    settings.splitters[f"{place}/{key}"] = value

    # files dropped

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        path = dropped_file(event.mimeData())
        words = {
            Dropped.PROJECT: self.tr("Open this project"),
            Dropped.PICTURE: self.tr("Inspect this picture"),
        }.get(kind_of(path)) if path is not None else None  # fmt: skip
        if words is None:
            event.ignore()
            return
        self._drop_frame.show_text(words)
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_frame.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_frame.hide()
        path = dropped_file(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.open_file(path)

    def open_file(self, path: Path) -> None:
        """Open a project, or show a picture in Inspect, by what the file's name says it is."""
        kind = kind_of(path)
        if kind is Dropped.PROJECT:
            self.flow.open(path)
        elif kind is Dropped.PICTURE:
            self.show_workspace("inspect")
            self.studio.inspection.show_file(path)
        else:
            self.notify("error", self.tr("{name} is neither a picture nor a project.").format(name=path.name))

    # coming and going

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            QTimer.singleShot(0, self, self.flow.offer_recovery)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._leaving:
            event.accept()
            return
        training = self.studio.training.state in (RunState.RUNNING, RunState.STOPPING)
        if self.studio.modified and self.isVisible() and not training:
            event.ignore()
            self.flow.guard(self.leave)
            return
        # A question would hold up the end of a run for as long as nobody answers: the next start asks instead.
        self._end(keep_copy=training)
        event.accept()

    def leave(self) -> None:
        """Close without a question, what is not saved is lost: stop training, keep the settings, end every thread."""
        self._end(keep_copy=False)
        self.close()

    def _end(self, *, keep_copy: bool) -> None:
        if not self._leaving:
            self._leaving = True
            self._remember()
            self._clock.stop()
            self.studio.close(CLOSE_SECONDS, keep_copy=keep_copy)


def _own(entries: Mapping[str, list[int]], place: str) -> dict[str, object]:
    prefix = f"{place}/"
    return {key.removeprefix(prefix): value for key, value in entries.items() if key.startswith(prefix)}
