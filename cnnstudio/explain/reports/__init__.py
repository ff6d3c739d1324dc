"""What follows from a network, written down: for people, spreadsheets, documents, programs, and as a picture.

The command line prints it and the window saves it; both say `render(graph, "csv")`. The same network gives the same
text, to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cnnstudio.explain.reports import document, pages, sheet
from cnnstudio.explain.reports.diagram import diagram
from cnnstudio.explain.reports.pages import reasons
from cnnstudio.graph import Graph, Report, analyze

__all__ = ["FORMATS", "SUFFIXES", "reasons", "render"]

_WRITERS: Mapping[str, Callable[[Graph, Report, str], str]] = MappingProxyType(
    {
        "table": pages.table,
        "csv": sheet.csv,
        "markdown": pages.markdown,
        "json": document.json_text,
        "svg": diagram,
    }
)
FORMATS = tuple(_WRITERS)
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {"table": ".txt", "csv": ".csv", "markdown": ".md", "json": ".json", "svg": ".svg"}
)
"""How the names of files of each format end."""


def render(graph: Graph, format: str, *, title: str = "", report: Report | None = None) -> str:  # noqa: A002
    """The report of a network in one of FORMATS, without a line end behind it.

    Args:
        graph: any drawing; a faulty one is reported as far as it can be analysed.
        format: one of FORMATS.
        title: what the network is called; JSON and the diagram carry it.
        report: `analyze(graph)`, where it is at hand.

    Raises:
        KeyError: no such format.
    """
    return _WRITERS[format](graph, analyze(graph) if report is None else report, " ".join(title.split()))
