"""`cnnstudio inspect`: every layer of a picture on one sheet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.cli import maps
from cnnstudio.compile import compile_graph
from cnnstudio.data import fit_picture, load_picture
from cnnstudio.explain import inspect_picture
from cnnstudio.graph import Graph, analyze, presets
from cnnstudio.project import open_project
from cnnstudio.resources import sample_images_dir

DIGIT = sample_images_dir() / "digit-3.png"
PAPER = sample_images_dir() / "digit-4-on-paper.png"


def test_the_scores_are_those_of_the_saved_weights(run, project: Path, tmp_path: Path) -> None:
    out = tmp_path / "maps.png"
    done = run("inspect", project, DIGIT, "--out", out)
    assert done.code == 0
    saved = open_project(project)
    net = compile_graph(saved.graph)
    net.load_state_dict(saved.state_dict())
    scores = net.predict(fit_picture(load_picture(DIGIT), (1, 8, 8))[None])[0]
    lines = done.out.splitlines()
    assert [int(line.split()[0]) for line in lines[2:]] == list(np.argsort(-scores))
    with Image.open(out) as sheet:
        assert sheet.width == maps.WIDTH
        assert sheet.format == "PNG"


def test_ink_on_paper_is_pointed_out_and_never_inverted_unasked(run, project: Path, tmp_path: Path) -> None:
    plain = run("inspect", project, PAPER, "--out", tmp_path / "a.png")
    inverted = run("inspect", project, PAPER, "--invert", "--out", tmp_path / "b.png")
    assert "--invert exchanges light and dark" in plain.err
    assert "--invert" not in inverted.err
    assert plain.out != inverted.out


def test_an_untrained_network_is_said_to_be_one(run, tmp_path: Path) -> None:
    assert "untrained" in run("inspect", "digits-small", DIGIT, "--out", tmp_path / "a.png").err


def test_a_preset_knows_the_names_of_the_classes_that_it_is_for(run, tmp_path: Path) -> None:
    done = run("inspect", "notes-cifar10", sample_images_dir() / "chelsea.jpg", "--out", tmp_path / "a.png")
    assert {"airplane", "cat", "truck"} < {line.split()[0] for line in done.out.splitlines()}


def test_an_output_that_cannot_be_written_is_refused(run, project: Path, tmp_path: Path) -> None:
    done = run("inspect", project, DIGIT, "--out", tmp_path / "no" / "maps.png")
    assert done.code == 2
    assert "make it first" in done.complaint


def sheet_of(graph: Graph, picture: np.ndarray) -> Image.Image:
    report = analyze(graph)
    return maps.draw_sheet("a title", graph, report, inspect_picture(compile_graph(graph), report, picture))


@pytest.mark.parametrize("preset", ["digits-small", "notes-cifar10", "resnet20-cifar10"])
def test_every_preset_has_its_sheet(preset: str) -> None:
    graph = presets.load(preset)
    shape = analyze(graph)["input_1"].output_shape
    sheet = sheet_of(graph, np.random.default_rng(0).integers(0, 256, shape, np.uint8))
    assert sheet.height > len(graph.nodes) * 80


def test_a_large_picture_many_maps_and_values_that_are_not_finite_are_drawn() -> None:
    graph = Graph()
    image = graph.add("Input", shape=(3, 300, 500))
    wide = graph.add("Conv2d", image, out_channels=2000, kernel_size=1, stride=100)
    graph.add("Sigmoid", wide)
    report = analyze(graph)
    net = compile_graph(graph)
    weights = net.state_dict()
    weights["conv2d_1.bias"][:3] = np.nan
    net.load_state_dict(weights)
    inspection = inspect_picture(net, report, np.zeros((3, 300, 500), np.uint8))
    sheet = maps.draw_sheet("large", graph, report, inspection)
    assert sheet.width == maps.WIDTH
    assert sheet.height < 6000


def test_a_map_is_drawn_value_by_value_in_the_colours_of_the_key() -> None:
    graph = Graph()
    graph.add("Conv2d", graph.add("Input", shape=(1, 2, 2)), out_channels=1, kernel_size=1)
    report = analyze(graph)
    net = compile_graph(graph)
    net.load_state_dict({"conv2d_1.weight": np.full((1, 1, 1, 1), 2.0), "conv2d_1.bias": np.full(1, -1.0)})
    inspection = inspect_picture(net, report, np.array([[[0, 255], [255, 0]]], np.uint8))
    sheet = np.asarray(maps.draw_sheet("t", graph, report, inspection))
    card = sheet[-maps.MARGIN - 84 - maps.INSET : -maps.MARGIN - maps.INSET, maps.MARGIN + maps.INSET + maps.LABELS :]
    corner = card[:48, :48]
    assert (corner[:24, :24] == maps._NEGATIVE).all()
    assert (corner[:24, 24:] == maps._POSITIVE).all()
    assert (corner[24:, :24] == maps._POSITIVE).all()


def test_without_a_system_font_the_sheet_is_drawn_in_pillows_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maps, "_FACES", (("no such face.ttf", "nor this.ttf"),))
    faces = maps._load_faces()
    assert faces.spell("20 × 28, −0.5, 层") == "20 x 28, -0.5, ?"
    assert sheet_of(presets.load("digits-small"), np.zeros((1, 8, 8), np.uint8)).width == maps.WIDTH
