"""A network's arrays under PyTorch's names and in its layout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, tuple_text
from cnnstudio.engine.errors import StateError
from cnnstudio.engine.layers import Layer
from cnnstudio.engine.wiring import NetworkNode

IGNORED = ".num_batches_tracked"
"""PyTorch counts a batch norm's batches; nothing here depends on it, so it is accepted and left out."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter or buffer: "conv2d_1.weight", and the array itself in the engine's layout."""

    key: str
    layer: Layer
    name: str
    array: Array

    def read(self) -> Array:
        """A contiguous copy in PyTorch's layout."""
        return np.array(self.layer.to_torch(self.name, self.array), order="C")

    def write(self, value: npt.NDArray[np.generic]) -> None:
        """Take over a value in PyTorch's layout and this array's shape."""
        self.array[...] = self.layer.from_torch(self.name, value.astype(self.array.dtype))

    @property
    def shape(self) -> tuple[int, ...]:
        """In PyTorch's layout."""
        return self.layer.to_torch(self.name, self.array).shape


def entries(nodes: Iterable[NetworkNode]) -> Iterator[Entry]:
    """All arrays of a network in the order of its nodes, parameters before buffers."""
    for node in nodes:
        for name, array in (*node.layer.parameters.items(), *node.layer.buffers.items()):
            yield Entry(f"{node.name}.{name}", node.layer, name, array)


def load(nodes: Iterable[NetworkNode], arrays: Mapping[str, npt.ArrayLike], *, strict: bool) -> None:
    """Write arrays into a network; everything is checked before anything is written.

    Raises StateError: a name is missing or unknown (unless not `strict`), or a shape differs.
    """
    given = {key: np.asarray(value) for key, value in arrays.items() if not key.endswith(IGNORED)}
    own = {entry.key: entry for entry in entries(nodes)}
    if strict:
        _check_names(set(own), set(given))
    matching = [own[key] for key in own if key in given]
    for entry in matching:
        arrived = given[entry.key]
        if arrived.shape != entry.shape:
            raise StateError(f"{entry.key} should be {tuple_text(entry.shape)}; {tuple_text(arrived.shape)} was given.")
        if arrived.dtype.kind not in "fiu":
            raise StateError(f"{entry.key} should be numbers; {arrived.dtype} was given.")
    for entry in matching:
        entry.write(given[entry.key])


def _check_names(own: set[str], given: set[str]) -> None:
    missing, unknown = sorted(own - given), sorted(given - own)
    texts = []
    if missing:
        texts.append(f"missing: {_some(missing)}")
    if unknown:
        texts.append(f"unknown: {_some(unknown)}")
    if texts:
        raise StateError(f"The arrays do not belong to this network; {'; '.join(texts)}.")


def _some(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
