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
    options += " --clip-norm 5 --clip-value 1 --freeze bn1 --layer-rate conv1=0.5"
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
        layers={last: LayerSettings(frozen=True), first: LayerSettings(0.5)},
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
        ("--label-smoothing 1", "argument --label-smoothing: '1' is not a number from 0 to below 1"),
        ("--class-weights 1,x", "argument --class-weights: '1,x' is no list of numbers such as 1,2,0.5"),
        ("--class-weights 1,2", "--class-weights has 2 numbers, and the data has 10 classes: it takes one for each."),
        ("--class-weights 1", "--class-weights has 1 number, and"),
        ("--class-weights 1,0", "argument --class-weights: '0' is not a number above 0"),
        ("--clip-norm -1", "argument --clip-norm: '-1' is not a number of at least 0 (0: no bound)"),
        ("--freeze conv99", "There are settings for a layer 'conv99', but none has that name"),
        ("--layer-rate conv1", "argument --layer-rate: 'conv1' is no layer with a factor, such as conv1=0.1"),
        ("--layer-rate conv1=-1", "--layer-rate: the factor of conv1 is -1; it takes a number of at least 0"),
        ("--init orthogonal", "argument --init: 'orthogonal' is none of default, zeros, constant"),
        ("--init normal=-1", "argument --init: 'normal=-1': std is -1.0; it takes a number of at least 0"),
        ("--init constant=nan", "argument --init: 'constant=nan': value is nan; it takes a finite number"),
        ("--schedule step --gamma 0", "argument --gamma: '0' is not a number between 0 and 1"),
        ("--schedule step --gamma 1.5", "argument --gamma: '1.5' is not a number between 0 and 1"),
        ("--freeze conv1,conv2", "there is no layer of that name; give --freeze once for each layer."),
        ("--unfreeze conv1", "--unfreeze conv1: it is not frozen; frozen: none."),
        ("--freeze conv1 --unfreeze conv1", "--freeze and --unfreeze are both given for conv1."),
        ("--freeze conv1 --layer-rate conv1=0.5", "--layer-rate conv1=0.5 does nothing: conv1 is frozen"),
        ("--layer-rate conv1=1 --layer-rate conv1=2", "--layer-rate is given more than once for conv1."),
        ("--optimizer adam --momentum 0.5", "--momentum goes with --optimizer sgd; the optimizer is adam."),
        ("--optimizer adam --nesterov", "--nesterov goes with --optimizer sgd; the optimizer is adam."),
        ("--nesterov --momentum 0", "Nesterov's step needs a --momentum above 0; --no-nesterov goes without it."),
        ("--epochs 1 --warmup 99", "The warm-up takes 99 iterations, and the whole run has 41; give --warmup fewer"),
        ("--init zeros=1", "argument --init: 'zeros=1' is none of"),
    ],
)
def test_settings_that_cannot_be_are_refused_in_one_line(run, options: str, complaint: str) -> None:
    done = run("train", "digits-small", "--data", "digits", *options.split())
    assert done.code == 2
    assert complaint in done.complaint
    assert done.out == ""


def rate_of(path: Path) -> float:
    return open_project(path).training.learning_rate


def test_a_learning_rate_that_is_left_out_suits_the_optimizer(run, tmp_path: Path) -> None:
    out, again = tmp_path / "out.cnnstudio", tmp_path / "again.cnnstudio"
    few = ["--epochs", 1]
    for optimizer, rate in {"sgd": 0.02, "adagrad": 0.01, "rmsprop": 0.001, "adam": 0.001, "adamw": 0.001}.items():
        done = run("train", "digits-small", *few, "--optimizer", optimizer, "--out", out)
        assert f"1 epoch, batches of 32, {optimizer} at {rate:g}, seed 0" in done.err
        assert rate_of(out) == rate
        assert open_project(out).history.losses.max() < 10
    assert run("train", out, *few, "--learning-rate", 3e-4, "--out", again).code == 0
    assert run("train", again, *few, "--optimizer", "adamw", "--out", out).code == 0
    assert rate_of(out) == 3e-4, "chosen for this very optimizer"
    assert run("train", again, *few, "--optimizer", "sgd", "--out", out).code == 0
    assert rate_of(out) == 0.02, "3e-4 was chosen for another one"


