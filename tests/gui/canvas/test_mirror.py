"""The scene shows what the graph is, after whatever happens to the graph."""

from __future__ import annotations

import random

import pytest

from cnnstudio.graph import CATALOGUE, Graph, GraphError, presets
from cnnstudio.graph.commands import (
    AddNode,
    AppendAfter,
    Command,
    Connect,
    Disconnect,
    InsertOnLink,
    Move,
    RemoveNodes,
    Rename,
    ReplaceAll,
    SetParams,
)
from cnnstudio.gui.canvas.measures import shown_ports


def assert_mirrors(desk) -> None:
    scene, graph = desk.canvas.mirror, desk.graph
    assert list(scene.cards) == list(graph.nodes)
    assert list(scene.wires) == list(graph.links())
    report = desk.report
    for node_id, node in graph.nodes.items():
        card = scene.cards[node_id]
        assert card.face.name == node.name
        assert card.face.kind == node.kind
        assert card.face.problems == report[node_id].problems
        assert card.face.known == (report[node_id].output_shape is not None)
        assert card.ports == shown_ports(graph.spec(node_id).ports, graph.inputs_of(node_id))
        if node.position is not None:
            assert card.corner == node.position
        assert (node_id in scene.notes) == bool(card.face.errors)
    for link, wire in scene.wires.items():
        assert wire.points[0] == scene.cards[link.source].output_point()
        assert wire.points[-1] == scene.cards[link.target].input_point(link.port)
    assert {item for item in scene.items() if item.parentItem() is None} == {
        *scene.cards.values(),
        *scene.wires.values(),
        *scene.notes.values(),
    }, "nothing is left over in the scene"


def random_command(graph: Graph, dice: random.Random) -> Command:
    ids, links = list(graph.nodes), list(graph.links())
    kind = dice.choice(list(CATALOGUE))
    params = CATALOGUE[kind].first_params()
    place = (float(dice.randrange(-400, 800, 8)), float(dice.randrange(-200, 900, 8)))
    if not ids:
        return AddNode(kind, params, place)
    one, other = dice.choice(ids), dice.choice(ids)
    choices: list[Command] = [
        AddNode(kind, params, place if dice.random() < 0.7 else None),
        AppendAfter(one, kind, params),
        RemoveNodes(dice.sample(ids, min(len(ids), dice.randint(1, 2)))),
        Connect(one, other),
        Rename(one, f"layer {dice.randrange(30)}"),
        Move({one: place, other: (place[0] + 300, place[1])}),
    ]
    if links:
        choices += [InsertOnLink(dice.choice(links), kind, params), Disconnect([dice.choice(links)])]
    if graph.node(one).kind == "Conv2d":
        choices.append(SetParams(one, kernel_size=dice.choice([1, 3, 5, 50]), padding=dice.choice([0, 1, "same"])))
    if dice.random() < 0.03:
        choices.append(ReplaceAll(presets.load("notes-cifar10").state, "use a preset"))
    return dice.choice(choices)


@pytest.mark.parametrize("seed", range(4))
def test_mirrors_after_any_sequence_of_edits_undone_and_redone(desk, seed: int) -> None:
    dice = random.Random(seed)
    before = desk.graph.state
    for _ in range(60):
        throw = dice.random()
        if throw < 0.15:
            desk.editor.undo()
        elif throw < 0.25:
            desk.editor.redo()
        else:
            desk.run(random_command(desk.graph, dice))
        assert_mirrors(desk)
    while desk.stack.canUndo():
        desk.editor.undo()
    assert desk.graph.state == before
    assert_mirrors(desk)


def test_another_graph_leaves_nothing_of_the_former(desk) -> None:
    desk.graph.add("Linear", out_features=3)
    desk.graph = presets.load("resnet20-cifar10")
    desk.canvas.set_graph(desk.graph, desk.report)
    assert_mirrors(desk)
    assert len(desk.canvas.mirror.cards) == 74


def test_nodes_without_a_position_get_a_place_of_their_own(put_on_desk) -> None:
    graph = Graph()
    image = graph.add("Input", shape=(1, 8, 8))
    left = graph.add("ReLU", image)
    right = graph.add("Tanh", image)
    graph.add("Add", left, right)
    desk = put_on_desk(graph)
    corners = [card.corner for card in desk.canvas.mirror.cards.values()]
    assert len(set(corners)) == 4
    graph.move(image, (40.0, 80.0))
    later = graph.add("Sigmoid", left)
    cards = desk.canvas.mirror.cards
    assert cards[later].corner[1] > cards[left].corner[1]
    assert len({card.corner for card in cards.values()}) == 5


def test_selection_survives_an_edit_and_drops_what_is_gone(desk) -> None:
    conv, relu = desk.id("conv"), desk.id("relu")
    heard: list[tuple[str, ...]] = []
    desk.canvas.selection_changed.connect(heard.append)
    desk.canvas.select((conv, relu))
    desk.run(SetParams(conv, kernel_size=5))
    assert desk.canvas.selection == (conv, relu)
    desk.run(RemoveNodes([relu]))
    assert desk.canvas.selection == (conv,)
    assert heard[-1] == (conv,)


def test_a_refused_edit_changes_nothing(desk) -> None:
    before = desk.graph.state
    with pytest.raises(GraphError):
        desk.graph.connect(desk.id("pool"), desk.id("conv"))
    assert desk.graph.state == before
    assert_mirrors(desk)


def test_the_look_changes_while_it_is_shown(desk) -> None:
    light = desk.canvas.grab().toImage()
    desk.theme.set_mode("dark")
    dark = desk.canvas.grab().toImage()
    assert "#f5f6f8" in {light.pixelColor(x, 5).name() for x in range(8)}
    assert "#13161b" in {dark.pixelColor(x, 5).name() for x in range(8)}
