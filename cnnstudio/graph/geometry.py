"""Sizes of windows and fields of view: pure integer arithmetic, one axis at a time.

Everything that slides (convolution, pooling) is a window along an axis. Two things follow from it: how many
positions fit (`Window.positions`), and which stretch of the input one output position sees (`IntervalMap`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window along one axis, all lengths in pixels of that axis' input."""

    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0

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
    scales = {each.scale for each in maps}
    if len(scales) != 1:
        return None
    return IntervalMap(scales.pop(), min(each.low for each in maps), max(each.high for each in maps))


def centred(maps: Sequence[IntervalMap]) -> bool:
    """Whether all branches look at the same centre."""
    return len({each.low + each.high for each in maps}) == 1
