"""What follows from a network, written down: for people, spreadsheets, documents, programs, and as a picture.

The command line prints it and the window saves it; both say `render(graph, "csv")`. The same network gives the same
text, to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cnnstudio.explain.reports import document, pages, sheet
from cnnstudio.explain.reports.diagram import diagram
from cnnstudio.explain.reports.endings import SUFFIXES, EndingError, format_by_ending
from cnnstudio.explain.reports.pages import reasons
from cnnstudio.explain.reports.subject import Subject
from cnnstudio.graph import Graph, Memory, Report, analyze

__all__ = ["FORMATS", "SUFFIXES", "WITH_MEMORY", "EndingError", "format_by_ending", "reasons", "render"]

_WRITERS: Mapping[str, Callable[[Subject], str]] = MappingProxyType(
    {
        "table": pages.table,
        "csv": sheet.csv,
        "markdown": pages.markdown,
        "json": document.json_text,
        "svg": lambda subject: diagram(subject.graph, subject.report, subject.title),
    }
)
FORMATS = tuple(_WRITERS)
WITH_MEMORY = ("table", "markdown", "json")
"""Formats that have a place for the memory of a batch."""


def render(
    graph: Graph,
    format: str,  # noqa: A002 - the word for it
    *,
    title: str = "",
    report: Report | None = None,
    memory: Memory | None = None,
) -> str:
    """The report of a network in one of FORMATS, without a line end behind it.

    Args:
        graph: any drawing; a faulty one is reported as far as it can be analysed.
        format: one of FORMATS.
        title: what the network is called; JSON and the diagram carry it.
        report: `analyze(graph)`, where it is at hand.
        memory: what a batch takes; the formats WITH_MEMORY tell it.

    Raises:
        KeyError: no such format.
    """
    found = analyze(graph) if report is None else report
    return _WRITERS[format](Subject(graph, found, " ".join(title.split()), memory))
