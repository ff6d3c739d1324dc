"""Pictures of the workspace Inspect, to be looked at: `python tests/gui/inspector/shots.py FOLDER [STATE ...]`.

States: empty, digits, pinned, photo, lenet, resnet20, faulty, samples; each in both themes and at both sizes.
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
from PySide6.QtWidgets import QApplication, QDialog

from cnnstudio.engine import TrainingConfig
from cnnstudio.graph.commands import SetParams
from cnnstudio.gui.app import create_window
from cnnstudio.resources import sample_images_dir
from cnnstudio.session import DataState, InspectionState

SIZES = ((1280, 800), (1920, 1080))


def rest(milliseconds: int) -> None:
    """Let the window live. Not QTest.qWait, which holds Python's lock and starves the workers."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        rest(5)


def shown(window) -> None:
    session = window.studio.inspection
    wait(lambda: session.state in (InspectionState.READY, InspectionState.FAILED))
    rest(60)


def digits(window) -> None:
    studio = window.studio
    studio.training.start(TrainingConfig(epochs=6))
    wait(lambda: not studio.training.state.active)
    window.workspaces["inspect"].show_test_picture(7)
    shown(window)


def pinned(window) -> None:
    digits(window)
    workspace = window.workspaces["inspect"]
    node = next(row.id for row in window.studio.report if row.name == "conv2")
    workspace.pin(node, 5, 3, 4)


def photo(window) -> None:
    window.workspaces["inspect"].show_file(sample_images_dir() / "chelsea.jpg")
    shown(window)


def lenet(window) -> None:
    window.studio.new("lenet5-cs231n")
    window.workspaces["inspect"].show_file(sample_images_dir() / "digit-4-on-paper.png")
    shown(window)
    card = list(window.workspaces["inspect"].layers.cards.values())[3]
    card.view.set_probe(3, 7, 6)


def resnet20(window) -> None:
    window.studio.new("resnet20-cifar10")
    window.workspaces["inspect"].show_file(sample_images_dir() / "coffee.jpg")
    shown(window)


def faulty(window) -> None:
    photo(window)
    node = next(node for node in window.studio.graph.nodes.values() if node.kind == "Conv2d")
    window.editor.run(SetParams(node.id, kernel_size=30))
    shown(window)


def samples(window) -> None:
    window.workspaces["inspect"].choose_sample()
    rest(1500)


STATES: dict[str, Callable] = {
    "empty": lambda window: None,
    "digits": digits,
    "pinned": pinned,
    "photo": photo,
    "lenet": lenet,
    "resnet20": resnet20,
    "faulty": faulty,
    "samples": samples,
}


def main(folder: Path, names: list[str]) -> None:
    application = QApplication.instance() or QApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or list(STATES):
        for mode in ("light", "dark"):
            with tempfile.TemporaryDirectory() as settings:
                window = create_window(settings_dir=Path(settings))
                window.theme.set_mode(mode)
                window.show_workspace("inspect")
                window.resize(*SIZES[0])
                window.show()
                wait(lambda window=window: window.studio.data.state is DataState.READY)
                STATES[name](window)
                for width, height in SIZES:
                    window.resize(width, height)
                    rest(150)
                    dialog = window.findChild(QDialog, "samplesDialog")
                    (dialog or window).grab().save(str(folder / f"inspect-{name}-{mode}-{width}.png"))
                window.leave()
                window.deleteLater()
                application.processEvents()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
