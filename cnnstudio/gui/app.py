"""Where everything is put together: one session, one look, three workspaces, one window."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication

from cnnstudio.graph import presets
from cnnstudio.gui.actions import Actions
from cnnstudio.gui.builder import create_builder
from cnnstudio.gui.errors import ErrorReporter
from cnnstudio.gui.inspector import create_inspector
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.trainer import create_trainer
from cnnstudio.gui.undo import Editor
from cnnstudio.project import Project, default_settings_folder
from cnnstudio.session import Studio

NAME = "CNN Studio"


def create_window(project: Project | str | Path | None = None, settings_dir: str | Path | None = None) -> MainWindow:
    """The window, wired and not shown, on a project.

    project: a project, the path of one's file, or a preset by name; None for the small network for digits.
    settings_dir: where settings, recovery copies and the log lie; None for the user's folder. A project that
    cannot be read is said in the window, which then opens as without one.
    """
    application = _application()
    studio = Studio(settings_dir, project=project if isinstance(project, Project) else None)
    theme = Theme(studio.settings.theme)
    theme.apply(application)
    titles = {name: presets.info(name).title for name in presets.names()}
    actions = Actions(theme, titles)
    editor = Editor(studio, QUndoStack())
    workspaces = {
        "build": create_builder(studio, editor, theme, actions),
        "train": create_trainer(studio, editor, theme, actions),
        "inspect": create_inspector(studio, editor, theme, actions),
    }
    window = MainWindow(studio, editor, theme, actions, workspaces)
    for part in (theme, actions, editor, editor.stack):
        part.setParent(window)
    if project is not None and not isinstance(project, Project):
        if str(project) in titles:
            studio.new(str(project))
        else:
            window.flow.open_at_once(Path(project))
    return window


def run_app(
    project: str | Path | None = None,
    quit_after: float | None = None,
    settings_dir: str | Path | None = None,
) -> int:
    """Show the window and stay until it is closed; the exit code. `quit_after` closes it after so many seconds."""
    application = _application()
    window = create_window(project, settings_dir)
    folder = Path(settings_dir) if settings_dir is not None else default_settings_folder()
    reporter = ErrorReporter(window.theme, folder, window)
    reporter.install()
    window.fit_screen()
    window.show()
    if quit_after is not None:
        QTimer.singleShot(round(1000 * quit_after), window, window.leave)
    try:
        code = application.exec()
        window.leave()
    finally:
        reporter.uninstall()
    window.deleteLater()
    application.sendPostedEvents(window)
    return code


def _application() -> QApplication:
    """The one QApplication, made at the first call."""
    found = QApplication.instance()
    application = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("cnnstudio")
    application.setApplicationDisplayName(NAME)
    application.setDesktopFileName("cnnstudio")
    return application
