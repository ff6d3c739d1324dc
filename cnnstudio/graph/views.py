"""What one value of a layer depends on of what comes in: one `View` an input, declared by the layer's kind.

Along each axis (channels, rows, columns) a value sees places by itself, so that a view is three `Axis` rules; a vector
is maps of one pixel. Both accounts of what a layer sees follow from its views: the interval maps of `receptive`, which
hold for all positions at once where there are such, and the exact places of `regions`, for one position.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Protocol

from cnnstudio.graph.geometry import POINT, Window
from cnnstudio.graph.runs import Runs, everything, joined, nested
from cnnstudio.graph.shapes import Shape

Box = tuple[Runs, Runs, Runs]
"""Values of maps: all that lie on these channels, rows and columns."""


class Axis(Protocol):
    """Which places of the input the places of the output see along one axis."""

    def seen(self, positions: Runs, size: int) -> Runs:
        """The places, of `size` of the input, that any of these positions sees."""

    def reached(self, pixels: Runs, size: int, count: int) -> Runs:
        """The positions, of `count` of the output, that see any of these places, of `size`: the converse of `seen`."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Every position sees the whole axis."""

    def seen(self, positions: Runs, size: int) -> Runs:
        return everything(size)

    def reached(self, pixels: Runs, size: int, count: int) -> Runs:
        return everything(count)


