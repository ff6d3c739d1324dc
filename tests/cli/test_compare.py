"""`cnnstudio compare`: two networks side by side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnnstudio.explain.reports.comparing import COMPARISON_FORMATS, render_comparison
from cnnstudio.graph import compare, presets
from cnnstudio.project import Project, open_project, save_project


@pytest.mark.parametrize("form", COMPARISON_FORMATS)
def test_it_prints_what_the_report_says(run, form: str) -> None:
    names = ("resnet18", "resnet34")
    found = compare(presets.load(names[0]), presets.load(names[1]), names)
    done = run("compare", *names, "--format", form)
    assert (done.code, done.err) == (0, "")
    assert done.out == render_comparison(found, form, names) + "\n"


def test_two_versions_of_a_project(run, project: Path, tmp_path: Path) -> None:
    assert json.loads(run("compare", project, "digits-small", "--format", "json").out)["same"] is True
    edited = open_project(project).graph
    (conv,) = [each.id for each in edited.nodes.values() if each.name == "conv1"]
    edited.set_params(conv, kernel_size=5)
    folder = tmp_path / "newer"
    folder.mkdir()
    newer = folder / project.name
    save_project(Project(graph=edited), newer)
    done = run("compare", project, newer, "--differences")
    assert "Kernel size 3 → 5" in done.out
    assert str(newer) in done.out, "two files of one name are told apart by their paths"


def test_into_a_file(run, tmp_path: Path) -> None:
    out = tmp_path / "changes.md"
    done = run("compare", "vgg16", "vgg19", "--out", out)
    assert (done.code, done.out, done.err) == (0, "", f"Wrote {out}\n")
    assert out.read_text(encoding="utf-8").startswith("|  | vgg16 | vgg19 | Kind |")


def test_a_broken_network_is_compared_as_far_as_it_goes_and_named(run, broken: Path) -> None:
    for arguments in ((broken, "digits-small"), ("digits-small", broken)):
        done = run("compare", *arguments)
        assert done.code == 2
        assert done.complaint.startswith(f"{broken}: scores: ")
        assert "scores" in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["digits-small"], "A second network is missing: say what to compare 'digits-small' with"),
        ([], "required: PRESET|PROJECT"),
        (["digits-small", "nope"], "There is no preset and no file 'nope'."),
        (["nope", "digits-small"], "There is no preset and no file 'nope'."),
        (["digits-small", "digits-small", "--format", "svg"], "invalid choice: 'svg'"),
        (["digits-small", "digits-small", "--out", "a.svg"], "may end in .txt, .csv, .md or .json."),
        (["digits-small", "digits-small", "--out", "a.cnnstudio"], "is the name of a project"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, arguments: list[str], words: str) -> None:
    done = run("compare", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.complaint
