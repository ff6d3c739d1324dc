"""The report as a page to read: columns of text for a terminal, Markdown for a document."""

from __future__ import annotations

from collections.abc import Callable

from cnnstudio.explain.reports.conventions import CONVENTIONS
from cnnstudio.explain.reports.footprint import footprint
from cnnstudio.explain.reports.subject import Subject
from cnnstudio.explain.reports.tables import Table, columns, escaped, marked, plain
from cnnstudio.explain.reports.wording import (
    FIGURE_LABELS,
    Remark,
    field_text,
    kind_text,
    local_field,
    pair_text,
    remarks,
)
from cnnstudio.explain.text import UNKNOWN, bytes_text, count_text, shape_text
from cnnstudio.graph import Graph, Report, Row, why, workings


def table(subject: Subject) -> str:
    """Columns of figures, a line of totals, what is to be said of single layers, and what is counted."""
    return _page(subject, plain, _spoken, "")


def markdown(subject: Subject) -> str:
    """The same in GitHub's Markdown. The table comes first, so that it can be cut out by its lines."""
    return _page(subject, marked, _listed, "- ")


def _page(subject: Subject, tabled: Callable[[Table], str], line: Callable[[Remark], str], bullet: str) -> str:
    graph, report, memory = subject.graph, subject.report, subject.memory
    parts = [tabled(_table(report)), "\n".join(map(line, remarks(graph, report)))]
    if memory is not None:
        sentences = memory.convention.replace(". ", ".\n").splitlines()
        parts += [tabled(footprint(graph, memory)), "\n".join(bullet + each for each in sentences)]
    return "\n\n".join(part for part in (*parts, _counted(report, bullet)) if part)


def reasons(graph: Graph, report: Report, node_id: str) -> str:
    """How each figure of one layer comes about, a line each; for a layer without figures, what is wrong."""
    lines = [("Layer", f"{report[node_id].name}: {kind_text(graph, node_id)}")]
    lines += [(FIGURE_LABELS[each.figure], each.text) for each in workings(graph, node_id, report)]
    if len(lines) == 1:
        lines.append((FIGURE_LABELS["output_shape"], why(graph, node_id, "output_shape", report)))
    if report[node_id].field_note:
        lines.append(("Note", report[node_id].field_note))
    return columns(lines)


def _table(report: Report) -> Table:
    open_end = "" if report.complete else f" + {UNKNOWN}"
    found: list[tuple[str, Callable[[Row], str], str]] = [
        ("Layer", lambda row: row.name, "Total"),
        ("Kind", lambda row: row.kind, ""),
        ("Output", lambda row: shape_text(row.output_shape), ""),
        ("Parameters", lambda row: count_text(row.parameters), count_text(report.parameters) + open_end),
        ("MACs", lambda row: count_text(row.macs), count_text(report.macs) + open_end),
        ("Memory", lambda row: bytes_text(row.activation_bytes), bytes_text(report.activation_bytes) + open_end),
        ("Receptive field", field_text, ""),
        ("Stride", _stride, ""),
        ("Padding", _padding, ""),
    ]
    if report.buffers:
        found.insert(4, ("Buffers", lambda row: count_text(row.buffers), count_text(report.buffers) + open_end))
    if report.trainable != report.parameters:
        found.insert(4, ("Trainable", lambda row: count_text(row.trainable), count_text(report.trainable) + open_end))
    return Table(
        tuple(head for head, _, _ in found),
        tuple(tuple(cell(row) for _, cell, _ in found) for row in report),
        frozenset(range(2, len(found))),
        tuple(total for _, _, total in found),
    )


def _stride(row: Row) -> str:
    field = local_field(row)
    return "" if field is None else pair_text(field.stride)


def _padding(row: Row) -> str:
    field = local_field(row)
    return "" if field is None else pair_text(field.padding)


def _spoken(remark: Remark) -> str:
    return "\n".join([f"{remark.weight}: {_named(remark)}", *(f"    fix: {fix}" for fix in remark.fixes)])


def _listed(remark: Remark) -> str:
    lines = [f"- **{remark.weight}**: {escaped(_named(remark))}", *(f"  - fix: {escaped(fix)}" for fix in remark.fixes)]
    return "\n".join(lines)


def _named(remark: Remark) -> str:
    """The sentence, with the layer's name before it unless it has it already."""
    said = remark.text.startswith(f"{remark.layer}:") or remark.text.startswith(f"{remark.layer} ")
    return remark.text if not remark.layer or said else f"{remark.layer}: {remark.text}"


def _counted(report: Report, bullet: str) -> str:
    """What the figures count, a sentence a line; the FLOPs are worked out."""
    flops = f" Here: {count_text(2 * report.macs)}{'' if report.complete else f' + {UNKNOWN}'}."
    return "\n".join(bullet + text + (flops if key == "flops" else "") for key, text in CONVENTIONS.items())
