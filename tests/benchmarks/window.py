"""How quickly the window opens, and how little training and the window disturb each other.

Run it on a display (`xvfb-run -a -s "-screen 0 1440x900x24" python tests/benchmarks/window.py`); it writes its table
into README.md beside it. Each probe is a process of its own, started by this script with a probe's name; what is
compared alternates, so that a noisy machine disturbs both sides alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from report import Table, machine, write_section

MNIST = Path(__file__).parents[3] / "shared" / "data" / "mnist"
PRESET = "lenet5-cs231n"
TICK_MS = 5
IDLE_TICK_MS = 250
"""Between looks at the clock where only the speed is measured: quicker ticks would cost some of it."""
ENDLESS = 10_000
"""Epochs, so that no run ends before its probe does."""


# The probes: each runs in a process of its own and prints one JSON object


def probe_bare(spawned: float, _seconds: float) -> dict[str, Any]:
    """From the start of the process to the first painted frame of an empty Qt window: the floor."""
    from PySide6.QtWidgets import QApplication, QMainWindow

    application = QApplication([])
    return _first_paint(application, QMainWindow(), spawned)


def probe_start(spawned: float, _seconds: float) -> dict[str, Any]:
    """From the start of the process to the first painted frame of the studio."""
    from PySide6.QtWidgets import QApplication

    from cnnstudio.gui.app import create_window

    with tempfile.TemporaryDirectory() as folder:
        window = create_window(settings_dir=folder)
        application = QApplication.instance()
        result = _first_paint(application, window, spawned)
        window.studio.close()
    return result


def _first_paint(application: Any, window: Any, spawned: float) -> dict[str, Any]:
    from PySide6.QtCore import QEvent, QObject, QTimer

    painted: list[float] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and not painted:
                painted.append(0.0)
                # The timer fires once the paint event, children included, is done.
                QTimer.singleShot(0, finish)
            return False

    def finish() -> None:
        painted[0] = time.time() - spawned
        application.quit()

    watch = Watch()
    window.installEventFilter(watch)
    window.resize(1280, 800)
    window.show()
    application.exec()
    return {"seconds": painted[0]}


def probe_headless(_spawned: float, seconds: float) -> dict[str, Any]:
    """Training iterations a second by `train()` alone."""
    from cnnstudio.compile import compile_graph
    from cnnstudio.data import load_dataset
    from cnnstudio.engine import IterationDone, TrainingConfig, train
    from cnnstudio.graph import presets

    network = compile_graph(presets.load(PRESET), seed=0)
    iterations, begun = 0, 0.0
    for event in train(network, load_dataset(MNIST), TrainingConfig(epochs=ENDLESS)):
        if isinstance(event, IterationDone):
            iterations += 1
            begun = begun or time.perf_counter()
            if time.perf_counter() - begun > seconds:
                break
    return {"iterations_per_second": (iterations - 1) / (time.perf_counter() - begun)}


def probe_window(_spawned: float, seconds: float) -> dict[str, Any]:
    """The same training in the window's Train workspace."""
    return _train_in_window(seconds, IDLE_TICK_MS)


def probe_gaps(_spawned: float, seconds: float) -> dict[str, Any]:
    """The gaps between the ticks of a quick timer meanwhile."""
    return _train_in_window(seconds, TICK_MS)


