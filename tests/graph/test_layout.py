"""Places for cards: none upon another, layers below their sources, and a free lane for branches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.graph import Graph, presets
from cnnstudio.graph.commands import CARD_PITCH
from cnnstudio.graph.layout import arrange, place_all

Cell = tuple[int, int]


def cells(graph: Graph) -> dict[str, Cell]:
    """Column and row of every card."""
    return {node_id: (round(x / CARD_PITCH[0]), round(y / CARD_PITCH[1])) for node_id, (x, y) in arrange(graph).items()}


@st.composite
def networks(draw: st.DrawFn) -> Graph:
    graph = Graph()
    graph.add("Input", shape=(3, 8, 8))
    for _ in range(draw(st.integers(0, 14))):
        sources = draw(st.lists(st.sampled_from(list(graph.nodes)), min_size=0, max_size=3))
        graph.add("Add" if len(sources) > 1 else "ReLU", *sources)
    return graph


def check(graph: Graph) -> None:
    places = cells(graph)
    assert places.keys() == graph.nodes.keys()
    assert len(set(places.values())) == len(graph), "no card stands upon another"
    for link in graph.links():
        assert places[link.source][1] < places[link.target][1], "wires lead downwards"
    taken = {place: node_id for node_id, place in places.items()}
    for node_id, (column, row) in places.items():
        targets = {link.target for link in graph.links_from(node_id)}
        if len(targets) == 1:
            arrival = places[targets.pop()][1]
            below = [taken.get((column, between)) for between in range(row + 1, arrival)]
            assert not any(below), "a branch has its lane for itself until it arrives"


@given(graph=networks())
def test_any_network_can_be_laid_out(graph: Graph) -> None:
    check(graph)


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_is_laid_out(name: str) -> None:
    check(presets.load(name))


def test_a_chain_goes_straight_down() -> None:
    assert list(cells(presets.load("digits-small")).values()) == [(0, row) for row in range(10)]


def test_a_projection_stands_beside_the_block_it_leads_around() -> None:
    graph = presets.load("resnet20-cifar10")
    places = {graph.node(node_id).name: place for node_id, place in cells(graph).items()}
    assert places["shortcut1"][0] == places["shortcut_bn1"][0] == 1
    assert all(column == 0 for name, (column, _) in places.items() if not name.startswith("shortcut"))


def test_branches_stand_beside_each_other_and_the_merge_goes_back_to_the_trunk() -> None:
    graph = Graph()
    image = graph.add("Input", shape=(3, 8, 8))
    branches = [graph.add("ReLU", image) for _ in range(3)]
    merge = graph.add("Concat", *branches)
    places = cells(graph)
    assert [places[branch] for branch in branches] == [(0, 1), (1, 1), (2, 1)]
    assert places[merge] == (0, 2)


def test_loose_cards_get_a_place_too() -> None:
    graph = Graph()
    for _ in range(3):
        graph.add("ReLU")
    assert sorted(cells(graph).values()) == [(0, 0), (1, 0), (2, 0)]


def test_placing_is_one_change() -> None:
    graph = presets.load("digits-small")
    for node_id in graph.nodes:
        graph.move(node_id, None)
    heard: list[object] = []
    graph.subscribe(heard.append)
    place_all(graph)
    assert len(heard) == 1
    assert {node_id: node.position for node_id, node in graph.nodes.items()} == arrange(graph)
