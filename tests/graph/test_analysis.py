"""The report: figures, totals, and every problem with its reason."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from cnnstudio.graph import Graph, GraphState, Node, Problem, ProblemCode, Severity, analyze, presets
from cnnstudio.graph.commands import InsertOnLink


@pytest.fixture
def graph() -> Graph:
    graph = Graph()
    graph.add("Input", shape=(1, 28, 28))
    return graph


class TestRows:
    def test_are_those_of_the_readme_s_example(self, graph: Graph) -> None:
        conv = graph.add("Conv2d", "input_1", out_channels=20, kernel_size=5, padding=2)
        pool = graph.add("MaxPool2d", graph.add("ReLU", conv), kernel_size=2)
        graph.add("Linear", graph.add("Flatten", pool), out_features=10)
        row = analyze(graph)[conv]
        assert (row.id, row.name, row.kind) == ("conv2d_1", "conv2d_1", "Conv2d")
        assert row.input_shapes == ((1, 28, 28),)
        assert row.output_shape == (20, 28, 28)
        assert row.weights == {"weight": (20, 1, 5, 5), "bias": (20,)}
        assert row.parameters == row.trainable == 20 * 26
        assert row.buffers == 0
        assert row.macs == 28 * 28 * 20 * 25
        assert row.activation_bytes == 4 * 20 * 28 * 28
        assert row.problems == ()

    def test_count_running_statistics_apart_from_parameters(self, graph: Graph) -> None:
        norm = graph.add("BatchNorm", "input_1")
        row = analyze(graph)[norm]
        assert (row.parameters, row.buffers, row.macs) == (2, 2, 0)

    def test_come_in_topological_order_and_by_id(self) -> None:
        graph = presets.load("resnet20-cifar10")
        report = analyze(graph)
        assert tuple(row.id for row in report) == graph.topological_order()
        assert len(report) == len(graph)
        assert "conv2d_1" in report
        assert "ghost" not in report
        with pytest.raises(KeyError):
            report["ghost"]

    def test_bear_the_layer_s_own_name(self, graph: Graph) -> None:
        graph.rename("input_1", "picture")
        assert analyze(graph)["input_1"].name == "picture"


class TestTotals:
    def test_are_sums_over_the_rows(self) -> None:
        report = analyze(presets.load("notes-cifar10"))
        assert report.parameters == sum(row.parameters for row in report)
        assert report.macs == sum(row.macs for row in report)
        assert report.buffers == sum(row.buffers for row in report)
        assert report.activation_bytes == sum(row.activation_bytes for row in report)
        assert report.trainable == report.parameters

    def test_of_a_faulty_network_sum_what_is_known(self, graph: Graph) -> None:
        conv = graph.add("Conv2d", "input_1", out_channels=2, kernel_size=3)
        graph.add("Linear", conv, out_features=10)
        report = analyze(graph)
        assert report.parameters == 20
        assert not report.complete

    def test_memory_of_a_chain_by_hand(self, graph: Graph) -> None:
        graph.add("AdaptiveAvgPool2d", graph.add("ReLU", "input_1"), output_size=2)
        assert analyze(graph).activation_bytes == 4 * (784 + 784 + 4)


class TestTheOutput:
    def test_is_the_layer_that_feeds_no_other(self, graph: Graph) -> None:
        assert analyze(graph).output == "input_1"
        assert analyze(graph.copy()).output == "input_1"
        relu = graph.add("ReLU", "input_1")
        assert analyze(graph).output == relu

    def test_of_an_empty_drawing_is_none(self) -> None:
        assert analyze(Graph()).output is None

    def test_of_several_ends_is_the_last_in_order(self, graph: Graph) -> None:
        graph.add("ReLU", "input_1")
        tanh = graph.add("Tanh", "input_1")
        report = analyze(graph)
        assert report.output == tanh
        assert report.errors == ()
        (problem,) = report.problems
        assert problem.code is ProblemCode.SEVERAL_OUTPUTS
        assert problem.severity is Severity.WARNING
        assert problem.message == "2 layers feed no other: relu_1, tanh_1. The last, tanh_1, is the output."
        assert report["relu_1"].problems == (problem,)

    def test_of_very_many_ends_is_told_in_few_words(self, graph: Graph) -> None:
        for _ in range(50):
            graph.add("ReLU", "input_1")
        (problem,) = analyze(graph).problems
        assert problem.message == (
            "50 layers feed no other: relu_1, relu_2, relu_3, relu_4, …, relu_50. The last, relu_50, is the output."
        )


def only(graph: Graph, node_id: str | None) -> Problem:
    """The one error of a drawing; it must stand at `node_id`, and on that layer's row."""
    (problem,) = analyze(graph).errors
    assert problem.node == node_id
    if node_id is not None:
        assert analyze(graph)[node_id].problems == (problem,)
        assert analyze(graph).problems.count(problem) == 1
    return problem


