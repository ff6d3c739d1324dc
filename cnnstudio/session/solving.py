"""What to change so that a layer gives what is wanted: worked out in the background, newest question first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from psygnal import Signal

from cnnstudio.graph import Answer, Graph, GraphError, GraphState, Wanted, no_answer, solve
from cnnstudio.session.worker import LatestWorker


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of which layer."""

    node_id: str
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Solution:
    """All answers to a question; where there is none, `reason` says why."""

    question: Question
    answers: tuple[Answer, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Outcome:
    ticket: int
    solution: Solution


class SolvingSession:
    """One question at a time, about the drawing as it is when it is asked. To be used from one thread, which polls.

    A hundred variants of a network of five hundred layers take a tenth of a second: too long for the typing hand.
    """

    changed = Signal()

    def __init__(self, graph: Callable[[], Graph]) -> None:
        self._graph = graph
        self._worker: LatestWorker[_Outcome] = LatestWorker("solving")
        self._ticket = 0
        self._asked: tuple[Question, GraphState] | None = None
        self.busy = False
        """Whether the answers to the last question are still to come; `solution` is of a former drawing until then."""
        self.question: Question | None = None
        """What was asked last."""
        self.solution: Solution | None = None
        """What is known of it: None while it is worked out for the first time, and the former one meanwhile later."""

    def ask(self, node_id: str, wanted: Wanted) -> None:
        """Ask, or ask again because the drawing has changed; `changed` says when the answers are there.

        The same again about the same drawing is answered already, or is about to be.
        """
        question = Question(node_id, wanted)
        if (question, self._graph().state) == self._asked:
            return
        self._asked = question, self._graph().state
        if question != self.question:
            self.question, self.solution = question, None
        self._ticket += 1
        self.busy = True
        ticket, graph = self._ticket, self._graph().copy()
        self._worker.submit(lambda: _Outcome(ticket, _solved(graph, question)))
        self.changed.emit()

    def clear(self) -> None:
        """Nothing is asked any more."""
        self._ticket += 1
        self._asked = None
        self.busy = False
        if self.question is not None:
            self.question = self.solution = None
            self.changed.emit()

    def poll(self) -> None:
        """Take in the newest answers; emits `changed` when there are any."""
        outcome = self._worker.results.take()
        if isinstance(outcome, Exception):
            self.busy, self._asked = False, None
            raise outcome
        if outcome is not None and outcome.ticket == self._ticket:
            self.busy = False
            self.solution = outcome.solution
            self.changed.emit()

    def close(self, timeout: float) -> bool:
        """Join the worker; False when it did not end within `timeout` seconds."""
        return self._worker.close(timeout)


def _solved(graph: Graph, question: Question) -> Solution:
    try:
        answers = solve(graph, question.node_id, question.wanted)
        reason = "" if answers else no_answer(graph, question.node_id, question.wanted)
    except GraphError as error:
        return Solution(question, reason=str(error))
    return Solution(question, answers, reason)
