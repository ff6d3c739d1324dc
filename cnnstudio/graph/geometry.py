"""Sizes of windows and fields of view: pure integer arithmetic, one axis at a time.

Everything that slides (convolution, pooling) is a window along an axis. Three things follow from it: how many
positions fit (`Window.positions`), which stretch of the input one output position sees (`IntervalMap`), and exactly
which pixels its taps fall on (`Window.seen`, and the other way `Window.reached`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnstudio.graph.runs import Run, Runs, cover, one, within


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window along one axis, all lengths in pixels of that axis' input.

    fill: what stands in the padding: "zeros", or pixels of the input, "reflect" or "replicate".
    """

    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0
    fill: str = "zeros"

    @property
    def extent(self) -> int:
        """Pixels from the first to the last tap, both included."""
        return self.dilation * (self.kernel - 1) + 1

    def positions(self, size: int, *, ceil_mode: bool = False) -> int:
        """How many places the window takes along `size` pixels; zero or less when it does not fit at all.

        floor((n + before + after - d(k-1) - 1) / s) + 1. With `ceil_mode` a last, overhanging place is counted,
        unless it would start in the padding behind the input (PyTorch's rule).
        """
        room = size + self.before + self.after - self.extent
        if room < 0:
            return 0
        if not ceil_mode:
            return room // self.stride + 1
        count = -(-room // self.stride) + 1
        if (count - 1) * self.stride >= size + self.before:
            count -= 1
        return count

    def seen(self, positions: Runs, size: int) -> Runs:
        """The pixels, of `size`, on which taps of the window fall at any of these positions.

        A tap on zeros falls on none; one on another padding falls on the pixel that is repeated there.
        """
        touched = self._touched(positions)
        return within(touched if self.fill == "zeros" else self._sources(touched, size), size)

    def reached(self, pixels: Runs, size: int, count: int) -> Runs:
        """The positions, of `count`, at which a tap falls on any of these pixels, of `size`: the converse of `seen`."""
        if self.fill != "zeros":
            frame = (*range(-self.before, 0), *range(size, size + self.after))
            copies = ((place, place + 1) for place in frame if cover(pixels, self._copied(place, size)))
            pixels = (*pixels, *copies)
        return within(
            (
                # a position p has its taps [low, high) from p·stride - before on
                (-((high - 1 - self.before - first) // self.stride), -((low - self.before - stop) // self.stride))
                for first, stop in pixels
                for low, high in self._taps()
            ),
            count,
        )

    def _taps(self) -> tuple[Run, ...]:
        """The taps from the window's beginning, as runs."""
        if self.extent == self.kernel:
            return ((0, self.kernel),)
        return tuple((tap, tap + 1) for tap in range(0, self.extent, self.dilation))

    def _touched(self, positions: Runs) -> Iterator[Run]:
        """Where the taps fall, padding included."""
        taps = self._taps()
        gaps = self.stride > taps[0][1]
        for first, stop in positions:
            begin, end = first * self.stride - self.before, (stop - 1) * self.stride - self.before
            for start, last in (
                ((each, each) for each in range(begin, end + 1, self.stride)) if gaps else ((begin, end),)
            ):
                for low, high in taps:
                    yield start + low, last + high

    def _sources(self, touched: Iterator[Run], size: int) -> Iterator[Run]:
        """`touched`, with the pixels that are repeated in the padding in the place of those there."""
        for first, stop in touched:
            yield max(first, 0), min(stop, size)
            for place in (*range(first, min(stop, 0)), *range(max(first, size), stop)):
                yield from self._copied(place, size)

    def _copied(self, place: int, size: int) -> Runs:
        """The pixel that stands at a place of the padding."""
        if self.fill == "replicate":
            return one(0 if place < 0 else size - 1)
        return one(-place if place < 0 else 2 * (size - 1) - place)


POINT = Window()


def same_padding(kernel: int, dilation: int = 1) -> tuple[int, int]:
    """Padding (before, after) that keeps the size at stride 1; the odd pixel goes behind."""
    total = dilation * (kernel - 1)
    return total // 2, total - total // 2


@dataclass(frozen=True, slots=True)
class IntervalMap:
    """What one output position sees of the input along one axis: position u sees [scale*u + low, scale*u + high].

    Composition and merging follow Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural
    Networks" (Distill, 2019), stated for intervals so that asymmetric padding stays exact.
    """

    scale: int = 1
    low: int = 0
    high: int = 0

    @property
    def size(self) -> int:
        return self.high - self.low + 1

    @property
    def twice_centre(self) -> int:
        """Twice the middle of what position 0 sees, so that it is whole."""
        return self.low + self.high

    def through(self, window: Window) -> IntervalMap:
        """The map after one more window on top of this one."""
        return IntervalMap(
            scale=self.scale * window.stride,
            low=self.low - self.scale * window.before,
            high=self.high + self.scale * (window.dilation * (window.kernel - 1) - window.before),
        )

    def interval(self, position: int) -> tuple[int, int]:
        """First and last input index that `position` sees; it may reach beyond the input, into the padding."""
        return self.scale * position + self.low, self.scale * position + self.high


def merge(maps: Sequence[IntervalMap]) -> IntervalMap | None:
    """The hull of several branches that meet at one node; None when their scales differ."""
    first = hull = maps[0]
    for each in maps:
        if each.scale != first.scale:
            return None
        if each.low < hull.low or each.high > hull.high:
            hull = IntervalMap(first.scale, min(hull.low, each.low), max(hull.high, each.high))
    return hull


def centred(maps: Sequence[IntervalMap]) -> bool:
    """Whether all branches look at the same centre."""
    return len({each.twice_centre for each in maps}) == 1
