"""Large networks are made in the background: whoever needs one waits, but never the screen."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnstudio.compile import CompileError, compile_graph
from cnnstudio.engine import Network
from cnnstudio.graph import Graph, presets
from cnnstudio.session import DataState, InspectionState, Studio, building
from cnnstudio.session.building import NetworkBuild
from cnnstudio.session.studio import AT_ONCE
from tests.session.conftest import Conductor


@pytest.fixture
def makers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of the threads that made a network, in order."""
    names: list[str] = []

    def noted(*args: Any, **options: Any) -> Network:
        names.append(threading.current_thread().name)
        return compile_graph(*args, **options)

    monkeypatch.setattr(building, "compile_graph", noted)
    return names


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[weakref.ref[Network]]:
    """The networks that were made, in order, as far as anybody still holds on to them."""
    networks: list[weakref.ref[Network]] = []

    def noted(*args: Any, **options: Any) -> Network:
        network = compile_graph(*args, **options)
        networks.append(weakref.ref(network))
        return network

    monkeypatch.setattr(building, "compile_graph", noted)
    return networks


def widen(studio: Studio, features: int) -> str:
    """Give the first Linear layer so many features; its id."""
    linear = next(node.id for node in studio.graph.nodes.values() if node.kind == "Linear")
    studio.graph.set_params(linear, out_features=features)
    return linear


class TestABuild:
    def test_makes_its_network_once_whoever_asks(self, makers: list[str]) -> None:
        build = NetworkBuild(presets.load("digits-small"), 0, {})
        assert build.made is None
        with ThreadPoolExecutor(4) as threads:
            networks = list(threads.map(lambda _: build.network(), range(8)))
        assert len(makers) == 1
        assert all(network is build.made for network in networks)

    def test_has_the_weights_that_fit(self) -> None:
        graph = presets.load("digits-small")
        conv = next(node.id for node in graph.nodes.values() if node.kind == "Conv2d")
        weight = np.full((16, 1, 3, 3), 0.5, np.float32)
        network = NetworkBuild(graph, 0, {conv: {"weight": weight, "bias": np.zeros(3, np.float32)}}).network()
        np.testing.assert_array_equal(network.array("conv1.weight"), weight)
        assert network.array("conv1.bias").shape == (16,)

    def test_gives_copies_to_be_trained(self) -> None:
        build = NetworkBuild(presets.load("digits-small"), 0, {})
        assert build.copy() is not build.network()

    def test_of_a_faulty_drawing_says_so_to_each_who_asks(self) -> None:
        build = NetworkBuild(Graph(), 0, {})
        for _ in range(2):
            with pytest.raises(CompileError):
                build.network()


class TestTheStudio:
    def test_makes_a_small_network_at_once(self, studio: Studio, makers: list[str]) -> None:
        studio.training.watched = widen(studio, 8)
        assert studio.training.filters is not None
        assert makers == ["MainThread"]

    def test_shows_the_filters_of_a_large_one_when_they_are_there(
        self, studio: Studio, makers: list[str], until: Any
    ) -> None:
        studio.training.watched = widen(studio, AT_ONCE // 512 + 1)
        told = []
        studio.network_changed.connect(lambda: told.append(True))
        assert studio.training.filters is None
        assert studio.training.filters is None
        until(studio, lambda: told)
        assert studio.training.filters is not None
        assert makers == ["cnnstudio-building"]

    def test_inspects_and_trains_without_making_the_screen_wait(
        self, studio: Studio, makers: list[str], until: Any
    ) -> None:
        studio.inspection.show_array(np.zeros((1, 8, 8), np.uint8), "black")
        until(studio, lambda: studio.inspection.state is InspectionState.READY)
        widen(studio, 100)
        studio.training.start()
        studio.training.stop()
        until(studio, lambda: not studio.training.state.active and studio.inspection.state is InspectionState.READY)
        assert makers
        assert "MainThread" not in makers

    def test_forgets_a_large_one_that_was_edited_meanwhile(self, studio: Studio, until: Any) -> None:
        studio.training.watched = linear = widen(studio, AT_ONCE // 512 + 1)
        assert studio.training.filters is None
        widen(studio, AT_ONCE // 512 + 2)
        until(studio, lambda: studio.training.filters is not None)
        filters = studio.training.filters
        assert filters is not None
        assert filters[0] == linear
        assert filters[1].shape == (AT_ONCE // 512 + 2, 512)

    def test_lets_a_large_one_go_with_the_drawing_that_it_is_of(
        self, studio: Studio, made: list[weakref.ref[Network]], until: Any
    ) -> None:
        studio.training.watched = linear = widen(studio, AT_ONCE // 512 + 1)
        until(studio, lambda: studio.training.filters is not None)
        assert made[0]() is not None
        studio.graph.set_params(linear, out_features=8)
        gc.collect()
        assert made[0]() is None

    def test_keeps_no_second_network_for_a_run_that_has_learned(
        self, studio: Studio, made: list[weakref.ref[Network]], conductor: Conductor, until: Any
    ) -> None:
        assert studio.project.weights is None
        studio.training.start()
        conductor.batches(1)
        until(studio, lambda: studio.project.weights is not None)
        gc.collect()
        assert studio.training.state.active
        assert made[0]() is None


def test_a_network_that_is_still_being_made_costs_no_copy_when_all_ends(
    settings: Path, monkeypatch: pytest.MonkeyPatch, until: Any
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(*args: Any, **options: Any) -> Network:
        begun.set()
        assert go_on.wait(10)
        return compile_graph(*args, **options)

    monkeypatch.setattr(building, "compile_graph", slowly)
    studio = Studio(settings)
    until(studio, lambda: studio.data.state is DataState.READY)
    studio.training.watched = widen(studio, AT_ONCE // 512 + 1)
    assert studio.training.filters is None
    assert begun.wait(10)
    assert not studio.close(timeout=0.01, keep_copy=True)
    go_on.set()
    again = Studio(settings)
    assert len(again.autosave.recoverable()) == 1
    assert again.close(timeout=10)
