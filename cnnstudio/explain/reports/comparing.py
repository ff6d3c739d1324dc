"""Two networks side by side, written down: a page to read, CSV, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cnnstudio.explain.reports.document import field_json
from cnnstudio.explain.reports.tables import Table, comma_separated, escaped, harmless, marked, plain
from cnnstudio.explain.reports.wording import field_text, plain_shape
from cnnstudio.explain.text import count_text, shape_text
from cnnstudio.graph import Comparison, Pair, ReceptiveField, Row

VERSION = 1
_MARKS = {"same": "", "changed": "~", "added": "+", "removed": "-"}
_LEGEND = (
    "~ changed, + only in {second}, - only in {first}; a figure that differs is written before → after. "
    "Weight layers: convolutions and Linear layers, those on shortcuts too."
)
CSV_HEADER = (
    "change", "edited", "layer_a", "layer_b", "kind_a", "kind_b", "output_shape_a", "output_shape_b", "parameters_a",
    "parameters_b", "macs_a", "macs_b", "receptive_field_a", "receptive_field_b", "differences",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Subject:
    """Two networks and their names. rows: the pairs that are to be told."""

    comparison: Comparison
    rows: tuple[Pair, ...]
    first: str
    second: str


def render_comparison(
    comparison: Comparison,
    format: str,  # noqa: A002 - the word for it
    names: tuple[str, str] = ("A", "B"),
    *,
    only_differences: bool = False,
) -> str:
    """A comparison in one of COMPARISON_FORMATS. only_differences: without the layers that are the same in both.

    Raises KeyError for another format.
    """
    first, second = (" ".join(name.split()) for name in names)
    rows = tuple(each for each in comparison.rows if each.change != "same" or not only_differences)
    return _WRITERS[format](_Subject(comparison, rows, first, second))


def _table(subject: _Subject) -> str:
    totals = "\n".join(total.text for total in subject.comparison.totals)
    legend = _LEGEND.format(first=subject.first, second=subject.second)
    return "\n\n".join((plain(_rows(subject)), totals, subject.comparison.summary, legend))


def _markdown(subject: _Subject) -> str:
    totals = "\n".join(f"- {total.text}" for total in subject.comparison.totals)
    legend = escaped(_LEGEND.format(first=subject.first, second=subject.second))
    return "\n\n".join((marked(_rows(subject)), totals, escaped(subject.comparison.summary), legend))


def _rows(subject: _Subject) -> Table:
    header = (
        "", subject.first, subject.second, "Kind", "Output", "Parameters", "MACs", "Receptive field", "What differs",
    )  # fmt: skip
    return Table(header, tuple(_line(pair) for pair in subject.rows), frozenset({4, 5, 6, 7}))


def _line(pair: Pair) -> tuple[str, ...]:
    return (
        _MARKS[pair.change],
        pair.left.name if pair.left else "",
        pair.right.name if pair.right else "",
        _both(pair, lambda row: row.kind),
        _both(pair, lambda row: shape_text(row.output_shape)),
        _both(pair, lambda row: count_text(row.parameters)),
        _both(pair, lambda row: count_text(row.macs)),
        _both(pair, field_text),
        "; ".join(each.text for each in pair.differences if each.own),
    )


def _both(pair: Pair, text: Callable[[Row], str]) -> str:
    """What a figure is, or what it was and what it becomes."""
    texts = dict.fromkeys(text(row) for row in (pair.left, pair.right) if row is not None)
    return " → ".join(texts)


def _csv(subject: _Subject) -> str:
    return comma_separated(CSV_HEADER, [_cells(pair) for pair in subject.rows])


def _cells(pair: Pair) -> tuple[object, ...]:
    def both(of: Callable[[Row], object]) -> tuple[object, object]:
        return of(pair.left) if pair.left else None, of(pair.right) if pair.right else None

    return (
        pair.change,
        pair.edited,
        *both(lambda row: harmless(row.name)),
        *both(lambda row: harmless(row.kind)),
        *both(lambda row: plain_shape(row.output_shape)),
        *both(lambda row: row.parameters),
        *both(lambda row: row.macs),
        *both(lambda row: plain_shape(row.receptive_field.size) if row.receptive_field else None),
        harmless("; ".join(each.text for each in pair.differences)),
    )


def _json(subject: _Subject) -> str:
    """Version 1: pairs of layers in order, each figure that differs before and after, and the totals."""
    comparison = subject.comparison
    found = {
        "format": "cnnstudio-comparison",
        "version": VERSION,
        "networks": [subject.first, subject.second],
        "same": comparison.same,
        "complete": comparison.complete,
        "summary": comparison.summary,
        "totals": {
            each.figure: {"before": each.before, "after": each.after, "ratio": each.ratio} for each in comparison.totals
        },
        "layers": [
            {
                "change": pair.change,
                "edited": pair.edited,
                "layers": [None if row is None else _layer(row) for row in (pair.left, pair.right)],
                "differences": [
                    {
                        "figure": each.figure,
                        "before": _plain(each.before),
                        "after": _plain(each.after),
                        "text": each.text,
                        "own": each.own,
                    }
                    for each in pair.differences
                ],
            }
            for pair in subject.rows
        ],
    }
    return json.dumps(found, indent=2)


def _layer(row: Row) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "output_shape": row.output_shape,
        "parameters": row.parameters,
        "macs": row.macs,
        "receptive_field": field_json(row.receptive_field),
    }


def _plain(value: object) -> object:
    return field_json(value) if isinstance(value, ReceptiveField) else value


_WRITERS: Mapping[str, Callable[[_Subject], str]] = MappingProxyType(
    {"table": _table, "csv": _csv, "markdown": _markdown, "json": _json}
)
COMPARISON_FORMATS = tuple(_WRITERS)
