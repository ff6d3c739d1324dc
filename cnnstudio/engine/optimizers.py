"""How gradients move weights. Every array is worked on in pieces that fit the cache, over several threads."""

from __future__ import annotations

import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels.parallel import elementwise

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class ArraySettings:
    """What one array's step is made with, where it is not what the optimizer says.

    Attributes:
        learning_rate_factor: of the step's learning rate.
        weight_decay, l1: as the optimizer's own.
    """

    learning_rate_factor: float = 1.0
    weight_decay: float = 0.0
    l1: float = 0.0


class _Space(threading.local):
    """Working space, each thread's own, kept from piece to piece.

    Where a rule holds two fresh arrays at a time, the system takes back and hands out their pages at every piece,
    which costs more than all the arithmetic: 8 ms where 2.3 are enough (SGD, 5 million weights).
    """

    def __init__(self) -> None:
        self._array: Array = np.empty(0)

    def like(self, array: Array) -> Array:
        """As many values of the same type, of no meaning."""
        if self._array.size < array.size or self._array.dtype != array.dtype:
            self._array = np.empty(array.size, array.dtype)
        return self._array[: array.size]


class Optimizer(ABC):
    """Changes parameters in place, and keeps what it remembers of each under that parameter's key.

    Attributes:
        weight_decay: as PyTorch's. An L2 penalty, whose gradient is weight_decay × parameter; for AdamW the
            parameter itself shrinks.
        l1: L1 penalty, whose gradient is l1 × sign(parameter), 0 at 0.
    """

    remembers: ClassVar[int]
    """How many arrays of a parameter's shape are kept for it; they begin as zeros."""

    decoupled: ClassVar[bool] = False
    """Whether weight decay acts on the parameter, not through the gradient."""

    def __init__(self, weight_decay: float = 0.0, l1: float = 0.0) -> None:
        self.weight_decay, self.l1 = weight_decay, l1
        self._steps = 0
        self._memory: dict[Hashable, list[Array]] = {}
        self._space = _Space()

    def step(
        self,
        parameters: Mapping[Key, Array],
        gradients: Mapping[Key, Array],
        learning_rate: float,
        settings: Mapping[Key, ArraySettings] | None = None,
    ) -> None:
        """One update of every parameter that has a gradient under its key. Parameters are contiguous.

        settings: of the arrays that have their own.
        """
        self._steps += 1
        usual = ArraySettings(1.0, self.weight_decay, self.l1)
        for key, gradient in gradients.items():
            parameter = parameters[key]
            if key not in self._memory:
                self._memory[key] = [np.zeros_like(parameter) for _ in range(self.remembers)]
            update = self._update(learning_rate, usual if settings is None else settings.get(key, usual))
            elementwise(update, parameter, gradient, *self._memory[key])

    def _update(self, learning_rate: float, settings: ArraySettings) -> Callable[..., None]:
        """The rule, with the penalties before it."""
        rate, l1, decay = learning_rate * settings.learning_rate_factor, settings.l1, settings.weight_decay
        rule = self.rule(rate, self._steps)
        if not l1 and not decay:
            return rule

        def update(parameter: Array, gradient: Array, *memory: Array) -> None:
            if self.decoupled:
                parameter *= 1 - rate * decay
            rule(parameter, self._penalized(parameter, gradient, l1, 0.0 if self.decoupled else decay), *memory)

        return update

    def _penalized(self, parameter: Array, gradient: Array, l1: float, l2: float) -> Array:
        """gradient + l1 sign(parameter) + l2 parameter."""
        if not l1 and not l2:
            return gradient
        total = self._space.like(parameter)
        np.multiply(parameter, l2, out=total)
        total += gradient
        if l1:
            pull = np.sign(parameter)
            pull *= l1
            total += pull
        return total

    @abstractmethod
    def rule(self, learning_rate: float, steps: int) -> Callable[..., None]:
        """update(parameter, gradient, *memory) for flat pieces; `steps` counts from 1. The gradient is left alone."""


class SGD(Optimizer):
    """Stochastic gradient descent with momentum: v = μ v + g, p -= η v. Nesterov's form looks ahead: p -= η (g + μ v).

    (Polyak, 1964; Nesterov, 1983, in the form of Sutskever et al., 2013.)
    """

    remembers = 1

    def __init__(
        self, momentum: float = 0.0, *, nesterov: bool = False, weight_decay: float = 0.0, l1: float = 0.0
    ) -> None:
        super().__init__(weight_decay, l1)
        self.momentum, self.nesterov = momentum, nesterov

    def rule(self, learning_rate: float, steps: int) -> Callable[..., None]:
        def update(parameter: Array, gradient: Array, velocity: Array) -> None:
            velocity *= self.momentum
            velocity += gradient
            if self.nesterov:
                parameter -= learning_rate * gradient
                parameter -= (learning_rate * self.momentum) * velocity
            else:
                parameter -= learning_rate * velocity

        return update


class AdaGrad(Optimizer):
    """s is the sum of all g² so far; p -= η g / (√s + ε): the more a weight has moved, the less it moves.

    (Duchi, Hazan and Singer, "Adaptive Subgradient Methods", 2011.)
    """

    remembers = 1

    def __init__(self, eps: float = 1e-10, *, weight_decay: float = 0.0, l1: float = 0.0) -> None:
        super().__init__(weight_decay, l1)
        self.eps = eps

    def rule(self, learning_rate: float, steps: int) -> Callable[..., None]:
        def update(parameter: Array, gradient: Array, total: Array) -> None:
            work = gradient * gradient
            total += work
            _step_by_root(parameter, gradient, total, learning_rate, self.eps, work)

        return update


class RMSprop(Optimizer):
    """s is the running mean of g²; p -= η g / (√s + ε): AdaGrad that forgets.

    (Hinton, "Neural Networks for Machine Learning", lecture 6e, 2012.)
    """

    remembers = 1

    def __init__(self, alpha: float = 0.99, eps: float = 1e-8, *, weight_decay: float = 0.0, l1: float = 0.0) -> None:
        super().__init__(weight_decay, l1)
        self.alpha, self.eps = alpha, eps

    def rule(self, learning_rate: float, steps: int) -> Callable[..., None]:
        def update(parameter: Array, gradient: Array, square: Array) -> None:
            work = gradient * gradient
            work *= 1 - self.alpha
            square *= self.alpha
            square += work
            _step_by_root(parameter, gradient, square, learning_rate, self.eps, work)

        return update


def _step_by_root(parameter: Array, gradient: Array, square: Array, rate: float, eps: float, work: Array) -> None:
    """parameter -= rate gradient / (√square + eps); `work` is written over."""
    np.sqrt(square, out=work)
    work += eps
    np.divide(gradient, work, out=work)
    work *= rate
    parameter -= work


class Adam(Optimizer):
    """m and v are running means of g and g²; p -= η m̂ / (√v̂ + ε), with both corrected for their start at zero.

    (Kingma and Ba, "Adam", 2015.)
    """

    remembers = 2

    def __init__(
        self,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        *,
        weight_decay: float = 0.0,
        l1: float = 0.0,
    ) -> None:
        super().__init__(weight_decay, l1)
        self.betas, self.eps = betas, eps

    def rule(self, learning_rate: float, steps: int) -> Callable[..., None]:
        beta1, beta2 = self.betas
        rate = learning_rate / (1 - beta1**steps)
        correction = math.sqrt(1 - beta2**steps)

        def update(parameter: Array, gradient: Array, mean: Array, square: Array) -> None:
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