class TestProblems:
    def test_nothing_drawn(self) -> None:
        problem = only(Graph(), None)
        assert problem.code is ProblemCode.EMPTY
        assert problem.message == "The network has no Input layer; add one and say which shape of picture it takes."

    def test_a_second_input(self, graph: Graph) -> None:
        extra = graph.add("Input", name="mask", shape=(1, 28, 28))
        graph.add("Add", "input_1", extra)
        problem = only(graph, extra)
        assert problem.code is ProblemCode.SEVERAL_INPUTS
        assert problem.message == "mask is a second Input; a network takes one picture."

    def test_a_layer_that_nothing_feeds(self, graph: Graph) -> None:
        relu = graph.add("ReLU", name="gate")
        problem = only(graph, relu)
        assert problem.code is ProblemCode.MISSING_INPUT
        assert problem.message == "gate has no input; draw a wire to it from the layer before."
        assert problem.arrived == (None,)
        assert analyze(graph)[relu].output_shape is None

    def test_a_merge_with_a_free_port(self, graph: Graph) -> None:
        add = graph.add("Add", "input_1", name="sum")
        problem = only(graph, add)
        assert problem.message == "sum takes 2 inputs; nothing arrives at input 2."
        assert problem.arrived == ((1, 28, 28), None)

    def test_a_merge_with_two(self, graph: Graph) -> None:
        assert only(graph, graph.add("Add")).message == "add_1 takes 2 inputs; nothing arrives at inputs 1 and 2."

    def test_maps_where_a_vector_is_needed(self, graph: Graph) -> None:
        linear = graph.add("Linear", "input_1", name="fc1", out_features=10)
        problem = only(graph, linear)
        assert problem.code is ProblemCode.RANK
        assert problem.message == "fc1: Linear takes a vector; 1 × 28 × 28 arrived."
        assert problem.arrived == ((1, 28, 28),)
        assert problem.expected == "a vector"

    def test_and_its_fix_mends_it_in_one_undoable_step(self, graph: Graph) -> None:
        linear = graph.add("Linear", "input_1", out_features=10)
        fix = only(graph, linear).fix
        assert isinstance(fix, InsertOnLink)
        before = graph.state
        fix.do(graph)
        assert analyze(graph).errors == ()
        assert analyze(graph)[linear].output_shape == (10,)
        fix.undo(graph)
        assert graph.state == before

    def test_a_vector_where_maps_are_needed(self, graph: Graph) -> None:
        conv = graph.add("Conv2d", graph.add("Flatten", "input_1"), out_channels=2, kernel_size=3)
        problem = only(graph, conv)
        assert problem.code is ProblemCode.RANK
        assert problem.message == ("conv2d_1: Conv2d takes maps (channels × height × width); a vector of 784 arrived.")
        assert problem.fix is None

    def test_a_window_that_does_not_fit(self, graph: Graph) -> None:
        pool = graph.add("MaxPool2d", graph.add("AdaptiveAvgPool2d", "input_1", output_size=2), kernel_size=3)
        problem = only(graph, pool)
        assert problem.code is ProblemCode.SHAPE
        assert problem.message == ("maxpool2d_1: a window of 3 × 3 does not fit into 2 × 2 pixels (padding included).")
        assert problem.expected == "at least 3 × 3 pixels with padding"

    def test_branches_that_do_not_match(self, graph: Graph) -> None:
        conv = graph.add("Conv2d", "input_1", out_channels=8, kernel_size=3)
        problem = only(graph, graph.add("Add", "input_1", conv))
        assert problem.code is ProblemCode.SHAPE
        assert problem.message == "add_1: Add takes inputs of one shape; 1 × 28 × 28 and 8 × 26 × 26 arrived."
        assert problem.arrived == ((1, 28, 28), (8, 26, 26))
        assert problem.expected == "1 × 28 × 28 on every input"

    def test_a_fault_is_told_where_it_stands_and_not_again_behind_it(self, graph: Graph) -> None:
        linear = graph.add("Linear", "input_1", out_features=10)
        relu = graph.add("ReLU", linear)
        only(graph, linear)
        row = analyze(graph)[relu]
        assert row.problems == ()
        assert (row.output_shape, row.parameters, row.macs, row.receptive_field) == (None, None, None, None)
        assert (row.buffers, row.activation_bytes, row.input_shapes) == (None, None, (None,))

    def test_figures_before_the_fault_are_known(self, graph: Graph) -> None:
        conv = graph.add("Conv2d", "input_1", out_channels=8, kernel_size=3)
        graph.add("Linear", conv, out_features=10)
        assert analyze(graph)[conv].output_shape == (8, 26, 26)

    def test_an_output_that_no_computer_holds(self, graph: Graph) -> None:
        node = graph.add("Input", name="huge", shape=(65536, 65536, 65536))
        graph.remove("input_1")
        problem = only(graph, node)
        assert problem.code is ProblemCode.SHAPE
        assert problem.message == ("huge: an output of 65536 × 65536 × 65536 numbers is more than any computer holds.")

    def test_branches_that_double_without_end(self, graph: Graph) -> None:
        tip = "input_1"
        with graph.batch():
            for _ in range(200):
                tip = graph.add("Concat", tip, tip)
        (problem,) = analyze(graph).errors
        assert problem.message.endswith("is more than any computer holds.")


