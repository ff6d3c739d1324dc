"""What a report is about."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.graph import Graph, Memory, Report


@dataclass(frozen=True, slots=True)
class Subject:
    """A network, its analysis, what it is called (or ""), and what a batch of it takes, where that is wanted."""

    graph: Graph
    report: Report
    title: str = ""
    memory: Memory | None = None
