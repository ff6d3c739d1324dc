"""Smoothed curves that grow with a run: each new value costs the same, however long the run is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SMALLEST_SPAN, LARGEST_SPAN = 8, 200


def span_for(iterations: int) -> int:
    """How many iterations a smoothed value remembers: one fiftieth of the run, within reason."""
    return min(LARGEST_SPAN, max(SMALLEST_SPAN, iterations // 50))


class Smoother:
    """Exponential moving average with the start's bias taken out (Kingma and Ba, 2015, algorithm 1).

    A value that is not finite is passed over: the average stays where it was.
    """

    def __init__(self, span: int = SMALLEST_SPAN) -> None:
        self._keep = 1 - 2 / (span + 1)
        self._values = np.empty(1024)
        self._count = 0
        self._mean = self._weight = 0.0

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> NDArray[np.float64]:
        """(n,) averages so far, a view."""
        return self._values[: self._count]

    def follow(self, series: NDArray[np.floating]) -> NDArray[np.float64]:
        """Take in what `series` (n,) has beyond what was seen, and return the averages (n,)."""
        while len(self._values) < len(series):
            self._values = np.concatenate([self._values, np.empty(len(self._values))])
        for value in series[self._count :].tolist():
            if np.isfinite(value):
                self._mean = self._keep * self._mean + (1 - self._keep) * value
                self._weight = self._keep * self._weight + (1 - self._keep)
            self._values[self._count] = self._mean / self._weight if self._weight else np.nan
            self._count += 1
        return self.values
