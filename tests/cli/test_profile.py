"""`cnnstudio profile`: where the time goes, measured on the real network."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from cnnstudio.engine import Interrupted
from cnnstudio.explain.reports.timing import PROFILE_FORMATS
from cnnstudio.graph import Graph, analyze, presets
from cnnstudio.project import Project, save_project

QUICK = ("--repeats", "1", "--batch", "2")


def test_every_layer_is_measured(run) -> None:
    done = run("profile", "digits-small", *QUICK, "--format", "csv")
    assert done.code == 0
    rows = list(csv.DictReader(io.StringIO(done.out)))
    report = analyze(presets.load("digits-small"))
    assert [row["layer"] for row in rows] == [row.name for row in report]
    assert [int(row["macs"]) for row in rows] == [row.macs for row in report]
    assert all(float(row["forward_ms"]) >= 0 for row in rows)
    assert sum(float(row["time_share"]) for row in rows) == pytest.approx(1, abs=1e-4)
    assert done.err == "Measuring digits-small (38,282 parameters): 1 pass of 2 images\n"


@pytest.mark.parametrize("form", PROFILE_FORMATS)
def test_every_format_goes_to_stdout_or_into_a_file(run, tmp_path: Path, form: str) -> None:
    assert "conv1" in run("profile", "digits-small", *QUICK, "--format", form).out
    out = tmp_path / "times.txt"
    done = run("profile", "digits-small", *QUICK, "--format", form, "--out", out)
    assert (done.code, done.out) == (0, "")
    assert "conv1" in out.read_text(encoding="utf-8")


def test_pictures_come_from_a_data_set_where_that_is_wanted(run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []

    def stop(network: object, images: np.ndarray, **_: object) -> None:
        seen.append(images)
        raise Interrupted

    monkeypatch.setattr("cnnstudio.cli.profiling.profile", stop)
    run("profile", "digits-small", "--data", "digits", "--batch", "3")
    run("profile", "lenet5-caffe", "--data", "digits", "--batch", "3")  # brought to its size
    run("profile", "resnet20-cifar10", "--batch", "3")
    assert [images.shape for images in seen] == [(3, 1, 8, 8), (3, 1, 28, 28), (3, 3, 32, 32)]
    assert [images.dtype for images in seen] == [np.uint8, np.uint8, np.float32]


def test_ctrl_c_ends_it_with_130(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(network: object, images: object, *, repeats: int, control) -> None:
        control.interrupt()
        control.checkpoint()

    monkeypatch.setattr("cnnstudio.cli.profiling.profile", pressed)
    done = run("profile", "digits-small")
    assert (done.code, done.out) == (130, "")
    assert done.err.splitlines()[-1] == "cnnstudio: interrupted"


def test_a_network_on_vectors_is_measured_too(run, tmp_path: Path) -> None:
    graph = Graph()
    graph.add("Linear", graph.add("Input", shape=(6,)), out_features=3)
    path = tmp_path / "vectors.cnnstudio"
    save_project(Project(graph=graph), path)
    assert json.loads(run("profile", path, *QUICK, "--format", "json").out)["images"] == 2
    done = run("profile", path, "--data", "digits")
    assert done.code == 2
    assert "leave --data out" in done.complaint


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nope"], "There is no preset and no file 'nope'."),
        (["digits-small", "--repeats", "0"], "--repeats: '0' is not a whole number of at least 1"),
        (["digits-small", "--batch", "few"], "--batch: 'few' is not a whole number of at least 1"),
        (["digits-small", "--format", "svg"], "invalid choice: 'svg'"),
        (["digits-small", "--data", "digit"], "Did you mean digits?"),
        (["digits-small", "--out", "x.cnnstudio"], "is the name of a project"),
        (["digits-small", "--out", "x.pdf"], "may end in .txt, .csv, .md or .json."),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, arguments: list[str], words: str) -> None:
    done = run("profile", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.complaint


def test_a_broken_network_names_its_layer(run, broken: Path) -> None:
    done = run("profile", broken)
    assert (done.code, done.out) == (2, "")
    assert "scores" in done.complaint


def test_a_batch_too_small_for_batch_normalization_is_said(run, tmp_path: Path) -> None:
    graph = Graph()
    graph.add("BatchNorm", graph.add("Input", shape=(6,)), name="norm")
    path = tmp_path / "norm.cnnstudio"
    save_project(Project(graph=graph), path)
    done = run("profile", path, "--batch", "1")
    assert done.code == 2
    assert "use a batch of at least 2 images" in done.err.splitlines()[-1]
