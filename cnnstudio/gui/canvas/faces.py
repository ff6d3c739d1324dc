"""What a card says, as plain values: from the drawing and its report, before anything is painted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from cnnstudio.graph import Node, Problem, Row, Severity
from cnnstudio.graph.specs import Family, LayerSpec
from cnnstudio.gui.theme import count_text, shape_text


@dataclass(frozen=True, slots=True)
class Face:
    """What one card shows by itself: all but its wires and its share of the network's parameters."""

    name: str
    kind: str
    family: str
    tint: str
    summary: str
    shape: str
    known: bool
    count: int = 0
    """Learned numbers; 0 where they are not known."""
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(each for each in self.problems if each.severity is Severity.ERROR)

    @property
    def faulty(self) -> bool:
        """Whether there is an error."""
        return any(each.severity is Severity.ERROR for each in self.problems)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(each for each in self.problems if each.severity is Severity.WARNING)

    @property
    def spoken(self) -> str:
        """The card in one sentence, for a screen reader."""
        parts = [self.name, self.summary]
        if self.known:
            parts.append(QCoreApplication.translate("Card", "output {shape}").format(shape=self.shape))
        if self.count:
            parts.append(QCoreApplication.translate("Card", "{count} parameters").format(count=count_text(self.count)))
        parts.extend(each.message for each in self.problems)
        return ", ".join(part for part in parts if part)


def face_of(node: Node, spec: LayerSpec, row: Row | None) -> Face:
    """The face of one card. A node without figures yet shows its name and kind."""
    shape = row.output_shape if row is not None else None
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
        count=(row.parameters or 0) if row is not None else 0,
        problems=row.problems if row is not None else (),
    )


def same_face(node: Node, row: Row | None, former_node: Node, former_row: Row | None) -> bool:
    """Whether a layer shows what it showed before, without making the face: most edits concern few of many cards."""
    if node is not former_node and (node.name, node.kind, node.params) != (
        former_node.name,
        former_node.kind,
        former_node.params,
    ):
        return False
    if row is None or former_row is None or row is former_row:
        return row is former_row
    return (
        row.output_shape == former_row.output_shape
        and row.parameters == former_row.parameters
        and row.problems is former_row.problems
    )
