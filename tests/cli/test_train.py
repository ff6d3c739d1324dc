"""`cnnstudio train`: a network learns without a screen, and is written down with all it has learned."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from PIL import Image

from cnnstudio.cli.progress import Progress, Transfer
from cnnstudio.compile import compile_graph
from cnnstudio.data import load_dataset
from cnnstudio.engine import RunDone, TrainingConfig, train
from cnnstudio.graph import presets
from cnnstudio.project import open_project


def accuracy(printed: str) -> float:
    return float(re.search(r"test accuracy ([\d.]+)", printed)[1])


def test_digits_are_read_within_seconds(run) -> None:
    done = run("train", "digits-small", "--data", "digits")
    assert done.code == 0
    assert accuracy(done.out) >= 0.97
    assert "Nothing was written" in done.err


@pytest.mark.slow
def test_lenet_reads_mnist_after_three_epochs(run, shared_data: Path) -> None:
    done = run("train", "lenet5-cs231n", "--data", shared_data / "mnist", "--epochs", 3)
    assert done.code == 0
    assert accuracy(done.out) >= 0.97


def test_it_does_what_a_script_would_do(run, tmp_path: Path) -> None:
    out = tmp_path / "trained.cnnstudio"
    options = [
        "--epochs",
        2,
        "--batch-size",
        64,
        "--optimizer",
        "adamw",
        "--learning-rate",
        0.002,
        "--weight-decay",
        0.01,
    ]
    done = run("train", "digits-small", "--data", "digits", "--seed", 3, *options, "--out", out)
    assert done.code == 0
    net = compile_graph(presets.load("digits-small"), seed=3)
    config = TrainingConfig(2, 64, "adamw", 0.002, weight_decay=0.01, seed=3)
    data = load_dataset("digits", seed=3)
    events = list(train(net, data, config))
    project = open_project(out)
    assert project.training == config
    assert (project.data.source, project.data.seed) == ("digits", 3)
    assert all(np.array_equal(array, net.state_dict()[name]) for name, array in project.state_dict().items())
    assert [project.history.test] == [event for event in events if isinstance(event, RunDone)]
    assert accuracy(done.out) == pytest.approx(project.history.test.test_accuracy, abs=1e-4)
    assert len(project.history.epochs) == 2
    assert len(done.out.splitlines()) == 2 + 2 + 2  # header, two epochs, the test's line


def test_a_project_is_trained_on_from_its_weights_with_its_settings(run, project: Path, tmp_path: Path) -> None:
    first, second, fresh = (tmp_path / f"{name}.cnnstudio" for name in ("first", "second", "fresh"))
    assert run("train", project, "--epochs", 1, "--batch-size", 50, "--out", first).code == 0
    assert run("train", first, "--out", second).code == 0
    assert open_project(second).training == open_project(first).training
    assert open_project(second).history.losses[0] < open_project(first).history.losses[0]
    assert run("train", second, "--reset", "--out", fresh).code == 0
    assert np.isclose(open_project(fresh).history.losses[0], np.log(10), atol=0.3)


def test_pictures_of_any_size_are_brought_to_the_network(run, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for label in range(10):
        (tmp_path / "set" / f"class {label}").mkdir(parents=True)
        for index in range(10):
            picture = random.integers(0, 256, (20 + label, 31, 3), np.uint8)
            Image.fromarray(picture).save(tmp_path / "set" / f"class {label}" / f"{index}.png")
    done = run("train", "digits-small", "--data", tmp_path / "set", "--size", 8, "--mode", "grey", "--epochs", 1)
    assert done.code == 0


@pytest.mark.parametrize("out", ["no/such/folder/x.cnnstudio", "."])
def test_an_output_that_cannot_be_written_is_refused_before_the_work(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.setattr("cnnstudio.cli.training.train", lambda *_: pytest.fail("it began to train"))
    done = run("train", "digits-small", "--out", tmp_path / out)
    assert done.code == 2
    assert done.complaint


def test_a_run_that_diverges_names_the_layer_and_writes_nothing(run, tmp_path: Path) -> None:
    out = tmp_path / "x.cnnstudio"
    done = run("train", "digits-small", "--learning-rate", 1e9, "--out", out)
    assert done.code == 1
    assert "no longer a finite number" in done.err.splitlines()[-1]
    assert not out.exists()


def test_an_interrupted_run_keeps_what_it_has_learned(tmp_path: Path) -> None:
    out = tmp_path / "kept.cnnstudio"
    code = "import sys; from cnnstudio.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "train", "digits-small", "--epochs", "10000", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = monotonic() + 60
        for line in process.stderr:
            assert monotonic() < deadline
            if line.startswith("epoch "):
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert rest.splitlines()[-1] == f"Interrupted. Wrote {out}"
    project = open_project(out)
    assert len(project.history.epochs) >= 1
    assert project.history.test is None
    assert project.state_dict()


class Terminal:
    """A stream that remembers what was written to it."""

    def __init__(self, live: bool) -> None:
        self.text, self._live = "", live

    def isatty(self) -> bool:
        return self._live

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


def test_a_terminal_sees_a_bar_that_goes_away() -> None:
    terminal = Terminal(live=True)
    progress = Progress(terminal)
    progress.show(0.5, "halfway")
    progress.show(0.6, "too soon after the last")
    progress.note("done")
    assert "━━━━━━━━━━━━┄┄┄┄┄┄┄┄┄┄┄┄  50%  halfway" in terminal.text
    assert "too soon" not in terminal.text
    assert terminal.text.endswith("\r\x1b[Kdone\n")


def test_elsewhere_there_are_plain_lines() -> None:
    stream = Terminal(live=False)
    progress = Progress(stream)
    progress.show(0.5, "halfway")
    transfer = Transfer(progress)
    for done in range(0, 101, 5):
        transfer(done, 100, "file")
    progress.wipe()
    assert "\x1b" not in stream.text
    assert stream.text.splitlines() == [f"{percent} %  file" for percent in range(10, 101, 10)]
