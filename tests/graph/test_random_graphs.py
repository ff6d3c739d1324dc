"""However faulty a drawing is, it can be analyzed; and however large, without needless work."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings

from cnnstudio.graph import Graph, analyze
from cnnstudio.graph.commands import Command
from cnnstudio.graph.layout import arrange, place_all
from tests.graph.drawings import drawings


@settings(deadline=None)
@given(graph=drawings())
def test_any_drawing_can_be_analyzed(graph: Graph) -> None:
    report = analyze(graph)
    assert len(report) == len(graph)
    has_one_input = sum(node.kind == "Input" for node in graph.nodes.values()) == 1
    assert (report.errors == ()) == (report.complete and has_one_input)
    assert report.parameters >= 0
    assert report.macs >= 0
    for row in report:
        known = (row.output_shape, row.parameters, row.trainable, row.buffers, row.macs, row.activation_bytes)
        assert all(each is None for each in known) or None not in known, "a row is known as a whole or not at all"
        if row.output_shape is None:
            assert row.problems or any(shape is None for shape in row.input_shapes), "what is unknown has a reason"
            assert row.receptive_field is None
        if row.field_note:
            assert row.receptive_field is None or not row.receptive_field.aligned
            assert row.field_note.endswith(".")
        for problem in row.problems:
            assert row.name in problem.message
            assert problem.message.endswith(".")
            assert problem.message.isprintable()
            assert problem.fix is None or isinstance(problem.fix, Command)


@settings(deadline=None)
@given(graph=drawings())
def test_every_fix_can_be_made_and_mends_its_problem(graph: Graph) -> None:
    for problem in analyze(graph).problems:
        if problem.fix is not None:
            mended = graph.copy()
            problem.fix.do(mended)
            assert problem.message not in {each.message for each in analyze(mended)[problem.node].problems}
            problem.fix.undo(mended)
            assert mended == graph


@given(graph=drawings())
def test_any_drawing_can_be_laid_out_and_copied(graph: Graph) -> None:
    assert set(arrange(graph)) == set(graph.nodes)
    assert Graph.from_state(graph.state) == graph.copy() == graph


def chain(length: int) -> Graph:
    graph = Graph()
    with graph.batch():
        tip = graph.add("Input", shape=(3, 32, 32))
        for _ in range(length // 2):
            tip = graph.add("ReLU", graph.add("Conv2d", tip, out_channels=3, kernel_size=3, padding=1))
    return graph


def calls(work: Callable[[], object]) -> int:
    """Python functions that are called, and resumed, on the way."""
    count = 0

    def seen(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda graph: chain(len(graph)), id="drawing"),
        pytest.param(analyze, id="analyzing"),
        pytest.param(lambda graph: Graph.from_state(graph.state), id="opening"),
        pytest.param(place_all, id="placing"),
        pytest.param(lambda graph: graph.copy(), id="copying"),
        pytest.param(lambda graph: [graph.remove(each) for each in list(graph.nodes)], id="removing"),
    ],
)
def test_four_times_the_layers_are_four_times_the_work(work: Callable[[Graph], object]) -> None:
    small, large = chain(250), chain(1000)
    assert calls(lambda: work(large)) < 4.5 * calls(lambda: work(small))
