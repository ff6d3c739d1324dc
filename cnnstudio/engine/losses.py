"""How wrong the scores are, and how each score should move. All are means over the batch."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from cnnstudio.engine.arrays import Array, Integers
from cnnstudio.engine.checks import above_zero, is_number, share
from cnnstudio.engine.errors import ConfigError, InputError


class Loss(ABC):
    """A function of scores (N, K) and labels (N,): (mean loss, gradient by the scores)."""

    @abstractmethod
    def __call__(self, scores: Array, labels: Integers) -> tuple[float, Array]:
        """Labels are whole numbers from 0 to K - 1. Neither array is changed. Raises InputError."""

    def weight(self, labels: Integers) -> float:
        """What a batch counts for in a mean over several batches: its pictures."""
        return float(len(labels))


@dataclass(frozen=True, slots=True)
class CrossEntropy(Loss):
    """Softmax and negative log-likelihood in one: L = mean of (log Σ e^s_j) - s_y, and dL/ds = (softmax - one-hot) / N.

    Scores are logits. As PyTorch's cross_entropy, its settings included:

    Attributes:
        label_smoothing: this share ε of each target is spread evenly over all K classes, the right one too (Szegedy
            et al., "Rethinking the Inception Architecture", 2016).
        class_weights: one number w_k above 0 for each class, by which its term -log p_k counts; the mean is then
            Σ / Σ w_y rather than Σ / N. None: all count alike.

    Raises ConfigError on creation when a setting is out of range.
    """

    label_smoothing: float = 0.0
    class_weights: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "label_smoothing", share("label_smoothing", self.label_smoothing))
        if self.class_weights is not None:
            object.__setattr__(self, "class_weights", _checked_weights(self.class_weights))

    def __call__(self, scores: Array, labels: Integers) -> tuple[float, Array]:
        classes = scores.shape[1]
        weights = self._weights(classes).astype(scores.dtype)
        rows = np.arange(len(scores))
        targets = np.full_like(scores, self.label_smoothing / classes)
        targets[rows, labels] += 1 - self.label_smoothing
        targets *= weights
        # Subtracting the largest score first changes nothing but keeps e^s finite.
        shifted = scores - scores.max(axis=1, keepdims=True)
        gradient = np.exp(shifted)
        totals = gradient.sum(axis=1, keepdims=True)
        # Where the target is 0 even an infinite -log p counts for nothing.
        terms = np.multiply(np.log(totals) - shifted, targets, out=np.zeros_like(scores), where=targets > 0)
        count = self.weight(labels)
        loss = float(terms.sum(dtype=np.float64)) / count
        gradient *= targets.sum(axis=1, keepdims=True) / totals
        gradient -= targets
        gradient /= count
        return loss, gradient

    def weight(self, labels: Integers) -> float:
        """Σ w_y: by class weights, a mean over batches is theirs too."""
        if self.class_weights is None:
            return float(len(labels))
        return float(np.asarray(self.class_weights)[labels].sum())

    def _weights(self, classes: int) -> Array:
        if self.class_weights is None:
            return np.ones(classes)
        if len(self.class_weights) != classes:
            raise InputError(f"There are {len(self.class_weights)} class weights for the network's {classes} outputs.")
        return np.asarray(self.class_weights)


@dataclass(frozen=True, slots=True)
class SVM(Loss):
    """Multiclass hinge of Weston and Watkins (1999), the lecture's: L = mean of Σ_{j≠y} max(0, s_j - s_y + margin).

    A larger margin asks for larger scores and otherwise says the same.
    """

    margin: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "margin", above_zero("margin", self.margin))

    def __call__(self, scores: Array, labels: Integers) -> tuple[float, Array]:
        rows = np.arange(len(scores))
        excess = scores - scores[rows, labels][:, None] + self.margin
        excess[rows, labels] = 0
        np.maximum(excess, 0, out=excess)
        loss = float(excess.sum(dtype=np.float64) / len(scores))
        gradient = (excess > 0).astype(scores.dtype)
        gradient[rows, labels] = -gradient.sum(axis=1)
        gradient /= len(scores)
        return loss, gradient


@dataclass(frozen=True, slots=True)
class SquaredError(Loss):
    """Squared distance to the one-hot targets, mean over images and classes (PyTorch's mse_loss)."""

    def __call__(self, scores: Array, labels: Integers) -> tuple[float, Array]:
        difference = scores.copy()
        difference[np.arange(len(scores)), labels] -= 1
        loss = float(np.mean(np.square(difference), dtype=np.float64))
        difference *= 2 / scores.size
        return loss, difference


LOSS_FUNCTIONS: Mapping[str, Loss] = {"cross_entropy": CrossEntropy(), "svm": SVM(), "mse": SquaredError()}
"""The losses with their usual settings."""


def find_loss(loss: str | Loss) -> Loss:
    """The loss of that name, or the one given. Raises InputError for an unknown name."""
    if isinstance(loss, Loss):
        return loss
    if str(loss) not in LOSS_FUNCTIONS:
        raise InputError(f"There is no loss {loss!r}; there are: {', '.join(LOSS_FUNCTIONS)}.")
    return LOSS_FUNCTIONS[loss]


def _checked_weights(given: object) -> tuple[float, ...]:
    weights = tuple(given) if isinstance(given, Iterable) else ()
    if not weights or not all(is_number(weight) and 0 < weight < math.inf for weight in weights):
        raise ConfigError(f"class_weights is {given!r}; it takes one number above 0 for each class.")
    return tuple(float(weight) for weight in weights)
