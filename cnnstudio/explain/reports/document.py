"""The report as JSON, for programs. Version 1; a later one adds keys, and a new number means that some changed.

format, version      "cnnstudio-report", 1
title                the network's name, or ""
conventions          what the figures count: {figure: sentence}
layers               in topological order, each:
    id, name, kind, params     as in the Python interface
    inputs                     names of the layers that feed it, one a port; null for a port without a wire
    output_shape               without the batch axis; null where it cannot be known, as all figures
    weights                    {array: shape}, in PyTorch's layout
    parameters, trainable, buffers, macs, activation_bytes
    receptive_field            null, or {size, stride, padding, aligned, whole_input}; pairs are [height, width]
    field_note                 why there is no single receptive field, or what is to be known about it
    formulas                   {figure: how it comes about}
    problems                   sentences
parameters, trainable, buffers, macs, flops, activation_bytes    totals of what is known
complete             whether every figure is known, so that the totals are totals
output               name of the layer whose values are the network's output, or null
problems             of the network and its layers: {layer, code, severity, message, arrived, expected,
                     fixes}; fixes are sentences
memory               where it is asked for: what a batch takes, in bytes, under the names of `graph.Memory`
"""

from __future__ import annotations

import json

from cnnstudio.explain.reports.conventions import CONVENTIONS
from cnnstudio.explain.reports.footprint import footprint_json
from cnnstudio.explain.reports.subject import Subject
from cnnstudio.graph import Graph, Problem, ReceptiveField, Report, Row, workings

VERSION = 1


def json_text(subject: Subject) -> str:
    """The report as an indented JSON object in ASCII."""
    found = _network(subject.graph, subject.report, subject.title)
    if subject.memory is not None:
        found["memory"] = footprint_json(subject.graph, subject.memory)
    return json.dumps(found, indent=2)


def _network(graph: Graph, report: Report, title: str) -> dict[str, object]:
    return {
        "format": "cnnstudio-report",
        "version": VERSION,
        "title": title,
        "conventions": dict(CONVENTIONS),
        "layers": [_layer(graph, report, row) for row in report],
        "parameters": report.parameters,
        "trainable": report.trainable,
        "buffers": report.buffers,
        "macs": report.macs,
        "flops": 2 * report.macs,
        "activation_bytes": report.activation_bytes,
        "complete": report.complete,
        "output": report[report.output].name if report.output else None,
        "problems": [_problem(graph, problem) for problem in report.problems],
    }


def _layer(graph: Graph, report: Report, row: Row) -> dict[str, object]:
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
        "receptive_field": field_json(row.receptive_field),
        "field_note": row.field_note,
        "formulas": {each.figure: each.text for each in workings(graph, row.id, report)},
        "problems": [problem.message for problem in row.problems],
    }


def field_json(field: ReceptiveField | None) -> dict[str, object] | None:
    """A receptive field; pairs are [height, width]."""
    if field is None:
        return None
    return {
        "size": field.size,
        "stride": field.stride,
        "padding": field.padding,
        "aligned": field.aligned,
        "whole_input": field.whole_input,
    }


def _problem(graph: Graph, problem: Problem) -> dict[str, object]:
    return {
        "layer": None if problem.node is None else graph.node(problem.node).name,
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "arrived": problem.arrived,
        "expected": problem.expected,
        "fixes": [fix.text for fix in problem.fixes],
    }
