"""Maps cut into tiles that advance by four pixels, taken to the points of Winograd's convolution and back.

A transform multiplies a tile by a small matrix along both axes. Each is a batch of small matrix products that read
the maps where they lie and write where the next step reads, channels innermost: no tile is ever gathered. What lies
outside the maps needs no zeros either: those columns of the matrix (or rows, on the way back) are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np

from cnnstudio.engine.arrays import Array, Pair
from cnnstudio.engine.kernels.winograd_matrices import STEP


@dataclass(frozen=True, slots=True)
class Group:
    """Some tiles of a batch: all of some images, or some rows of tiles of one image."""

    images: slice
    rows: range
    columns: int

    @property
    def tiles(self) -> int:
        images: int = self.images.stop - self.images.start
        return images * len(self.rows) * self.columns


@dataclass(frozen=True, slots=True)
class Grid:
    """The tiles over maps of a batch, rows of tiles numbered through."""

    images: int
    rows: int
    columns: int

    @staticmethod
    def over(images: int, size: Pair) -> Grid:
        """As many tiles as cover maps of `size`."""
        return Grid(images, -(-size[0] // STEP), -(-size[1] // STEP))

    @property
    def lines(self) -> int:
        return self.images * self.rows

    def groups(self, start: int, stop: int, tiles: int) -> Iterator[Group]:
        """Lines [start, stop) in groups of up to so many tiles, at least one line, as equal as can be."""
        room = max(1, tiles // self.columns)
        line = start
        while line < stop:
            image, row = divmod(line, self.rows)
            count, height = 1, _share(min(self.rows - row, stop - line), room)
            if row == 0 and height == self.rows:
                count = _share((stop - line) // self.rows, room // self.rows)
            yield Group(slice(image, image + count), range(row, row + height), self.columns)
            line += count * height


def _share(count: int, most: int) -> int:
    """The first of the fewest equal parts of `count`, none larger than `most`."""
    return -(-count // -(-count // most))


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring tiles along one axis of which the same positions, [low, high), lie inside the maps."""

    first: int
    count: int
    low: int
    high: int
    begin: int
    """Where in the maps the first tile's `low` is; 0 if none is inside."""


def _seen(tiles: range, reach: int, before: int) -> Pair:
    """First pixel of the first tile and the one behind the last tile."""
    return tiles[0] * STEP - before, tiles[-1] * STEP - before + reach


@lru_cache(maxsize=1024)
def _runs(tiles: range, reach: int, before: int, size: int) -> tuple[_Run, ...]:
    """Tiles `reach` long, of which number t begins at t × STEP - before."""

    def inside(tile: int) -> Pair:
        begin = tile * STEP - before
        low, high = (min(max(0, edge - begin), reach) for edge in (0, size))
        return low, high

    found = []
    for (low, high), some in groupby(tiles, inside):
        first, *others = some
        begin = first * STEP - before + low if low < high else 0
        found.append(_Run(first, 1 + len(others), low, high, begin))
    return tuple(found)


def to_points(matrix: Array, maps: Array, before: Pair, group: Group, out: Array, space: Array) -> None:
    """matrix × tile × matrixᵀ for the tiles of a group, zeros around the maps.

    matrix: (tile, reach); maps: (N, H, W, C), contiguous; out: (tile², tiles, C), of which only the last two axes
    need lie close together; space: scratch, at least `half_way` values.
    """
    tile, reach = matrix.shape
    height, width, channels = maps.shape[1:]
    images, rows, columns = group.images, group.rows, group.columns
    count = images.stop - images.start
    top, bottom = (min(max(0, edge), height) for edge in _seen(rows, reach, before[0]))
    if top == bottom:  # padding alone
        out[...] = 0
        return
    half = space[: tile * count * (bottom - top) * columns * channels]
    half = half.reshape(tile, count, bottom - top, columns, channels)
    n, h, w, c = maps.strides
    for run in _runs(range(columns), reach, before[1], width):
        first = images.start * n + top * h + run.begin * w
        shape = (count, bottom - top, run.count, run.high - run.low, channels)
        tiles = np.ndarray(shape, maps.dtype, maps, first, (n, h, STEP * w, w, c))
        target = half[:, :, :, run.first : run.first + run.count]
        np.matmul(matrix[:, run.low : run.high], tiles, out=target.transpose(1, 2, 3, 0, 4))
    by_point = out.reshape(tile, tile, count, len(rows), columns * channels)
    j, n, h, _, c = half.strides
    for run in _runs(rows, reach, before[0], height):
        first = max(0, run.begin - top) * h
        shape = (tile, count, run.count, run.high - run.low, columns * channels)
        tiles = np.ndarray(shape, maps.dtype, half, first, (j, n, STEP * h, h, c))
        target = by_point[:, :, :, run.first - rows.start : run.first - rows.start + run.count]
        np.matmul(matrix[:, run.low : run.high], tiles, out=target.transpose(1, 2, 3, 0, 4))


def half_way(tile: int, tiles: int, columns: int, channels: int) -> int:
    """Values of scratch that `to_points` needs for so many tiles, at most: the rows where tiles overlap more."""
    lines = max(1, tiles // columns)
    return tile * lines * tile * columns * channels


def from_points(matrix: Array, values: Array, group: Group, maps: Array, space: Array) -> None:
    """matrix × tile × matrixᵀ, written to where the tiles of a group stand in the maps; what stands out is cut.

    matrix: (4, tile); values: (tile², tiles, C), contiguous; maps: (N, H, W, C); space: scratch, 4 × tile × tiles × C
    values.
    """
    tile = matrix.shape[1]
    tiles, channels = values.shape[1:]
    half = space[: STEP * tile * tiles * channels].reshape(STEP, tile, tiles * channels)
    by_row = values.reshape(tile, tile, tiles * channels)
    np.matmul(matrix, by_row.transpose(1, 0, 2), out=half.transpose(1, 0, 2))
    target = maps[group.images]
    count, height, width, _ = target.shape
    sources = half.reshape(STEP, tile, count, len(group.rows), group.columns, channels).transpose(2, 3, 0, 4, 1, 5)
    for down in _runs(group.rows, STEP, 0, height):
        begin, first = down.first * STEP, down.first - group.rows.start
        lines = target[:, begin : begin + down.count * down.high]
        lines = lines.reshape(count, down.count, down.high, width, channels)
        for across in _runs(range(group.columns), STEP, 0, width):
            begin = across.first * STEP
            pixels = lines[:, :, :, begin : begin + across.count * across.high]
            pixels = pixels.reshape(count, down.count, down.high, across.count, across.high, channels)
            source = sources[:, first : first + down.count, : down.high, across.first : across.first + across.count]
            np.matmul(matrix[: across.high], source, out=pixels)
