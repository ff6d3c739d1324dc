"""How the learning rate goes with time: each is a function of the iteration, counted from 0, as PyTorch's lr_scheduler.

A schedule says the rate of an iteration from its number alone; only Plateau listens to how the run fares.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

SCHEDULES = ("constant", "step", "exponential", "cosine", "one_cycle", "plateau")


class Schedule(ABC):
    @abstractmethod
    def __call__(self, iteration: int) -> float:
        """The learning rate of an iteration, counted from 0."""

    def observe(self, loss: float) -> None:
        """Hear the loss at an epoch's end: on the validation pictures, or the training loss where there are none."""
        del loss


@dataclass(frozen=True, slots=True)
class Constant(Schedule):
    rate: float

    def __call__(self, iteration: int) -> float:
        return self.rate


@dataclass(frozen=True, slots=True)
class Step(Schedule):
    """rate × gamma^⌊t / size⌋. (PyTorch: StepLR.)"""

    rate: float
    size: int
    gamma: float = 0.1

    def __call__(self, iteration: int) -> float:
        return self.rate * self.gamma ** (iteration // self.size)


@dataclass(frozen=True, slots=True)
class Exponential(Schedule):
    """rate × gamma^t. (PyTorch: ExponentialLR.)"""

    rate: float
    gamma: float

    def __call__(self, iteration: int) -> float:
        return self.rate * float(self.gamma**iteration)


@dataclass(frozen=True, slots=True)
class Cosine(Schedule):
    """Half a cosine from `rate` down to `floor` at t = length.

    (Loshchilov and Hutter, "SGDR", 2017; PyTorch: CosineAnnealingLR.)
    """

    rate: float
    length: int
    floor: float = 0.0

    def __call__(self, iteration: int) -> float:
        return _half_cosine(self.rate, self.floor, iteration / self.length)


@dataclass(frozen=True, slots=True)
class OneCycle(Schedule):
    """Half a cosine up to `rate` and one down to almost nothing.

    (Smith and Topin, "Super-Convergence", 2018; PyTorch: OneCycleLR.)

    Attributes:
        length: iterations of the whole run.
        rising: share of them that the way up takes.
        start_divisor: the run begins at rate / start_divisor,
        end_divisor: and ends at that rate / end_divisor.
    """

    rate: float
    length: int
    rising: float = 0.3
    start_divisor: float = 25.0
    end_divisor: float = 1e4

    def __call__(self, iteration: int) -> float:
        start, top, last = self.rate / self.start_divisor, self.rising * self.length - 1, self.length - 1
        if iteration <= top and top > 0:
            return _half_cosine(start, self.rate, iteration / top)
        way = (iteration - top) / (last - top) if last > top else 1.0
        return _half_cosine(self.rate, start / self.end_divisor, way)


@dataclass(slots=True)
class Plateau(Schedule):
    """rate, times gamma whenever the loss has not improved for more than `patience` epochs.

    A loss is an improvement when it is below (1 - threshold) times the best one so far. The schedule of one run: it
    keeps what it has heard. (PyTorch: ReduceLROnPlateau.)
    """

    rate: float
    gamma: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    best: float = math.inf
    bad_epochs: int = 0

    def __call__(self, iteration: int) -> float:
        return self.rate

    def observe(self, loss: float) -> None:
        if loss < self.best * (1 - self.threshold):
            self.best, self.bad_epochs = loss, 0
        else:
            self.bad_epochs += 1
        if self.bad_epochs > self.patience:
            self.bad_epochs = 0
            if self.rate * (1 - self.gamma) > SMALLEST_CHANGE:
                self.rate *= self.gamma


SMALLEST_CHANGE = 1e-8
"""A plateau's reduction smaller than this is left out, so that the rate never comes down to nothing."""


@dataclass(frozen=True, slots=True)
class ByEpoch(Schedule):
    """Another schedule that counts epochs for iterations."""

    schedule: Schedule
    iterations_per_epoch: int

    def __call__(self, iteration: int) -> float:
        return self.schedule(iteration // self.iterations_per_epoch)

    def observe(self, loss: float) -> None:
        self.schedule.observe(loss)


@dataclass(frozen=True, slots=True)
class Warmup(Schedule):
    """Linear: 1/(n+1), 2/(n+1), ... n/(n+1) of where `then` begins, for n iterations; then `then`, from its own start.

    (Goyal et al., "Accurate, Large Minibatch SGD", 2017; PyTorch: SequentialLR of LinearLR and the other.)
    """

    iterations: int
    then: Schedule

    def __call__(self, iteration: int) -> float:
        if iteration < self.iterations:
            return self.then(0) * (iteration + 1) / (self.iterations + 1)
        return self.then(iteration - self.iterations)

    def observe(self, loss: float) -> None:
        self.then.observe(loss)


def _half_cosine(start: float, end: float, way: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * way)) / 2
