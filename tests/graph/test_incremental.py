"""After an edit only what lies downstream is worked out anew, and nobody can tell from the figures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.graph import CATALOGUE, Graph, GraphError, Report, Row, analyze, presets
from tests.graph.drawings import drawings, values


def from_nothing(graph: Graph) -> Report:
    """The analysis of the same drawing by a graph that remembers nothing."""
    return analyze(Graph.from_state(graph.state))


def figures(report: Report) -> object:
    return list(report), report.problems, report.output


@st.composite
def edits(draw: st.DrawFn, graph: Graph) -> Callable[[], object]:
    """One edit of any kind; the graph may refuse it."""
    node, other = (draw(st.sampled_from(list(graph.nodes))) for _ in range(2))
    kind = draw(st.sampled_from(["parameter", "name", "connect", "disconnect", "add", "remove", "move"]))
    known = [each for each in graph.nodes.values() if graph.spec(each.id).params]
    links = graph.links()
    if kind == "parameter" and known:
        chosen = draw(st.sampled_from(known))
        param = draw(st.sampled_from(graph.spec(chosen.id).params))
        value = draw(values(param))
        return lambda: graph.set_params(chosen.id, **{param.name: value})
    if kind == "disconnect" and links:
        link = draw(st.sampled_from(links))
        return lambda: graph.disconnect(link)
    if kind == "connect":
        return lambda: graph.connect(node, other)
    if kind == "add":
        spec = CATALOGUE[draw(st.sampled_from(list(CATALOGUE)))]
        return lambda: graph.insert(spec.kind, [node] if spec.ports.maximum else [], spec.first_params())
    if kind == "remove" and len(graph) > 1:
        return lambda: graph.remove(node)
    if kind == "move":
        return lambda: graph.move(node, (3.0, 4.0))
    return lambda: graph.rename(node, f"renamed {len(graph.node(node).name)}")


@settings(deadline=None)
@given(data=st.data(), graph=drawings().filter(len))
def test_after_any_edits_the_figures_are_those_of_an_analysis_from_nothing(data: st.DataObject, graph: Graph) -> None:
    for _ in range(data.draw(st.integers(1, 6))):
        analyze(graph)
        try:
            data.draw(edits(graph))()
        except GraphError:
            continue
        assert figures(analyze(graph)) == figures(from_nothing(graph))


def changed(graph: Graph, edit: Callable[[], object]) -> list[str]:
    """Names of the layers whose rows are other objects after an edit."""
    before = {row.id: row for row in analyze(graph)}
    edit()
    return [row.name for row in analyze(graph) if row is not before.get(row.id)]


def row_called(graph: Graph, name: str) -> Row:
    return next(row for row in analyze(graph) if row.name == name)


class TestWhatIsWorkedOut:
    @pytest.fixture
    def graph(self) -> Graph:
        return presets.load("lenet5-cs231n")

    def test_is_nothing_without_an_edit(self, graph: Graph) -> None:
        assert changed(graph, lambda: None) == []

    def test_is_nothing_when_a_card_is_moved(self, graph: Graph) -> None:
        first = next(iter(graph.nodes))
        assert changed(graph, lambda: graph.move(first, (1.0, 2.0))) == []

    def test_is_one_row_where_no_other_depends_on_it(self, graph: Graph) -> None:
        conv = row_called(graph, "conv1").id
        assert changed(graph, lambda: graph.set_params(conv, bias=False)) == ["conv1"]

    def test_begins_at_the_edit_and_ends_where_everything_is_seen_anyway(self, graph: Graph) -> None:
        conv = row_called(graph, "conv2").id
        assert changed(graph, lambda: graph.set_params(conv, kernel_size=3, padding=1)) == [
            "conv2", "relu2", "pool2", "flatten1",
        ]  # fmt: skip

    def test_is_handed_on_to_a_copy(self, graph: Graph) -> None:
        before = {row.id: row for row in analyze(graph)}
        preview = graph.copy()
        conv = row_called(preview, "conv2").id
        preview.set_params(conv, bias=False)
        assert [row.name for row in analyze(preview) if row is not before[row.id]] == ["conv2"]
        assert list(analyze(graph)) == list(before.values())


def test_another_picture_changes_every_field_that_spans_it() -> None:
    graph = presets.load("lenet5-cs231n")
    analyze(graph)
    graph.set_params(next(iter(graph.nodes)), shape=(1, 36, 36))
    assert figures(analyze(graph)) == figures(from_nothing(graph))
    assert row_called(graph, "fc2").receptive_field is not None
    assert row_called(graph, "fc2").receptive_field.size == (36, 36)
