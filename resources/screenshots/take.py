"""Takes the README's pictures of the three workspaces: `python resources/screenshots/take.py`, without a screen.

The network learns the digits first, so that its curves, filters and maps are real ones.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from cnnstudio.engine import TrainingConfig
from cnnstudio.gui.app import create_window
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.widgets import MosaicView
from cnnstudio.session import DataState, InspectionState, RunState

FOLDER = Path(__file__).parent
SIZE = (1440, 900)
PATIENCE = 120.0


def rest(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"Waited in vain for {what}.")
        rest(20)


def take(window: MainWindow, place: str, mode: str) -> None:
    window.theme.set_mode(mode)
    window.show_workspace(place)
    rest(200)
    path = FOLDER / f"{place}-{mode}.png"
    window.grab().save(str(path))
    print(path)


def node_id(window: MainWindow, name: str) -> str:
    return next(node.id for node in window.studio.graph.nodes.values() if node.name == name)


def main() -> None:
    application = QApplication([])
    with tempfile.TemporaryDirectory() as settings:
        window = create_window(settings_dir=settings)
        studio = window.studio
        window.resize(*SIZE)
        window.show()
        wait_for(lambda: studio.data.state is DataState.READY, "the digits")
        window.workspaces["build"].reveal(node_id(window, "conv2"))  # type: ignore[attr-defined]
        take(window, "build", "light")
        studio.training.start(TrainingConfig(epochs=15))
        wait_for(lambda: studio.training.state is RunState.FINISHED, "the training")
        take(window, "train", "dark")
        studio.inspection.show_sample(studio.data.dataset.test, 7)
        wait_for(lambda: studio.inspection.state is InspectionState.READY, "the maps")
        window.show_workspace("inspect")
        wait_for(lambda: window.findChild(MosaicView, "maps.conv2") is not None, "the cards")
        rest(200)
        window.findChild(MosaicView, "maps.conv2").set_probe(5, 3, 4)
        take(window, "inspect", "light")
        window.leave()
        window.deleteLater()
        application.sendPostedEvents(window)


if __name__ == "__main__":
    main()
