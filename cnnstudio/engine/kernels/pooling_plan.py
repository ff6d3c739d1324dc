"""What the windows of a pooling layer see, worked out once for each size of maps."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from cnnstudio.engine.arrays import Pair
from cnnstudio.engine.kernels.window import Window


@dataclass(frozen=True, slots=True)
class Sight:
    """What one row, or column, of all windows sees: `pixels` of a phase stand at `positions` of the output.

    Attributes:
        tap: number of the row or column of the window.
        phase: its pixels are numbers phase, phase + stride, ... of the map.
        pixels, positions: as many of each; those that fall on padding are left out.
    """

    tap: int
    phase: int
    pixels: slice
    positions: slice


@dataclass(frozen=True, slots=True)
class Use:
    """What one tap of all windows sees: `pixels` of the plane of a row's and a column's phase, at `positions`."""

    tap: int
    pixels: tuple[slice, slice, slice]
    positions: tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a window slides over maps of one size.

    Attributes:
        rows, columns: what they see; those that see padding alone are left out.
        uses: for each phase of the rows and of the columns the taps that see it, in row-major order.
        apart: each pixel is seen once at most, all taps see pixels at all positions.
    """

    window: Window
    rows: Sequence[Sight]
    columns: Sequence[Sight]
    uses: Sequence[tuple[int, int, Sequence[Use]]]
    apart: bool


@functools.lru_cache(maxsize=256)
def slide(window: Window, size: Pair, positions: Pair) -> Plan:
    kernel, stride, dilation, padding = window.kernel, window.stride, window.dilation, window.padding
    rows, columns = (
        _sights(kernel[axis], stride[axis], dilation[axis], padding[2 * axis], size[axis], positions[axis])
        for axis in (0, 1)
    )
    span = window.span(positions)
    inside = (padding[0], padding[2]) == (0, 0) and span[0] <= size[0] and span[1] <= size[1]
    uses = tuple(
        (row_phase, column_phase, tuple(_uses(rows, columns, row_phase, column_phase, kernel[1])))
        for row_phase, column_phase in product(range(stride[0]), range(stride[1]))
    )
    return Plan(window, rows, columns, uses, inside and kernel == stride and dilation == (1, 1))


def _uses(
    rows: Sequence[Sight], columns: Sequence[Sight], row_phase: int, column_phase: int, width: int
) -> Iterator[Use]:
    everything = slice(None)
    for row, column in product(rows, columns):
        if (row.phase, column.phase) == (row_phase, column_phase):
            pixels = (everything, row.pixels, column.pixels)
            yield Use(row.tap * width + column.tap, pixels, (everything, row.positions, column.positions))


def _sights(kernel: int, stride: int, dilation: int, before: int, size: int, positions: int) -> Sequence[Sight]:
    found = []
    for tap in range(kernel):
        shift, phase = divmod(tap * dilation - before, stride)
        first, last = max(0, -shift), min(positions, len(range(phase, size, stride)) - shift)
        if first < last:
            found.append(Sight(tap, phase, slice(first + shift, last + shift), slice(first, last)))
    return tuple(found)
