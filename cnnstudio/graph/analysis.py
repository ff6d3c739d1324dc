"""What follows from a drawing: shapes, parameters, multiply-adds, memory, receptive fields, and what is wrong.

`analyze` never raises on a faulty drawing. What cannot be known is None, and a Problem says at which layer, what
arrived there and what was expected. A fault is reported once, where it stands, not at every layer behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import prod
from types import MappingProxyType

from cnnstudio.graph import receptive
from cnnstudio.graph.commands import Command, InsertOnLink
from cnnstudio.graph.document import Graph, Link
from cnnstudio.graph.errors import GraphError, RankError, ShapeError, UnknownKindError
from cnnstudio.graph.receptive import ReceptiveField
from cnnstudio.graph.specs import LARGEST_OUTPUT, Family, LayerSpec, Shape, WholeInput, size_text

BYTES_PER_VALUE = 4
"""Activations are counted as float32."""


class Severity(StrEnum):
    ERROR = "error"
    """The network cannot be computed."""
    WARNING = "warning"
    """It can, but perhaps not as meant."""


class ProblemCode(StrEnum):
    EMPTY = "empty"
    MISSING_INPUT = "missing-input"
    RANK = "rank"
    SHAPE = "shape"
    UNKNOWN_KIND = "unknown-kind"
    SEVERAL_INPUTS = "several-inputs"
    SEVERAL_OUTPUTS = "several-outputs"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a drawing. `node` is None where it concerns the network as a whole."""

    node: str | None
    code: ProblemCode
    message: str
    arrived: tuple[Shape | None, ...] = ()
    expected: str = ""
    fix: Command | None = field(default=None, compare=False)
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one layer; None where they cannot be known. Shapes are without the batch axis.

    Attributes:
        parameters: learned numbers; `trainable` those that training changes; `buffers` running statistics.
        macs: multiply-adds for one image (convolution and linear; no bias, normalization, activation, pooling).
        activation_bytes: its output for one image in float32.
        receptive_field: None also where no single one exists; `field_note` then says why.
    """

    id: str
    name: str
    kind: str
    family: Family
    input_shapes: tuple[Shape | None, ...]
    output_shape: Shape | None
    weights: Mapping[str, Shape] = field(hash=False)
    parameters: int | None
    trainable: int | None
    buffers: int | None
    macs: int | None
    activation_bytes: int | None
    receptive_field: ReceptiveField | None
    field_note: str
    problems: tuple[Problem, ...]


class Report:
    """The rows of all layers in topological order, and their totals. Frozen; `report[node id]` is one row."""

    def __init__(self, rows: tuple[Row, ...], general: tuple[Problem, ...], output: str | None) -> None:
        self._rows = MappingProxyType({row.id: row for row in rows})
        self._general = general
        self._output = output

    def __getitem__(self, node_id: str) -> Row:
        return self._rows[node_id]

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._rows

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Those of the network as a whole, then those of its layers."""
        return self._general + tuple(problem for row in self for problem in row.problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the network from being computed."""
        return tuple(each for each in self.problems if each.severity is Severity.ERROR)

    @property
    def complete(self) -> bool:
        """Whether every figure is known, so that the totals are totals and not sums of what is known."""
        return all(row.output_shape is not None for row in self)

    @property
    def output(self) -> str | None:
        """The node whose values are the network's output: the last one that feeds no other."""
        return self._output

    @property
    def parameters(self) -> int:
        return sum(row.parameters or 0 for row in self)

    @property
    def trainable(self) -> int:
        return sum(row.trainable or 0 for row in self)

    @property
    def buffers(self) -> int:
        return sum(row.buffers or 0 for row in self)

    @property
    def macs(self) -> int:
        return sum(row.macs or 0 for row in self)

    @property
    def activation_bytes(self) -> int:
        """The sum over all layers, as if none were freed or shared."""
        return sum(row.activation_bytes or 0 for row in self)


def analyze(graph: Graph) -> Report:
    """All figures of a drawing. Never raises on a faulty one: unknown stays None, and problems say why."""
    order = graph.topological_order()
    picture = _picture(graph, order)
    ends = tuple(each for each in order if not graph.links_from(each))
    general = _network_problems(graph, _inputs(graph, order), ends)
    of_network: dict[str | None, tuple[Problem, ...]] = {}
    for problem in general:
        of_network[problem.node] = (*of_network.get(problem.node, ()), problem)
    rows: dict[str, Row] = {}
    for node_id in order:
        rows[node_id] = _row(graph, node_id, rows, picture, of_network.get(node_id, ()))
    return Report(tuple(rows.values()), of_network.get(None, ()), ends[-1] if ends else None)


def _inputs(graph: Graph, order: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in order if graph.spec(each).family is Family.SOURCE)


def _picture(graph: Graph, order: tuple[str, ...]) -> Shape | None:
    """The shape (C, H, W) of the picture that receptive fields refer to; None for a network on vectors."""
    for node_id in _inputs(graph, order):
        shape = graph.spec(node_id).output_shape(graph.node(node_id).params, ())
        return shape if len(shape) == 3 else None
    return None


def _row(
    graph: Graph,
    node_id: str,
    rows: Mapping[str, Row],
    picture: Shape | None,
    of_network: tuple[Problem, ...],
) -> Row:
    node, spec, sources = graph.node(node_id), graph.spec(node_id), graph.inputs_of(node_id)
    shapes = tuple(None if each is None else rows[each].output_shape for each in sources)
    problems = of_network
    output: Shape | None = None
    known = tuple(each for each in shapes if each is not None)
    if graph.knows(node_id) and None in sources:
        problems = (_missing(graph, node_id, shapes), *of_network)
    elif len(known) == len(shapes) or not graph.knows(node_id):
        try:
            output = _bounded(spec.output_shape(node.params, known), known)
        except GraphError as error:
            problems = (_fault(graph, node_id, error, shapes), *of_network)
    weights: Mapping[str, Shape] = {}
    parameters = buffers = macs = activation_bytes = None
    seen, note = None, ""
    if output is not None:
        weights = spec.weights(node.params, known)
        parameters = sum(prod(shape) for shape in weights.values())
        buffers = sum(prod(shape) for shape in spec.buffers(node.params, known).values())
        macs = spec.macs(node.params, known, output)
        activation_bytes = BYTES_PER_VALUE * prod(output)
        seen, note = _field(graph, node_id, spec, rows, picture)
    return Row(
        id=node_id,
        name=node.name,
        kind=node.kind,
        family=spec.family,
        input_shapes=shapes,
        output_shape=output,
        weights=MappingProxyType(dict(weights)),
        parameters=parameters,
        trainable=parameters,
        buffers=buffers,
        macs=macs,
        activation_bytes=activation_bytes,
        receptive_field=seen,
        field_note=note,
        problems=problems,
    )


def _missing(graph: Graph, node_id: str, shapes: tuple[Shape | None, ...]) -> Problem:
    name, sources = graph.node(node_id).name, graph.inputs_of(node_id)
    empty = [str(port + 1) for port, source in enumerate(sources) if source is None]
    if len(sources) == 1:
        message = f"{name} has no input; draw a wire to it from the layer before."
    else:
        plural = "s" if len(empty) > 1 else ""
        message = f"{name} takes {len(sources)} inputs; nothing arrives at input{plural} {' and '.join(empty)}."
    return Problem(node_id, ProblemCode.MISSING_INPUT, message, shapes, "a wire to every input")


def _bounded(output: Shape, inputs: tuple[Shape, ...]) -> Shape:
    if prod(output) > LARGEST_OUTPUT:
        raise ShapeError(
            f"an output of {size_text(output)} numbers is more than any computer holds.",
            arrived=inputs,
            expected=f"at most {LARGEST_OUTPUT} numbers",
        )
    return output


def _fault(graph: Graph, node_id: str, error: GraphError, shapes: tuple[Shape | None, ...]) -> Problem:
    name, kind = graph.node(node_id).name, graph.node(node_id).kind
    # Shape rules speak of the kind; on the screen the layer's own name is what the user looks for.
    message = f"{name}: {str(error).removeprefix(kind + ': ')}"
    if isinstance(error, UnknownKindError):
        return Problem(node_id, ProblemCode.UNKNOWN_KIND, message, shapes, "a known kind")
    expected, fix = "", None
    if isinstance(error, ShapeError):
        expected = error.expected
        if error.insert is not None and (source := graph.inputs_of(node_id)[0]) is not None:
            fix = InsertOnLink(Link(source, node_id, 0), error.insert, {})
    code = ProblemCode.RANK if isinstance(error, RankError) else ProblemCode.SHAPE
    return Problem(node_id, code, message, shapes, expected, fix)


def _field(
    graph: Graph, node_id: str, spec: LayerSpec, rows: Mapping[str, Row], picture: Shape | None
) -> tuple[ReceptiveField | None, str]:
    """The receptive field of a node whose shapes are known, or None and the reason, if there is one to give."""
    sources = [each for each in graph.inputs_of(node_id) if each is not None]
    if not sources:
        return receptive.of_input(spec.output_shape(graph.node(node_id).params, ())), ""
    fields = [rows[each].receptive_field for each in sources]
    notes = [rows[each].field_note for each in sources if rows[each].field_note]
    known = [each for each in fields if each is not None]
    shape = rows[sources[0]].output_shape
    assert shape is not None
    step = spec.step(graph.node(node_id).params, shape)
    # What depends on everything needs no single field before it.
    whole = isinstance(step, WholeInput) and len(known) + len(notes) == len(fields)
    if picture is not None and whole:
        return receptive.whole(picture), ""
    if picture is None or len(known) < len(fields):
        return None, notes[0] if notes else ""
    outcome: ReceptiveField | str = known[0]
    if len(known) > 1:
        outcome = receptive.meet(known, [graph.node(each).name for each in sources], picture)
    if isinstance(outcome, ReceptiveField):
        outcome = receptive.through(outcome, step, picture)
    return (None, outcome) if isinstance(outcome, str) else (outcome, "")


def _network_problems(graph: Graph, inputs: tuple[str, ...], ends: tuple[str, ...]) -> tuple[Problem, ...]:
    problems = []
    if not inputs:
        problems.append(
            Problem(
                None,
                ProblemCode.EMPTY,
                "The network has no Input layer; add one and say which shape of picture it takes.",
                expected="one Input layer",
            )
        )
    problems.extend(
        Problem(
            extra,
            ProblemCode.SEVERAL_INPUTS,
            f"{graph.node(extra).name} is a second Input; a network takes one picture.",
            expected="one Input layer",
        )
        for extra in inputs[1:]
    )
    if len(ends) > 1:
        names = [graph.node(each).name for each in ends]
        listed = ", ".join(names if len(names) < 6 else [*names[:4], "…", names[-1]])
        problems.append(
            Problem(
                ends[0],
                ProblemCode.SEVERAL_OUTPUTS,
                f"{len(ends)} layers feed no other: {listed}. The last, {names[-1]}, is the output.",
                expected="one last layer",
                severity=Severity.WARNING,
            )
        )
    return tuple(problems)
