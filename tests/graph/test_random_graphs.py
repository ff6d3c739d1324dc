"""However faulty a drawing is, it can be analyzed; and however large, without needless work."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.graph import BLOCKS, Fix, Graph, Problem, ProblemCode, analyze, reach, region
from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.commands import Command
from cnnstudio.graph.layout import arrange, place_all
from tests.graph.drawings import drawings
from tests.graph.networks import networks, small


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


def tried(graph: Graph, problem: Problem, fix: Fix) -> None:
    """A fix must do as it says, in one step that can be undone: its problem is gone, and no other in its place."""
    mended = graph.copy()
    fix.command.do(mended)
    report = analyze(mended)
    if problem.node in mended:
        left = [each for each in report[problem.node].problems if each.code is problem.code]
        gone = problem.code is ProblemCode.SEVERAL_OUTPUTS or problem.code is ProblemCode.SEVERAL_INPUTS
        assert not left or (gone and problem not in left), fix.text
        if problem.code in (ProblemCode.SHAPE, ProblemCode.RANK, ProblemCode.MISFIT, ProblemCode.MISSING_INPUT):
            assert report[problem.node].output_shape is not None, fix.text
    assert problem not in report.problems
    fix.command.undo(mended)
    assert mended == graph


@settings(deadline=None)
@given(graph=drawings())
def test_every_fix_can_be_made_and_mends_its_problem(graph: Graph) -> None:
    for problem in analyze(graph).problems:
        for fix in problem.fixes:
            tried(graph, problem, fix)


@settings(deadline=None)
@given(graph=networks(), data=st.data())
def test_every_fix_mends_what_one_edit_of_a_sound_network_broke(graph: Graph, data: st.DataObject) -> None:
    node = data.draw(st.sampled_from([each for each in graph.nodes.values() if graph.spec(each.id).params]))
    param = data.draw(st.sampled_from(graph.spec(node.id).params))
    graph.set_params(node.id, **{param.name: data.draw(small(param))})
    for problem in analyze(graph).problems:
        for fix in problem.fixes:
            tried(graph, problem, fix)


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
        pytest.param(lambda graph: region(graph, graph.ends()[-1], 16, 16), id="looking back from one value"),
        pytest.param(lambda graph: reach(graph, graph.ends()[-1], 16, 16), id="looking ahead from one pixel"),
        pytest.param(lambda graph: Graph.from_state(graph.state), id="opening"),
        pytest.param(place_all, id="placing"),
        pytest.param(lambda graph: graph.copy(), id="copying"),
        pytest.param(lambda graph: [graph.remove(each) for each in list(graph.nodes)], id="removing"),
    ],
)
def test_four_times_the_layers_are_four_times_the_work(work: Callable[[Graph], object]) -> None:
    small, large = chain(250), chain(1000)
    assert calls(lambda: work(large)) < 4.5 * calls(lambda: work(small))


def tower(name: str, blocks: int) -> Graph:
    graph = Graph()
    with graph.batch():
        pencil = Pencil(graph)
        pencil.input(4, 8, 8)
        for _ in range(blocks):
            BLOCKS[name].draw(pencil, {**BLOCKS[name].first_params(), BLOCKS[name].params[0].name: 4})
    return graph


@pytest.mark.parametrize("name", BLOCKS)
def test_four_times_the_blocks_are_four_times_the_work(name: str) -> None:
    small, large = tower(name, 20), tower(name, 80)
    assert calls(lambda: tower(name, 80)) < 4.5 * calls(lambda: tower(name, 20))
    assert calls(lambda: place_all(large)) < 4.5 * calls(lambda: place_all(small))
