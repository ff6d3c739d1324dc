"""How wrong the scores are, and how each score should move. All are means over the batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from cnnstudio.engine.arrays import Array, Integers


def cross_entropy(scores: Array, labels: Integers) -> tuple[float, Array]:
    """Softmax and negative log-likelihood in one: L = mean of (log Σ e^s_j) - s_y, and dL/ds = (softmax - one-hot) / N.

    scores (N, K) are logits; labels (N,). Subtracting the largest score first keeps e^s finite.
    """
    rows = np.arange(len(scores))
    shifted = scores - scores.max(axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    totals = exponentials.sum(axis=1, keepdims=True)
    loss = float(np.mean(np.log(totals[:, 0]) - shifted[rows, labels], dtype=np.float64))
    gradient = exponentials / totals
    gradient[rows, labels] -= 1
    gradient /= len(scores)
    return loss, gradient


def svm(scores: Array, labels: Integers, margin: float = 1.0) -> tuple[float, Array]:
    """Multiclass hinge of Weston and Watkins (1999), the lecture's: L = mean of Σ_{j≠y} max(0, s_j - s_y + margin)."""
    rows = np.arange(len(scores))
    excess = scores - scores[rows, labels][:, None] + margin
    excess[rows, labels] = 0
    np.maximum(excess, 0, out=excess)
    loss = float(excess.sum(dtype=np.float64) / len(scores))
    gradient = (excess > 0).astype(scores.dtype)
    gradient[rows, labels] = -gradient.sum(axis=1)
    gradient /= len(scores)
    return loss, gradient


def mse(scores: Array, labels: Integers) -> tuple[float, Array]:
    """Squared distance to the one-hot targets, mean over images and classes (PyTorch's mse_loss)."""
    difference = scores.copy()
    difference[np.arange(len(scores)), labels] -= 1
    loss = float(np.mean(np.square(difference), dtype=np.float64))
    difference *= 2 / scores.size
    return loss, difference


LOSS_FUNCTIONS: Mapping[str, Callable[[Array, Integers], tuple[float, Array]]] = {
    "cross_entropy": cross_entropy,
    "svm": svm,
    "mse": mse,
}
