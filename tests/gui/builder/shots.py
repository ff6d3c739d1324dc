"""Pictures of the Build workspace, to be looked at: both looks, two sizes, empty, small, large and faulty.

QT_QPA_PLATFORM=offscreen python tests/gui/builder/shots.py FOLDER [NAME ...]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from cnnstudio.graph import presets
from cnnstudio.graph.commands import AddNode, RemoveNodes
from cnnstudio.gui.actions import Actions
from cnnstudio.gui.builder import BuildWorkspace
from cnnstudio.gui.builder import table_columns as columns
from cnnstudio.gui.canvas import layer_mime
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.undo import Editor
from cnnstudio.session import DataState, Studio

SIZES = ((1280, 800), (1920, 1080), (960, 620))


class Elsewhere(QWidget):
    """Stands where Train and Inspect are; they have shots of their own."""

    def handlers(self) -> dict[str, Callable[[], object]]:
        return {}


def empty(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    editor.run(RemoveNodes(tuple(studio.graph.nodes)))


def small(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    build.canvas.select((by_name(studio, "conv2"),))


def nothing(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    build.use_preset("lenet5-cs231n")


def large(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    build.use_preset("resnet20-cifar10")
    build.canvas.select((by_name(studio, "add2"),), show=True)


def several(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    build.use_preset("notes-cifar10")
    build.canvas.select(tuple(by_name(studio, name) for name in ("conv1", "bn1", "relu1")))


def faulty(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    """The sketch: LeNet-5 without its Flatten, so that Linear gets maps."""
    build.use_preset("lenet5-cs231n")
    editor.run(RemoveNodes([by_name(studio, "flatten1")]))
    build.canvas.select((by_name(studio, "fc1"),), show=True)


def picking(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    build.pick_preset()


def wiring(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    """A wire that would close a circle, held over the card that refuses it."""
    canvas = build.canvas
    start = canvas.mapFromScene(QPointF(*canvas.mirror.cards[by_name(studio, "relu2")].output_point()))
    end = canvas.mapFromScene(canvas.mirror.cards[by_name(studio, "conv1")].sceneBoundingRect().center())
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 5):
        QTest.mouseMove(canvas.viewport(), start + (end - start) * step / 4)


def dropping(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    """A layer that is carried over a wire, and one that stands unconnected."""
    canvas = build.canvas
    editor.run(AddNode("Add", {}, (320.0, 164.0)))
    canvas.camera.home()
    link = next(each for each in canvas.mirror.wires if each.target == by_name(studio, "relu2"))
    pixel = canvas.mapFromScene(QPointF(*canvas.mirror.wires[link].middle))
    data = layer_mime("BatchNorm")
    copy, left, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(canvas.viewport(), QDragEnterEvent(pixel, copy, data, left, keys))


def described(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    """Branches, long formulas, and a field beyond the picture."""
    build.use_preset("googlenet")
    build.canvas.select((by_name(studio, "inc4_concat"),), show=True)


def askew(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    """A layer whose branches look at different centres, and the cell that the keyboard is at."""
    first = by_name(studio, "input")
    left = AddNode("Conv2d", {"out_channels": 8, "kernel_size": 2, "padding": "same"}, (640.0, 82.0), [first])
    editor.run(left)
    merge = AddNode("Concat", {}, (640.0, 164.0), [left.node_id, by_name(studio, "conv1")])
    editor.run(merge)
    build.canvas.select((merge.node_id,), show=True)
    table = build.table.table
    table.setFocus()
    table.setCurrentIndex(build.table.model.index(table.currentIndex().row(), columns.FIELD))


def solving(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    """Many answers to a wish, the second one chosen."""
    build.use_preset("vgg16")
    build.canvas.select((by_name(studio, "pool3"),), show=True)
    wish(build, studio, "field", "64")
    build.properties.layer.solve.list.setFocus()
    QTest.keyClick(build.properties.layer.solve.list, Qt.Key.Key_Down)


def breaking(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    """Answers that break something further on."""
    build.use_preset("googlenet")
    build.canvas.select((by_name(studio, "inc4_3x3"),), show=True)
    wish(build, studio, "size", "16")


def in_vain(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    """A wish that cannot be met."""
    build.use_preset("lenet5-cs231n")
    build.canvas.select((by_name(studio, "pool2"),), show=True)
    wish(build, studio, "size", "999")


def pointed(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    """The cursor on a pixel at the edge of the picture."""
    build.canvas.select((by_name(studio, "pool1"),))
    settle()
    drawing = build.properties.layer.field.drawing
    area = build.properties.currentWidget()
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    for pixel in ((1, 5), (0, 5)):
        QTest.mouseMove(drawing, drawing.point_of(pixel).toPoint())
        settle(20)


def wish(build: BuildWorkspace, studio: Studio, goal: str, text: str) -> None:
    card = build.properties.layer.solve
    card.toggle.setChecked(True)
    card.goal.set_value(goal)
    QTest.keyClicks(card.wish.edit, text)
    QTest.keyClick(card.wish.edit, Qt.Key.Key_Return)
    while studio.solving.busy:
        settle(20)
        studio.poll()


def far(build: BuildWorkspace, studio: Studio, editor: Editor) -> None:
    build.use_preset("resnet20-cifar10")
    build.canvas.camera.set_zoom(0.35)
    build.canvas.camera.centre_on(QPointF(300, 1500))


SCENES = {
    scene.__name__: scene
    for scene in (
        empty, small, nothing, large, several, faulty, picking, wiring, dropping,
        described, askew, solving, breaking, in_vain, pointed, far,
    )
}  # fmt: skip


def by_name(studio: Studio, name: str) -> str:
    return next(node.id for node in studio.graph.nodes.values() if node.name == name)


def settle(milliseconds: int = 120) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def shoot(folder: Path, scene: str, dark: bool, size: tuple[int, int]) -> Path:
    with tempfile.TemporaryDirectory() as settings:
        studio = Studio(settings)
        theme = Theme("dark" if dark else "light")
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application)
        actions = Actions(theme, {name: presets.info(name).title for name in presets.names()})
        editor = Editor(studio, QUndoStack())
        build = BuildWorkspace(studio, editor, theme, actions)
        window = MainWindow(
            studio, editor, theme, actions, {"build": build, "train": Elsewhere(), "inspect": Elsewhere()}
        )
        window.resize(*size)
        window.show()
        for _ in range(50):
            settle(20)
            if studio.data.state is not DataState.LOADING:
                break
        SCENES[scene](build, studio, editor)
        settle()
        path = folder / f"{scene}-{'dark' if dark else 'light'}-{size[0]}.png"
        window.grab().save(str(path))
        window.leave()
        window.deleteLater()
        settle(1)
        return path


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    wanted = sys.argv[2:] or list(SCENES)
    for scene in wanted:
        name, _, rest = scene.partition("-")
        looks = [rest.startswith("dark")] if rest else [False, True]
        sizes = [each for each in SIZES if not rest or rest.endswith(str(each[0]))]
        for dark in looks:
            for size in sizes:
                print(shoot(folder, name, dark, size))
    application.quit()


if __name__ == "__main__":
    main()
