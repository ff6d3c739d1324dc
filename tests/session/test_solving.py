"""Wishes are answered in the background, the newest one first, and about the drawing as it was when they were asked."""

from __future__ import annotations

from cnnstudio.graph import Wanted, solve
from cnnstudio.graph.commands import SetParams
from cnnstudio.session import Studio


def layer(studio: Studio, name: str) -> str:
    return next(node.id for node in studio.graph.nodes.values() if node.name == name)


def test_the_answers_are_the_graph_s_own(studio: Studio, until) -> None:
    wanted = Wanted(output_size=4)
    solving = studio.solving
    solving.ask(layer(studio, "conv2"), wanted)
    assert solving.busy
    assert solving.solution is None
    until(studio, lambda: not solving.busy)
    assert solving.solution.answers == solve(studio.graph, layer(studio, "conv2"), wanted)
    assert len(solving.solution.answers) > 1
    assert solving.solution.reason == ""


def test_no_answer_has_its_reason(studio: Studio, until) -> None:
    studio.solving.ask(layer(studio, "pool1"), Wanted(output_size=999))
    until(studio, lambda: not studio.solving.busy)
    assert studio.solving.solution.answers == ()
    assert studio.solving.solution.reason.endswith("was found with which pool1 gives 999 × 999.")


def test_a_question_that_makes_no_sense_is_answered_in_words(studio: Studio, until) -> None:
    studio.solving.ask(layer(studio, "fc1"), Wanted(output_size=4))
    until(studio, lambda: not studio.solving.busy)
    assert studio.solving.solution.reason == "fc1 works on a vector; sizes and fields of view are those of maps."


def test_only_the_last_question_counts(studio: Studio, until) -> None:
    solving, heard = studio.solving, []
    solving.changed.connect(lambda: heard.append(solving.solution and solving.solution.question.wanted))
    for size in (2, 3, 4):
        solving.ask(layer(studio, "conv2"), Wanted(output_size=size))
    until(studio, lambda: not solving.busy)
    assert heard == [None, None, None, Wanted(output_size=4)]


def test_while_the_same_is_asked_again_the_former_answers_stand(studio: Studio, until) -> None:
    solving, node = studio.solving, layer(studio, "conv2")
    solving.ask(node, Wanted(output_size=4))
    until(studio, lambda: not solving.busy)
    former = solving.solution
    SetParams(node, stride=2).do(studio.graph)
    solving.ask(node, Wanted(output_size=4))
    assert solving.solution is former
    until(studio, lambda: not solving.busy)
    assert solving.solution.reason == "conv2 gives 4 × 4 already."


def test_the_same_about_the_same_drawing_is_not_asked_twice(studio: Studio, until) -> None:
    solving, node = studio.solving, layer(studio, "conv2")
    solving.ask(node, Wanted(output_size=4))
    until(studio, lambda: not solving.busy)
    solving.ask(node, Wanted(output_size=4))
    assert not solving.busy
    solving.clear()
    solving.ask(node, Wanted(output_size=4))
    assert solving.busy


def test_an_answer_still_fits_the_drawing_and_takes_one_undo(studio: Studio, until) -> None:
    node = layer(studio, "conv2")
    before = studio.graph.state
    studio.solving.ask(node, Wanted(receptive_field=7))
    until(studio, lambda: not studio.solving.busy)
    for answer in studio.solving.solution.answers:
        answer.command.do(studio.graph)
        assert studio.report.parameters == answer.parameters
        assert studio.report.macs == answer.macs
        answer.command.undo(studio.graph)
        assert studio.graph.state == before


def test_another_project_ends_the_question(studio: Studio) -> None:
    studio.solving.ask(layer(studio, "conv2"), Wanted(output_size=4))
    studio.new("lenet5-caffe")
    assert (studio.solving.question, studio.solving.solution, studio.solving.busy) == (None, None, False)


def test_closing_waits_for_the_worker(studio: Studio) -> None:
    studio.solving.ask(layer(studio, "conv2"), Wanted(output_size=5))
    assert studio.solving.close(10)
    studio.solving.ask(layer(studio, "conv2"), Wanted(output_size=6))
    studio.poll()
    assert studio.solving.solution is None
