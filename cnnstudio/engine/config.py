"""How a network is to be trained, and the one thing that may change while it is."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from numbers import Real
from typing import SupportsIndex

from cnnstudio.engine.errors import ConfigError, Interrupted
from cnnstudio.engine.losses import LOSS_FUNCTIONS
from cnnstudio.engine.optimizers import SGD, Adam, AdamW, Optimizer

OPTIMIZERS = ("sgd", "adam", "adamw")
LOSSES = tuple(LOSS_FUNCTIONS)


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """The settings of a training run.

    Attributes:
        epochs: how often every training picture is seen.
        batch_size: pictures in one step.
        optimizer: one of OPTIMIZERS.
        learning_rate: step size; TrainingControl may change it on the way.
        momentum, nesterov: of SGD; the others ignore them.
        weight_decay: L2 penalty as PyTorch counts it, decoupled for AdamW.
        loss: one of LOSSES.
        seed: of the order of the pictures and of dropout.

    Raises ConfigError on creation when a setting is unknown or out of range.
    """

    epochs: int = 5
    batch_size: int = 64
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 0.0
    loss: str = "cross_entropy"
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
            self._take(name, _checked_whole(name, getattr(self, name), least))
        _check_choice("optimizer", self.optimizer, OPTIMIZERS)
        _check_choice("loss", self.loss, LOSSES)
        if not isinstance(self.nesterov, bool):
            raise ConfigError(f"nesterov is {self.nesterov!r}; it takes true or false.")
        check_learning_rate(self.learning_rate)
        if not (_is_number(self.momentum) and 0 <= self.momentum < 1):
            raise ConfigError(f"momentum is {self.momentum!r}; it takes a number from 0 to below 1.")
        if not (_is_number(self.weight_decay) and 0 <= self.weight_decay < math.inf):
            raise ConfigError(f"weight_decay is {self.weight_decay!r}; it takes a number of at least 0.")
        if self.nesterov and self.optimizer == "sgd" and self.momentum == 0:
            raise ConfigError("Nesterov's step needs a momentum above 0.")
        for name in ("learning_rate", "momentum", "weight_decay"):
            self._take(name, float(getattr(self, name)))

    def _take(self, name: str, value: float) -> None:
        """Numbers of NumPy and others become Python's own, which files can hold."""
        object.__setattr__(self, name, value)

    def make_optimizer(self) -> Optimizer:
        if self.optimizer == "sgd":
            return SGD(self.momentum, nesterov=self.nesterov, weight_decay=self.weight_decay)
        return (Adam if self.optimizer == "adam" else AdamW)(weight_decay=self.weight_decay)


class TrainingControl:
    """What another thread may change while training runs; it is read at every iteration."""

    def __init__(self, learning_rate: float | None = None) -> None:
        self.learning_rate = learning_rate
        self._interrupted = False

    def interrupt(self) -> None:
        """Call the run off at once, within a layer's work and in the middle of a batch; no further event comes."""
        self._interrupted = True

    def checkpoint(self) -> None:
        """Raises Interrupted once `interrupt` has been called."""
        if self._interrupted:
            raise Interrupted

    @property
    def learning_rate(self) -> float | None:
        """None: as configured. Setting it raises ConfigError unless it is a number above 0."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float | None) -> None:
        if value is not None:
            check_learning_rate(value)
        # One reference is replaced: a reader sees the old value or the new one, never a mixture.
        self._learning_rate = value


def check_learning_rate(value: float) -> None:
    """Raises ConfigError unless it is a finite number above 0."""
    if not (_is_number(value) and 0 < value < math.inf):
        raise ConfigError(f"learning_rate is {value!r}; it takes a number above 0.")


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _checked_whole(name: str, value: object, least: int) -> int:
    number = operator.index(value) if isinstance(value, SupportsIndex) and not isinstance(value, bool) else None
    if number is None or number < least:
        raise ConfigError(f"{name} is {value!r}; it takes a whole number of at least {least}.")
    return number


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"{name} is {value!r}; it takes one of: {', '.join(choices)}.")
