"""Pictures of the workspace Train, to be looked at: `python tests/gui/trainer/shots.py FOLDER [STATE ...]`.

States: those of `STATES`; each in both themes and at all sizes.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow

from cnnstudio.engine import TrainingConfig
from cnnstudio.graph.commands import SetParams
from cnnstudio.gui.app import create_window
from cnnstudio.project import DataChoice
from cnnstudio.session import DataState, RunState

SIZES = ((880, 560), (1000, 640), (1280, 800), (1920, 1080))


def rest(milliseconds: int) -> None:
    """Let the window live. Not QTest.qWait, which holds Python's lock and starves the worker."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait(window: QMainWindow, condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        rest(5)


def ready(window) -> None:
    wait(window, lambda: window.studio.data.state is DataState.READY)


def running(window) -> None:
    training = window.studio.training
    window.studio.config = TrainingConfig(epochs=12, optimizer="sgd", learning_rate=0.02, nesterov=True)
    training.start(window.studio.config)
    wait(window, lambda: training.progress.iteration >= 110)


def paused(window) -> None:
    running(window)
    window.studio.training.pause()
    rest(150)
    plot = window.workspaces["train"].loss.plot
    plot.set_cursor(60)
    window.workspaces["train"].filters.kernels.set_probe(3, 1, 1)


def finished(window) -> None:
    training = window.studio.training
    window.studio.config = TrainingConfig(epochs=5)
    training.start(window.studio.config)
    wait(window, lambda: training.state is RunState.FINISHED)
    rest(100)


def failed(window) -> None:
    training = window.studio.training
    window.studio.config = TrainingConfig(epochs=5, optimizer="sgd", learning_rate=1e6)
    training.start(window.studio.config)
    wait(window, lambda: training.state is RunState.FAILED)
    rest(100)


def misfit(window) -> None:
    graph = window.studio.graph
    node = next(node for node in graph.nodes.values() if node.kind == "Input")
    window.editor.run(SetParams(node.id, shape=(3, 32, 32)))


def faulty(window) -> None:
    finished(window)
    misfit(window)


def download(window) -> None:
    window.studio.data.choose(DataChoice("mnist"))


def edited(window) -> None:
    finished(window)
    window.editor.run(SetParams("conv2d_1", out_channels=4))


def replaced(window) -> None:
    finished(window)
    window.editor.run(window.studio.preset_command("lenet5-cs231n"))
    window.studio.data.choose(DataChoice("mnist"))


def absent(window) -> None:
    finished(window)
    window.studio.data.choose(DataChoice("fashion-mnist"))


def large(window) -> None:
    window.editor.run(window.studio.preset_command("resnet152"))
    rest(3000)


def chooser(window) -> None:
    window.workspaces["train"].choose_data()
    rest(60)


STATES: dict[str, Callable] = {
    "empty": lambda window: None,
    "running": running,
    "paused": paused,
    "finished": finished,
    "failed": failed,
    "misfit": misfit,
    "faulty": faulty,
    "download": download,
    "edited": edited,
    "replaced": replaced,
    "absent": absent,
    "large": large,
    "chooser": chooser,
}


def main(folder: Path, names: list[str]) -> None:
    application = QApplication.instance() or QApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or list(STATES):
        for mode in ("light", "dark"):
            with tempfile.TemporaryDirectory() as settings:
                window = create_window(settings_dir=Path(settings))
                window.theme.set_mode(mode)
                window.show_workspace("train")
                window.resize(*SIZES[0])
                window.show()
                ready(window)
                STATES[name](window)
                for width, height in SIZES:
                    window.resize(width, height)
                    rest(120)
                    dialog = window.findChild(QDialog, "dataDialog")
                    (dialog or window).grab().save(str(folder / f"train-{name}-{mode}-{width}.png"))
                window.studio.training.stop()
                window.leave()
                window.deleteLater()
                application.processEvents()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
