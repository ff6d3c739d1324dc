"""How the figures of one layer are put into words, the same in every report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cnnstudio.explain.text import UNKNOWN
from cnnstudio.graph import Graph, ReceptiveField, Report, Row, Severity
from cnnstudio.graph.shapes import Shape, size_text
from cnnstudio.graph.specs import Family


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about a layer or, where `layer` is empty, about the network. `weight`: error, warning or note."""

    layer: str
    weight: str
    text: str
    fixes: tuple[str, ...] = ()


def remarks(graph: Graph, report: Report) -> tuple[Remark, ...]:
    """What is wrong or worth knowing, each once, where it begins: faults first, then what the layers say."""
    faults = [
        Remark(
            "" if problem.node is None else graph.node(problem.node).name,
            problem.severity.value,
            problem.message,
            tuple(fix.text for fix in problem.fixes),
        )
        for problem in report.problems
    ]
    faults.sort(key=lambda remark: remark.weight != Severity.ERROR)
    return (*faults, *(Remark(row.name, "note", note) for row in report if (note := _note(graph, report, row))))


def _note(graph: Graph, report: Report, row: Row) -> str:
    """What is to be said of a layer's receptive field; nothing that a layer before it said already."""
    before = [report[each] for each in graph.inputs_of(row.id) if each is not None]
    if row.field_note:
        return "" if any(each.field_note == row.field_note for each in before) else row.field_note
    field = row.receptive_field
    if field is None or field.aligned or any(not _aligned(each) for each in before):
        return ""
    return "Its branches look at different centres of the picture; the receptive field is their hull."


def _aligned(row: Row) -> bool:
    return row.receptive_field is None or row.receptive_field.aligned


def local_field(row: Row) -> ReceptiveField | None:
    """The receptive field of a layer that does not see everything anyway."""
    return None if row.receptive_field is None or row.receptive_field.whole_input else row.receptive_field


def field_text(row: Row) -> str:
    """`14 × 14`, `whole picture`, `none` where there is no single one, `?`; nothing in a network on vectors."""
    if row.receptive_field is None:
        return "none" if row.field_note else ("" if row.output_shape and len(row.output_shape) == 1 else UNKNOWN)
    return "whole picture" if row.receptive_field.whole_input else size_text(row.receptive_field.size)


def pair_text(pair: tuple[int, int]) -> str:
    """`2` for (2, 2), `2 × 1` for (2, 1)."""
    return str(pair[0]) if pair[0] == pair[1] else size_text(pair)


FIGURE_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "output_shape": "Output",
        "channels": "Channels",
        "parameters": "Parameters",
        "buffers": "Running statistics",
        "macs": "MACs",
        "activation_bytes": "Memory",
        "receptive_field": "Receptive field",
        "stride": "Stride",
        "padding": "Padding",
    }
)
"""What the figures that have workings are called."""


def plain_shape(shape: Shape | None) -> str | None:
    """Plain ASCII for spreadsheets: 20x28x28."""
    return None if shape is None else "x".join(str(each) for each in shape)


def kind_text(graph: Graph, node_id: str) -> str:
    """The kind with its main parameters: `Conv2d 5×5, 20, pad 2`; of an Input, its picture alone."""
    node, spec = graph.node(node_id), graph.spec(node_id)
    try:
        details = spec.summary(node.params)
    except (KeyError, TypeError, AttributeError):  # a kind that this version does not know keeps what its file says
        details = ""
    return details if spec.family is Family.SOURCE and details else f"{node.kind} {details}".strip()
