"""How fast a run goes and how long it will still take."""

from __future__ import annotations

from collections import deque

_WINDOW_SECONDS = 3.0


class Pace:
    """Speed over the last few seconds of work. Clocks are seconds of work since the run began, pauses left out."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()
        self._iteration_seconds = 0.0
        self._evaluation_seconds = 0.0

    def iteration(self, clock: float, iteration: int) -> None:
        """An iteration ended at `clock`."""
        self._marks.append((clock, iteration))
        while len(self._marks) > 2 and self._marks[0][0] < clock - _WINDOW_SECONDS:
            self._marks.popleft()
        first_clock, first_iteration = self._marks[0]
        if iteration > first_iteration:
            self._iteration_seconds = (clock - first_clock) / (iteration - first_iteration)

    def evaluation(self, clock: float) -> None:
        """An evaluation, begun after the last iteration, ended at `clock`. The speed of iterations is measured anew."""
        if self._marks:
            self._evaluation_seconds = clock - self._marks[-1][0]
        self._marks.clear()

    def images_per_second(self, batch_size: int) -> float | None:
        """Training speed; None before two iterations are done."""
        return batch_size / self._iteration_seconds if self._iteration_seconds > 0 else None

    def seconds_left(self, iterations: int, evaluations: int) -> float | None:
        """Time for so many more iterations and evaluations; None before the speed is known."""
        if self._iteration_seconds <= 0:
            return None
        return iterations * self._iteration_seconds + evaluations * self._evaluation_seconds