@dataclass(frozen=True, slots=True)
class Shares:
    """Both axes fall into so many shares; a position sees the share of the input that corresponds to its own.

    Where they do not divide evenly, shares of the input overlap: share i is [⌊i·n/o⌋, ⌈(i + 1)·n/o⌉) of n places.
    """

    count: int

    def seen(self, positions: Runs, size: int) -> Runs:
        return self._scaled(positions, self.count, size)

    def reached(self, pixels: Runs, size: int, count: int) -> Runs:
        return self._scaled(pixels, size, self.count)

    @staticmethod
    def _scaled(places: Runs, size: int, count: int) -> Runs:
        return joined((first * count // size, -(-stop * count // size)) for first, stop in places)


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of `outputs` positions see groups of `inputs` places, each its own."""

    outputs: int
    inputs: int

    def seen(self, positions: Runs, size: int) -> Runs:
        return self._scaled(positions, self.outputs, self.inputs)

    def reached(self, pixels: Runs, size: int, count: int) -> Runs:
        return self._scaled(pixels, self.inputs, self.outputs)

    @staticmethod
    def _scaled(places: Runs, size: int, count: int) -> Runs:
        return joined((first // size * count, -(-stop // size) * count) for first, stop in places)


@dataclass(frozen=True, slots=True)
class Painted:
    """A window of the output belongs to each place of the input: a position sees all whose windows it lies in."""

    window: Window

    def seen(self, positions: Runs, size: int) -> Runs:
        return self.window.reached(positions, 0, size)

    def reached(self, pixels: Runs, size: int, count: int) -> Runs:
        return self.window.seen(pixels, count)


@dataclass(frozen=True, slots=True)
class Between:
    """Linear interpolation, `scale` positions a place: a position sees the one or two places that it lies between.

    Position p lies at (2p + 1 - scale) / (2·scale) of the input, but never before its first or behind its last place.
    """

    scale: int

    def seen(self, positions: Runs, size: int) -> Runs:
        return joined(
            (self._twice(first) // (2 * self.scale), min(-(-self._twice(stop - 1) // (2 * self.scale)), size - 1) + 1)
            for first, stop in positions
        )

    def reached(self, pixels: Runs, size: int, count: int) -> Runs:
        scale = self.scale
        return joined(
            (
                0 if first == 0 else (2 * scale * (first - 1) + scale - 1) // 2 + 1,
                min((2 * scale * stop + scale) // 2, count),
            )
            for first, stop in pixels
        )

    def _twice(self, position: int) -> int:
        return max(2 * position + 1 - self.scale, 0)


WHOLE = Whole()


@dataclass(frozen=True, slots=True)
class WholeInput:
    """A receptive-field step after which every value depends on all of what came in."""


@dataclass(frozen=True, slots=True)
class Uneven:
    """A receptive-field step that differs from position to position, so that no one map describes it."""

    reason: str


Step = tuple[Window, Window] | WholeInput | Uneven
"""A view as interval maps see it: along rows and along columns."""
POINTWISE: Step = (POINT, POINT)


@dataclass(frozen=True, slots=True)
class View:
    """What one value sees, axis by axis. `uneven` says why no interval map describes it, where none does."""

    channels: Axis = POINT
    rows: Axis = POINT
    columns: Axis = POINT
    uneven: str = ""

    @property
    def step(self) -> Step:
        if self.uneven:
            return Uneven(self.uneven)
        if self.rows is POINT and self.columns is POINT:
            return POINTWISE
        if isinstance(self.rows, Window) and isinstance(self.columns, Window):
            return self.rows, self.columns
        return WholeInput()

    def seen(self, box: Box, shape: Shape) -> Iterator[Box]:
        """The boxes of an input of this shape that the values of `box` see."""
        if self is SAME:
            yield box
            return
        sizes = _extents(shape)
        channels = self.channels.seen(box[0], sizes[0])
        rows = self.rows.seen(box[1], sizes[1])
        columns = self.columns.seen(box[2], sizes[2])
        if channels and rows and columns:
            yield channels, rows, columns

    def reached(self, box: Box, shape: Shape, output: Shape) -> Iterator[Box]:
        """The boxes of an output of this shape that see values of `box`, of an input of that shape."""
        if self is SAME:
            yield box
            return
        sizes, counts = _extents(shape), _extents(output)
        channels = self.channels.reached(box[0], sizes[0], counts[0])
        rows = self.rows.reached(box[1], sizes[1], counts[1])
        columns = self.columns.reached(box[2], sizes[2], counts[2])
        if channels and rows and columns:
            yield channels, rows, columns


SAME = View()
"""Each value sees the one in its own place."""
EVERYTHING = View(WHOLE, WHOLE, WHOLE)


@dataclass(frozen=True, slots=True)
class Unrolled:
    """Each value of a vector sees the one of the maps that it is: channel by channel, and row by row."""

    @property
    def step(self) -> Step:
        return POINTWISE

    def seen(self, box: Box, shape: Shape) -> Iterator[Box]:
        for first, stop in box[0]:
            for channels, rows, columns in _parts(first, stop, _extents(shape)):  # noqa: UP028 - a box has three
                yield channels, rows, columns

    def reached(self, box: Box, shape: Shape, output: Shape) -> Iterator[Box]:
        channels, rows, columns = box
        _, height, width = _extents(shape)
        yield nested(channels, nested(rows, columns, width), height * width), everything(1), everything(1)


def all_of(shape: Shape) -> Box:
    """Every value of maps, or of a vector."""
    channels, height, width = _extents(shape)
    return everything(channels), everything(height), everything(width)


def _extents(shape: Shape) -> tuple[int, int, int]:
    """(channels, height, width) of maps; a vector is maps of one pixel."""
    return shape if len(shape) == 3 else (shape[0], 1, 1)


def _parts(first: int, stop: int, sizes: tuple[int, ...]) -> Iterator[tuple[Runs, ...]]:
    """The boxes that a run of unrolled values is made of: a broken line, whole ones, and a broken one again."""
    if len(sizes) == 1:
        yield (((first, stop),),)
        return
    each = prod(sizes[1:])
    begin, end = -(-first // each), stop // each
    if begin > end:  # within one
        for rest in _parts(first - end * each, stop - end * each, sizes[1:]):
            yield ((end, end + 1),), *rest
        return
    if first < begin * each:
        for rest in _parts(first - (begin - 1) * each, each, sizes[1:]):
            yield ((begin - 1, begin),), *rest
    if begin < end:
        yield ((begin, end),), *(everything(size) for size in sizes[1:])
    if end * each < stop:
        for rest in _parts(0, stop - end * each, sizes[1:]):
            yield ((end, end + 1),), *rest
