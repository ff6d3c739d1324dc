"""A window of a map becomes one number."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tests.conformance.reference.site import Array, Gradients, Reference, Site, pair, sides

Place = tuple[int, int]


def _positions(size: int, kernel: int, stride: int, dilation: int, before: int, after: int, *, ceil: bool) -> int:
    """How many windows fit; a last one that hangs over counts with `ceil`, but not one that begins behind the map."""
    room = size + before + after - dilation * (kernel - 1) - 1
    count = (math.ceil(room / stride) if ceil else room // stride) + 1
    return count - 1 if ceil and (count - 1) * stride >= size + before else count


def _sliding(site: Site) -> list[list[list[Place]]]:
    """Places of the window of each output pixel, in row-major order, those in the padding and beyond included."""
    (rows, columns), params = pair(site.params["kernel_size"]), site.params
    stride = (rows, columns) if params["stride"] is None else pair(params["stride"])
    dilation, ceil = pair(params.get("dilation", 1)), params.get("ceil_mode", False)
    (top, bottom, left, right), (height, width) = sides(params), site.x.shape[2:]
    high = _positions(height, rows, stride[0], dilation[0], top, bottom, ceil=ceil)
    wide = _positions(width, columns, stride[1], dilation[1], left, right, ceil=ceil)
    return [
        [
            [
                (stride[0] * i + dilation[0] * a - top, stride[1] * j + dilation[1] * b - left)
                for a, b in np.ndindex(rows, columns)
            ]
            for j in range(wide)
        ]
        for i in range(high)
    ]


def _bins(site: Site) -> list[list[list[Place]]]:
    """Bin i of o covers [⌊i n / o⌋, ⌈(i + 1) n / o⌉) of n pixels."""

    def edges(size: int, count: int) -> list[range]:
        return [range(i * size // count, math.ceil((i + 1) * size / count)) for i in range(count)]

    (high, wide), (height, width) = pair(site.params["output_size"]), site.x.shape[2:]
    return [
        [[(row, column) for row in rows for column in columns] for columns in edges(width, wide)]
        for rows in edges(height, high)
    ]


def _inside(site: Site, window: Sequence[Place]) -> list[Place]:
    height, width = site.x.shape[2:]
    return [(row, column) for row, column in window if 0 <= row < height and 0 <= column < width]


Weigh = Callable[[Site, int, int, tuple[int, int], list[Place]], tuple[float, dict[Place, float]]]
"""(site, n, c, (i, j), window) -> the number that it becomes, and its derivative by each pixel that has one."""


def _values(site: Site, n: int, c: int, places: Sequence[Place]) -> list[float]:
    return [float(site.x[n, c, row, column]) for row, column in places]


def _largest(site: Site, n: int, c: int, at: tuple[int, int], window: list[Place]) -> tuple[float, dict[Place, float]]:
    """The first of equal ones counts; padding is minus infinity."""
    places = _inside(site, window)
    values = _values(site, n, c, places)
    return (max(values), {places[values.index(max(values))]: 1.0}) if values else (-math.inf, {})


def _mean(site: Site, n: int, c: int, at: tuple[int, int], window: list[Place]) -> tuple[float, dict[Place, float]]:
    """Zeros of the padding count or not; what hangs over the padding never does."""
    places, (height, width) = _inside(site, window), site.x.shape[2:]
    top, bottom, left, right = sides(site.params)
    padded = [p for p in window if -top <= p[0] < height + bottom and -left <= p[1] < width + right]
    divisor = len(padded) if site.params.get("count_include_pad", False) else len(places)
    return sum(_values(site, n, c, places)) / divisor, dict.fromkeys(places, 1 / divisor)


def _by_strength(
    site: Site, n: int, c: int, at: tuple[int, int], window: list[Place]
) -> tuple[float, dict[Place, float]]:
    """y = Σ p x with p = m / Σ m, m = max(0, x): by the quotient rule dy/dx = (2 m - y) / Σ m where x > 0.

    In training y is one x, which `seen` tells: its values are all different.
    """
    values = _values(site, n, c, window)
    strengths = [max(0.0, value) for value in values]
    total = sum(strengths)
    if total == 0:
        return 0.0, {}
    if site.training:
        chosen = values.index(float(site.seen[(n, c, *at)]))
        assert strengths[chosen] > 0
        return values[chosen], {window[chosen]: 1.0}
    y = sum(m / total * m for m in strengths)
    return y, {place: (2 * m - y) / total for place, m in zip(window, strengths, strict=True) if m > 0}


def _pool(windows: Callable[[Site], list[list[list[Place]]]], weigh: Weigh) -> Reference:
    def outcomes(site: Site) -> Iterator[tuple[tuple[int, ...], float, dict[Place, float]]]:
        for i, row in enumerate(windows(site)):
            for j, window in enumerate(row):
                for n, c in np.ndindex(site.x.shape[:2]):
                    yield (n, c, i, j), *weigh(site, n, c, (i, j), window)

    def forward(site: Site) -> Array:
        found = {at: y for at, y, _ in outcomes(site)}
        y = np.zeros([most + 1 for most in max(found)])
        for at, value in found.items():
            y[at] = value
        return y

    def backward(site: Site, d_y: Array) -> Gradients:
        d_x = np.zeros(site.x.shape)
        for at, _, slopes in outcomes(site):
            for (row, column), slope in slopes.items():
                d_x[at[0], at[1], row, column] += slope * d_y[at]
        return [d_x], {}

    return Reference(forward, backward)


REFERENCES = {
    "MaxPool2d": _pool(_sliding, _largest),
    "AvgPool2d": _pool(_sliding, _mean),
    "StochasticPool2d": _pool(_sliding, _by_strength),
    "AdaptiveAvgPool2d": _pool(_bins, _mean),
    "AdaptiveMaxPool2d": _pool(_bins, _largest),
}