def _train_in_window(seconds: float, tick_ms: int) -> dict[str, Any]:
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from cnnstudio.engine import TrainingConfig
    from cnnstudio.gui.app import create_window
    from cnnstudio.project import DataChoice
    from cnnstudio.session import DataState

    with tempfile.TemporaryDirectory() as folder:
        window = create_window(PRESET, settings_dir=folder)
        studio, application = window.studio, QApplication.instance()
        window.resize(1440, 900)
        window.show()
        window.show_workspace("train")
        gaps: list[float] = []
        marks: dict[str, float] = {}
        ticker = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=tick_ms)

        def tick() -> None:
            now = time.perf_counter()
            done = studio.training.progress.iteration
            if "begun" not in marks:
                if done:
                    marks.update(begun=now, first=done, last=now)
                return
            gaps.append(1000 * (now - marks["last"]))
            marks["last"] = now
            if now - marks["begun"] > seconds:
                marks["rate"] = (done - marks["first"]) / (now - marks["begun"])
                ticker.stop()
                studio.training.stop()
                application.quit()

        def begin() -> None:
            if studio.data.state is DataState.READY and studio.data_problem() is None:
                starter.stop()
                studio.training.start(TrainingConfig(epochs=ENDLESS))
                ticker.start()

        ticker.timeout.connect(tick)
        starter = QTimer(interval=50)
        starter.timeout.connect(begin)
        studio.data.load(DataChoice(str(MNIST)))
        starter.start()
        application.exec()
        studio.close()
    return {"iterations_per_second": marks["rate"], "gaps": gaps}


PROBES: dict[str, Callable[[float, float], dict[str, Any]]] = {
    "bare": probe_bare,
    "start": probe_start,
    "headless": probe_headless,
    "window": probe_window,
    "gaps": probe_gaps,
}


# The measurement


def run(probe: str, seconds: float = 0.0) -> dict[str, Any]:
    command = [sys.executable, __file__, "--probe", probe, "--seconds", str(seconds)]
    output = subprocess.run(
        [*command, "--spawned", repr(time.time())], capture_output=True, text=True, timeout=120, check=False
    )
    if output.returncode:
        raise SystemExit(f"The probe {probe} failed:\n{output.stderr}")
    result: dict[str, Any] = json.loads(output.stdout.splitlines()[-1])
    return result


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def measure(starts: int, rounds: int, seconds: float) -> None:
    bare, studio = [], []
    for _ in range(starts):
        bare.append(run("bare")["seconds"])
        studio.append(run("start")["seconds"])
    headless, windowed = [], []
    for _ in range(rounds):
        headless.append(run("headless", seconds / 2)["iterations_per_second"])
        windowed.append(run("window", seconds / 2)["iterations_per_second"])
    gaps = run("gaps", seconds)["gaps"]
    ratio = statistics.median(own / alone for own, alone in zip(windowed, headless, strict=True))
    table = Table("What", "Figure", "Aim")
    middle = statistics.median
    table.row("Start to first painted window", f"{middle(studio):.2f} s", "")
    table.row("  the same for an empty Qt window", f"{middle(bare):.2f} s", "")
    table.row(f"Event loop during {seconds:.0f} s of training, gap between ticks: median", f"{middle(gaps):.1f} ms", "")
    table.row("  99 in 100 are below", f"{quantile(gaps, 0.99):.1f} ms", "≤ 50 ms")
    table.row("  worst", f"{max(gaps):.1f} ms", "")
    table.row("Training alone", f"{middle(headless):.1f} iterations/s", "")
    table.row("Training in the window", f"{middle(windowed):.1f} iterations/s", "")
    table.row("  slowed by", f"{100 * (1 - ratio):.1f} %", "≤ 10 %")
    introduction = (
        f"`tests/benchmarks/window.py`, on {machine()}. Training is `{PRESET}` on MNIST's test file, batch 64, at full "
        f"speed. A tick is due every {TICK_MS} ms, so {TICK_MS} ms is the smallest gap; medians of {starts} starts and "
        f"of {rounds} alternating pairs of runs."
    )
    write_section("The window", introduction, table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--probe", choices=PROBES)
    parser.add_argument("--spawned", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.probe:
        print(json.dumps(PROBES[arguments.probe](arguments.spawned, arguments.seconds)))
    elif not MNIST.exists():
        raise SystemExit(f"The benchmark trains on MNIST's test files, which are not at {MNIST}.")
    else:
        measure(arguments.starts, arguments.rounds, arguments.seconds)


if __name__ == "__main__":
    main()
