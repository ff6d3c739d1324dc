"""What leaves the window as a report: into a file of one of several formats, or onto the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from cnnstudio.explain.reports import FORMATS, SUFFIXES, render
from cnnstudio.graph import memory
from cnnstudio.gui.builder.stories import story_of
from cnnstudio.gui.dialogs.save_text import Tell, ask_where, file_name, write_text
from cnnstudio.session import Studio


class ReportFlow(QObject):
    """Writes the figures of the network on the user's behalf; `notify(level, sentence)` tells how it went."""

    def __init__(self, studio: Studio, notify: Tell, window: QWidget) -> None:
        super().__init__(window)
        self._studio, self._notify, self._window = studio, notify, window
        self._folder: Path | None = None

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {"file.export_report": self.export, "file.copy_report": self.copy}

    def export(self) -> None:
        """Ask for a file, and write the report in the format that its name ends in."""
        if self._nothing_there():
            return
        words = {
            "markdown": self.tr("Markdown, for a document"),
            "csv": self.tr("CSV, for a spreadsheet"),
            "json": self.tr("JSON, for a program"),
            "table": self.tr("Text, in columns"),
            "svg": self.tr("SVG, the drawing as a picture"),
        }
        filters = {SUFFIXES[each].lstrip("."): text for each, text in words.items()}
        name = self.tr("{title} report").format(title=self._title)
        ask_where(self._window, self.tr("Export report"), file_name(name), filters, self._home(), self.write)

    def write(self, path: Path) -> None:
        """Write the report in the format that the name ends in."""
        problem = write_text(path, FORMATS, self._text)
        if problem:
            self._notify("error", problem)
            return
        self._folder = path.parent
        self._notify("ok", self.tr("Wrote the report to {path}.").format(path=path))

    def copy(self) -> None:
        """The report as a Markdown table, to be pasted elsewhere."""
        if not self._nothing_there():
            QGuiApplication.clipboard().setText(self._text("markdown"))
            self._notify("ok", self.tr("The report is on the clipboard, as Markdown."))

    @property
    def _title(self) -> str:
        """The project's; that of the classic network while the project has none of its own."""
        preset = story_of(self._studio.graph) if self._studio.path is None else None
        return self._studio.title if preset is None else preset.title

    def _text(self, form: str) -> str:
        studio, config = self._studio, self._studio.config
        held = memory(studio.graph, config.batch_size, config.optimizer, config.momentum)
        return render(studio.graph, form, title=self._title, report=studio.report, memory=held)

    def _nothing_there(self) -> bool:
        if len(self._studio.graph):
            return False
        self._notify("info", self.tr("There is no network to report on yet: draw one, or choose a classic one."))
        return True

    def _home(self) -> Path | None:
        known = self._studio.path
        return self._folder or (known.parent if known is not None else None)
