"""How gradients move weights. Every array is worked on in pieces that fit the cache, over several threads."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.kernels import memory
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


SMALL = 1 << 14
"""Values below which an array is moved together with others: NumPy's calls would cost more than its arithmetic."""


class Optimizer(ABC):
    """Changes parameters in place, and keeps what it remembers of each under that parameter's key.

    Attributes:
        weight_decay: as PyTorch's. An L2 penalty, whose gradient is weight_decay × parameter; for AdamW the
            parameter itself shrinks.
        l1: L1 penalty, whose gradient is l1 × sign(parameter), 0 at 0.
    """

    remembers: int
    """How many arrays of a parameter's shape are kept for it; they begin as zeros."""

    decoupled: ClassVar[bool] = False
    """Whether weight decay acts on the parameter, not through the gradient."""

    def __init__(self, weight_decay: float = 0.0, l1: float = 0.0) -> None:
        self.weight_decay, self.l1 = weight_decay, l1
        self._steps = 0
        self._memory: dict[Hashable, list[Array]] = {}
        self._together: dict[tuple[Hashable, ...], list[Array]] = {}

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
        small: dict[ArraySettings, list[Key]] = {}
        for key, gradient in gradients.items():
            parameter = parameters[key]
            own = usual if settings is None else settings.get(key, usual)
            if key not in self._memory:
                self._memory[key] = [np.zeros(parameter.size, parameter.dtype) for _ in range(self.remembers)]
            if parameter.size < SMALL:
                small.setdefault(own, []).append(key)
            else:
                elementwise(self._update(learning_rate, own), parameter, gradient, *self._memory[key])
        for own, keys in small.items():
            update = self._update(learning_rate, own)
            self._step_together(
                update, [parameters[key] for key in keys], [gradients[key] for key in keys], tuple(keys)
            )

    def _step_together(
        self,
        update: Callable[..., None],
        parameters: Sequence[Array],
        gradients: Sequence[Array],
        keys: tuple[Hashable, ...],
    ) -> None:
        """The step of several arrays as one long one."""
        edges = np.cumsum([0, *(parameter.size for parameter in parameters)])
        if keys not in self._together:
            # What is remembered of each array becomes a part of what is remembered of all.
            whole = [np.concatenate(parts) for parts in zip(*(self._memory[key] for key in keys), strict=True)]
            self._together = {others: each for others, each in self._together.items() if not set(others) & set(keys)}
            self._together[keys] = whole
            for key, start, stop in zip(keys, edges[:-1], edges[1:], strict=True):
                self._memory[key] = [array[start:stop] for array in whole]
        flat = np.concatenate([parameter.reshape(-1) for parameter in parameters])
        elementwise(
            update, flat, np.concatenate([gradient.reshape(-1) for gradient in gradients]), *self._together[keys]
        )
        for parameter, start, stop in zip(parameters, edges[:-1], edges[1:], strict=True):
            parameter.reshape(-1)[...] = flat[start:stop]

    def _update(self, learning_rate: float, settings: ArraySettings) -> Callable[..., None]:
        """The rule, with the penalties before it."""
        rate, l1, decay = learning_rate * settings.learning_rate_factor, settings.l1, settings.weight_decay
        rule = self.rule(rate, self._steps)
        if not l1 and not decay:
            return rule

        def update(parameter: Array, gradient: Array, *remembered: Array) -> None:
            if self.decoupled:
                parameter *= 1 - rate * decay
            rule(parameter, self._penalized(parameter, gradient, l1, 0.0 if self.decoupled else decay), *remembered)

        return update

    def _penalized(self, parameter: Array, gradient: Array, l1: float, l2: float) -> Array:
        """gradient + l1 sign(parameter) + l2 parameter."""
        if not l1 and not l2:
            return gradient
        total = np.multiply(parameter, l2, out=memory.empty_like(parameter))
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

    Without momentum nothing is remembered, for v would be g. (Polyak, 1964; Nesterov, 1983, in the form of Sutskever
    et al., 2013.)
    """

    def __init__(
        self, momentum: float = 0.0, *, nesterov: bool = False, weight_decay: float = 0.0, l1: float = 0.0
    ) -> None:
        super().__init__(weight_decay, l1)
        self.momentum, self.nesterov = momentum, nesterov
        self.remembers = 1 if momentum else 0

    def rule(self, learning_rate: float, steps: int) -> Callable[..., None]:
        def descend(parameter: Array, gradient: Array) -> None:
            parameter -= np.multiply(gradient, learning_rate, out=memory.empty_like(parameter))

        def update(parameter: Array, gradient: Array, velocity: Array) -> None:
            velocity *= self.momentum
            velocity += gradient
            work = memory.empty_like(parameter)
            if self.nesterov:
                parameter -= np.multiply(gradient, learning_rate, out=work)
                parameter -= np.multiply(velocity, learning_rate * self.momentum, out=work)
            else:
                parameter -= np.multiply(velocity, learning_rate, out=work)

        return update if self.momentum else descend


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
            work = np.multiply(gradient, gradient, out=memory.empty_like(gradient))
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
            work = np.multiply(gradient, gradient, out=memory.empty_like(gradient))
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
            work = np.subtract(gradient, mean, out=memory.empty_like(gradient))
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
