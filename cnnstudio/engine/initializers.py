"""What weights start from.

Everything is drawn in float64, so that a network has the same weights in either precision, and piece by piece, so
that a large array never exists in float64.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.checks import at_least, is_number
from cnnstudio.engine.errors import ConfigError

PIECE = 1 << 18
"""Values drawn at a time."""


def uniform_fan_in(
    shape: tuple[int, ...], fan_in: int, generator: np.random.Generator, dtype: npt.DTypeLike = np.float32
) -> Array:
    """PyTorch's default for the weight and bias of convolution and linear: U(-1/√fan_in, 1/√fan_in).

    fan_in is how many values one output sums up. (LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, for
    the scale.)
    """
    array = np.empty(shape, dtype)
    draw_uniform(array, 1 / math.sqrt(fan_in), generator)
    return array


def draw_uniform(array: Array, bound: float, generator: np.random.Generator) -> None:
    """Fill a contiguous array from U(-bound, bound)."""
    _draw(array, lambda count: generator.uniform(-bound, bound, count))


def draw_normal(array: Array, std: float, generator: np.random.Generator) -> None:
    """Fill a contiguous array from N(0, std²)."""
    _draw(array, lambda count: generator.normal(0.0, std, count))


def _draw(array: Array, draw: Callable[[int], Array]) -> None:
    flat = array.reshape(-1)
    for first in range(0, flat.size, PIECE):
        piece = flat[first : first + PIECE]
        piece[...] = draw(piece.size)


@dataclass(frozen=True, slots=True)
class Fans:
    """How many values one output sums up, and how many outputs one value goes into, as PyTorch counts them."""

    fan_in: int
    fan_out: int

    @staticmethod
    def of(shape: tuple[int, ...]) -> Fans:
        """Of a weight in PyTorch's layout: the second and the first axis, times the pixels of a kernel.

        That is right for Conv2d (with groups: of one group's inputs, but of all outputs) and Linear. For
        ConvTranspose2d, whose layout is (in, out, ...), it has the two the wrong way round; so has PyTorch.
        """
        pixels = math.prod(shape[2:])
        return Fans(shape[1] * pixels, shape[0] * pixels)


class Initializer(ABC):
    """Fills the weight of a convolution or Linear; its bias starts from 0 unless said otherwise."""

    @abstractmethod
    def fill(self, weight: Array, fans: Fans, gain: float, generator: np.random.Generator) -> None:
        """weight: contiguous, in any layout; gain: of the activation that follows."""

    def fill_bias(self, bias: Array, fans: Fans, generator: np.random.Generator) -> None:
        bias.fill(0)


@dataclass(frozen=True, slots=True)
class Default(Initializer):
    """PyTorch's: weight and bias from U(-1/√fan_in, 1/√fan_in), whatever follows."""

    def fill(self, weight: Array, fans: Fans, gain: float, generator: np.random.Generator) -> None:
        draw_uniform(weight, 1 / math.sqrt(fans.fan_in), generator)

    def fill_bias(self, bias: Array, fans: Fans, generator: np.random.Generator) -> None:
        draw_uniform(bias, 1 / math.sqrt(fans.fan_in), generator)


@dataclass(frozen=True, slots=True)
class Constant(Initializer):
    """Every weight the same: all units of a layer then learn the same, which is what there is to see."""

    value: float = 0.0

    def __post_init__(self) -> None:
        if not (is_number(self.value) and math.isfinite(self.value)):
            raise ConfigError(f"value is {self.value!r}; it takes a finite number.")

    def fill(self, weight: Array, fans: Fans, gain: float, generator: np.random.Generator) -> None:
        weight.fill(self.value)


@dataclass(frozen=True, slots=True)
class Normal(Initializer):
    """N(0, std²), whatever the size of the layer."""

    std: float = 0.01

    def __post_init__(self) -> None:
        at_least("std", self.std)

    def fill(self, weight: Array, fans: Fans, gain: float, generator: np.random.Generator) -> None:
        draw_normal(weight, self.std, generator)


@dataclass(frozen=True, slots=True)
class Xavier(Initializer):
    """Variance gain² · 2 / (fan_in + fan_out), which keeps signals and gradients alike. (Glorot and Bengio, 2010.)

    Uniform within ± √3 of the standard deviation, or normal.
    """

    normal: bool = False

    def fill(self, weight: Array, fans: Fans, gain: float, generator: np.random.Generator) -> None:
        _of_std(weight, gain * math.sqrt(2 / (fans.fan_in + fans.fan_out)), self.normal, generator)


@dataclass(frozen=True, slots=True)
class Kaiming(Initializer):
    """Variance gain² / fan_in, which keeps the size of signals through ReLUs. (He, Zhang, Ren and Sun, 2015.)

    Uniform within ± √3 of the standard deviation, or normal.
    """

    normal: bool = False

    def fill(self, weight: Array, fans: Fans, gain: float, generator: np.random.Generator) -> None:
        _of_std(weight, gain / math.sqrt(fans.fan_in), self.normal, generator)


def _of_std(weight: Array, std: float, normal: bool, generator: np.random.Generator) -> None:
    if normal:
        draw_normal(weight, std, generator)
    else:
        draw_uniform(weight, math.sqrt(3) * std, generator)


INITIALIZERS: Mapping[str, Initializer] = {
    "default": Default(),
    "zeros": Constant(0.0),
    "constant": Constant(0.01),
    "normal_small": Normal(0.01),
    "normal_large": Normal(0.05),
    "xavier_uniform": Xavier(),
    "xavier_normal": Xavier(normal=True),
    "kaiming_uniform": Kaiming(),
    "kaiming_normal": Kaiming(normal=True),
}
"""The usual ones by name."""


def find_initializer(initializer: str | Initializer) -> Initializer:
    """The initializer of that name, or the one given. Raises ConfigError for an unknown name."""
    if isinstance(initializer, Initializer):
        return initializer
    if str(initializer) not in INITIALIZERS:
        raise ConfigError(f"There is no initializer {initializer!r}; there are: {', '.join(INITIALIZERS)}.")
    return INITIALIZERS[initializer]
