"""What is in the way of training, in one sentence, and the buttons that mend it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from cnnstudio.data import Dataset
from cnnstudio.graph import Fix, Graph, Report
from cnnstudio.graph.commands import AppendAfter, Command, InsertOnLink, SetParams
from cnnstudio.gui.theme import shape_text
from cnnstudio.project import DataChoice
from cnnstudio.session import fitting

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Remedy:
    """A button: its text, and the edit of the network or the other choice of data that it makes."""

    text: str
    action: Command | DataChoice


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A sentence, and none or some ways out of it."""

    message: str
    remedies: tuple[Remedy, ...] = ()


class AddClassifier(Command):
    """Flatten and a Linear with one score for each class, behind the last layer."""

    def __init__(self, after: str, classes: int) -> None:
        super().__init__()
        self._tail, self._classes = after, classes

    def apply(self, graph: Graph) -> None:
        flatten = AppendAfter(self._tail, "Flatten", {})
        flatten.do(graph)
        AppendAfter(flatten.node_id, "Linear", {"out_features": self._classes}).do(graph)
        self.text = f"add Flatten and Linear with {self._classes} features"


def find_obstacle(graph: Graph, report: Report, dataset: Dataset | None, choice: DataChoice) -> Obstacle | None:
    """The first thing in the way of training; None when network and data fit, as far as they are there."""
    faults = fitting.faults(report)
    if faults is not None:
        fix = next((fix for problem in report.errors for fix in problem.fixes), None)
        return Obstacle(faults, (_mending(graph, fix),) if fix is not None else ())
    message = fitting.mismatch(graph, report, dataset) if dataset is not None else None
    if dataset is None or message is None:
        return None
    mending = fitting.mending(graph, report, dataset)
    if mending is None and report.output is not None and len(report[report.output].output_shape or ()) == 3:
        mending = AddClassifier(report.output, len(dataset.classes))
    remedies: tuple[Remedy, ...] = (_remedy(graph, mending),) if mending is not None else ()
    resized = fitting.resized_choice(report, choice)
    if resized is not None and resized != choice and fitting.input_shape(report) != dataset.shape:
        text = translate("Remedy", "Bring the pictures to {size}")
        remedies += (Remedy(text.format(size=shape_text(resized.size)), resized),)
    return Obstacle(message, remedies)


def _mending(graph: Graph, fix: Fix) -> Remedy:
    if isinstance(fix.command, InsertOnLink):
        return _remedy(graph, fix.command)
    return Remedy(fix.text.partition(":")[0], fix.command)  # without the price: it goes on a button


def _remedy(graph: Graph, command: Command) -> Remedy:
    """A command under a name that fits on a button."""
    if isinstance(command, SetParams):
        name, value = graph.node(command.node_id).name, next(iter(command.params.values()))
        text = translate("Remedy", "Set {layer} to {value}")
        shown = shape_text(value) if isinstance(value, tuple) else str(value)
        return Remedy(text.format(layer=name, value=shown), command)
    if isinstance(command, InsertOnLink):
        return Remedy(translate("Remedy", "Insert {kind}").format(kind=command.kind), command)
    return Remedy(translate("Remedy", "Add Flatten and Linear"), command)
