"""Pictures of the network page and of the windows that measure and compare, to be looked at.

QT_QPA_PLATFORM=offscreen python tests/gui/builder/tools_shots.py FOLDER [SCENE ...]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEventLoop, QSize, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from cnnstudio.graph.commands import RemoveNodes, SetParams
from cnnstudio.gui.app import create_window
from cnnstudio.gui.builder import BuildWorkspace
from cnnstudio.gui.builder.compare_dialog import CompareDialog
from cnnstudio.gui.builder.profile_dialog import ProfileDialog
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.session import DataState, ProfilingState

SIZES = ((1280, 800), (1920, 1080), (1000, 640))


def settle(milliseconds: int = 120) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait(condition: Callable[[], bool], seconds: float = 60) -> None:
    for _ in range(round(20 * seconds)):
        if condition():
            return
        settle(50)


def build_of(window: MainWindow) -> BuildWorkspace:
    build = window.workspaces["build"]
    assert isinstance(build, BuildWorkspace)
    return build


def by_name(window: MainWindow, name: str) -> str:
    return next(node.id for node in window.studio.graph.nodes.values() if node.name == name)


def measured(window: MainWindow) -> ProfileDialog:
    dialog = profile_of(window)
    dialog.measure()
    wait(lambda: window.studio.profiling.state is not ProfilingState.WORKING)
    return dialog


def profile_of(window: MainWindow) -> ProfileDialog:
    window.actions_table.run("network.profile")
    settle()
    return next(iter(window.findChildren(ProfileDialog)))


def compare_of(window: MainWindow, query: str) -> CompareDialog:
    window.actions_table.run("network.compare")
    dialog = next(iter(window.findChildren(CompareDialog)))
    settle()
    if query:
        field = dialog.findChild(QLineEdit, "commandPalette.field")
        QTest.keyClicks(field, query)
        QTest.keyClick(field, Qt.Key.Key_Return)
        settle()
    return dialog


def network(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    yield "", window


def network_large(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    build_of(window).use_preset("resnet152")
    yield "", window


def network_faulty(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    build_of(window).use_preset("lenet5-cs231n")
    window.editor.run(RemoveNodes([by_name(window, "flatten1")]))
    build_of(window).canvas.select(())
    yield "", window


def profile(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    dialog = profile_of(window)
    yield "empty", dialog
    build_of(window).use_preset("resnet18")
    dialog.measure()
    settle(700)
    yield "running", dialog
    QTest.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    settle()
    yield "cancelled", dialog
    build_of(window).use_preset("digits-small")
    settle()
    yield "done", measured(window)
    window.editor.run(SetParams(by_name(window, "conv1"), out_channels=12))
    settle()
    yield "stale", dialog
    build_of(window).use_preset("vgg16")
    settle()
    dialog.pictures.setFocus()
    QTest.keyClick(dialog.pictures.edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(dialog.pictures.edit, "128")
    QTest.keyClick(dialog.pictures.edit, Qt.Key.Key_Return)
    yield "heavy", dialog
    build_of(window).use_preset("lenet5-cs231n")
    window.editor.run(RemoveNodes([by_name(window, "flatten1")]))
    settle()
    yield "faulty", dialog
    build_of(window).use_preset("digits-small")
    wait(lambda: window.studio.data.state is DataState.READY)
    window.studio.training.start(window.studio.config)
    settle(100)
    yield "training", dialog
    window.studio.training.stop()


def profile_odd(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """What a layer out of proportion looks like; the engine has none, so that one is named."""
    build_of(window).use_preset("notes-cifar10")
    settle()
    dialog = measured(window)
    session = window.studio.profiling
    assert session.result is not None
    row = session.result.profile.rows[3]
    remark = f"{row.name} is out of proportion: it takes 31% of the time for 2% of the multiply-adds and 5% of the "
    found = replace(session.result.profile, out_of_proportion=row, remark=f"{remark}memory traffic.")
    session.result = replace(session.result, profile=found)
    session.changed.emit()
    QTest.mouseClick(dialog.remedy, Qt.MouseButton.LeftButton)
    yield "", dialog
    yield "canvas", window


def compare(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    build_of(window).use_preset("lenet5-caffe")
    dialog = compare_of(window, "")
    yield "choosing", dialog
    dialog.findChild(QWidget, "commandPalette").close()
    settle()
    yield "empty", dialog
    yield "lenets", compare_of(window, "cs231n")
    build_of(window).use_preset("resnet18")
    settle()
    dialog = compare_of(window, "resnet-34")
    yield "resnets", dialog
    QTest.mouseClick(dialog.only, Qt.MouseButton.LeftButton)
    settle()
    yield "folded", dialog
    yield "same", compare_of(window, "resnet-18")
    build_of(window).use_preset("digits-small")
    window.editor.run(SetParams(by_name(window, "conv1"), out_channels=12))
    yield "earlier", compare_of(window, "as it was begun")


SCENES = {scene.__name__: scene for scene in (network, network_large, network_faulty, profile, profile_odd, compare)}


def shoot(folder: Path, scene: str, dark: bool, size: tuple[int, int]) -> None:
    with tempfile.TemporaryDirectory() as settings:
        window = create_window(settings_dir=settings)
        window.theme.set_mode("dark" if dark else "light")
        window.resize(*size)
        window.show_workspace("build")
        window.show()
        wait(lambda: window.studio.data.state is not DataState.LOADING)
        for part, widget in SCENES[scene](window):
            settle()
            if widget is not window:
                widget.resize(QSize(*size) - QSize(160, 100))
                settle(30)
            path = folder / f"{scene}{'-' if part else ''}{part}-{'dark' if dark else 'light'}-{size[0]}.png"
            widget.grab().save(str(path))
            print(path)
        window.leave()
        window.deleteLater()
        settle(1)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    for scene in sys.argv[2:] or list(SCENES):
        name, _, rest = scene.partition("-")
        looks = [rest.startswith("dark")] if rest else [False, True]
        sizes = [each for each in SIZES if not rest or rest.endswith(str(each[0]))]
        for dark in looks:
            for size in sizes:
                shoot(folder, name, dark, size)
    application.quit()


if __name__ == "__main__":
    main()
