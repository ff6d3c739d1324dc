"""One picture under inspection, computed in the background."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.engine import TrainingConfig
from cnnstudio.explain import inspect_picture
from cnnstudio.session import InspectionState, Studio


@pytest.fixture
def ink(tmp_path: Path) -> Path:
    """A dark stroke on light paper, larger than the network's picture and not square."""
    paper = np.full((40, 24), 240, np.uint8)
    paper[5:35, 10:14] = 20
    path = tmp_path / "one.png"
    Image.fromarray(paper).save(path)
    return path


def test_a_file_is_fitted_to_the_network_and_computed(studio: Studio, ink: Path, until) -> None:
    studio.inspection.show_file(ink)
    assert studio.inspection.state is InspectionState.WORKING
    until(studio, lambda: studio.inspection.state is InspectionState.READY)
    assert studio.inspection.original.shape == (1, 40, 24)
    assert studio.inspection.picture.shape == (1, 8, 8)
    assert studio.inspection.source_text == "one.png"
    assert studio.inspection.label is None
    expected = inspect_picture(studio.network(), studio.report, studio.inspection.picture)
    assert np.array_equal(studio.inspection.result.scores, expected.scores)
    assert studio.inspection.result.classes == studio.data.dataset.classes


def test_a_sample_comes_with_its_label(studio: Studio, until) -> None:
    data = studio.data.dataset
    studio.inspection.show_sample(data.test, 5, "test image", data.classes)
    until(studio, lambda: studio.inspection.state is InspectionState.READY)
    assert studio.inspection.source_text == "test image 5"
    assert studio.inspection.label == data.classes[data.test.labels[5]]
    assert np.array_equal(studio.inspection.picture, data.test.images[5])


def test_ink_on_paper_can_be_inverted_and_is_never_silently(studio: Studio, ink: Path, until) -> None:
    studio.inspection.show_file(ink)
    until(studio, lambda: studio.inspection.state is InspectionState.READY)
    plain = studio.inspection.picture
    assert studio.inspection.looks_inverted
    studio.inspection.invert = True
    until(studio, lambda: studio.inspection.state is InspectionState.READY)
    inside = slice(2, 6)
    assert np.allclose(studio.inspection.picture[:, inside, inside], 255 - plain[:, inside, inside].astype(int), atol=1)
    studio.inspection.fit = "stretch"
    until(studio, lambda: studio.inspection.state is InspectionState.READY)
    assert studio.inspection.picture[0, :, 0].mean() < 40  # paper to the rim, and it is dark now


def test_the_newest_picture_wins(studio: Studio, until, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(*arguments):
        begun.set()
        go.wait(30)
        return inspect_picture(*arguments)

    monkeypatch.setattr("cnnstudio.session.inspection.inspect_picture", slow)
    data = studio.data.dataset.test.images
    studio.inspection.show_array(data[0], "first")
    assert begun.wait(30)
    for index in range(1, 6):
        studio.inspection.show_array(data[index], f"picture {index}")
    shown: list[str] = []
    studio.inspection.changed.connect(lambda: shown.append(studio.inspection.source_text))
    go.set()
    until(studio, lambda: studio.inspection.state is InspectionState.READY)
    assert shown == ["picture 5"]
    assert np.array_equal(studio.inspection.picture, data[5])


def test_an_edit_of_the_drawing_is_seen_at_once(studio: Studio, until) -> None:
    studio.inspection.show_array(studio.data.dataset.test.images[0], "digit")
    until(studio, lambda: studio.inspection.state is InspectionState.READY)
    studio.graph.set_params("conv2d_1", out_channels=5)
    until(studio, lambda: studio.inspection.state is InspectionState.READY)
    assert studio.inspection.result.activations["conv2d_1"].shape == (5, 8, 8)
    studio.graph.remove("flatten_1")
    until(studio, lambda: studio.inspection.state is InspectionState.FAILED)
    assert studio.inspection.error == studio.report.errors[0].message
    assert studio.inspection.result is None
    assert studio.inspection.original is not None


def test_it_follows_a_training_run(studio: Studio, conductor, until) -> None:
    studio.inspection.show_array(studio.data.dataset.test.images[0], "digit")
    until(studio, lambda: studio.inspection.state is InspectionState.READY)
    before = studio.inspection.result
    studio.training.start(TrainingConfig())
    conductor.batches(1)
    until(studio, lambda: len(studio.training.history) == 1)
    studio.training.pause()
    conductor.batches(1)
    until(studio, lambda: not np.array_equal(studio.inspection.result.scores, before.scores))
    studio.training.stop()
    until(studio, lambda: not studio.training.state.active)


def test_what_is_no_picture_gets_the_sentence_of_the_data_room(studio: Studio, tmp_path: Path, until) -> None:
    path = tmp_path / "notes.png"
    path.write_text("not a picture")
    studio.inspection.show_file(path)
    until(studio, lambda: studio.inspection.state is InspectionState.FAILED)
    assert "notes.png" in studio.inspection.error
    assert studio.inspection.original is None
    studio.inspection.clear()
    assert studio.inspection.state is InspectionState.EMPTY
    assert studio.inspection.error is None


def test_a_network_without_pictures_says_so(studio: Studio, until) -> None:
    studio.graph.set_params("input_1", shape=(64,))
    for node in ("conv2d_1", "relu_1", "conv2d_2", "relu_2", "maxpool2d_1", "flatten_1"):
        studio.graph.remove(node)
    studio.graph.connect("input_1", "linear_1")
    studio.inspection.show_array(studio.data.dataset.test.images[0], "digit")
    until(studio, lambda: studio.inspection.state is InspectionState.FAILED)
    assert "vector" in studio.inspection.error
