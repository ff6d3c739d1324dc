"""Undoable edits: what each does, what it is called, and that undo and redo are exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from cnnstudio.graph import CycleError, Graph, GraphError, Link, NameTakenError, PortError, presets
from cnnstudio.graph.commands import (
    CARD_PITCH,
    AddNode,
    AppendAfter,
    AppendCopies,
    Command,
    Connect,
    Disconnect,
    Group,
    InsertChain,
    InsertOnLink,
    Move,
    RemoveNodes,
    Rename,
    ReplaceAll,
    SetParams,
    value_text,
)

X, STEP = CARD_PITCH


@pytest.fixture
def graph() -> Graph:
    """input - conv - relu - pool one below the other, and an Add of relu and pool: ids as the default names."""
    graph = Graph()
    tip = graph.add("Input", shape=(3, 8, 8), position=(0, 0))
    tip = graph.add("Conv2d", tip, out_channels=3, kernel_size=3, padding=1, position=(0, STEP))
    relu = graph.add("ReLU", tip, position=(0, 2 * STEP))
    pool = graph.add("MaxPool2d", relu, kernel_size=3, stride=1, padding=1, position=(0, 3 * STEP))
    graph.add("Add", relu, pool, position=(0, 4 * STEP))
    return graph


@dataclass(frozen=True)
class Case:
    """A command on the fixture's graph, its name, and the inputs of nodes that it changes."""

    make: Callable[[], Command]
    text: str
    inputs: dict[str, tuple[str | None, ...]] = field(default_factory=dict)


CASES = {
    "add": Case(lambda: AddNode("Tanh", {}, (5, 6)), "add Tanh", {"tanh_1": (None,)}),
    "add behind": Case(lambda: AddNode("Tanh", {}, inputs=["add_1"]), "add Tanh", {"tanh_1": ("add_1",)}),
    "append at the end": Case(lambda: AppendAfter("add_1", "Tanh", {}), "add Tanh after add_1", {"tanh_1": ("add_1",)}),
    "append in the middle": Case(
        lambda: AppendAfter("relu_1", "Tanh", {}),
        "add Tanh after relu_1",
        {"tanh_1": ("relu_1",), "maxpool2d_1": ("tanh_1",), "add_1": ("tanh_1", "maxpool2d_1")},
    ),
    "insert": Case(
        lambda: InsertOnLink(Link("relu_1", "add_1", 0), "Tanh", {}),
        "insert Tanh before add_1",
        {"tanh_1": ("relu_1",), "add_1": ("tanh_1", "maxpool2d_1"), "maxpool2d_1": ("relu_1",)},
    ),
    "insert a chain": Case(
        lambda: InsertChain(Link("relu_1", "add_1", 0), [("Tanh", {}), ("Dropout", {"p": 0.25})]),
        "insert Tanh and Dropout before add_1",
        {"tanh_1": ("relu_1",), "dropout_1": ("tanh_1",), "add_1": ("dropout_1", "maxpool2d_1")},
    ),
    "append copies": Case(
        lambda: AppendCopies("conv2d_1", 2),
        "add 2 layers like conv2d_1 after it",
        {"conv2d_2": ("conv2d_1",), "conv2d_3": ("conv2d_2",), "relu_1": ("conv2d_3",)},
    ),
    "delete heals the wire": Case(
        lambda: RemoveNodes(["relu_1"]),
        "delete relu_1",
        {"maxpool2d_1": ("conv2d_1",), "add_1": ("conv2d_1", "maxpool2d_1")},
    ),
    "delete several in a row": Case(
        lambda: RemoveNodes(["conv2d_1", "relu_1"]),
        "delete 2 layers",
        {"maxpool2d_1": ("input_1",), "add_1": ("input_1", "maxpool2d_1")},
    ),
    "delete a branch": Case(
        lambda: RemoveNodes(["maxpool2d_1"]), "delete maxpool2d_1", {"add_1": ("relu_1", "relu_1")}
    ),
    "delete the beginning": Case(lambda: RemoveNodes(["input_1"]), "delete input_1", {"conv2d_1": (None,)}),
    "delete twice the same": Case(lambda: RemoveNodes(["add_1", "add_1"]), "delete add_1"),
    "connect": Case(
        lambda: Connect("input_1", "add_1"),
        "connect input_1 to add_1",
        {"add_1": ("relu_1", "maxpool2d_1", "input_1")},
    ),
    "connect over a wire": Case(
        lambda: Connect("input_1", "maxpool2d_1"), "connect input_1 to maxpool2d_1", {"maxpool2d_1": ("input_1",)}
    ),
    "connect over a merge's wire": Case(
        lambda: Connect("input_1", "add_1", 1), "connect input_1 to add_1", {"add_1": ("relu_1", "input_1")}
    ),
    "disconnect": Case(
        lambda: Disconnect([Link("relu_1", "maxpool2d_1", 0)]),
        "disconnect relu_1 from maxpool2d_1",
        {"maxpool2d_1": (None,)},
    ),
    "disconnect several": Case(
        lambda: Disconnect([Link("relu_1", "add_1", 0), Link("maxpool2d_1", "add_1", 1)]),
        "delete 2 wires",
        {"add_1": (None, None)},
    ),
    "set": Case(lambda: SetParams("conv2d_1", padding=2), "set conv2d_1 padding to 2"),
    "set sides": Case(lambda: SetParams("conv2d_1", padding=(0, 1, 0, 2)), "set conv2d_1 padding to (0, 1, 0, 2)"),
    "set several": Case(
        lambda: SetParams("conv2d_1", kernel_size=(3, 5), bias=False), "set conv2d_1 kernel_size to 3 × 5, bias to off"
    ),
    "rename": Case(lambda: Rename("conv2d_1", "stem"), "rename conv2d_1 to stem"),
    "move": Case(lambda: Move({"conv2d_1": (9, 9)}), "move conv2d_1"),
    "move several": Case(lambda: Move({"conv2d_1": (9, 9), "relu_1": None}), "move 2 layers"),
    "move by name": Case(lambda: Move({"conv2d_1": (9, 9), "relu_1": None}, "tidy up"), "tidy up"),
    "replace all": Case(lambda: ReplaceAll(presets.load("digits-small").state, "use Digits"), "use Digits"),
    "group": Case(
        lambda: Group([Rename("conv2d_1", "stem"), Connect("conv2d_1", "add_1")], "tidy"),
        "tidy",
        {"add_1": ("relu_1", "maxpool2d_1", "conv2d_1")},
    ),
}


