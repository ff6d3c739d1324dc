"""What a training run reports. Events are frozen and free of wall-clock time: the same seed gives the same events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

SplitName: TypeAlias = Literal["validation", "test"]


@dataclass(frozen=True, slots=True)
class RunStarted:
    iterations_per_epoch: int
    epochs: int
    train_images: int
    validation_images: int


@dataclass(frozen=True, slots=True)
class IterationDone:
    """One step; loss and accuracy are this batch's, before the step.

    `iteration` counts from 1 over the whole run, `epoch` from 1. `update_ratios`: by node id, how far the layer's
    weight moved in this step beside how large it was, |update| / |weight|; None unless the control asks for them.
    """

    iteration: int
    epoch: int
    loss: float
    accuracy: float
    learning_rate: float
    update_ratios: Mapping[str, float] | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True)
class Evaluating:
    """Comes between the chunks of an evaluation, so that whoever listens can stop there."""

    split: SplitName
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class EpochDone:
    """Training figures are means over the epoch's iterations; validation figures None when that split is empty."""

    epoch: int
    iteration: int
    training_loss: float
    training_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None


@dataclass(frozen=True, slots=True)
class RunDone:
    """The end as planned; test figures None when that split is empty."""

    epochs: int
    iterations: int
    test_loss: float | None
    test_accuracy: float | None


@dataclass(frozen=True, slots=True)
class RunFailed:
    """The loss was no longer finite.

    Attributes:
        node, name: id and name of the layer where the first value that is not finite stood.
        what: kind of that value: a parameter's name such as "weight", "gradient of weight", "activation" or "loss".
        message: one sentence for the user, with a remedy.
    """

    iteration: int
    epoch: int
    node: str
    name: str
    what: str
    message: str


TrainingEvent: TypeAlias = RunStarted | IterationDone | Evaluating | EpochDone | RunDone | RunFailed
