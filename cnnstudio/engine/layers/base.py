"""What every layer is: a function with named arrays, and its derivative.

A layer keeps no trace of what passes through it. `forward` hands out what `backward` will need, so one layer can
serve several threads at once, and a network's memory is what its caller holds on to.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, Pair
from cnnstudio.engine.errors import LayerError

Saved: TypeAlias = Any
"""What forward keeps for backward; its form is the layer's own affair."""

Gradients: TypeAlias = Mapping[str, Array]
"""Gradients of a layer's parameters, by name."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How a pass is run: training or evaluation, where chance comes from, and who may call it off.

    checkpoint: called before each layer, forward and backward; what it raises ends the pass.
    """

    training: bool
    generator: np.random.Generator | None = None
    checkpoint: Callable[[], None] | None = None


EVALUATION = Mode(training=False)


def map_size(kind: str, x: Array) -> Pair:
    """(height, width) of x, which must be maps. Raises LayerError for a vector."""
    if x.ndim != 4:
        raise LayerError(f"{kind} takes maps (channels × height × width); a vector of {x.shape[1]} arrived.")
    return x.shape[1], x.shape[2]


class Layer(ABC):
    """Base of all layers.

    Arrays inside are channels last: maps (N, H, W, C), vectors (N, F).

    Attributes:
        parameters: learned arrays by PyTorch's names, in the layout that the layer works with.
        buffers: arrays that are kept but not learned, such as running statistics.
        by_image: what comes in may come in parts, some images at a time; otherwise the layer wants the whole batch.
        draws: the layer draws random numbers in training.
        gives_away: what forward hands out is an array of its own, which the layer itself has no further use for.
        writes_over: `forward_over` may stand for `forward`.
    """

    by_image: bool = True
    draws: ClassVar[bool] = False
    gives_away: ClassVar[bool] = False
    writes_over: ClassVar[bool] = False

    def __init__(self) -> None:
        self.parameters: dict[str, Array] = {}
        self.buffers: dict[str, Array] = {}

    @abstractmethod
    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        """Output, and what backward needs. Never writes to an input. Raises LayerError when inputs do not fit."""

    def forward_over(self, x: Array) -> tuple[Array, Saved]:
        """`forward` of an array that nobody else needs: the output takes its place in memory."""
        raise LayerError(f"{type(self).__name__} cannot write over its input.")

    @abstractmethod
    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        """Gradients by each input, and by each parameter, of a scalar whose gradient by the output is d_output.

        Without `input_gradient` the caller has no use for the former, and None may stand in their place. The
        gradients by parameters are the caller's to change.
        """

    def to_torch(self, name: str, array: Array) -> Array:
        """A parameter, buffer or gradient of this layer's in PyTorch's layout; a view where possible."""
        return array

    def from_torch(self, name: str, array: Array) -> Array:
        """The inverse of to_torch; a view where possible."""
        return array

    def copy(self, dtype: npt.DTypeLike | None = None) -> Layer:
        """A layer with arrays of its own, in `dtype` if given."""
        twin = copy.copy(self)
        twin.parameters = {name: array.astype(dtype or array.dtype) for name, array in self.parameters.items()}
        twin.buffers = {name: array.astype(dtype or array.dtype) for name, array in self.buffers.items()}
        return twin


class Surveyor(Layer):
    """A layer that in training must hear from the whole batch before it can compute any image.

    It surveys each part of the batch, agrees on what the surveys say together, and then computes part by part; and
    the same way back. A batch that comes as a whole is a single part.
    """

    @abstractmethod
    def survey(self, x: Array) -> Any:
        """What is to be known of one part of the batch."""

    @abstractmethod
    def agree(self, surveys: Sequence[Any]) -> Any:
        """What all parts compute with. Raises LayerError when the batch does not do."""

    @abstractmethod
    def forward_agreed(self, x: Array, agreed: Any) -> tuple[Array, Saved]:
        """`forward` of one part."""

    @abstractmethod
    def survey_gradient(self, d_output: Array, saved: Saved) -> Any:
        """What is to be known of one part's gradient."""

    @abstractmethod
    def agree_gradient(self, surveys: Sequence[Any], agreed: Any) -> tuple[dict[str, Array], Any]:
        """Gradients by the parameters, and what all parts compute with on the way back."""

    @abstractmethod
    def backward_agreed(self, d_output: Array, saved: Saved, agreed: Any) -> Array:
        """Gradient by the input of one part."""
