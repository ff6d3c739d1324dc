"""One step of learning: from gradients to new weights, with all that a configuration puts between them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.config import TrainingConfig
from cnnstudio.engine.freezing import freeze
from cnnstudio.engine.network import Network, ParameterKey
from cnnstudio.engine.regularization import array_settings, clip_norm, clip_value, max_norms, settings_by_node


class Learner:
    """From gradients to new weights, as a configuration says.

    Attributes:
        net: the network with its frozen layers kept from learning; its arrays are the given network's own.
    """

    def __init__(self, net: Network, config: TrainingConfig) -> None:
        layers = settings_by_node(net, config.layers)
        self.net = freeze(net, {node_id for node_id, settings in layers.items() if settings.frozen})
        self._parameters = self.net.parameters
        self._optimizer = config.make_optimizer()
        self._settings = array_settings(net, config)
        self._max_norms = max_norms(net, config)
        self._config = config

    def learn(self, gradients: Mapping[ParameterKey, Array], rate: float, *, measure: bool) -> dict[str, float] | None:
        """One step: clipping, the optimizer with its penalties, the max-norm constraint. Gradients are written over."""
        if self._config.clip_value is not None:
            clip_value(gradients, self._config.clip_value)
        if self._config.clip_norm is not None:
            clip_norm(gradients, self._config.clip_norm)
        before = {key: self._parameters[key].copy() for key in gradients if key[1] == "weight"} if measure else None
        self._optimizer.step(self._parameters, gradients, rate, self._settings)
        for bound in self._max_norms:
            bound.apply()
        if before is None:
            return None
        return {
            node_id: update_ratio(array, self._parameters[node_id, name]) for (node_id, name), array in before.items()
        }


def update_ratio(before: Array, after: Array) -> float:
    """|after - before| / |before|: about 1e-3 is healthy (CS231n). Infinite for what moves away from 0."""
    moved, size = float(np.linalg.norm(after - before)), float(np.linalg.norm(before))
    if size == 0:
        return math.inf if moved else 0.0
    return moved / size
