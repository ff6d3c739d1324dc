"""What a network makes of one picture, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine import Network
from cnnstudio.graph import Report

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """One picture through a network, in evaluation mode. All arrays are read-only.

    Attributes:
        picture: (C, H, W) uint8 or float, as the network took it.
        activations: node id -> (C, H, W) or (F,), in topological order; the Input's are the picture as it is computed.
        scores: (K,) as the last layer gives them; empty where the network ends in maps of more than one pixel.
        probabilities: (K,); softmax of the scores, or the scores themselves after a Softmax layer.
        classes: K names.
    """

    picture: NDArray[Any]
    activations: Mapping[str, Floats]
    scores: Floats
    probabilities: Floats
    classes: tuple[str, ...]

    @property
    def predicted(self) -> int | None:
        """Index of the highest score, the first one among equals; None where there are no scores or no numbers."""
        return int(np.argmax(self.scores)) if self.scores.size and not np.isnan(self.scores).any() else None

    @property
    def ranking(self) -> tuple[int, ...]:
        """Class indices, most probable first; equal ones in their own order."""
        return tuple(int(index) for index in np.argsort(-self.probabilities, kind="stable"))


def inspect_picture(
    network: Network, report: Report, picture: NDArray[Any], classes: Sequence[str] | None = None
) -> Inspection:
    """Run one picture (C, H, W), uint8 (read as value / 255) or float, through a network and keep all layers.

    report: the analysis of the drawing that the network was compiled from. classes: names of the scores; numbers
    from 0 where None, or where there are not as many names as scores.

    Raises:
        engine.InputError: the picture does not fit the network's Input layer.
    """
    picture = np.array(picture)
    found = network.activations(picture[np.newaxis])
    order = [row.id for row in report if row.id in found]
    activations = {node_id: _frozen(found[node_id][0]) for node_id in order}
    output = activations[network.output]
    scores = output.reshape(-1) if output.ndim == 1 or output.shape[1:] == (1, 1) else output[:0].reshape(-1)
    ends_in_softmax = network.scored_node("cross_entropy") != network.output
    probabilities = scores if ends_in_softmax else _softmax(scores)
    names = tuple(classes or ())
    if len(names) != len(scores):
        names = tuple(str(index) for index in range(len(scores)))
    return Inspection(_frozen(picture), MappingProxyType(activations), _frozen(scores), _frozen(probabilities), names)


def _softmax(scores: Floats) -> Floats:
    """exp(s) / sum exp(s), shifted by the largest score so that nothing overflows."""
    if not scores.size:
        return scores
    with np.errstate(invalid="ignore"):  # scores of a diverged network stay what they are: not a number
        powers = np.exp(scores - scores.max())
        shares: Floats = powers / powers.sum()
    return shares


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
