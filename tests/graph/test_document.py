"""The drawing: what it takes, what it refuses and in which words, and what listeners hear."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from cnnstudio.graph import (
    Change,
    CycleError,
    Graph,
    GraphError,
    GraphState,
    Link,
    NameTakenError,
    Node,
    ParameterError,
    PortError,
    UnknownKindError,
    UnknownNodeError,
    presets,
)
from cnnstudio.graph.document import difference


@pytest.fixture
def graph() -> Graph:
    """input - conv - relu, and the two joined by an Add: input_1, conv2d_1, relu_1, add_1."""
    graph = Graph()
    image = graph.add("Input", shape=(3, 8, 8))
    conv = graph.add("Conv2d", image, out_channels=3, kernel_size=3, padding=1)
    graph.add("Add", graph.add("ReLU", conv), image)
    return graph


def wires(graph: Graph) -> list[tuple[str, str, int]]:
    return [(link.source, link.target, link.port) for link in graph.links()]


class TestAdding:
    def test_gives_an_id_that_is_the_default_name(self, graph: Graph) -> None:
        assert list(graph.nodes) == ["input_1", "conv2d_1", "relu_1", "add_1"]
        assert all(node.id == node.name for node in graph.nodes.values())

    def test_completes_the_parameters(self, graph: Graph) -> None:
        assert graph.node("conv2d_1").params["stride"] == 1

    def test_draws_the_wires(self, graph: Graph) -> None:
        assert wires(graph) == [
            ("input_1", "conv2d_1", 0),
            ("conv2d_1", "relu_1", 0),
            ("relu_1", "add_1", 0),
            ("input_1", "add_1", 1),
        ]
        assert graph.inputs_of("add_1") == ("relu_1", "input_1")
        assert graph.links_from("input_1") == (Link("input_1", "conv2d_1", 0), Link("input_1", "add_1", 1))

    def test_takes_a_name_and_a_position(self, graph: Graph) -> None:
        node_id = graph.add("Tanh", "add_1", name="squash", position=(10, 20))
        assert graph.node(node_id) == Node("tanh_1", "Tanh", "squash", MappingProxyType({}), (10.0, 20.0))

    def test_leaves_ports_free_that_nothing_is_given_for(self, graph: Graph) -> None:
        assert graph.inputs_of(graph.add("ReLU")) == (None,)
        assert graph.inputs_of(graph.add("Concat", "relu_1")) == ("relu_1", None)

    def test_never_gives_an_id_that_is_taken_as_a_name(self, graph: Graph) -> None:
        graph.rename("relu_1", "tanh_1")
        assert graph.add("Tanh") == "tanh_2"

    def test_takes_the_smallest_free_number(self, graph: Graph) -> None:
        for _ in range(3):
            graph.add("Tanh")
        graph.remove("tanh_2")
        assert graph.add("Tanh") == "tanh_2"
        assert graph.add("Tanh") == "tanh_4"

    def test_a_name_in_the_place_of_an_id_is_told_the_id(self, graph: Graph) -> None:
        graph.rename("conv2d_1", "stem")
        with pytest.raises(UnknownNodeError, match=r"^'stem' is a layer's name; its id is 'conv2d_1'\.$"):
            graph.node("stem")

    @pytest.mark.parametrize(
        ("kind", "inputs", "named", "error", "words"),
        [
            ("Conv3d", (), {}, UnknownKindError, r"no layer kind 'Conv3d'\. Did you mean Conv2d"),
            ("Conv2d", (), {"out_channels": 1}, ParameterError, r"^Conv2d needs kernel_size\.$"),
            ("ReLU", ("ghost",), {}, UnknownNodeError, r"^There is no layer 'ghost' in this network\.$"),
            ("ReLU", ("conv2d_1", "relu_1"), {}, PortError, r"^ReLU takes 1 input; 2 were given\.$"),
            ("Input", ("conv2d_1",), {"shape": (5,)}, PortError, r"^Input takes no input; 1 were given\.$"),
            ("ReLU", (), {"name": "conv2d_1"}, NameTakenError, r"^Another layer is called conv2d_1; names are unique"),
            ("ReLU", (), {"name": "a.b"}, NameTakenError, "'a.b' is no name: it takes 1 to 64 characters, no dot"),
            ("ReLU", (), {"name": ""}, NameTakenError, "'' is no name"),
            ("ReLU", (), {"name": " a"}, NameTakenError, "' a' is no name"),
            ("ReLU", (), {"name": "a" * 65}, NameTakenError, "is no name"),
            ("ReLU", (), {"name": "a\tb"}, NameTakenError, "holds characters that cannot be shown"),
            ("ReLU", (), {"position": (1.0, float("nan"))}, GraphError, r"^A position is two finite numbers\.$"),
        ],
    )
    def test_refuses_with_a_sentence_and_stays_as_it_was(
        self, graph: Graph, kind: str, inputs: tuple[str, ...], named: dict, error: type[GraphError], words: str
    ) -> None:
        before = graph.state
        with pytest.raises(error, match=words):
            graph.add(kind, *inputs, **named)
        assert graph.state == before


class TestConnecting:
    def test_takes_the_first_free_port(self, graph: Graph) -> None:
        relu = graph.add("ReLU")
        assert graph.connect("add_1", relu) == Link("add_1", relu, 0)

    def test_a_merge_grows(self, graph: Graph) -> None:
        assert graph.connect("conv2d_1", "add_1") == Link("conv2d_1", "add_1", 2)
        assert graph.inputs_of("add_1") == ("relu_1", "input_1", "conv2d_1")

    def test_the_same_layer_may_feed_two_ports(self, graph: Graph) -> None:
        twice = graph.add("Add", "relu_1", "relu_1")
        assert graph.links_from("relu_1") == (
            Link("relu_1", "add_1", 0),
            Link("relu_1", twice, 0),
            Link("relu_1", twice, 1),
        )

    @pytest.mark.parametrize(
        ("source", "target", "port", "error", "words"),
        [
            ("conv2d_1", "relu_1", None, PortError, r"^All inputs of relu_1 are taken\.$"),
            ("input_1", "relu_1", 0, PortError, r"^Input 1 of relu_1 is taken by conv2d_1\.$"),
            ("conv2d_1", "relu_1", 1, PortError, r"^relu_1 has no input 2\.$"),
            ("conv2d_1", "relu_1", -1, PortError, r"^relu_1 has no input 0\.$"),
            ("conv2d_1", "add_1", 3, PortError, r"^add_1 has no input 4\.$"),
            ("conv2d_1", "input_1", None, PortError, r"^input_1 has no input: the network begins there\.$"),
            ("ghost", "add_1", None, UnknownNodeError, "'ghost'"),
            ("relu_1", "ghost", None, UnknownNodeError, "'ghost'"),
            (
                "add_1",
                "add_1",
                None,
                CycleError,
                r"^add_1 cannot feed itself: data would run in a circle\.$",
            ),
        ],
    )
    def test_refuses_with_a_sentence_and_stays_as_it_was(
        self, graph: Graph, source: str, target: str, port: int | None, error: type[GraphError], words: str
    ) -> None:
        before = graph.state
        with pytest.raises(error, match=words):
            graph.connect(source, target, port)
        assert graph.state == before

    def test_refuses_circles_over_any_distance(self, graph: Graph) -> None:
        graph.disconnect(Link("input_1", "conv2d_1", 0))
        with pytest.raises(CycleError, match="add_1 cannot feed conv2d_1"):
            graph.connect("add_1", "conv2d_1")

    def test_only_asks_with_check_link(self, graph: Graph) -> None:
        before = graph.state
        assert graph.check_link("conv2d_1", "add_1") == Link("conv2d_1", "add_1", 2)
        assert graph.check_link("input_1", "relu_1", 0) == Link("input_1", "relu_1", 0), "a taken port is the caller's"
        assert graph.state == before

    def test_reaches_follows_the_wires_downstream(self, graph: Graph) -> None:
        assert graph.reaches("input_1", "add_1")
        assert graph.reaches("relu_1", "relu_1")
        assert not graph.reaches("add_1", "input_1")


class TestDisconnecting:
    def test_leaves_a_fixed_port_free(self, graph: Graph) -> None:
        graph.disconnect(Link("conv2d_1", "relu_1", 0))
        assert graph.inputs_of("relu_1") == (None,)
        assert graph.links_from("conv2d_1") == ()

    def test_a_merge_of_two_keeps_its_place(self, graph: Graph) -> None:
        graph.disconnect(Link("relu_1", "add_1", 0))
        assert graph.inputs_of("add_1") == (None, "input_1")

    def test_a_merge_of_three_closes_the_gap(self, graph: Graph) -> None:
        graph.connect("conv2d_1", "add_1")
        graph.disconnect(Link("relu_1", "add_1", 0))
        assert graph.inputs_of("add_1") == ("input_1", "conv2d_1")

    @pytest.mark.parametrize("link", [Link("input_1", "relu_1", 0), Link("conv2d_1", "relu_1", 5)])
    def test_refuses_a_wire_that_is_not_there(self, graph: Graph, link: Link) -> None:
        with pytest.raises(
            PortError, match=rf"^There is no wire from {link.source} to input {link.port + 1} of relu_1"
        ):
            graph.disconnect(link)

    def test_another_source_can_take_a_wire_s_place(self, graph: Graph) -> None:
        assert graph.replace_source(Link("relu_1", "add_1", 0), "conv2d_1") == Link("conv2d_1", "add_1", 0)
        assert graph.inputs_of("add_1") == ("conv2d_1", "input_1")
        with pytest.raises(CycleError):
            graph.replace_source(Link("input_1", "conv2d_1", 0), "add_1")


class TestRemoving:
    def test_takes_every_wire_along(self, graph: Graph) -> None:
        graph.remove("relu_1")
        assert wires(graph) == [("input_1", "conv2d_1", 0), ("input_1", "add_1", 1)]
        assert graph.inputs_of("add_1") == (None, "input_1")
        assert graph.links_from("conv2d_1") == ()

    def test_frees_the_name(self, graph: Graph) -> None:
        graph.remove("relu_1")
        graph.rename("conv2d_1", "relu_1")
        assert graph.node("conv2d_1").name == "relu_1"

    def test_refuses_what_is_not_there(self, graph: Graph) -> None:
        with pytest.raises(UnknownNodeError):
            graph.remove("ghost")


class TestChangingALayer:
    def test_parameters_keep_what_is_not_named(self, graph: Graph) -> None:
        graph.set_params("conv2d_1", out_channels=8)
        assert graph.node("conv2d_1").params["out_channels"] == 8
        assert graph.node("conv2d_1").params["padding"] == 1
        with pytest.raises(ParameterError, match="Conv2d: out_channels is 0"):
            graph.set_params("conv2d_1", out_channels=0)

    def test_parameters_cannot_be_changed_behind_the_graph_s_back(self, graph: Graph) -> None:
        with pytest.raises(TypeError):
            graph.node("conv2d_1").params["out_channels"] = 8  # type: ignore[index]
        with pytest.raises(TypeError):
            graph.nodes["conv2d_1"] = graph.node("relu_1")  # type: ignore[index]

    def test_a_new_name_leaves_the_id(self, graph: Graph) -> None:
        graph.rename("conv2d_1", "stem")
        assert graph.node("conv2d_1").name == "stem"
        assert wires(graph)[0] == ("input_1", "conv2d_1", 0)
        graph.rename("conv2d_1", "stem")  # its own name is not taken

    def test_a_swap_of_names_needs_a_third(self, graph: Graph) -> None:
        with pytest.raises(NameTakenError, match="Another layer is called relu_1"):
            graph.rename("conv2d_1", "relu_1")

    def test_position(self, graph: Graph) -> None:
        graph.move("relu_1", (3, 4))
        assert graph.node("relu_1").position == (3.0, 4.0)
        graph.move("relu_1", None)
        assert graph.node("relu_1").position is None


class TestTopologicalOrder:
    def test_puts_sources_first_and_otherwise_keeps_the_order_of_adding(self) -> None:
        graph = Graph()
        last = graph.add("Add")
        relu, tanh = graph.add("ReLU"), graph.add("Tanh")
        image = graph.add("Input", shape=(1, 4, 4))
        graph.connect(image, tanh)
        graph.connect(image, relu)
        graph.connect(tanh, last)
        graph.connect(relu, last)
        assert graph.topological_order() == (image, relu, tanh, last)

    @pytest.mark.parametrize("name", presets.names())
    def test_of_a_preset_is_a_permutation_with_sources_first(self, name: str) -> None:
        graph = presets.load(name)
        order = graph.topological_order()
        assert sorted(order) == sorted(graph.nodes)
        place = {node_id: index for index, node_id in enumerate(order)}
        assert all(place[link.source] < place[link.target] for link in graph.links())


class TestListeners:
    @pytest.fixture
    def heard(self, graph: Graph) -> list[Change]:
        changes: list[Change] = []
        graph.subscribe(changes.append)
        return changes

    def test_hear_of_each_edit_once(self, graph: Graph, heard: list[Change]) -> None:
        graph.add("Tanh", "add_1")
        graph.set_params("conv2d_1", out_channels=8)
        graph.rename("conv2d_1", "stem")
        graph.move("conv2d_1", (1, 2))
        graph.disconnect(Link("input_1", "add_1", 1))
        graph.connect("conv2d_1", "add_1")
        assert heard == [
            Change(added=frozenset({"tanh_1"})),
            Change(edited=frozenset({"conv2d_1"})),
            Change(edited=frozenset({"conv2d_1"})),
            Change(moved=frozenset({"conv2d_1"})),
            Change(rewired=frozenset({"add_1"})),
            Change(rewired=frozenset({"add_1"})),
        ]

    def test_hear_of_a_removal_and_of_the_wires_that_went_along(self, graph: Graph, heard: list[Change]) -> None:
        graph.remove("conv2d_1")
        assert heard == [Change(removed=frozenset({"conv2d_1"}), rewired=frozenset({"relu_1"}))]

    def test_hear_nothing_of_an_edit_that_changes_nothing(self, graph: Graph, heard: list[Change]) -> None:
        graph.set_params("conv2d_1", out_channels=3)
        graph.rename("conv2d_1", "conv2d_1")
        graph.move("conv2d_1", None)
        assert heard == []

    def test_hear_nothing_of_what_was_refused(self, graph: Graph, heard: list[Change]) -> None:
        with pytest.raises(PortError):
            graph.connect("input_1", "relu_1")
        assert heard == []

    def test_hear_once_of_a_batch(self, graph: Graph, heard: list[Change]) -> None:
        with graph.batch():
            tanh = graph.add("Tanh", "add_1")
            with graph.batch():
                graph.rename(tanh, "squash")
            graph.move("relu_1", (0, 0))
        assert heard == [Change(added=frozenset({tanh}), moved=frozenset({"relu_1"}))]

    def test_a_batch_that_fails_is_taken_back_whole(self, graph: Graph, heard: list[Change]) -> None:
        before = graph.state

        def fail_late() -> None:
            with graph.batch():
                graph.add("Tanh", "add_1", name="squash")
                graph.remove("conv2d_1")
                graph.connect("input_1", "input_1")

        with pytest.raises(PortError):
            fail_late()
        assert graph.state == before
        assert heard == []
        assert graph.links_from("conv2d_1") == (Link("conv2d_1", "relu_1", 0),)
        graph.add("Tanh", name="squash")  # the name is free again

    def test_may_leave(self, graph: Graph) -> None:
        changes: list[Change] = []
        leave = graph.subscribe(changes.append)
        leave()
        graph.remove("relu_1")
        assert changes == []

    def test_may_leave_while_they_are_told(self, graph: Graph) -> None:
        told: list[str] = []
        leave = graph.subscribe(lambda change: (told.append("first"), leave()))
        graph.subscribe(lambda change: told.append("second"))
        graph.remove("relu_1")
        graph.remove("add_1")
        assert told == ["first", "second", "second"]

    def test_see_the_graph_as_it_is_afterwards(self, graph: Graph) -> None:
        seen: list[int] = []
        graph.subscribe(lambda change: seen.append(len(graph)))
        graph.remove("relu_1")
        assert seen == [3]

    def test_can_tell_a_move_from_an_edit(self) -> None:
        assert not Change()
        assert Change(moved=frozenset({"a"}))
        assert not Change(moved=frozenset({"a"})).structural
        assert Change(rewired=frozenset({"a"})).structural

    def test_difference_says_all_at_once(self, graph: Graph) -> None:
        before = graph.state
        graph.remove("add_1")
        graph.add("Tanh", "relu_1")
        graph.rename("relu_1", "r")
        graph.move("input_1", (1, 1))
        graph.disconnect(Link("input_1", "conv2d_1", 0))
        assert difference(before, graph.state) == Change(
            added=frozenset({"tanh_1"}),
            removed=frozenset({"add_1"}),
            edited=frozenset({"relu_1"}),
            rewired=frozenset({"conv2d_1"}),
            moved=frozenset({"input_1"}),
        )


class TestWholeStates:
    def test_a_copy_is_equal_and_independent(self, graph: Graph) -> None:
        twin = graph.copy()
        assert twin == graph
        twin.remove("relu_1")
        assert "relu_1" in graph
        assert twin != graph

    def test_order_matters(self) -> None:
        one, other = Graph(), Graph()
        for graph, kinds in ((one, ("ReLU", "Tanh")), (other, ("Tanh", "ReLU"))):
            for kind in kinds:
                graph.add(kind)
        assert one != other
        assert one != "a graph"

    def test_a_graph_is_not_hashable_because_it_changes(self, graph: Graph) -> None:
        with pytest.raises(TypeError):
            hash(graph)

    def test_restoring_brings_back_order_and_ports(self, graph: Graph) -> None:
        before = graph.state
        graph.remove("conv2d_1")
        graph.add("Tanh")
        graph.restore(before)
        assert graph.state == before
        assert list(graph.nodes) == ["input_1", "conv2d_1", "relu_1", "add_1"]
        assert graph.add("Tanh") == "tanh_1"

    def test_says_its_layers(self, graph: Graph) -> None:
        assert repr(graph) == "Graph(input_1, conv2d_1, relu_1, add_1)"


class TestFromAState:
    """What a file says is believed only after every rule has been checked."""

    @staticmethod
    def node(node_id: str = "a", kind: str = "ReLU", name: str | None = None, **params: object) -> Node:
        return Node(node_id, kind, name or node_id, MappingProxyType(params))

    def test_a_sound_state_comes_back_equal(self, graph: Graph) -> None:
        assert Graph.from_state(graph.state) == graph

    def test_the_order_of_nodes_need_not_follow_the_wires(self) -> None:
        state = GraphState((self.node("b"), self.node("a")), (("a",), (None,)))
        assert Graph.from_state(state).topological_order() == ("a", "b")

    def test_missing_ports_are_added_and_gaps_closed(self) -> None:
        nodes = (self.node("a"), self.node("b", "Add"), self.node("c", "Add"), self.node("d"))
        graph = Graph.from_state(GraphState(nodes, ((), ("a",), ("a", None, "b"), ())))
        assert [graph.inputs_of(each) for each in "abcd"] == [(None,), ("a", None), ("a", "b"), (None,)]

    def test_an_unknown_kind_keeps_its_parameters_and_ports(self) -> None:
        strange = self.node("s", "Capsule", routes=[1, 2])
        graph = Graph.from_state(GraphState((self.node("a"), strange), ((None,), (None, "a", None))))
        assert graph.node("s").params == {"routes": [1, 2]}
        assert graph.inputs_of("s") == (None, "a", None)
        assert not graph.knows("s")
        assert graph.spec("s").kind == "Capsule"
        with pytest.raises(UnknownKindError):
            graph.set_params("s", routes=3)
        graph.rename("s", "strange")
        graph.connect("a", "s")
        assert graph.inputs_of("s") == ("a", "a", None)

    @pytest.mark.parametrize(
        ("nodes", "inputs", "error", "words"),
        [
            ((("a", "ReLU"), ("a", "Tanh")), ((), ()), NameTakenError, r"^Two layers have the id a\.$"),
            (
                (("a", "ReLU", "x"), ("b", "ReLU", "x")),
                ((), ()),
                NameTakenError,
                r"^Two layers are called x; names are",
            ),
            ((("a.b", "ReLU"),), ((),), NameTakenError, "'a.b' is no name"),
            ((("a", "Re LU"),), ((),), UnknownKindError, "'Re LU' cannot be a layer kind"),
            ((("a", "Dropout", "drop"),), (("b",),), UnknownNodeError, r"^drop is fed by 'b', which is no layer"),
            ((("a", "ReLU"),), (("a",),), CycleError, r"^a feeds itself: wires run in a circle\.$"),
            ((("a", "ReLU"), ("b", "ReLU"), ("c", "ReLU")), (("c",), ("c",), ("b",)), CycleError, "^[bc] feeds itself"),
            ((("a", "ReLU"), ("b", "ReLU")), ((), ("a", "a")), PortError, r"^b takes 1 input; 2 were given\.$"),
            ((("a", "Linear", "fc"),), ((),), ParameterError, r"^fc: Linear needs out_features\.$"),
        ],
    )
    def test_a_fault_is_told_and_names_the_layer(
        self,
        nodes: tuple[tuple[str, ...], ...],
        inputs: tuple[tuple[str, ...], ...],
        error: type[GraphError],
        words: str,
    ) -> None:
        with pytest.raises(error, match=words):
            Graph.from_state(GraphState(tuple(self.node(*each) for each in nodes), inputs))
