"""Two networks side by side, written down."""

from __future__ import annotations

import csv
import io
import json

import pytest

from cnnstudio.explain.reports.comparing import COMPARISON_FORMATS, render_comparison
from cnnstudio.graph import Graph, compare, presets

NAMES = ("lenet5-caffe", "lenet5-cs231n")
LENETS = compare(presets.load(NAMES[0]), presets.load(NAMES[1]), NAMES)


def test_the_table_pairs_the_layers_and_says_what_differs() -> None:
    lines = render_comparison(LENETS, "table", NAMES).splitlines()
    assert lines[0].split()[:2] == list(NAMES)
    (conv1,) = [line for line in lines if line.startswith("~  conv1 ")]
    assert "20 × 24 × 24 → 20 × 28 × 28" in conv1
    assert conv1.endswith("Padding 0 → 2")
    assert [line[0] for line in lines[2:13]] == list(" ~+~~+~~~  ")
    assert "Parameters 431,080 → 1,256,080 (2.91 ×)" in lines
    assert LENETS.summary in lines


def test_layers_that_are_the_same_can_be_left_out() -> None:
    rows = list(csv.DictReader(io.StringIO(render_comparison(LENETS, "csv", NAMES, only_differences=True))))
    assert len(rows) == sum(pair.change != "same" for pair in LENETS.rows)
    assert {row["change"] for row in rows} == {"changed", "added"}


def test_csv_has_both_figures_of_each_pair() -> None:
    rows = list(csv.DictReader(io.StringIO(render_comparison(LENETS, "csv", NAMES))))
    assert sum(int(row["parameters_a"] or 0) for row in rows) == 431_080
    assert sum(int(row["parameters_b"] or 0) for row in rows) == 1_256_080
    (added,) = [row for row in rows if row["layer_b"] == "relu1"]
    assert (added["change"], added["layer_a"], added["output_shape_a"]) == ("added", "", "")


def test_json_is_versioned_and_has_what_differs() -> None:
    found = json.loads(render_comparison(LENETS, "json", NAMES))
    assert (found["format"], found["version"], found["networks"]) == ("cnnstudio-comparison", 1, list(NAMES))
    assert found["same"] is False
    assert found["totals"]["parameters"]["after"] == 1_256_080
    (conv1,) = [each for each in found["layers"] if each["layers"][0] and each["layers"][0]["name"] == "conv1"]
    figures = {each["figure"]: (each["before"], each["after"]) for each in conv1["differences"]}
    assert figures["padding"] == (0, 2)
    assert figures["receptive_field"][1]["padding"] == [2, 2]


def test_markdown_is_a_table_that_shows_its_marks() -> None:
    lines = render_comparison(LENETS, "markdown", NAMES).splitlines()
    assert lines[0].startswith("|  | lenet5-caffe | lenet5-cs231n | Kind |")
    assert lines[3].startswith("| \\~ | conv1 | conv1 |")


def test_markdown_shows_the_networks_names_as_they_are() -> None:
    names = "__init__", "a*b*`c`"
    found = compare(presets.load("lenet5-caffe"), presets.load("lenet5-cs231n"), names)
    *_, summary, legend = render_comparison(found, "markdown", names).split("\n\n")
    for text in (summary, legend):
        assert "\\_\\_init\\_\\_" in text
        assert "a\\*b\\*\\`c\\`" in text


@pytest.mark.parametrize("form", COMPARISON_FORMATS)
def test_a_network_and_nothing_and_names_that_look_like_formulas(form: str) -> None:
    graph = Graph()
    graph.add("ReLU", graph.add("Input", shape=(1, 8, 8), name="=1+1"), name="@x|")
    for pair in ((graph, Graph()), (Graph(), graph), (graph, graph.copy()), (Graph(), Graph())):
        text = render_comparison(compare(*pair), form)
        assert text
        if form == "csv" and len(pair[0]):
            assert "\n" + ("removed" if not len(pair[1]) else "same") in text
            assert ",'=1+1," in text


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_a_page_says_which_layers_are_weight_layers(form: str) -> None:
    found = compare(presets.load("resnet18"), presets.load("resnet34"))
    page = render_comparison(found, form)
    assert page.endswith("Weight layers: convolutions and Linear layers, those on shortcuts too.")
