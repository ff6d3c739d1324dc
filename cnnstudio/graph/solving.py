"""The question turned round: what to change so that a layer gives a size, or sees so much of the picture.

Every answer is tried on a copy of the drawing before it is given, so that its price and what it breaks are known.

Example:
    for answer in solve(graph, conv, Wanted(output_size=16)):
        print(answer.text, answer.parameters_added)  # "Set stride to 2", 0
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from types import MappingProxyType

from cnnstudio.graph.analysis import analyze
from cnnstudio.graph.candidates import Size, for_field, for_size, more_layers
from cnnstudio.graph.commands import AppendCopies, Command, SetParams
from cnnstudio.graph.document import Graph
from cnnstudio.graph.errors import GraphError
from cnnstudio.graph.fixes import parameter_text
from cnnstudio.graph.params import LARGEST, ParamType, pair
from cnnstudio.graph.receptive import ReceptiveField
from cnnstudio.graph.report import Problem, Report, Row
from cnnstudio.graph.shapes import Shape, size_text

MOST_LAYERS_BEFORE = 4
"""Strides of so many layers before are tried for a larger field of view."""
LARGEST_STRIDE = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a layer is to give: exactly this (height, width), or a field of view of at least this; an int is both axes.

    One of the two, not both.
    """

    output_size: int | Size | None = None
    receptive_field: int | Size | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One way to it, tried on a copy of the drawing.

    Attributes:
        text: what it does, in words.
        command: does it, in one step.
        changes: new parameters by name; "layers" is a number of layers like it behind it, "pool1.stride" a parameter
            of another layer.
        node_id: the layer that then has what is wanted: the one asked for, or the last of those added behind it.
        output_shape, receptive_field: of that layer, afterwards.
        parameters, macs: totals of the network afterwards; `..._added` how many more (or, negative, fewer) than now.
        new_problems: what the change breaks or puts in doubt, there or further on.
    """

    text: str
    command: Command = field(compare=False)
    changes: Mapping[str, object] = field(hash=False)
    node_id: str
    output_shape: Shape
    receptive_field: ReceptiveField | None
    parameters: int
    macs: int
    parameters_added: int
    macs_added: int
    new_problems: tuple[Problem, ...]


def solve(graph: Graph, node_id: str, wanted: Wanted) -> tuple[Answer, ...]:
    """All ways that were found, each exact: first those that break nothing, then by how much they change and cost.

    Tried are the layer's own padding (uneven only where no even one fits), stride, kernel, dilation, scale and output
    size, two of them together where one is not enough, layers like it behind it, and for a field of view the strides
    of the layers before it. An empty answer is explained by `no_answer`.

    Raises:
        UnknownNodeError: no such layer.
        GraphError: nothing, or both, wanted; a size out of range; the layer works on a vector, or what arrives at it
            is not known; it has no single receptive field.
    """
    question = _Question.of(graph, node_id, wanted)
    if question.met(question.row.output_shape, question.row.receptive_field):
        return ()
    answers: dict[str, Answer] = {}
    for attempt in question.attempts():
        answer = question.tried(attempt)
        if answer is not None:
            answers.setdefault(answer.text, answer)
    return tuple(sorted(answers.values(), key=lambda answer: _rank(answer, question)))


def no_answer(graph: Graph, node_id: str, wanted: Wanted) -> str:
    """Why `solve` gives nothing, in a sentence. Raises what `solve` raises."""
    question = _Question.of(graph, node_id, wanted)
    row, goal = question.row, question.goal_text
    if question.met(row.output_shape, row.receptive_field):
        return f"{row.name} {goal} already."
    names = [each.name.replace("_", " ") for each in graph.spec(node_id).params if each.type in _SIZES]
    if not names:
        return f"{row.name} has no size to change; ask the layer before it."
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f"No {listed} was found with which {row.name} {goal}."


_SIZES = (ParamType.SIZE, ParamType.PADDING)


def _rank(answer: Answer, question: _Question) -> tuple[bool, bool, int, int, int, int]:
    """What breaks nothing, then what changes least, then what costs least; of equals, the smaller numbers.

    Who wants to see more of the picture does not want smaller maps: what keeps their size comes first.
    """
    shrinks = question.row.output_shape is not None and answer.output_shape[1:] != question.row.output_shape[1:]
    layers = answer.changes.get("layers", 0)
    changed = layers if isinstance(layers, int) and layers else len(answer.changes)
    size = sum(sum(_numbers(each)) for each in answer.changes.values())
    other = question.field is not None and shrinks
    return bool(answer.new_problems), other, changed, answer.parameters, answer.macs, size


def _numbers(value: object) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else pair(value)


@dataclass(frozen=True, slots=True)
class _Attempt:
    text: str
    command: Command
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked, checked, with the figures as they are now."""

    graph: Graph
    report: Report
    row: Row
    arrived: Shape
    size: Size | None
    field: Size | None

    @classmethod
    def of(cls, graph: Graph, node_id: str, wanted: Wanted) -> _Question:
        graph.node(node_id)
        report = analyze(graph)
        row = report[node_id]
        if (wanted.output_size is None) == (wanted.receptive_field is None):
            raise GraphError("Say either which output size is wanted or which receptive field, one of the two.")
        size, seen = _checked(wanted.output_size), _checked(wanted.receptive_field)
        arrived = row.input_shapes[0] if row.input_shapes else None
        if not row.input_shapes:
            raise GraphError(f"{row.name} is where the picture comes in; nothing is worked out there.")
        if arrived is None or None in row.input_shapes:
            raise GraphError(f"{row.name}: what arrives is not known; mend the problem in front of it first.")
        if len(arrived) != 3 or (row.output_shape is not None and len(row.output_shape) != 3):
            raise GraphError(f"{row.name} works on a vector; sizes and fields of view are those of maps.")
        if seen is not None and row.receptive_field is None and row.output_shape is not None:
            reason = row.field_note or "The network has no picture."
            raise GraphError(f"{row.name} has no single receptive field. {reason}")
        return cls(graph, report, row, arrived, size, seen)

    @property
    def goal_text(self) -> str:
        if self.size is not None:
            return f"gives {size_text(self.size)}"
        return f"sees at least {size_text(self.field or ())}"

    def met(self, output: Shape | None, seen: ReceptiveField | None) -> bool:
        if self.size is not None:
            return output is not None and output[1:] == self.size
        return (
            self.field is not None
            and seen is not None
            and all(has >= least for has, least in zip(seen.size, self.field, strict=True))
        )

    def attempts(self) -> Iterator[_Attempt]:
        spec, params = self.graph.spec(self.row.id), self.graph.node(self.row.id).params
        if self.size is not None:
            changes = list(for_size(spec, params, self.arrived, self.size))
        else:
            changes = list(self._wider())
        for change in changes:
            text = " and ".join(f"{name} to {parameter_text(value)}" for name, value in change.items())
            yield _Attempt(f"Set {text}", SetParams(self.row.id, **change), change)
        yield from self._behind()
        if self.field is not None:
            yield from self._before()

    def _wider(self) -> Iterator[Mapping[str, object]]:
        sources = self.graph.inputs_of(self.row.id)
        before = self.report[sources[0]].receptive_field if len(sources) == 1 and sources[0] is not None else None
        if before is None or self.field is None or before.whole_input:
            return
        spec, params = self.graph.spec(self.row.id), self.graph.node(self.row.id).params
        yield from for_field(spec, params, self.arrived, before, self.row.output_shape, self.field)

    def _behind(self) -> Iterator[_Attempt]:
        """Layers like it behind it."""
        spec, params = self.graph.spec(self.row.id), self.graph.node(self.row.id).params
        windowed = any(each.type in _SIZES for each in spec.params)
        if not windowed or spec.ports.variadic or self.row.output_shape is None:
            return
        if self.field is not None and self.row.receptive_field is None:
            return
        seen = self.row.receptive_field if self.field is not None else None
        count = more_layers(spec, params, self.row.output_shape, seen, self.met)
        if count is not None:
            layers = "1 more layer" if count == 1 else f"{count} more layers"
            text = f"Add {layers} like {self.row.name} behind it, {count + 1} in all"
            yield _Attempt(text, AppendCopies(self.row.id, count), {"layers": count})

    def _before(self) -> Iterator[_Attempt]:
        """Larger strides of the layers before it, nearest first."""
        found, node_id = 0, self.graph.inputs_of(self.row.id)[0]
        while node_id is not None and found < MOST_LAYERS_BEFORE:
            node, sources = self.graph.node(node_id), self.graph.inputs_of(node_id)
            if "stride" in node.params:
                found += 1
                stride = node.params["stride"]
                current = max(pair(node.params["kernel_size"] if stride is None else stride))
                for value in range(current + 1, LARGEST_STRIDE + 1):
                    twin = self.graph.copy()
                    twin.set_params(node_id, stride=value)
                    after = analyze(twin)[self.row.id]
                    if self.met(after.output_shape, after.receptive_field):
                        text = f"Set stride of {node.name} to {value}"
                        change = {f"{node.name}.stride": value}
                        yield _Attempt(text, SetParams(node_id, stride=value), change)
                        break
            node_id = sources[0] if len(sources) == 1 else None

    def tried(self, attempt: _Attempt) -> Answer | None:
        """The answer that an attempt is, if it is one."""
        twin, command = self.graph.copy(), copy(attempt.command)
        try:
            command.do(twin)
        except GraphError:
            return None
        report = analyze(twin)
        node_id = command.node_ids[-1] if isinstance(command, AppendCopies) else self.row.id
        row = report[node_id]
        if row.output_shape is None or not self.met(row.output_shape, row.receptive_field):
            return None
        former = {(each.node, each.message) for each in self.report.problems}
        return Answer(
            attempt.text,
            attempt.command,
            MappingProxyType(dict(attempt.changes)),
            node_id,
            row.output_shape,
            row.receptive_field,
            report.parameters,
            report.macs,
            report.parameters - self.report.parameters,
            report.macs - self.report.macs,
            tuple(each for each in report.problems if (each.node, each.message) not in former),
        )


def _checked(size: int | Size | None) -> Size | None:
    if size is None:
        return None
    both: tuple[object, ...] = size if isinstance(size, tuple) else (size, size)
    whole = [each for each in both if isinstance(each, int) and 1 <= each <= LARGEST and not isinstance(each, bool)]
    if len(both) != 2 or len(whole) != 2:
        raise GraphError(f"A size is a whole number from 1 to {LARGEST}, or such a (height, width).")
    return whole[0], whole[1]
