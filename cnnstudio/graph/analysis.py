"""What follows from a drawing: shapes, parameters, multiply-adds, memory, receptive fields, and what is wrong.

`analyze` never raises on a faulty drawing. What cannot be known is None, and a Problem says at which layer, what
arrived there and what was expected. A fault is reported once, where it stands, not at every layer behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from operator import is_
from types import MappingProxyType
from typing import NamedTuple

from cnnstudio.graph import problems, receptive
from cnnstudio.graph.document import Graph, Node, Sources
from cnnstudio.graph.errors import GraphError, ShapeError
from cnnstudio.graph.receptive import ReceptiveField
from cnnstudio.graph.report import Problem, Report, Row
from cnnstudio.graph.shapes import BYTES_PER_VALUE, LARGEST_OUTPUT, Shape, size_text
from cnnstudio.graph.specs import Family
from cnnstudio.graph.views import POINTWISE, Step, WholeInput


def analyze(graph: Graph) -> Report:
    """All figures of a drawing. Never raises on a faulty one: unknown stays None, and problems say why.

    The graph remembers what was found, and so do its copies: after an edit only what lies downstream of it is
    worked out anew, as far as anything changes there.
    """
    order = graph.topological_order()
    wires = graph.inputs
    inputs = tuple([each for each in order if not wires[each] and graph.spec(each).family is Family.SOURCE])
    former = graph.recall(_Findings)
    ends = graph.ends()
    found = _Findings(_picture(graph, inputs), ends, {})
    if former is not None and former.picture != found.picture:
        former = None
    of_network: dict[str | None, tuple[Problem, ...]] = {}
    for problem in problems.of_network(graph, inputs, ends):
        of_network[problem.node] = (*of_network.get(problem.node, ()), problem)
    known = {} if former is None else former.layers
    nodes = graph.nodes
    for each in order:
        before, remarks = known.get(each), of_network.get(each, ())
        found.layers[each] = _find(graph, nodes[each], wires[each], before, found, remarks)
    graph.remember(found)
    rows = tuple(each.row for each in found.layers.values())
    return Report(rows, of_network.get(None, ()), ends[-1] if ends else None)


class _Finding(NamedTuple):
    """One row, and all that it was worked out from."""

    node: Node
    sources: Sources
    arrived: tuple[Row | None, ...]
    step: Step | None
    row: Row


@dataclass(frozen=True, slots=True)
class _Findings:
    """What an analysis leaves for the next one of the same drawing."""

    picture: Shape | None
    ends: tuple[str, ...]
    layers: dict[str, _Finding]

    def loose(self) -> dict[str, Shape]:
        """What feeds no other layer and is known by now, with its shape; nothing where that would be too many."""
        few = self.ends if len(self.ends) <= problems.MOST_ENDS else ()
        rows = [self.layers[each].row for each in few if each in self.layers]
        return {row.id: row.output_shape for row in rows if row.output_shape is not None}


def _find(
    graph: Graph,
    node: Node,
    sources: Sources,
    former: _Finding | None,
    found: _Findings,
    of_network: tuple[Problem, ...],
) -> _Finding:
    layers = found.layers
    arrived = tuple([None if each is None else layers[each].row for each in sources])
    if former is None or former.row.problems or of_network or sources != former.sources:
        pass  # a problem's fix may look at any part of the drawing
    elif node is former.node and all(map(is_, arrived, former.arrived)):
        return former
    elif (node is former.node or _same_layer(node, former.node)) and _shapes(arrived) == former.row.input_shapes:
        return _Finding(node, sources, arrived, former.step, _seen_anew(former, arrived, found.picture))
    step, row = _row(graph, node.id, arrived, found, of_network)
    return _Finding(node, sources, arrived, step, row if former is None else _as_before(row, former.row))


def _as_before(row: Row, former: Row) -> Row:
    """The row, made of what the former one is made of as far as that is equal: then what follows is as it was, too."""
    if not row.problems and row == former:  # the fixes of a problem may be other ones
        return former
    same = row.receptive_field == former.receptive_field
    return row.seeing(former.receptive_field, row.field_note) if same else row


def _same_layer(node: Node, former: Node) -> bool:
    """Whether they differ in their place on the paper at most."""
    return node.params is former.params and node.name == former.name and node.kind == former.kind


def _shapes(arrived: tuple[Row | None, ...]) -> tuple[Shape | None, ...]:
    return tuple([None if row is None else row.output_shape for row in arrived])


def _seen_anew(former: _Finding, arrived: tuple[Row | None, ...], picture: Shape | None) -> Row:
    """The row of a layer whose parameters and shapes are as they were, with the receptive field that it has now."""
    row = former.row
    if former.step is None:
        return row
    seen, note = _field(row.name, row.output_shape, arrived, former.step, picture)
    # What changes no place hands on the very field that arrives; others make one that may be equal.
    same = seen is row.receptive_field if former.step is POINTWISE else seen == row.receptive_field
    return row if same and note == row.field_note else row.seeing(seen, note)


def _picture(graph: Graph, inputs: tuple[str, ...]) -> Shape | None:
    """The shape (C, H, W) of the picture that receptive fields refer to; None for a network on vectors."""
    for node_id in inputs:
        shape = graph.spec(node_id).output_shape(graph.node(node_id).params, ())
        return shape if len(shape) == 3 else None
    return None


def _row(
    graph: Graph,
    node_id: str,
    arrived: tuple[Row | None, ...],
    findings: _Findings,
    of_network: tuple[Problem, ...],
) -> tuple[Step | None, Row]:
    node, spec, shapes = graph.node(node_id), graph.spec(node_id), _shapes(arrived)
    found = of_network
    output: Shape | None = None
    known = tuple(each for each in shapes if each is not None)
    if graph.knows(node_id) and None in arrived:
        found = (problems.missing_input(graph, node_id, shapes, findings.loose()), *of_network)
    elif len(known) == len(shapes) or not graph.knows(node_id):
        try:
            output = _bounded(spec.output_shape(node.params, known), known)
        except GraphError as error:
            found = (problems.fault(graph, node_id, error, shapes), *of_network)
    weights: Mapping[str, Shape] = {}
    parameters = buffers = macs = activation_bytes = None
    seen, note, step = None, "", None
    if output is not None:
        weights = spec.weights(node.params, known)
        parameters = sum(prod(shape) for shape in weights.values())
        buffers = sum(prod(shape) for shape in spec.buffers(node.params, known).values())
        macs = spec.macs(node.params, known, output)
        activation_bytes = BYTES_PER_VALUE * prod(output)
        step = spec.step(node.params, known[0] if known else output)
        seen, note = _field(node.name, output, arrived, step, findings.picture)
        if (doubt := spec.doubt(node.params, known)) is not None:
            found = (problems.misfit(graph, node_id, doubt, known), *of_network)
    row = Row(
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
        problems=found,
    )
    return step, row


def _bounded(output: Shape, inputs: tuple[Shape, ...]) -> Shape:
    if prod(output) > LARGEST_OUTPUT:
        raise ShapeError(
            f"an output of {size_text(output)} numbers is more than any computer holds.",
            arrived=inputs,
            expected=f"at most {LARGEST_OUTPUT} numbers",
        )
    return output


def _field(
    name: str, output: Shape | None, arrived: tuple[Row | None, ...], step: Step, picture: Shape | None
) -> tuple[ReceptiveField | None, str]:
    """The receptive field of a layer whose shapes are known, or None and the reason, if there is one to give."""
    if len(arrived) == 1 and arrived[0] is not None and not isinstance(step, WholeInput):
        # Most layers, so it is to be quick.
        seen = arrived[0].receptive_field
        if seen is None or picture is None:
            return None, arrived[0].field_note
        return (seen, "") if step is POINTWISE else _reasoned(name, *receptive.through(seen, step, picture))
    sources = [row for row in arrived if row is not None]
    if not sources:
        return receptive.of_input(output or ()), ""
    fields = [row.receptive_field for row in sources]
    notes = [row.field_note for row in sources if row.receptive_field is None and row.field_note]
    known = [each for each in fields if each is not None]
    # What depends on everything needs no single field before it.
    whole = isinstance(step, WholeInput) and len(known) + len(notes) == len(fields)
    if picture is not None and whole:
        return receptive.whole(picture), ""
    if picture is None or len(known) < len(fields):
        return None, notes[0] if notes else ""
    if len(known) == 1:
        return _reasoned(name, *receptive.through(known[0], step, picture))
    seen, note = receptive.meet(known, [row.name for row in sources], picture)
    if seen is None:
        return _reasoned(name, seen, note)
    seen, reason = _reasoned(name, *receptive.through(seen, step, picture))
    return seen, reason or note


def _reasoned(name: str, seen: ReceptiveField | None, reason: str) -> tuple[ReceptiveField | None, str]:
    """A reason against a field says whose it is, since all layers behind pass it on."""
    return seen, f"{name}: {reason[0].lower()}{reason[1:]}" if reason else ""