@pytest.mark.parametrize("case", CASES)
class TestEveryCommand:
    def test_does_what_it_says(self, case: str, graph: Graph) -> None:
        command = CASES[case].make()
        command.do(graph)
        assert command.text == CASES[case].text
        for node_id, sources in CASES[case].inputs.items():
            assert graph.inputs_of(node_id) == sources

    def test_can_be_undone_and_redone_exactly(self, case: str, graph: Graph) -> None:
        command = CASES[case].make()
        before = graph.state
        command.do(graph)
        after = graph.state
        assert after != before
        for _ in range(2):
            command.undo(graph)
            assert graph.state == before
            command.do(graph)
            assert graph.state == after
        assert not command.changes_nothing

    def test_is_heard_once(self, case: str, graph: Graph) -> None:
        heard: list[object] = []
        graph.subscribe(heard.append)
        command = CASES[case].make()
        for step in (command.do, command.undo, command.do):
            heard.clear()
            step(graph)
            assert len(heard) == 1


@pytest.mark.parametrize(
    ("command", "error", "words"),
    [
        (AddNode("ReLU", {}, inputs=["add_1", "add_1"]), PortError, "ReLU takes 1 input"),
        (AppendAfter("relu_1", "Input", {"shape": (3,)}), PortError, "Input takes no input"),
        (AppendAfter("relu_1", "Dropout", {"p": 2}), GraphError, "Dropout: p is 2"),
        (InsertOnLink(Link("relu_1", "conv2d_1", 0), "Tanh", {}), PortError, "There is no wire"),
        (RemoveNodes(["relu_1", "ghost"]), GraphError, "'ghost'"),
        (Connect("add_1", "conv2d_1"), CycleError, "add_1 cannot feed conv2d_1"),
        (Connect("relu_1", "maxpool2d_1"), PortError, "relu_1 already feeds maxpool2d_1 there"),
        (Connect("relu_1", "add_1", 0), PortError, "relu_1 already feeds add_1 there"),
        (Disconnect([Link("relu_1", "add_1", 0), Link("input_1", "add_1", 1)]), PortError, "There is no wire"),
        (SetParams("conv2d_1", padding=-1), GraphError, "padding is -1"),
        (Rename("conv2d_1", "relu_1"), NameTakenError, "Another layer is called relu_1"),
        (Move({"conv2d_1": (1, 1), "relu_1": (0, float("inf"))}), GraphError, "finite"),
        (Group([Rename("conv2d_1", "stem"), Rename("relu_1", "stem")], "both"), NameTakenError, "called stem"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Command) else "",
)
def test_a_command_that_is_refused_changes_nothing(
    graph: Graph, command: Command, error: type[GraphError], words: str
) -> None:
    before = graph.state
    heard: list[object] = []
    graph.subscribe(heard.append)
    with pytest.raises(error, match=words):
        command.do(graph)
    assert graph.state == before
    assert heard == []
    with pytest.raises(GraphError, match="has not been made yet"):
        command.undo(graph)


def test_a_group_that_was_refused_can_be_tried_again_later(graph: Graph) -> None:
    group = Group([Rename("conv2d_1", "stem"), Rename("relu_1", "gate")], "both")
    tanh = graph.add("Tanh", name="gate")
    with pytest.raises(NameTakenError):
        group.do(graph)
    graph.remove(tanh)
    graph.set_params("conv2d_1", out_channels=7)
    group.do(graph)
    assert graph.node("conv2d_1").params["out_channels"] == 7
    assert [graph.node(each).name for each in ("conv2d_1", "relu_1")] == ["stem", "gate"]


def test_a_command_that_changes_nothing_says_so(graph: Graph) -> None:
    command = SetParams("conv2d_1", padding=1)
    assert not command.changes_nothing
    command.do(graph)
    assert command.changes_nothing


def test_a_new_layer_s_id_is_known_and_stays_through_redo(graph: Graph) -> None:
    command = AddNode("Conv2d", {"out_channels": 4, "kernel_size": 1})
    command.do(graph)
    assert command.node_id == "conv2d_2"
    command.undo(graph)
    command.do(graph)
    assert command.node_id in graph


def test_wires_of_a_merge_that_closes_its_gaps_can_be_taken_together(graph: Graph) -> None:
    Connect("input_1", "add_1").do(graph)
    Disconnect([Link("relu_1", "add_1", 0), Link("maxpool2d_1", "add_1", 1)]).do(graph)
    assert graph.inputs_of("add_1") == (None, "input_1")


def test_no_wire_is_no_command() -> None:
    with pytest.raises(ValueError, match="no wire to take away"):
        Disconnect([])


class TestRoomForCards:
    def test_an_appended_card_stands_below_and_moves_the_others_down(self, graph: Graph) -> None:
        graph.add("Tanh", position=(X, 3 * STEP))
        AppendAfter("relu_1", "Dropout", {}).do(graph)
        places = {node.id: node.position for node in graph.nodes.values()}
        assert places["dropout_1"] == (0, 3 * STEP)
        assert places["maxpool2d_1"] == (0, 4 * STEP)
        assert places["add_1"] == (0, 5 * STEP)
        assert places["relu_1"] == (0, 2 * STEP), "what stands above stays"
        assert places["tanh_1"] == (X, 3 * STEP), "and so does the next column"

    def test_a_free_place_below_needs_no_moving(self, graph: Graph) -> None:
        graph.move("maxpool2d_1", (0, 9 * STEP))
        graph.move("add_1", (0, 10 * STEP))
        AppendAfter("relu_1", "Dropout", {}).do(graph)
        assert graph.node("maxpool2d_1").position == (0, 9 * STEP)

    def test_an_inserted_card_stands_between(self, graph: Graph) -> None:
        InsertOnLink(Link("relu_1", "maxpool2d_1", 0), "Tanh", {}).do(graph)
        assert graph.node("tanh_1").position == (0, 3 * STEP)
        assert graph.node("maxpool2d_1").position == (0, 4 * STEP)

    def test_or_where_it_was_dropped(self, graph: Graph) -> None:
        InsertOnLink(Link("relu_1", "maxpool2d_1", 0), "Tanh", {}, (77, 88)).do(graph)
        assert graph.node("tanh_1").position == (77, 88)
        assert graph.node("maxpool2d_1").position == (0, 3 * STEP)

    def test_cards_without_a_place_get_none(self) -> None:
        graph = Graph()
        image = graph.add("Input", shape=(5,))
        AppendAfter(image, "ReLU", {}).do(graph)
        assert graph.node("relu_1").position is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        ((3, 5), "3 × 5"),
        (True, "on"),
        (0.001, "0.001"),
        (1e-05, "1e-05"),
        (None, "automatic"),
        ("same", "same"),
    ],
)
def test_values_are_written_as_people_read_them(value: object, text: str) -> None:
    assert value_text(value) == text
