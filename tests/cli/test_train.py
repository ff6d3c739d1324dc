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
from cnnstudio.engine import LayerSettings, RunDone, TrainingConfig, initialize, train
from cnnstudio.engine.initializers import Normal
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


def test_every_setting_can_be_given(run, tmp_path: Path) -> None:
    out = tmp_path / "trained.cnnstudio"
    options = (
        "--epochs 1 --optimizer rmsprop --learning-rate 0.001 --label-smoothing 0.1 --class-weights 1,1,1,1,1,2,1,1,1,1"
    )
    options += " --schedule step --warmup 4 --step-epochs 3 --gamma 0.2 --l1 1e-5 --weight-decay 1e-4 --max-norm 3"
    options += " --clip-norm 5 --clip-value 1 --freeze bn1 --layer-rate conv1=0.5 --layer-rate bn1=2"
    graph = presets.load("digits-small")
    learners = [node.name for node in graph.nodes.values() if node.kind in ("Conv2d", "Linear")]
    first, last = learners[0], learners[-1]
    options = options.replace("conv1", first).replace("bn1", last)
    done = run("train", "digits-small", "--data", "digits", *options.split(), "--out", out)
    assert done.code == 0, done.err
    assert "rmsprop at 0.001 (step schedule)" in done.err
    assert open_project(out).training == TrainingConfig(
        epochs=1,
        batch_size=32,
        optimizer="rmsprop",
        learning_rate=0.001,
        weight_decay=1e-4,
        label_smoothing=0.1,
        class_weights=(1, 1, 1, 1, 1, 2, 1, 1, 1, 1),
        schedule="step",
        warmup=4,
        step_epochs=3,
        gamma=0.2,
        clip_norm=5,
        clip_value=1,
        l1=1e-5,
        max_norm=3,
        layers={last: LayerSettings(2.0, frozen=True), first: LayerSettings(0.5)},
    )
    again = tmp_path / "again.cnnstudio"
    more = ["--schedule", "plateau", "--patience", 2, "--clip-norm", 0, "--max-norm", 0]
    assert run("train", out, *more, "--out", again).code == 0
    config = open_project(again).training
    assert (config.schedule, config.patience, config.clip_norm, config.max_norm) == ("plateau", 2, None, None)
    assert (config.clip_value, config.label_smoothing) == (1, 0.1), "what is not given stays"


def test_fresh_weights_are_drawn_as_asked(run, tmp_path: Path) -> None:
    out = tmp_path / "x.cnnstudio"
    few = ["--epochs", 1, "--seed", 5, "--learning-rate", 1e-30]
    for text, initializer in (("kaiming_normal", "kaiming_normal"), ("normal=0.2", Normal(0.2))):
        assert run("train", "digits-small", *few, "--init", text, "--out", out).code == 0
        net = compile_graph(presets.load("digits-small"), seed=5)
        initialize(net, initializer, seed=5)
        for name, array in open_project(out).state_dict().items():
            if name.endswith(".weight") and array.ndim > 1:
                np.testing.assert_array_equal(array, net.state_dict()[name])
    refused = run("train", out, "--init", "zeros")
    assert refused.code == 2
    assert refused.complaint == "--init is for fresh weights, and the project has learned ones; --reset forgets them."
    assert run("train", out, "--init", "zeros", "--reset").code == 0


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("--optimizer adamax", "argument --optimizer: invalid choice: 'adamax'"),
        ("--schedule spiral", "argument --schedule: invalid choice: 'spiral'"),
        ("--schedule one_cycle --warmup 5", "The one-cycle schedule climbs by itself; a warmup of 0 goes with it."),
        ("--gamma 0.5", "--gamma goes with --schedule step, exponential or plateau; the schedule is constant."),
        ("--schedule step --patience 3", "--patience goes with --schedule plateau; the schedule is step."),
        ("--loss svm --label-smoothing 0.1", "--label-smoothing goes with --loss cross_entropy; the loss is svm."),
        ("--label-smoothing 1", "label_smoothing is 1.0; it takes a number from 0 to below 1."),
        ("--class-weights 1,x", "argument --class-weights: '1,x' is no list of numbers such as 1,2,0.5"),
        ("--class-weights 1,2", "There are 2 class weights for the network's 10 outputs."),
        ("--clip-norm -1", "clip_norm is -1.0; it takes a number above 0."),
        ("--freeze conv99", "There are settings for a layer 'conv99', but none has that name"),
        ("--layer-rate conv1", "argument --layer-rate: 'conv1' is no layer with a factor, such as conv2d_1=0.1"),
        ("--layer-rate conv1=-1", "learning_rate_factor is -1.0; it takes a number of at least 0."),
        ("--init orthogonal", "argument --init: 'orthogonal' is none of default, zeros, constant"),
        ("--init normal=-1", "argument --init: std is -1.0; it takes a number of at least 0"),
        ("--init zeros=1", "argument --init: 'zeros=1' is none of"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_one_line(run, options: str, complaint: str) -> None:
    done = run("train", "digits-small", "--data", "digits", *options.split())
    assert done.code == 2
    assert complaint in done.complaint
    assert done.out == ""


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
