"""The figures of a network, written down: the same in every format, and safe in whatever reads them."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from cnnstudio.explain.reports import FORMATS, SUFFIXES, WITH_MEMORY, reasons, render
from cnnstudio.explain.reports.conventions import CONVENTIONS
from cnnstudio.explain.text import bytes_text
from cnnstudio.graph import Graph, analyze, memory, presets, workings
from cnnstudio.graph.document import GraphState, Node


def faulty() -> Graph:
    """Maps arrive at a Linear layer, and a pool does not fit."""
    graph = Graph()
    conv = graph.add("Conv2d", graph.add("Input", shape=(1, 8, 8)), out_channels=4, kernel_size=3)
    graph.add("Linear", conv, out_features=10, name="scores")
    graph.add("MaxPool2d", conv, kernel_size=9, name="pool")
    return graph


def two_centres() -> Graph:
    """Branches of different kernels without padding meet after one was cropped by its window alone."""
    graph = Graph()
    image = graph.add("Input", shape=(1, 8, 8), name="image")
    wide = graph.add("Conv2d", image, out_channels=4, kernel_size=3, name="wide")
    low = graph.add("Conv2d", image, out_channels=4, kernel_size=2, name="low")
    low = graph.add("Conv2d", low, out_channels=4, kernel_size=2, padding=(0, 0, 0, 0), name="low2")
    far = graph.add("Conv2d", image, out_channels=4, kernel_size=3, padding=(2, 0, 2, 0), name="far")
    far = graph.add("Conv2d", far, out_channels=4, kernel_size=3, name="far2")
    graph.add("ReLU", graph.add("Concat", wide, low, far, name="merge"), name="after")
    return graph


def awkward() -> Graph:
    """Names that a spreadsheet, Markdown or XML could take for something else."""
    graph = Graph()
    image = graph.add("Input", shape=(1, 8, 8), name="=1+2")
    one = graph.add("ReLU", image, name="@sum|<b>&\"'")
    two = graph.add("ReLU", one, name="-_*x*_")
    graph.add("ReLU", two, name="名前")
    return graph


def unknown_kind() -> Graph:
    return Graph.from_state(GraphState((Node("a", "HexPool", "hex", {"size": [1, {"deep": None}]}),), ((),)))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("make", [Graph, faulty, two_centres, awkward, unknown_kind])
def test_any_drawing_has_a_report_in_every_format(form: str, make) -> None:
    text = render(make(), form)
    assert text
    assert not text.endswith("\n")
    assert form in SUFFIXES


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_network_gives_the_same_text(form: str) -> None:
    graph = presets.load("resnet20-cifar10")
    assert render(graph, form, title="ResNet") == render(graph.copy(), form, title="ResNet")
    assert render(graph, form, title="ResNet", report=analyze(graph)) == render(graph, form, title="ResNet")


def test_an_unknown_format_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        render(Graph(), "xml")


# ---------------------------------------------------------------- pages


def test_the_table_has_each_layer_the_totals_and_what_is_counted() -> None:
    lines = render(presets.load("lenet5-caffe"), "table").splitlines()
    assert lines[0].split() == [
        "Layer", "Kind", "Output", "Parameters", "MACs", "Memory", "Receptive", "field", "Stride", "Padding",
    ]  # fmt: skip
    (conv2,) = [line for line in lines if line.startswith("conv2 ")]
    assert conv2.endswith("50 × 8 × 8      25,050  1,600,000   12 KB          14 × 14       2        0")
    (total,) = [line for line in lines if line.startswith("Total ")]
    assert total.split() == ["Total", "431,080", "2,293,000", "82", "KB"]
    assert "FLOPs are twice the MACs. Here: 4,586,000." in lines
    assert "BatchNorm is taken as in evaluation, where it works value by value." in lines


def test_running_statistics_have_a_column_where_there_are_any() -> None:
    text = render(presets.load("resnet20-cifar10"), "table")
    assert "Parameters  Buffers " in text
    (norm,) = [line for line in text.splitlines() if line.startswith("bn1 ")]
    assert norm.split()[7:9] == ["32", "32"]
    assert "Buffers" not in render(presets.load("lenet5-caffe"), "table").splitlines()[0]


def test_faults_and_notes_stand_below_the_table_each_once() -> None:
    text = render(faulty(), "table")
    assert text.count("error: scores: ") == 1
    assert "error: pool: " in text
    assert "40 + ?" in text  # the total of what is known
    notes = [line for line in render(two_centres(), "table").splitlines() if line.startswith("note: ")]
    assert len(notes) == 1
    assert "merge" in notes[0]


def test_a_note_names_its_layer_also_where_the_name_is_a_part_of_some_word() -> None:
    graph = two_centres()
    merge = next(each.id for each in graph.nodes.values() if each.name == "merge")
    graph.rename(merge, "a")
    (note,) = [line for line in render(graph, "table").splitlines() if line.startswith("note: ")]
    assert re.search(r"\ba\b", note.partition("look")[0]), note


def test_a_fault_says_what_would_mend_it() -> None:
    graph = faulty()
    (scores,) = [row for row in analyze(graph) if row.name == "scores"]
    fixes = [fix.text for fix in scores.problems[0].fixes]
    assert len(fixes) == 2
    lines = render(graph, "table").splitlines()
    place = lines.index(f"error: {scores.problems[0].message}")
    assert lines[place + 1 : place + 3] == [f"    fix: {fix}" for fix in fixes]
    assert f"  - fix: {fixes[0]}" in render(graph, "markdown").splitlines()
    (row,) = [row for row in rows_of(render(graph, "csv")) if row["layer"] == "scores"]
    assert row["fixes"].startswith("; ".join(fixes))
    problems = json.loads(render(graph, "json"))["problems"]
    assert fixes in [problem["fixes"] for problem in problems if problem["layer"] == "scores"]


def test_markdown_shows_names_as_they_are() -> None:
    lines = render(awkward(), "markdown").splitlines()
    assert lines[2].startswith("| =1+2 | Input |")
    assert lines[3].startswith("| @sum\\|\\<b>&\"' | ReLU |")
    assert lines[4].startswith("| -\\_\\*x\\*\\_ | ReLU |")
    assert "| conv_1 |" in render(_named("conv_1"), "markdown"), "a _ inside a word needs no care"
    assert f"- {CONVENTIONS['parameters']}" in lines


def _named(name: str) -> Graph:
    graph = Graph()
    graph.add("Input", shape=(1, 8, 8), name=name)
    return graph


# ---------------------------------------------------------------- CSV


@pytest.mark.parametrize("name", presets.names())
def test_csv_holds_every_figure(name: str) -> None:
    graph = presets.load(name)
    report = analyze(graph)
    rows = rows_of(render(graph, "csv"))
    assert [row["layer"] for row in rows] == [row.name for row in report]
    for total in ("parameters", "trainable", "buffers", "macs", "activation_bytes"):
        assert sum(int(row[total]) for row in rows) == getattr(report, total)
    for written, row in zip(rows, report, strict=True):
        assert tuple(map(int, written["output_shape"].split("x"))) == row.output_shape
        field = row.receptive_field
        if field is not None:
            assert written["receptive_field"] == "{}x{}".format(*field.size)
            assert written["stride"] == "{}x{}".format(*field.stride)
            assert written["padding"] == "{}x{}".format(*field.padding)
            assert (written["aligned"], written["whole_input"]) == (str(field.aligned), str(field.whole_input))


def test_no_name_becomes_a_formula_in_a_spreadsheet() -> None:
    rows = rows_of(render(awkward(), "csv"))
    assert [row["layer"] for row in rows] == ["'=1+2", "'@sum|<b>&\"'", "'-_*x*_", "名前"]


def test_unknown_figures_are_empty_cells() -> None:
    (scores,) = [row for row in rows_of(render(faulty(), "csv")) if row["layer"] == "scores"]
    assert scores["output_shape"] == scores["parameters"] == scores["receptive_field"] == ""
    assert scores["problems"].startswith("scores: ")


# ---------------------------------------------------------------- JSON


def test_json_is_versioned_and_says_what_is_counted() -> None:
    found = json.loads(render(presets.load("lenet5-caffe"), "json", title="LeNet\n5"))
    assert (found["format"], found["version"], found["title"]) == ("cnnstudio-report", 1, "LeNet 5")
    assert found["conventions"] == dict(CONVENTIONS)
    assert (found["macs"], found["flops"]) == (2_293_000, 4_586_000)
    assert found["layers"][1]["receptive_field"] == {
        "size": [5, 5], "stride": [1, 1], "padding": [0, 0], "aligned": True, "whole_input": False,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["lenet5-caffe", "resnet18", "googlenet"])
def test_json_has_the_formula_of_each_figure(name: str) -> None:
    graph = presets.load(name)
    for layer in json.loads(render(graph, "json"))["layers"]:
        assert layer["formulas"] == {each.figure: each.text for each in workings(graph, layer["id"])}
        assert {"output_shape", "parameters", "macs", "activation_bytes"} <= layer["formulas"].keys()


def test_json_says_what_is_not_known() -> None:
    found = json.loads(render(faulty(), "json"))
    assert found["complete"] is False
    assert {problem["layer"] for problem in found["problems"] if problem["severity"] == "error"} == {"scores", "pool"}
    (scores,) = [layer for layer in found["layers"] if layer["name"] == "scores"]
    assert scores["macs"] is None
    assert scores["inputs"] == ["conv2d_1"]
    assert scores["formulas"] == {}


# ---------------------------------------------------------------- memory


def test_the_memory_of_a_batch_is_told_where_it_is_wanted() -> None:
    graph = presets.load("resnet18")
    taken = memory(graph, 64, "adam")
    lines = render(graph, "table", memory=taken).splitlines()
    place = lines.index("Memory for batches of 64 images")
    told = {line.rstrip().split("  ")[0]: line for line in lines[place + 2 : place + 12]}
    assert f" {bytes_text(taken.inference_total)}" in told["To run it, in all"]
    assert f" {bytes_text(taken.training_total)}" in told["To train it, in all"]
    assert told["What adam remembers"].endswith("2 × the weights")
    assert told["Most at a time, training it"].endswith("at relu17, on the way back")
    assert "Memory for 1 image" in render(graph, "markdown", memory=memory(graph))
    assert "Memory for" not in render(graph, "table")


def test_json_has_the_memory_in_bytes() -> None:
    graph = presets.load("lenet5-caffe")
    taken = memory(graph, 8)
    found = json.loads(render(graph, "json", memory=taken))["memory"]
    assert found["inference_peak_at"] == graph.node(taken.inference_peak_at or "").name
    for figure in ("batch_size", "weights", "kept", "training_peak", "training_total", "inference_total"):
        assert found[figure] == getattr(taken, figure)
    assert "memory" not in json.loads(render(graph, "json"))


@pytest.mark.parametrize("form", WITH_MEMORY)
@pytest.mark.parametrize("make", [Graph, faulty, unknown_kind])
def test_the_memory_of_a_faulty_network_is_that_of_what_is_known(form: str, make) -> None:
    graph = make()
    text = render(graph, form, memory=memory(graph))
    assert (" + ?" in text or '"complete": false' in text) or not len(graph)


# ---------------------------------------------------------------- one layer


def test_the_reasons_of_a_layer_are_its_formulas() -> None:
    graph = presets.load("lenet5-cs231n")
    report = analyze(graph)
    (conv2,) = [row.id for row in report if row.name == "conv2"]
    lines = reasons(graph, report, conv2).splitlines()
    assert lines[0] == "Layer               conv2: Conv2d 5×5, 50, pad 2"
    assert "Parameters          50 × (20·5·5 + 1) = 25,050" in lines
    assert "Receptive field     6 + (5 - 1)·2 = 14" in lines


def test_the_reasons_of_a_layer_without_figures_say_what_is_wrong() -> None:
    graph = faulty()
    report = analyze(graph)
    for name in ("scores", "pool"):
        (node,) = [row.id for row in report if row.name == name]
        assert report[node].problems[0].message in reasons(graph, report, node)
