"""Tables as text: for people, for documents, for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts below a header. right: which columns are figures, set flush right. footer: a last row, or ()."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    footer: tuple[str, ...] = ()


def plain(table: Table) -> str:
    """Columns two blanks apart, with a rule below the header and above the footer."""
    rows = [*table.rows, *([table.footer] if table.footer else [])]
    widths = [max(len(row[index]) for row in (table.header, *rows)) for index in range(len(table.header))]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    lines = [_line(table.header, widths, table.right), rule]
    lines += [_line(row, widths, table.right) for row in table.rows]
    if table.footer:
        lines += [rule, _line(table.footer, widths, table.right)]
    return "\n".join(lines)


def columns(lines: Sequence[tuple[str, str]]) -> str:
    """A word and what is to be said of it, a line each."""
    width = max((len(word) for word, _ in lines), default=0)
    return "\n".join(f"{word.ljust(width)}  {said}" for word, said in lines)


def marked(table: Table) -> str:
    """A table of GitHub's Markdown."""
    marks = ["---:" if index in table.right else "---" for index in range(len(table.header))]
    rows = [table.header, tuple(marks), *(tuple(map(escaped, row)) for row in (*table.rows, table.footer) if row)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def escaped(text: str) -> str:
    """Text that GitHub's Markdown shows as it is. A `_` inside a word is one already."""
    return re.sub(r"[\\`*|<\[\]~]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", text)


def comma_separated(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """RFC 4180, but for line ends, which are the system's own."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def harmless(text: str) -> str:
    """Text for a cell that no spreadsheet takes for a formula: an apostrophe goes before one that looks like it."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _line(row: tuple[str, ...], widths: Sequence[int], right: frozenset[int]) -> str:
    cells = [
        cell.rjust(width) if index in right else cell.ljust(width)
        for index, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()
