"""What nobody foresaw: written into a log, told in one plain window, and the program goes on."""

from __future__ import annotations

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from traceback import format_exception
from types import TracebackType
from weakref import ref

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from cnnstudio.gui.dialogs.question import Answer, QuestionDialog
from cnnstudio.gui.theme import Theme

LOG_NAME = "cnnstudio.log"


class ErrorReporter(QObject):
    """Stands in for `sys.excepthook` while the window is open. One window at a time, however often it happens."""

    _happened = Signal(object)

    def __init__(self, theme: Theme, folder: Path, window: QWidget) -> None:
        super().__init__(window)
        self._theme, self._window = theme, window
        self.log = folder / LOG_NAME
        self._logger = logging.getLogger("cnnstudio")
        self._handler: logging.Handler | None = None
        self._dialog: QuestionDialog | None = None
        self._happened.connect(self._tell)

    def install(self) -> None:
        """Take over. A thread keeps the hooks of its birth for life, so they must not keep the window."""
        here = ref(self)

        def failed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            reporter = here()
            if reporter is not None and isValid(reporter):
                reporter.report(kind, error, trace)
            else:
                sys.__excepthook__(kind, error, trace)

        def thread_failed(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None:
                failed(args.exc_type, args.exc_value, args.exc_traceback)

        sys.excepthook = failed
        threading.excepthook = thread_failed

    def uninstall(self) -> None:
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        if self._handler is not None:
            self._logger.removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def report(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Write it down and tell the user; Ctrl+C in the terminal just ends the program."""
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        story = "".join(format_exception(kind, error, trace))
        self._write(story)
        self._happened.emit(story)  # queued from other threads, at once from this one

    def _write(self, story: str) -> None:
        try:
            if self._handler is None:
                self.log.parent.mkdir(parents=True, exist_ok=True)
                self._handler = RotatingFileHandler(self.log, maxBytes=2**20, backupCount=2, encoding="utf-8")
                self._handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
                self._logger.addHandler(self._handler)
            self._logger.error(story)
        except OSError:
            sys.__stderr__ and sys.__stderr__.write(story)

    def _tell(self, story: str) -> None:
        if self._dialog is not None:
            return
        self._dialog = QuestionDialog(
            self._theme,
            self.tr("Something went wrong inside CNN Studio."),
            self.tr(
                "Your work is still here: save it under another name to be safe. What happened was written to\n{log}"
            ).format(log=self.log),
            (Answer("close", self.tr("Go on")),),
            self._window,
            icon="error",
            token="danger",
            details=story,
        )
        self._dialog.finished.connect(self._told)
        self._dialog.open()

    def _told(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
