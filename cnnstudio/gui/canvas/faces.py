"""What a card says, as plain values: from the drawing and its report, before anything is painted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from cnnstudio.graph import Graph, Problem, Report, Severity
from cnnstudio.graph.specs import Family
from cnnstudio.gui.theme import count_text, shape_text


@dataclass(frozen=True, slots=True)
class Face:
    """Everything one card shows. `share` is its part of the network's parameters, None without any."""

    name: str
    kind: str
    family: str
    tint: str
    summary: str
    shape: str
    known: bool
    parameters: str = ""
    share: float | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(each for each in self.problems if each.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(each for each in self.problems if each.severity is Severity.WARNING)

    @property
    def spoken(self) -> str:
        """The card in one sentence, for a screen reader."""
        parts = [self.name, self.summary]
        if self.known:
            parts.append(QCoreApplication.translate("Card", "output {shape}").format(shape=self.shape))
        if self.parameters:
            parts.append(QCoreApplication.translate("Card", "{count} parameters").format(count=self.parameters))
        parts.extend(each.message for each in self.problems)
        return ", ".join(part for part in parts if part)


def face_of(graph: Graph, report: Report, node_id: str) -> Face:
    """The face of one card. A node that the report does not hold yet shows its name and kind."""
    node, spec = graph.node(node_id), graph.spec(node_id)
    row = report[node_id] if node_id in report else None  # noqa: SIM401 - a Report has no get
    shape = row.output_shape if row is not None else None
    count = row.parameters if row is not None else None
    try:
        details = spec.summary(node.params)
    except (KeyError, TypeError, AttributeError):  # a kind that this version does not know keeps what its file says
        details = ""
    summary = details if spec.family is Family.SOURCE and details else f"{node.kind} {details}".strip()
    return Face(
        name=node.name,
        kind=node.kind,
        family=spec.family.value,
        tint=spec.colour,
        summary=summary,
        shape=shape_text(shape),
        known=shape is not None,
        parameters=count_text(count) if count else "",
        share=count / max(1, report.parameters) if count else None,
        problems=row.problems if row is not None else (),
    )
