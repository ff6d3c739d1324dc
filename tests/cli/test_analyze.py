"""`cnnstudio analyze`: the figures of a network, for people and for programs."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cnnstudio.explain.reports import FORMATS
from cnnstudio.graph import analyze, memory, presets


def test_the_table_has_a_row_for_each_layer_and_the_totals(run) -> None:
    done = run("analyze", "lenet5-cs231n")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split("  ")[0] == "Layer"
    assert lines[0].endswith("Parameters       MACs  Memory  Receptive field  Stride  Padding")
    (conv2,) = [line for line in lines if line.startswith("conv2 ")]
    assert [cell.strip() for cell in conv2.split("  ") if cell.strip()] == [
        "conv2", "Conv2d", "50 × 14 × 14", "25,050", "4,900,000", "38 KB", "14 × 14", "2", "6",
    ]  # fmt: skip
    (total,) = [line for line in lines if line.startswith("Total ")]
    assert total.split()[:3] == ["Total", "1,256,080", "6,522,000"]


@pytest.mark.parametrize("preset", presets.names())
def test_json_holds_what_the_report_holds(run, preset: str) -> None:
    done = run("analyze", preset, "--format", "json")
    found = json.loads(done.out)
    report = analyze(presets.load(preset))
    assert (found["parameters"], found["macs"], found["problems"]) == (report.parameters, report.macs, [])
    assert [layer["name"] for layer in found["layers"]] == [row.name for row in report]
    for layer, row in zip(found["layers"], report, strict=True):
        assert tuple(layer["output_shape"]) == row.output_shape
        assert layer["buffers"] == row.buffers
        if row.receptive_field is not None:
            assert tuple(layer["receptive_field"]["size"]) == row.receptive_field.size


def test_csv_is_for_spreadsheets(run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("analyze", "lenet5-caffe", "--format", "csv").out)))
    assert rows[1]["layer"] == "conv1"
    assert rows[1]["output_shape"] == "20x24x24"
    assert sum(int(row["parameters"]) for row in rows) == 431_080


def test_markdown_is_for_documents(run) -> None:
    lines = run("analyze", "digits-small", "--format", "markdown").out.splitlines()
    assert lines[0].startswith("| Layer | Kind | Output |")
    assert lines[1].startswith("| --- | --- | ---: |")
    table = lines[: lines.index("")]
    assert len(table) == 2 + len(presets.load("digits-small")) + 1
    assert len({line.count("|") for line in table}) == 1


def test_svg_is_a_diagram(run) -> None:
    done = run("analyze", "digits-small", "--format", "svg")
    root = ElementTree.fromstring(done.out)
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "digits-small"


def test_a_project_is_analysed_like_a_preset(run, project: Path) -> None:
    assert run("analyze", project).out == run("analyze", "digits-small").out


@pytest.mark.parametrize("form", FORMATS)
def test_a_faulty_network_is_analysed_as_far_as_it_goes_and_its_fault_named(run, broken: Path, form: str) -> None:
    done = run("analyze", broken, "--format", form)
    assert done.code == 2
    assert "scores" in done.complaint
    assert "scores" in done.out
    if form == "json":
        found = json.loads(done.out)
        assert found["complete"] is False
        assert found["layers"][1]["output_shape"] is None
        assert found["problems"][0]["layer"] == "scores"
        assert found["problems"][0]["arrived"] == [[1, 8, 8]]


# ---------------------------------------------------------------- one layer


def test_why_tells_how_each_figure_of_a_layer_comes_about(run) -> None:
    done = run("analyze", "lenet5-cs231n", "--why", "conv2")
    assert (done.code, done.err) == (0, "")
    assert "floor((14 + 2·2 - 5) / 1) + 1 = 14" in done.out
    assert "50 × (20·5·5 + 1) = 25,050" in done.out


def test_batch_adds_the_memory_of_a_training_step(run) -> None:
    assert "Memory for batches of 32 images" in run("analyze", "lenet5-caffe", "--batch", "32").out
    found = json.loads(run("analyze", "lenet5-caffe", "--batch", 32, "--optimizer", "adam", "--format", "json").out)
    taken = memory(presets.load("lenet5-caffe"), 32, "adam")
    assert found["memory"]["training_total"] == taken.training_total


def test_why_of_a_faulty_layer_is_its_fault(run, broken: Path) -> None:
    done = run("analyze", broken, "--why", "scores")
    assert done.code == 2
    assert "Linear" in done.out
    assert "scores" in done.complaint


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--why", "conv3"], "no layer 'conv3' in the network. Nearest: conv2, conv1."),
        (["--why", "a\nb"], "no layer 'a\\nb' in the network."),
        (["--why", "conv1", "--format", "json"], "--format json has the formulas of all layers."),
        (["--optimizer", "adam"], "--optimizer says what a training step remembers; give its --batch as well."),
        (["--why", "conv1", "--batch", "4"], "--batch adds to a report as table, markdown or json; leave it out here."),
        (
            ["--batch", "4", "--format", "csv"],
            "--batch adds to a report as table, markdown or json; leave it out here.",
        ),
        (["--batch", "0"], "--batch: '0' is not a whole number of at least 1"),
    ],
)
def test_what_cannot_be_answered_is_one_line(run, arguments: list[str], words: str) -> None:
    done = run("analyze", "lenet5-caffe", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.complaint


# ---------------------------------------------------------------- into a file


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("a.svg", "<svg "),
        ("a.CSV", "layer,"),
        ("a.md", "| Layer |"),
        ("a.json", "{"),
        ("a.txt", "Layer "),
        ("a", "Layer "),
    ],
)
def test_the_format_is_what_the_files_name_ends_in(run, tmp_path: Path, name: str, begins: str) -> None:
    out = tmp_path / name
    done = run("analyze", "digits-small", "--out", out)
    assert (done.code, done.out, done.err) == (0, "", f"Wrote {out}\n")
    assert out.read_text(encoding="utf-8").startswith(begins)
    assert run("analyze", "digits-small", "--format", "csv", "--out", out).code == 0
    assert out.read_text(encoding="utf-8").startswith("layer,"), "what is said outright counts"


def test_an_end_of_no_format_is_refused_and_nothing_written(run, tmp_path: Path) -> None:
    out = tmp_path / "x.pdf"
    done = run("analyze", "digits-small", "--out", out)
    assert (done.code, done.out) == (2, "")
    assert done.complaint == (
        "'x.pdf' ends in '.pdf'; the name of this report may end in .txt, .csv, .md, .json or .svg. "
        "--format says it outright."
    )
    assert not out.exists()
    assert run("analyze", "digits-small", "--format", "csv", "--out", out).code == 0, "what is said outright counts"


def test_the_file_holds_what_is_printed(run, tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    run("analyze", "lenet5-caffe", "--out", out)
    assert out.read_text(encoding="utf-8") == run("analyze", "lenet5-caffe", "--format", "markdown").out


def test_a_file_that_is_there_is_replaced_whole_and_that_is_said(run, tmp_path: Path) -> None:
    out = tmp_path / "report.svg"
    out.write_text("x" * 1_000_000)
    done = run("analyze", "digits-small", "--out", out)
    assert done.err == f"Wrote {out}, in the place of the one that was there\n"
    assert out.read_text(encoding="utf-8").endswith("</svg>\n")
    assert [each.name for each in tmp_path.iterdir() if each.name != "user"] == ["report.svg"]


def test_a_link_is_followed_and_stays(run, tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this system makes no links for everyone")
    assert run("analyze", "digits-small", "--out", link).code == 0
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("layer,")


def test_a_project_is_never_written_over(run, project: Path, tmp_path: Path) -> None:
    before = project.read_bytes()
    plain = tmp_path / "network.zip"
    plain.write_bytes(before)
    for network, out in ((project, project), ("digits-small", project), (plain, plain)):
        done = run("analyze", network, "--out", out)
        assert done.code == 2
        assert "is the name of a project" in done.complaint
    assert project.read_bytes() == plain.read_bytes() == before


@pytest.mark.parametrize(
    ("out", "words"),
    [("nowhere/report.svg", "There is no folder"), (".", "is a folder"), ("a" * 300, "File name too long")],
)
def test_a_place_that_cannot_be_written_is_one_line(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("analyze", "digits-small", "--out", out)
    assert done.code == 2
    assert words in done.complaint
    assert done.out == ""


def test_a_read_only_file_is_left_alone(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "report.csv"
    out.write_text("mine")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # whoever runs the tests may be allowed everything
    done = run("analyze", "digits-small", "--out", out)
    assert done.code == 2
    assert "read-only" in done.complaint
    assert out.read_text() == "mine"


def test_a_disk_that_is_full_is_one_line(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("cnnstudio.cli.delivery.write_bytes_atomically", full)
    done = run("analyze", "digits-small", "--out", tmp_path / "report.csv")
    assert done.code == 2
    assert done.complaint == f"'{tmp_path / 'report.csv'}' cannot be written: No space left on device."


@pytest.mark.skipif(not Path("/dev/null").is_char_device(), reason="this system has no such devices")
def test_a_device_is_written_to_and_not_replaced(run) -> None:
    done = run("analyze", "digits-small", "--out", "/dev/null")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert Path("/dev/null").is_char_device()


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="this system has no such devices")
def test_a_reader_of_a_device_that_leaves_early_does_no_harm() -> None:
    call = "main(['analyze', 'resnet20-cifar10', '--format', 'svg', '--out', '/dev/stdout'])"
    code = f"import sys; from cnnstudio.cli import main; sys.exit({call})"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
    assert (complaint, process.returncode) == (b"", 0)


# ---------------------------------------------------------------- what is no network


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x05\x06" + 18 * b"\0", b"PK\x03\x04 and no more"])
def test_a_file_that_is_no_project_is_one_line(run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.cnnstudio"
    path.write_bytes(content)
    done = run("analyze", path)
    assert (done.code, done.out) == (2, "")
    assert "'file.cnnstudio'" in done.complaint


def test_a_folder_is_one_line_that_names_it_as_it_was_given(run, tmp_path: Path) -> None:
    done = run("analyze", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.complaint == f"'{tmp_path}' cannot be opened: it is a folder, and no preset or .cnnstudio file."


@pytest.mark.parametrize(
    ("name", "near"), [("lenet5-coffee", "lenet5-caffe"), ("DIGITS_SMALL", "digits-small"), ("mine.cnnstudio", "")]
)
def test_a_name_that_is_neither_preset_nor_file_is_one_short_line(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, near: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("analyze", name)
    assert (done.code, done.out) == (2, "")
    assert f"There is no preset and no file '{name}'." in done.complaint
    assert near in done.complaint
    assert len(done.complaint) < 200
