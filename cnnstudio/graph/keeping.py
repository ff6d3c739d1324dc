"""Where a layer's output lies in memory, and what the layer holds on to until its gradient is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cnnstudio.graph.params import Params
from cnnstudio.graph.shapes import Shape


class Place(StrEnum):
    """Where a layer's output lies in memory."""

    NEW = "new"
    """In an array of its own."""
    OVER = "over"
    """In the place of its input where that serves nobody else, as ReLU "in place"; otherwise in one of its own."""
    SAME = "same"
    """In its input, which it hands on as it is."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a layer holds on to in training until its gradient is computed.

    Attributes:
        input, output: whether its inputs or its output are among it; those are arrays that others may keep as well.
        own: bytes for one image of what it keeps besides, such as a mask.
    """

    input: bool = False
    output: bool = False
    own: int = 0


Keeps = Callable[[Params, tuple[Shape, ...], Shape], Kept]
"""(params, input shapes, output shape) -> what is kept."""


def keeps_nothing(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
    return Kept()


def keeps_input(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
    return Kept(input=True)


def keeps_output(params: Params, inputs: tuple[Shape, ...], output: Shape) -> Kept:
    return Kept(output=True)