class TestPlaceholders:
    """Kinds that this version does not know."""

    @staticmethod
    def strange(*inputs: tuple[str | None, ...]) -> Graph:
        nodes = [Node("input_1", "Input", "input_1", MappingProxyType({"shape": (1, 8, 8)}))]
        nodes += [Node(f"s{number}", "Capsule", f"s{number}") for number in range(len(inputs))]
        return Graph.from_state(GraphState(tuple(nodes), ((), *inputs)))

    def test_have_a_problem_of_their_own(self) -> None:
        problem = only(self.strange(("input_1",)), "s0")
        assert problem.code is ProblemCode.UNKNOWN_KIND
        assert problem.message == "s0: This version of CNN Studio does not know the layer kind Capsule."
        assert problem.arrived == ((1, 8, 8),)

    def test_each_one_even_behind_another(self) -> None:
        report = analyze(self.strange(("input_1",), ("s0", None)))
        assert [problem.node for problem in report.errors] == ["s0", "s1"]
        assert report["s1"].problems[0].arrived == (None, None)

    def test_leave_what_follows_unknown(self) -> None:
        graph = self.strange(("input_1",))
        relu = graph.add("ReLU", "s0")
        row = analyze(graph)[relu]
        assert row.output_shape is None
        assert row.problems == ()


def test_a_report_is_frozen(graph: Graph) -> None:
    report = analyze(graph)
    graph.set_params("input_1", shape=(3, 5, 5))
    assert report["input_1"].output_shape == (1, 28, 28)
    with pytest.raises(AttributeError):
        report["input_1"].output_shape = (1,)  # type: ignore[misc]
    with pytest.raises(TypeError):
        report["input_1"].weights["x"] = (1,)  # type: ignore[index]
