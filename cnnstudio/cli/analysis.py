"""`cnnstudio analyze`: shapes, parameters, multiply-adds, memory and receptive fields of a network."""

from __future__ import annotations

import argparse
import json

from cnnstudio.cli.parsing import Command, Fault, load_network, network_argument
from cnnstudio.cli.tables import Table, comma_separated, markdown, plain
from cnnstudio.explain.text import UNKNOWN, bytes_text, count_text, shape_text
from cnnstudio.graph import Graph, Problem, ReceptiveField, Report, Row, analyze
from cnnstudio.graph.specs import Shape, size_text

_FORMATS = ("table", "json", "csv", "markdown")
_HEADER = ("Layer", "Kind", "Output", "Parameters", "MACs", "Memory", "Receptive field", "Stride")
_CSV_HEADER = (
    "layer", "kind", "output_shape", "parameters", "buffers", "macs", "activation_bytes", "receptive_field", "stride",
    "padding", "aligned", "whole_input", "problems",
)  # fmt: skip


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    network_argument(parser)
    parser.add_argument("--format", choices=_FORMATS, default="table", help="how to write it (default: table)")


def _run(options: argparse.Namespace) -> int:
    project = load_network(options.network)
    report = analyze(project.graph)
    match options.format:
        case "json":
            print(json.dumps(_as_json(project.graph, report), indent=2))
        case "csv":
            print(comma_separated(_CSV_HEADER, [_csv_row(row) for row in report]))
        case "markdown":
            print(markdown(_table(report)))
        case _:
            print(plain(_table(report)))
    _say(report)
    return 0


def _say(report: Report) -> None:
    """A network with faults was analysed as far as it goes; that it has them is the result."""
    if report.errors:
        more = len(report.errors) - 1
        raise Fault(report.errors[0].message + (f" ({more} more: --format json has all)" if more else ""))


def _table(report: Report) -> Table:
    rows = tuple(
        (
            row.name,
            row.kind,
            shape_text(row.output_shape),
            count_text(row.parameters),
            count_text(row.macs),
            bytes_text(row.activation_bytes),
            _field_text(row),
            "" if _field(row) is None else _short_pair(row.receptive_field.stride),  # type: ignore[union-attr]
        )
        for row in report
    )
    open_end = "" if report.complete else f" + {UNKNOWN}"
    footer = (
        "Total",
        "",
        "",
        count_text(report.parameters) + open_end,
        count_text(report.macs) + open_end,
        bytes_text(report.activation_bytes) + open_end,
        "",
        "",
    )
    return Table(_HEADER, rows, frozenset(range(2, 8)), footer)


def _field(row: Row) -> ReceptiveField | None:
    """The receptive field of a layer that does not see everything anyway."""
    return None if row.receptive_field is None or row.receptive_field.whole_input else row.receptive_field


def _field_text(row: Row) -> str:
    if row.receptive_field is None:
        return "none" if row.field_note else ("" if row.output_shape and len(row.output_shape) == 1 else UNKNOWN)
    return "whole picture" if row.receptive_field.whole_input else size_text(row.receptive_field.size)


def _short_pair(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else size_text(pair)


def _csv_row(row: Row) -> tuple[object, ...]:
    field = row.receptive_field
    return (
        row.name,
        row.kind,
        _x(row.output_shape),
        row.parameters,
        row.buffers,
        row.macs,
        row.activation_bytes,
        _x(field.size) if field else None,
        _x(field.stride) if field else None,
        _x(field.padding) if field else None,
        field.aligned if field else None,
        field.whole_input if field else None,
        " ".join(problem.message for problem in row.problems),
    )


def _x(shape: Shape | None) -> str | None:
    """Plain ASCII for spreadsheets: 20x28x28."""
    return None if shape is None else "x".join(str(each) for each in shape)


def _as_json(graph: Graph, report: Report) -> dict[str, object]:
    """Names as in the Python interface; shapes without the batch axis; null where a figure cannot be known."""
    return {
        "layers": [_row_json(graph, row) for row in report],
        "parameters": report.parameters,
        "trainable": report.trainable,
        "buffers": report.buffers,
        "macs": report.macs,
        "activation_bytes": report.activation_bytes,
        "complete": report.complete,
        "output": report[report.output].name if report.output else None,
        "problems": [_problem_json(graph, problem) for problem in report.problems],
    }


def _row_json(graph: Graph, row: Row) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "params": dict(graph.node(row.id).params),
        "inputs": [None if each is None else graph.node(each).name for each in graph.inputs_of(row.id)],
        "output_shape": row.output_shape,
        "weights": dict(row.weights),
        "parameters": row.parameters,
        "trainable": row.trainable,
        "buffers": row.buffers,
        "macs": row.macs,
        "activation_bytes": row.activation_bytes,
        "receptive_field": _field_json(row.receptive_field),
        "field_note": row.field_note,
        "problems": [problem.message for problem in row.problems],
    }


def _field_json(field: ReceptiveField | None) -> dict[str, object] | None:
    if field is None:
        return None
    return {
        "size": field.size,
        "stride": field.stride,
        "padding": field.padding,
        "aligned": field.aligned,
        "whole_input": field.whole_input,
    }


def _problem_json(graph: Graph, problem: Problem) -> dict[str, object]:
    return {
        "layer": None if problem.node is None else graph.node(problem.node).name,
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "arrived": problem.arrived,
        "expected": problem.expected,
    }


COMMAND = Command(
    "analyze",
    "shapes, parameters, multiply-adds, memory and receptive fields of a network",
    "Print what follows from a network's drawing, layer by layer, for one picture.",
    _add_arguments,
    _run,
    "MACs count the multiply-adds of convolutions and Linear layers; memory is that of the layer's output in float32.\n"
    "A network with a fault is analysed as far as it goes; the fault is named on stderr, and the exit code is 2.",
)
