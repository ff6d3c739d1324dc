"""The filters of a convolution as tiles to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class FilterView:
    """Tiles of a weight.

    tiles: (M, height, width), or (M, height, width, 3) in colour, as the weights are. limit: the largest magnitude
    among all weights of the layer (1 where all are 0), the end of a scale that is symmetric about 0 and the same
    for every channel that is chosen. channel: which input channel is shown, None where tiles show all.
    """

    tiles: Floats
    limit: float
    channel: int | None

    @property
    def colour(self) -> bool:
        return self.tiles.ndim == 4

    def as_rgb(self) -> Floats:
        """Colour tiles in 0..1, where 0.5 is a weight of 0. Raises ValueError for tiles that are not in colour."""
        if not self.colour:
            raise ValueError("These tiles have one value a pixel; they are not in colour.")
        return 0.5 + self.tiles / (2 * self.limit)


def filter_tiles(weight: Floats, channel: int | None = None) -> FilterView:
    """One tile for each filter of a weight (out, in, height, width).

    A filter over one channel is its tile; one over three channels is one tile in colour, red, green and blue. Of
    deeper filters a tile shows one input channel: `channel`, the first unless said, or every filter's mean over its
    input channels for -1. A `channel` may be chosen for three input channels too. A weight (out, in) of a Linear
    layer is shown as `out` tiles of one row.

    Raises:
        ValueError: an array of another rank.
        IndexError: there is no such input channel.
    """
    if weight.ndim == 2:
        weight = weight[:, np.newaxis, np.newaxis, :]
    if weight.ndim != 4 or weight.size == 0:
        raise ValueError(f"A weight is (out, in, height, width) or (out, in), not {weight.shape}.")
    depth = weight.shape[1]
    limit = _limit(weight)
    if channel is None and depth == 3:
        return FilterView(weight.transpose(0, 2, 3, 1), limit, None)
    if channel == -1:
        return FilterView(weight.mean(axis=1), limit, None)
    chosen = 0 if channel is None else channel
    if not 0 <= chosen < depth:
        raise IndexError(f"The filters have {depth} input channels; there is no channel {chosen}.")
    return FilterView(weight[:, chosen], limit, chosen if depth > 1 else None)


def _limit(weight: Floats) -> float:
    """A diverged weight must not blind the scale of the others: only finite ones count."""
    finite = np.abs(weight[np.isfinite(weight)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0
