"""How the window bears a drawing of five hundred layers: to open it, edit it, and move about in it.

Run it on a display (`xvfb-run -a -s "-screen 0 1440x900x24" python tests/benchmarks/large_drawings.py`); it writes its
table into README.md beside it. A step counts until everything that it made dirty is painted.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from report import Table, machine, write_section

from cnnstudio.gui.app import create_window
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.session import DataState

PRESET = "resnet152"
PAUSE_MS = 15
"""Between two steps, for timers and for the processes of others."""


class Probe:
    """The window at 1280 x 800 with the preset on its canvas, and a stop-watch."""

    def __init__(self, window: MainWindow, rounds: int) -> None:
        self.window, self.rounds = window, rounds
        self.build = window.workspaces["build"]
        self.canvas = self.build.canvas
        self.table = Table("What", "Median", "Worst", "Aim")

    def time(self, what: str, step: Callable[[int], object], aim: str = "", rounds: int | None = None) -> None:
        """Do a step so many times, told its number, and put what it took into the table."""
        taken = []
        for number in range(self.rounds if rounds is None else rounds):
            begun = time.perf_counter()
            step(number)
            paint()
            taken.append(1000 * (time.perf_counter() - begun))
            QTest.qWait(PAUSE_MS)
        self.table.row(what, f"{statistics.median(taken):.1f} ms", f"{max(taken):.1f} ms", aim)

    def type_kernel(self, number: int) -> None:
        """Another kernel size for the selected convolution, typed into its field."""
        line = next(each for each in self.build.findChildren(object, "field.kernel_size.edit") if each.isVisible())
        line.setText("5" if number % 2 else "7")
        QTest.keyClick(line, Qt.Key.Key_Return)


def paint() -> None:
    """Let Qt deliver what was posted and paint what is dirty; what painting makes dirty, too."""
    for _ in range(2):
        QApplication.processEvents()


def resident_mb() -> float:
    """Memory of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


def measure(window: MainWindow, rounds: int) -> Probe:
    probe = Probe(window, rounds)
    build, canvas, editor = probe.build, probe.canvas, window.editor
    before = resident_mb()
    probe.time("Classic network chosen, the first time", lambda _: build.use_preset(PRESET), "≤ 500 ms", 1)
    grown = resident_mb() - before
    probe.time("  chosen again", lambda _: build.use_preset(PRESET), "≤ 500 ms", 3)
    convolutions = [node.id for node in window.studio.graph.nodes.values() if node.kind == "Conv2d"]
    middle = convolutions[len(convolutions) // 2]
    canvas.select((middle,), show=True)
    paint()
    probe.time("Kernel size typed in the property panel", probe.type_kernel, "≤ 50 ms")
    probe.time("  undone", lambda _: editor.undo(), "≤ 50 ms")
    probe.time("Layer appended in the middle", lambda _: build.append("ReLU"), "≤ 50 ms")
    probe.time("  undone", lambda _: editor.undo(), "≤ 50 ms")
    probe.time("Another layer selected", lambda number: canvas.select((convolutions[number],)))
    card = canvas.mirror.cards[middle]
    canvas.select((middle,), show=True)
    start = canvas.mapFromScene(card.sceneBoundingRect().center())
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=start)
    probe.time(
        "Card dragged, one move of the pointer",
        lambda number: QTest.mouseMove(canvas.viewport(), start + QPoint(12 + 3 * number, 9 + 2 * number)),
        "≤ 16 ms",
    )
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for zoom in (1.0, 0.4, 0.1):
        canvas.camera.set_zoom(zoom)
        paint()
        probe.time(f"Panned by a few pixels at {zoom:.0%}", lambda _: canvas.camera.pan(QPoint(0, -9)), "≤ 16 ms")
    canvas.camera.fit()
    probe.time("All of it painted", lambda _: canvas.viewport().repaint(), "≤ 16 ms")
    probe.table.row("Memory that the drawing takes", f"{grown:.0f} MB", "", "")
    return probe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        window = create_window(settings_dir=folder)
        window.resize(1280, 800)
        window.show_workspace("build")
        window.show()
        while window.studio.data.state is not DataState.READY:
            QTest.qWait(20)
        QTest.qWait(300)
        layers = measure(window, arguments.rounds)
        count = len(window.studio.graph)
        window.leave()
    introduction = (
        f"`tests/benchmarks/large_drawings.py`, on {machine()}. `{PRESET}`, {count} layers, in a window of 1280 x 800; "
        f"each step until it is painted, {arguments.rounds} times."
    )
    write_section("Large drawings in the window", introduction, layers.table)


if __name__ == "__main__":
    main()
