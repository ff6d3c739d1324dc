"""What an analysis says: a row of figures for each layer, the totals, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from cnnstudio.graph.commands import Command
from cnnstudio.graph.receptive import ReceptiveField
from cnnstudio.graph.shapes import Shape
from cnnstudio.graph.specs import Family


class Severity(StrEnum):
    ERROR = "error"
    """The network cannot be computed."""
    WARNING = "warning"
    """It can, but perhaps not as meant."""


class ProblemCode(StrEnum):
    EMPTY = "empty"
    MISSING_INPUT = "missing-input"
    RANK = "rank"
    SHAPE = "shape"
    UNKNOWN_KIND = "unknown-kind"
    SEVERAL_INPUTS = "several-inputs"
    SEVERAL_OUTPUTS = "several-outputs"
    MISFIT = "misfit"


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to mend a problem: what it does, in words, and the command that does it."""

    text: str
    command: Command = field(compare=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a drawing. `node` is None where it concerns the network as a whole.

    Each of `fixes` mends it by itself; the first is the nearest at hand.
    """

    node: str | None
    code: ProblemCode
    message: str
    arrived: tuple[Shape | None, ...] = ()
    expected: str = ""
    fixes: tuple[Fix, ...] = ()
    severity: Severity = Severity.ERROR

    @property
    def fix(self) -> Command | None:
        """The command of the first fix."""
        return self.fixes[0].command if self.fixes else None


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one layer; None where they cannot be known. Shapes are without the batch axis.

    Attributes:
        parameters: learned numbers; `trainable` those that training changes; `buffers` running statistics.
        macs: multiply-adds for one image (convolution and linear; no bias, normalization, activation, pooling).
        activation_bytes: its output for one image in float32.
        receptive_field: None also where no single one exists; `field_note` then says why.
        field_note: also where branches meet here that look at different centres: which, and how far apart.
    """

    id: str
    name: str
    kind: str
    family: Family
    input_shapes: tuple[Shape | None, ...]
    output_shape: Shape | None
    weights: Mapping[str, Shape] = field(hash=False)
    parameters: int | None
    trainable: int | None
    buffers: int | None
    macs: int | None
    activation_bytes: int | None
    receptive_field: ReceptiveField | None
    field_note: str
    problems: tuple[Problem, ...]

    def seeing(self, field: ReceptiveField | None, note: str) -> Row:
        """This row with another receptive field. Written out, since `replace` takes three times as long."""
        return Row(
            self.id, self.name, self.kind, self.family, self.input_shapes, self.output_shape, self.weights,
            self.parameters, self.trainable, self.buffers, self.macs, self.activation_bytes, field, note, self.problems,
        )  # fmt: skip


class Report:
    """The rows of all layers in topological order, and their totals. Frozen; `report[node id]` is one row."""

    def __init__(self, rows: tuple[Row, ...], general: tuple[Problem, ...], output: str | None) -> None:
        self._rows = MappingProxyType({row.id: row for row in rows})
        self._general = general
        self._output = output

    def __getitem__(self, node_id: str) -> Row:
        return self._rows[node_id]

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._rows

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Those of the network as a whole, then those of its layers."""
        return self._general + tuple(problem for row in self for problem in row.problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps the network from being computed."""
        return tuple(each for each in self.problems if each.severity is Severity.ERROR)

    @property
    def complete(self) -> bool:
        """Whether every figure is known, so that the totals are totals and not sums of what is known."""
        return all(row.output_shape is not None for row in self)

    @property
    def output(self) -> str | None:
        """The node whose values are the network's output: the last one that feeds no other."""
        return self._output

    @property
    def parameters(self) -> int:
        return sum(row.parameters or 0 for row in self)

    @property
    def trainable(self) -> int:
        return sum(row.trainable or 0 for row in self)

    @property
    def buffers(self) -> int:
        return sum(row.buffers or 0 for row in self)

    @property
    def macs(self) -> int:
        return sum(row.macs or 0 for row in self)

    @property
    def activation_bytes(self) -> int:
        """The sum over all layers, as if none were freed or shared."""
        return sum(row.activation_bytes or 0 for row in self)
