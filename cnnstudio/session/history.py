"""What a training run has told so far: one point an iteration, one row an epoch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine import EpochDone, IterationDone, RunDone
from cnnstudio.project import TrainingHistory

_FIRST_CAPACITY = 1024


class History:
    """Growing columns, one value an iteration. Arrays are read-only views: cheap to ask for at every frame.

    epochs: the epochs done, in order. test: the figures at the end of the run, None before.
    """

    def __init__(self) -> None:
        self._table: NDArray[np.float64] = np.empty((4, _FIRST_CAPACITY))
        self._count = 0
        self.epochs: list[EpochDone] = []
        self.test: RunDone | None = None

    @classmethod
    def of(cls, record: TrainingHistory) -> History:
        """The history that a project holds; learning rates are not kept there and stand as NaN."""
        history = cls()
        count = len(record.iterations)
        history._table = np.full((4, max(count, _FIRST_CAPACITY)), np.nan)
        history._table[:3, :count] = record.iterations, record.losses, record.accuracies
        history._count = count
        history.epochs = list(record.epochs)
        history.test = record.test
        return history

    def record(self) -> TrainingHistory:
        """A frozen copy, as a project holds it."""
        return TrainingHistory(
            self.iterations.astype(np.int64),
            self.losses.copy(),
            self.accuracies.copy(),
            tuple(self.epochs),
            self.test,
        )

    def __len__(self) -> int:
        return self._count

    @property
    def iterations(self) -> NDArray[np.float64]:
        """Numbers of the iterations, from 1."""
        return self._column(0)

    @property
    def losses(self) -> NDArray[np.float64]:
        """Loss of each batch."""
        return self._column(1)

    @property
    def accuracies(self) -> NDArray[np.float64]:
        """Share of each batch that was classified right, 0 to 1."""
        return self._column(2)

    @property
    def learning_rates(self) -> NDArray[np.float64]:
        """Learning rate of each iteration."""
        return self._column(3)

    def add(self, event: IterationDone) -> None:
        if self._count == self._table.shape[1]:
            # A new table, never a resize in place: views that the screen still holds stay as they are.
            grown = np.empty((4, 2 * self._count))
            grown[:, : self._count] = self._table
            self._table = grown
        self._table[:, self._count] = event.iteration, event.loss, event.accuracy, event.learning_rate
        self._count += 1

    def _column(self, index: int) -> NDArray[np.float64]:
        view = self._table[index, : self._count]
        view.flags.writeable = False
        return view
