"""A batch of maps cut into tiles that fit the cache, each with the padding its windows need."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnnstudio.engine.arrays import Array, Pair
from cnnstudio.engine.kernels.window import Window, copy_padded, scratch


class Tiles:
    """What a window sees of x (N, H, W, C), some output rows at a time.

    A line is one row of output positions of one image. All lines of the batch are numbered through, so that any
    run of them is a contiguous stretch of the flattened output and can go to any thread. A tile is some whole
    images, or some lines of one image when a whole one would be too large.

    `origin` says where x's first pixel stands in the padded plane (top, left); it may be negative. What is not
    covered by x is `fill`.
    """

    def __init__(
        self, x: Array, window: Window, origin: Pair, size: Pair, lines_at_once: int, fill: float = 0.0
    ) -> None:
        self._x, self._window, self._origin, self._size, self._fill = x, window, origin, size, fill
        self._at_once = max(1, lines_at_once)
        span = window.span(size)
        self._needs_padding = origin != (0, 0) or span[0] > x.shape[1] or span[1] > x.shape[2]
        self.lines = len(x) * size[0]

    def planes(self, start: int, stop: int) -> Iterator[tuple[int, Array, Pair]]:
        """For lines [start, stop): (first position in the flat output, plane, (rows, columns) of positions).

        plane (n, h, w, C) is what the window slides over: a view of x, or working space that the next tile reuses.
        """
        rows, columns = self._size
        at_once = min(self._at_once, stop - start)
        space = scratch((self._largest_plane(at_once) if self._needs_padding else 0,), self._x)
        line = start
        while line < stop:
            image, row = divmod(line, rows)
            room = min(at_once, stop - line)
            whole = row == 0 and room >= rows
            images, height = (room // rows, rows) if whole else (1, min(room, rows - row))
            yield line * columns, self._plane(space, image, images, row, height), (height, columns)
            line += images * height

    def _largest_plane(self, lines: int) -> int:
        rows, columns = self._size
        span = self._window.span((min(lines, rows), columns))
        return max(1, lines // rows) * prod((*span, self._x.shape[3]))

    def _plane(self, space: Array, image: int, images: int, row: int, height: int) -> Array:
        x = self._x[image : image + images]
        span = self._window.span((height, self._size[1]))
        first = row * self._window.stride[0]
        if not self._needs_padding:
            return x[:, first : first + span[0], : span[1]]
        shape = (images, *span, x.shape[3])
        return copy_padded(space[: prod(shape)].reshape(shape), x, self._origin[0] - first, self._origin[1], self._fill)
