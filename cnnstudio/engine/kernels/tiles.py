"""A batch of maps cut into tiles that fit the cache, each with the padding its windows need."""

from __future__ import annotations

from collections.abc import Iterator

from cnnstudio.engine.arrays import Array, Pair
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.window import Window, copy_padded


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
        whole = self._frames(at_once // rows) if self._needs_padding and at_once >= rows else None
        line = start
        while line < stop:
            image, row = divmod(line, rows)
            room = min(at_once, stop - line)
            images, height = (room // rows, rows) if row == 0 and room >= rows else (1, min(room, rows - row))
            if whole is not None and height == rows:
                plane = whole[:images]
                self._inside(plane)[...] = self._inside_of_x(self._x[image : image + images])
            else:
                plane = self._plane(image, images, row, height)
            yield line * columns, plane, (height, columns)
            line += images * height

    def _frames(self, images: int) -> Array:
        """Planes of `images` whole images, all `fill` yet: what stands around the images is written once only."""
        plane = memory.empty((images, *self._window.span(self._size), self._x.shape[3]), self._x.dtype)
        plane.fill(self._fill)
        return plane

    def _inside(self, plane: Array) -> Array:
        """View of the part of whole planes that x covers."""
        top, left = (max(0, edge) for edge in self._origin)
        seen = self._inside_of_x(self._x)
        return plane[:, top : top + seen.shape[1], left : left + seen.shape[2]]

    def _inside_of_x(self, x: Array) -> Array:
        """View of the part of x that whole planes cover."""
        height, width = self._window.span(self._size)
        top, left = self._origin
        return x[:, max(0, -top) : max(0, height - top), max(0, -left) : max(0, width - left)]

    def _plane(self, image: int, images: int, row: int, height: int) -> Array:
        x = self._x[image : image + images]
        span = self._window.span((height, self._size[1]))
        first = row * self._window.stride[0]
        if not self._needs_padding:
            return x[:, first : first + span[0], : span[1]]
        plane = memory.empty((images, *span, x.shape[3]), x.dtype)
        return copy_padded(plane, x, self._origin[0] - first, self._origin[1], self._fill)
