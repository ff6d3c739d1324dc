"""How gradients move weights. Every array is worked on in pieces that fit the cache, over several threads."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from typing import ClassVar, TypeVar

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels.parallel import elementwise

Key = TypeVar("Key", bound=Hashable)


class Optimizer(ABC):
    """Changes parameters in place, and keeps what it remembers of each under that parameter's key.

    Attributes:
        weight_decay: as PyTorch's. For SGD and Adam an L2 penalty, whose gradient is weight_decay × parameter; for
            AdamW the parameter itself shrinks.
    """

    remembers: ClassVar[int]
    """How many arrays of a parameter's shape are kept for it; they begin as zeros."""

    def __init__(self, weight_decay: float = 0.0) -> None:
        self.weight_decay = weight_decay
        self._steps = 0
        self._memory: dict[Hashable, list[Array]] = {}

    def step(self, parameters: Mapping[Key, Array], gradients: Mapping[Key, Array], learning_rate: float) -> None:
        """One update of every parameter that has a gradient under its key. Parameters are contiguous."""
        self._steps += 1
        rule = self.rule(learning_rate, self._steps)
        for key, gradient in gradients.items():
            parameter = parameters[key]
            if key not in self._memory:
                self._memory[key] = [np.zeros_like(parameter) for _ in range(self.remembers)]
            elementwise(rule, parameter, gradient, *self._memory[key])

    @abstractmethod
    def rule(self, learning_rate: float, steps: int) -> Callable[..., None]:
        """update(parameter, gradient, *memory) for flat pieces; `steps` counts from 1."""


class SGD(Optimizer):
    """Stochastic gradient descent with momentum: v = μ v + g, p -= η v. Nesterov's form looks ahead: p -= η (g + μ v).

    (Polyak, 1964; Nesterov, 1983, in the form of Sutskever et al., 2013.)
    """

    remembers = 1

    def __init__(self, momentum: float = 0.0, *, nesterov: bool = False, weight_decay: float = 0.0) -> None:
        super().__init__(weight_decay)
        self.momentum, self.nesterov = momentum, nesterov

    def rule(self, learning_rate: float, steps: int) -> Callable[..., None]:
        def update(parameter: Array, gradient: Array, velocity: Array) -> None:
            if self.weight_decay:
                gradient = gradient + self.weight_decay * parameter
            velocity *= self.momentum
            velocity += gradient
            direction = gradient + self.momentum * velocity if self.nesterov else velocity
            parameter -= learning_rate * direction

        return update


class Adam(Optimizer):
    """m and v are running means of g and g²; p -= η m̂ / (√v̂ + ε), with both corrected for their start at zero.

    (Kingma and Ba, "Adam", 2015.)
    """

    remembers = 2
    decoupled: ClassVar[bool] = False

    def __init__(
        self, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, *, weight_decay: float = 0.0
    ) -> None:
        super().__init__(weight_decay)
        self.betas, self.eps = betas, eps

    def rule(self, learning_rate: float, steps: int) -> Callable[..., None]:
        beta1, beta2 = self.betas
        rate = learning_rate / (1 - beta1**steps)
        correction = math.sqrt(1 - beta2**steps)

        def update(parameter: Array, gradient: Array, mean: Array, square: Array) -> None:
            if self.decoupled:
                parameter *= 1 - learning_rate * self.weight_decay
            elif self.weight_decay:
                gradient = gradient + self.weight_decay * parameter
            work = gradient - mean
            work *= 1 - beta1
            mean += work
            np.multiply(gradient, gradient, out=work)
            work -= square
            work *= 1 - beta2
            square += work
            np.sqrt(square, out=work)
            work /= correction
            work += self.eps
            np.divide(mean, work, out=work)
            work *= rate
            parameter -= work

        return update


class AdamW(Adam):
    """Adam whose weight decay acts on the parameter, not through the gradient. (Loshchilov and Hutter, 2019.)"""

    decoupled = True
