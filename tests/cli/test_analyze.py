"""`cnnstudio analyze`: the figures of a network, for people and for programs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from cnnstudio.graph import analyze, presets


def test_the_table_has_a_row_for_each_layer_and_the_totals(run) -> None:
    done = run("analyze", "lenet5-cs231n")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split("  ")[0] == "Layer"
    assert lines[0].endswith("Parameters       MACs  Memory  Receptive field  Stride")
    (conv2,) = [line for line in lines if line.startswith("conv2 ")]
    assert [cell.strip() for cell in conv2.split("  ") if cell.strip()] == [
        "conv2", "Conv2d", "50 × 14 × 14", "25,050", "4,900,000", "38 KB", "14 × 14", "2",
    ]  # fmt: skip
    assert lines[-1].split()[:3] == ["Total", "1,256,080", "6,522,000"]


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
    assert len({line.count("|") for line in lines}) == 1


def test_a_project_is_analysed_like_a_preset(run, project: Path) -> None:
    assert run("analyze", project).out == run("analyze", "digits-small").out


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown"])
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
