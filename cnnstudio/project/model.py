"""A project: the drawing, and everything that belongs to it from one day to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.config import TrainingConfig
from cnnstudio.engine.events import EpochDone, RunDone
from cnnstudio.graph import Graph, analyze, spec_of
from cnnstudio.project.plain import Json
from cnnstudio.project.tensors import Array

Weights: TypeAlias = Mapping[str, Mapping[str, Array]]
"""{node id: {"weight": array, ...}}, arrays in PyTorch's layout. By id, so that renaming a layer keeps them."""

UNTITLED = "Untitled"


@dataclass(frozen=True, slots=True)
class DataChoice:
    """Which data a project trains on; the arguments of `data.load_dataset`.

    Attributes:
        source: name of a data set, or a path.
        seed: of the splits.
        validation: share of the training images that is held out.
        size: (height, width) that pictures are brought to; None: as they come.
        mode: "grey" or "rgb"; None: as they come.

    Raises ValueError on creation when a value is out of range.
    """

    source: str = "digits"
    seed: int = 0
    validation: float = 0.1
    size: tuple[int, int] | None = None
    mode: Literal["grey", "rgb"] | None = None

    def __post_init__(self) -> None:
        if not self.source or not self.source.isprintable():
            raise ValueError("source is empty or cannot be shown; it takes the name of a data set or a path.")
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}; it takes a whole number of at least 0.")
        if not 0 <= self.validation < 1:
            raise ValueError(f"validation is {self.validation:g}; it takes a share from 0 to below 1.")
        if self.size is not None and min(self.size) < 1:
            raise ValueError(f"size is {self.size[0]} × {self.size[1]}; it takes at least one pixel each way.")


def _nothing() -> NDArray[np.float64]:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class TrainingHistory:
    """What the last run was like.

    Attributes:
        iterations: (N,) int64, counted from 1.
        losses, accuracies: (N,) float64, of each iteration's batch.
        epochs: one record an epoch.
        test: figures on the test split, once the run has come to its end.

    Raises ValueError on creation when the arrays are not equally long vectors.
    """

    iterations: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    losses: NDArray[np.float64] = field(default_factory=_nothing)
    accuracies: NDArray[np.float64] = field(default_factory=_nothing)
    epochs: tuple[EpochDone, ...] = ()
    test: RunDone | None = None

    def __post_init__(self) -> None:
        shapes = {self.iterations.shape, self.losses.shape, self.accuracies.shape}
        if len(shapes) != 1 or self.iterations.ndim != 1:
            raise ValueError("iterations, losses and accuracies are vectors of one length.")

    def __bool__(self) -> bool:
        return bool(len(self.iterations) or self.epochs or self.test)


@dataclass(frozen=True, slots=True)
class Extras:
    """What a file held beyond what this version reads; it is written back as it was."""

    sections: Mapping[str, Json] = field(default_factory=dict)
    parts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Project:
    """One user's work. Compare two by `files.to_parts`: equal projects give equal bytes.

    Attributes:
        weights: None while the network is as new.
        view: what the window wants to find again (selected workspace, zoom, ...), as JSON values.
        path: where it was opened or saved last.
        read_only: it was written by a newer version; `read_only_reason` says so, and `save_project` refuses its path.
    """

    graph: Graph = field(default_factory=Graph)
    title: str = UNTITLED
    training: TrainingConfig = field(default_factory=TrainingConfig)
    data: DataChoice = field(default_factory=DataChoice)
    weights: Weights | None = None
    history: TrainingHistory = field(default_factory=TrainingHistory)
    view: dict[str, Json] = field(default_factory=dict)
    path: Path | None = None
    read_only: bool = False
    read_only_reason: str = ""
    extras: Extras = field(default_factory=Extras)

    def state_dict(self) -> dict[str, Array]:
        """The kept weights that fit the drawing, by their state_dict names ("conv1.weight"). Empty when there are none.

        Arrays of layers that are gone or have changed their shape since are left out.
        """
        if self.weights is None:
            return {}
        fitting = expected_shapes(self.graph)
        return {
            f"{self.graph.node(node_id).name}.{name}": array
            for node_id, arrays in self.weights.items()
            if node_id in self.graph
            for name, array in arrays.items()
            if fitting[node_id] is None or fitting[node_id].get(name) == array.shape  # type: ignore[union-attr]
        }

    def keep_state_dict(self, arrays: Mapping[str, Array]) -> None:
        """Take over a network's weights by their state_dict names. Raises KeyError for a layer that is not drawn."""
        ids = {node.name: node.id for node in self.graph.nodes.values()}
        weights: dict[str, dict[str, Array]] = {}
        for key, array in arrays.items():
            name, _, parameter = key.partition(".")
            weights.setdefault(ids[name], {})[parameter] = array
        self.weights = weights


def expected_shapes(graph: Graph) -> dict[str, Mapping[str, tuple[int, ...]] | None]:
    """Name and shape of each layer's arrays (learned and kept), by node id; None where that cannot be known."""
    shapes: dict[str, Mapping[str, tuple[int, ...]] | None] = {}
    for row in analyze(graph):
        known = tuple(shape for shape in row.input_shapes if shape is not None)
        if row.output_shape is None or not graph.knows(row.id):
            shapes[row.id] = None
        else:
            shapes[row.id] = {**row.weights, **spec_of(row.kind).buffers(graph.node(row.id).params, known)}
    return shapes
