"""What happens around a project file: new, open, recent, save, and the question before work is lost.

Nothing here waits: a dialog is opened, and its answer goes on with what was begun.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnstudio.graph import presets
from cnnstudio.gui.actions import SearchEntry
from cnnstudio.gui.dialogs.command_palette import CommandPalette
from cnnstudio.gui.dialogs.question import Answer, QuestionDialog
from cnnstudio.gui.theme import Theme
from cnnstudio.project import ProjectError, Recovery
from cnnstudio.session import DEFAULT_PRESET, SessionError, Studio

SUFFIX = "cnnstudio"
Then = Callable[[], object]
Notify = Callable[[str, str], object]


class ProjectFlow(QObject):
    """Opens and saves the studio's project on the user's behalf; `notify(level, sentence)` tells what went wrong."""

    def __init__(self, studio: Studio, theme: Theme, notify: Notify, window: QWidget) -> None:
        super().__init__(window)
        self._studio, self._theme = studio, theme
        self._notify, self._window = notify, window

    def handlers(self) -> dict[str, Then]:
        """Answers to the `file.` actions, one for each preset included."""
        made: dict[str, Then] = {
            "file.new": lambda: self.new(DEFAULT_PRESET),
            "file.open": self.choose,
            "file.recent": self.choose_recent,
            "file.save": self.save,
            "file.save_as": self.save_as,
        }
        return made | {f"file.new.{name}": partial(self.new, name) for name in presets.names()}

    def new(self, preset: str) -> None:
        self.guard(lambda: self._studio.new(preset))

    def choose(self) -> None:
        """Ask for a file and open it."""
        dialog = self._dialog(self.tr("Open project"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.open(Path(path)))
        dialog.open()

    def choose_recent(self) -> None:
        paths = [Path(each) for each in self._studio.settings.recent]
        if not paths:
            self._notify("info", self.tr("No project has been opened or saved yet."))
            return
        entries = [SearchEntry(path.stem, partial(self.open, path), str(path.parent), "recent") for path in paths]
        placeholder = self.tr("Open recent project")
        CommandPalette(self._theme, entries, self._window, placeholder).open_over(self._window)

    def open(self, path: Path) -> None:
        self.guard(lambda: self.open_at_once(path))

    def open_at_once(self, path: Path) -> bool:
        """Open without a question; False, and a note, when it cannot be read. What was open then stays."""
        try:
            self._studio.open(path)
        except ProjectError as problem:
            self._studio.settings.forget(path)
            self._notify("error", str(problem))
            return False
        return True

    def save(self, then: Then | None = None) -> None:
        """Save where the project came from; ask where when it came from nowhere. `then` follows a success."""
        if self._studio.path is None or self._studio.read_only:
            self.save_as(then)
        else:
            self._write(None, then)

    def save_as(self, then: Then | None = None) -> None:
        dialog = self._dialog(self.tr("Save project"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX)
        dialog.selectFile(f"{self._studio.title}.{SUFFIX}")
        dialog.fileSelected.connect(lambda path: self._write(Path(path), then))
        dialog.open()

    def guard(self, then: Then) -> None:
        """Go on with `then` at once when nothing would be lost; else ask, and go on after Save or Discard."""
        if not self._studio.modified:
            then()
            return
        dialog = QuestionDialog(
            self._theme,
            self.tr("Save the changes to {title}?").format(title=self._studio.title),
            self.tr("Without saving, the edits since the last save and what was learned are lost.")
            if self._studio.trained
            else self.tr("Without saving, the edits since the last save are lost."),
            (
                Answer("save", self.tr("Save")),
                Answer("cancel", self.tr("Cancel")),
                Answer("discard", self.tr("Discard"), "danger"),
            ),
            self._window,
        )

        def answered() -> None:
            dialog.deleteLater()
            if dialog.answer == "save":
                self.save(then)
            elif dialog.answer == "discard":
                then()

        dialog.finished.connect(answered)
        dialog.open()

    def offer_recovery(self) -> None:
        """Ask what to do with work that a crashed session left, the newest first; nothing when there is none."""
        found = self._studio.autosave.recoverable()
        if not found:
            return
        newest = found[0]
        name = newest.original_path.stem if newest.original_path is not None else newest.title
        when = newest.time.astimezone().strftime("%Y-%m-%d %H:%M")
        dialog = QuestionDialog(
            self._theme,
            self.tr("Restore {title}?").format(title=name),
            self.tr("CNN Studio ended before this work was saved, and kept a copy of it, of {when}.").format(when=when),
            (
                Answer("restore", self.tr("Restore")),
                Answer("cancel", self.tr("Not now")),
                Answer("discard", self.tr("Discard"), "danger"),
            ),
            self._window,
            icon="recent",
            token="accent",
        )

        def answered() -> None:
            dialog.deleteLater()
            if dialog.answer == "restore":
                self._recover(newest)
            elif dialog.answer == "discard":
                self._studio.autosave.forget(newest)
                self.offer_recovery()

        dialog.finished.connect(answered)
        dialog.open()

    def _recover(self, recovery: Recovery) -> None:
        try:
            self._studio.recover(recovery)
        except ProjectError as problem:
            self._notify("error", str(problem))

    def _write(self, path: Path | None, then: Then | None) -> None:
        try:
            self._studio.save(path)
        except (ProjectError, SessionError) as problem:
            self._notify("error", str(problem))
            return
        if then is not None:
            then()
        else:
            self._notify("ok", self.tr("Saved {title}.").format(title=self._studio.title))

    def _dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setObjectName("fileDialog")
        dialog.setNameFilter(self.tr("CNN Studio projects (*.{suffix})").format(suffix=SUFFIX))
        known = self._studio.path or next((Path(each) for each in self._studio.settings.recent), None)
        if known is not None and known.parent.is_dir():
            dialog.setDirectory(str(known.parent))
        dialog.finished.connect(dialog.deleteLater)
        return dialog
