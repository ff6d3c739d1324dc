"""The report as CSV: one line a layer, figures without separators, shapes as `20x28x28`."""

from __future__ import annotations

from cnnstudio.explain.reports.subject import Subject
from cnnstudio.explain.reports.tables import comma_separated, harmless
from cnnstudio.explain.reports.wording import plain_shape
from cnnstudio.graph import Row

HEADER = (
    "layer", "kind", "output_shape", "parameters", "trainable", "buffers", "macs", "activation_bytes",
    "receptive_field", "stride", "padding", "aligned", "whole_input", "note", "problems", "fixes",
)  # fmt: skip


def csv(subject: Subject) -> str:
    """A header and a line for each layer; unknown figures are empty. There is no line of totals to be summed twice."""
    return comma_separated(HEADER, [_line(row) for row in subject.report])


def _line(row: Row) -> tuple[object, ...]:
    field = row.receptive_field
    return (
        harmless(row.name),
        harmless(row.kind),
        plain_shape(row.output_shape),
        row.parameters,
        row.trainable,
        row.buffers,
        row.macs,
        row.activation_bytes,
        plain_shape(field.size) if field else None,
        plain_shape(field.stride) if field else None,
        plain_shape(field.padding) if field else None,
        field.aligned if field else None,
        field.whole_input if field else None,
        harmless(row.field_note),
        harmless(" ".join(problem.message for problem in row.problems)),
        harmless("; ".join(fix.text for problem in row.problems for fix in problem.fixes)),
    )