def test_the_head_is_trained_and_then_the_whole_is_fine_tuned(run, project: Path, tmp_path: Path) -> None:
    head, tuned, plain = (tmp_path / f"{name}.cnnstudio" for name in ("head", "tuned", "plain"))
    body = ("conv1", "conv2", "fc1")
    freeze = [word for name in body for word in ("--freeze", name)]
    assert run("train", project, "--epochs", 1, *freeze, "--out", head).code == 0
    before, after = open_project(project).state_dict(), open_project(head).state_dict()
    still = {name for name, array in after.items() if np.array_equal(array, before[name])}
    assert still == {name for name in after if name.startswith(body)}

    done = run(
        "train",
        head,
        "--epochs",
        1,
        "--unfreeze",
        "conv2",
        "--unfreeze",
        "fc1",
        "--layer-rate",
        "fc1=0.1",
        "--out",
        tuned,
    )
    assert "also: conv1 frozen, fc1 at 0.1 times the rate" in done.err
    assert open_project(tuned).training.layers == {"conv1": LayerSettings(frozen=True), "fc1": LayerSettings(0.1)}
    moved = open_project(tuned).state_dict()
    still = {name for name, array in moved.items() if np.array_equal(array, after[name])}
    assert still == {name for name in after if name.startswith("conv1")}

    assert run("train", tuned, "--epochs", 1, "--unfreeze", "conv1", "--layer-rate", "fc1=1", "--out", plain).code == 0
    assert open_project(plain).training.layers == {}


def test_nesterov_can_be_taken_back(run, tmp_path: Path) -> None:
    first, second = tmp_path / "first.cnnstudio", tmp_path / "second.cnnstudio"
    assert run("train", "digits-small", "--epochs", 1, "--nesterov", "--out", first).code == 0
    assert open_project(first).training.nesterov
    assert run("train", first, "--no-nesterov", "--momentum", 0, "--out", second).code == 0
    assert not open_project(second).training.nesterov


def test_settings_that_are_not_the_usual_are_named(run, tmp_path: Path) -> None:
    out = tmp_path / "x.cnnstudio"
    assert "also:" not in run("train", "digits-small", "--epochs", 1).err
    options = "--epochs 1 --freeze conv1 --clip-norm 1 --max-norm 3 --l1 1e-5 --warmup 9 --label-smoothing 0.1"
    line = "labels smoothed by 0.1, L1 penalty 1e-05, max-norm 3, norm clipped at 1, conv1 frozen"
    done = run("train", "digits-small", *options.split(), "--init", "normal=0.1", "--out", out)
    assert done.err.splitlines()[1] == f"also: warm-up over 9 iterations, {line}, weights from normal=0.1"
    done = run("train", out, "--warmup", 0)
    assert done.err.splitlines()[1] == f"also: {line}", "inherited ones too"


def test_inherited_settings_that_do_nothing_are_warned_of(run, tmp_path: Path) -> None:
    out = tmp_path / "x.cnnstudio"
    options = "--epochs 2 --nesterov --warmup 50 --label-smoothing 0.1"
    assert "Warning" not in run("train", "digits-small", *options.split(), "--out", out).err
    done = run("train", out, "--optimizer", "adam", "--epochs", 1)
    assert done.code == 0
    assert done.err.splitlines()[2:4] == [
        "Warning: the warm-up takes 50 iterations, and the whole run has 41; --warmup N changes it.",
        "Warning: of the project's settings these do nothing now: --nesterov (goes with --optimizer sgd)",
    ]


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
