"""Choosing and loading data without holding up the screen."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnstudio.data import DataError, Dataset, DownloadCancelled, load_dataset
from cnnstudio.project import DataChoice
from cnnstudio.session import DataState, SessionError, Studio


class Loader:
    """Stands for a slow source: it loads when the test says so, and minds a cancel."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked: list[str] = []
        self.fault: Exception | None = None

    def __call__(self, choice: DataChoice, cache_dir, progress, cancel) -> Dataset:
        self.asked.append(choice.source)
        progress(1, 4, "first part")
        while not self.go.wait(0.001):
            if cancel.is_set():
                raise DownloadCancelled("The download was cancelled.")
        if self.fault is not None:
            raise self.fault
        return replace(load_dataset("digits"), title=f"the {choice.source} set")


@pytest.fixture
def loader() -> Loader:
    return Loader()


@pytest.fixture
def slow(settings: Path, loader: Loader):
    studio = Studio(settings, load=loader)
    yield studio
    loader.go.set()
    assert studio.close(timeout=10)


def test_progress_shows_while_it_loads_and_the_data_is_there_at_the_end(slow: Studio, loader: Loader, until) -> None:
    until(slow, lambda: slow.data.progress == (1, 4, "first part"))
    assert slow.data.state is DataState.LOADING
    assert slow.data_problem() == "Handwritten digits 8 × 8 is still being loaded."
    with pytest.raises(SessionError, match="still being loaded"):
        slow.training.start()
    loader.go.set()
    until(slow, lambda: slow.data.state is DataState.READY)
    assert slow.data.title == "the digits set"
    assert slow.data_problem() is None


def test_a_newer_choice_takes_the_place_of_one_under_way(slow: Studio, loader: Loader, until) -> None:
    until(slow, lambda: loader.asked == ["digits"])
    slow.data.load(DataChoice("./folder"))
    until(slow, lambda: loader.asked == ["digits", "./folder"])
    loader.go.set()
    until(slow, lambda: slow.data.state is DataState.READY)
    assert slow.data.title == "the ./folder set"


def test_a_cancelled_download_leaves_the_choice_without_data(slow: Studio, until) -> None:
    until(slow, lambda: slow.data.progress[0] == 1)
    slow.data.cancel()
    assert slow.data.state is DataState.EMPTY
    assert slow.data.choice.source == "digits"
    assert slow.data_problem() == "No data is loaded: choose a data set."


def test_closing_does_not_wait_for_a_download(slow: Studio, until) -> None:
    until(slow, lambda: slow.data.progress[0] == 1)
    assert slow.close(timeout=1.5)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (DataError("'x' holds no pictures: choose another folder."), "'x' holds no pictures: choose another folder."),
        (MemoryError(), "digits does not fit into memory: choose a smaller size for its pictures."),
        (RuntimeError("two\nlines"), "digits cannot be read: two lines"),
    ],
)
def test_what_goes_wrong_is_one_sentence(slow: Studio, loader: Loader, until, fault: Exception, sentence: str) -> None:
    loader.fault = fault
    loader.go.set()
    until(slow, lambda: slow.data.state is DataState.FAILED)
    assert slow.data.error == slow.data_problem() == sentence
    assert slow.data.dataset is None


def test_a_set_that_would_be_downloaded_waits_to_be_asked_for(studio: Studio) -> None:
    studio.new("lenet5-cs231n")
    assert studio.data.choice.source == "mnist"
    assert studio.data.state is DataState.EMPTY
    assert studio.data.needs_download
    assert studio.data_problem() == "MNIST is not on this computer yet: download it, or choose other data."
    assert studio.data.at_hand(DataChoice("Digits"))
    assert not studio.data.at_hand(DataChoice("Fashion_MNIST"))


def test_data_of_another_shape_is_named_with_what_to_do(studio: Studio) -> None:
    studio.graph.set_params("input_1", shape=(1, 28, 28))
    sentence = studio.data_problem()
    assert sentence == (
        "input takes 1 × 28 × 28, but the pictures of Handwritten digits 8 × 8 are 1 × 8 × 8: set the shape of input "
        "to 1 × 8 × 8, or have the pictures brought to 28 × 28."
    )
    with pytest.raises(SessionError, match="set the shape of input"):
        studio.training.start()
    studio.mending_command().do(studio.graph)
    assert studio.data_problem() is None
    assert studio.mending_command() is None


def test_pictures_can_be_brought_to_the_network_instead(studio: Studio, until) -> None:
    studio.graph.set_params("input_1", shape=(3, 12, 12))
    assert studio.data_problem() is not None
    studio.data.load(studio.resized_choice())
    until(studio, lambda: studio.data.state is DataState.READY)
    assert studio.data.dataset.shape == (3, 12, 12)
    assert studio.data_problem() is None


def test_a_wrong_number_of_classes_names_the_layer_to_change(studio: Studio, tmp_path: Path, until) -> None:
    random = np.random.default_rng(0)
    for name in ("cat", "dog", "eel"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for index in range(12):
            picture = random.integers(0, 256, (8, 8), np.uint8)
            Image.fromarray(picture).save(tmp_path / "pets" / name / f"{index}.png")
    studio.graph.add("Softmax", "linear_2")
    studio.data.load(DataChoice(str(tmp_path / "pets")))
    until(studio, lambda: studio.data.state is DataState.READY)
    assert studio.data_problem() == (
        "The network gives 10 scores, but pets has 3 classes: set out_features of fc2 to 3."
    )
    studio.mending_command().do(studio.graph)
    assert studio.data_problem() is None


def test_a_network_that_ends_in_maps_is_told_how_to_end(studio: Studio) -> None:
    for node in ("linear_2", "relu_3", "linear_1", "flatten_1"):
        studio.graph.remove(node)
    assert studio.data_problem() == (
        "pool1 gives maps of 32 × 4 × 4, not one score for each class: end the network with Flatten and a Linear layer "
        "of 10 features."
    )
    assert studio.mending_command() is None


def test_a_faulty_drawing_comes_before_the_data(studio: Studio) -> None:
    studio.graph.remove("flatten_1")
    assert studio.training_problem() == studio.report.errors[0].message
    with pytest.raises(SessionError):
        studio.training.start()
