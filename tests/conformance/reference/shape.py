"""What changes the form, joins paths, or silences values at random."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from tests.conformance.reference.frame import pad, pad_gradient
from tests.conformance.reference.site import Array, Gradients, Reference, Site, pair, sides


def identity(site: Site) -> Array:
    return site.x


def identity_gradient(site: Site, d_y: Array) -> Gradients:
    return [d_y], {}


def flatten(site: Site) -> Array:
    """Channel by channel, row by row."""
    return np.array([[image[at] for at in np.ndindex(image.shape)] for image in site.x])


def flatten_gradient(site: Site, d_y: Array) -> Gradients:
    d_x = np.zeros(site.x.shape)
    for n in range(len(d_x)):
        for index, at in enumerate(np.ndindex(d_x.shape[1:])):
            d_x[(n, *at)] = d_y[n, index]
    return [d_x], {}


def pad2d(site: Site) -> Array:
    return pad(site.x, sides(site.params), site.params["mode"])


def pad2d_gradient(site: Site, d_y: Array) -> Gradients:
    return [pad_gradient(d_y, site.x.shape, sides(site.params), site.params["mode"])], {}


def _sources(index: int, scale: int, size: int, mode: str) -> dict[int, float]:
    """Which of `size` pixels make up the one at `index` after enlarging, and by how much each.

    Pixels are squares: the middle of the new one lies at (index + 1/2) / scale of the old row. "nearest" takes the
    pixel it lies in, "bilinear" the two middles beside it by their nearness; beyond the outermost there is but one.
    """
    middle = (index + 0.5) / scale
    if mode == "nearest":
        return {math.floor(middle): 1.0}
    first = math.floor(middle - 0.5)
    share = middle - 0.5 - first
    found: dict[int, float] = {}
    for pixel, weight in ((first, 1 - share), (first + 1, share)):
        pixel = min(max(pixel, 0), size - 1)
        found[pixel] = found.get(pixel, 0.0) + weight
    return found


def _blends(site: Site) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], float]]:
    """Places of the output and of the input, and the share that the one has in the other."""
    (down, right), mode, (images, channels, height, width) = (
        pair(site.params["scale_factor"]),
        site.params["mode"],
        site.x.shape,
    )
    for n, c, i, j in np.ndindex(images, channels, down * height, right * width):
        for row, above in _sources(i, down, height, mode).items():
            for column, beside in _sources(j, right, width, mode).items():
                yield (n, c, i, j), (n, c, row, column), above * beside


def upsample(site: Site) -> Array:
    (down, right), (images, channels, height, width) = pair(site.params["scale_factor"]), site.x.shape
    y = np.zeros((images, channels, down * height, right * width))
    for at, place, share in _blends(site):
        y[at] += share * site.x[place]
    return y


def upsample_gradient(site: Site, d_y: Array) -> Gradients:
    d_x = np.zeros(site.x.shape)
    for at, place, share in _blends(site):
        d_x[place] += share * d_y[at]
    return [d_x], {}


def add(site: Site) -> Array:
    y = np.zeros(site.inputs[0].shape)
    for at in np.ndindex(y.shape):
        y[at] = sum(x[at] for x in site.inputs)
    return y


def add_gradient(site: Site, d_y: Array) -> Gradients:
    return [d_y for _ in site.inputs], {}


def concat(site: Site) -> Array:
    """Channels side by side."""
    first = site.inputs[0]
    y = np.zeros((len(first), sum(x.shape[1] for x in site.inputs), *first.shape[2:]))
    for at, port, place in _joined(site):
        y[at] = site.inputs[port][place]
    return y


def concat_gradient(site: Site, d_y: Array) -> Gradients:
    d_inputs = [np.zeros(x.shape) for x in site.inputs]
    for at, port, place in _joined(site):
        d_inputs[port][place] = d_y[at]
    return d_inputs, {}


def _joined(site: Site) -> Iterator[tuple[tuple[int, ...], int, tuple[int, ...]]]:
    """Places of the output, and where each comes from: port, place."""
    before = 0
    for port, x in enumerate(site.inputs):
        for n, c, *pixel in np.ndindex(x.shape):
            yield (n, before + c, *pixel), port, (n, c, *pixel)
        before += x.shape[1]


def _dropping(decided_at_once: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Reference:
    """0 with probability p, x / (1 - p) otherwise; `decided_at_once`: what a place shares its lot with.

    Whether that is 0 is read off what was seen at its first place; that the others share it is then to be proved.
    """

    def factors(site: Site) -> Array:
        factor = np.ones(site.x.shape)
        if not site.training:
            return factor
        lots: dict[tuple[int, ...], float] = {}
        for at in np.ndindex(factor.shape):
            kept = 0.0 if site.seen[at] == 0 else 1 / (1 - site.params["p"])
            factor[at] = lots.setdefault(decided_at_once(at), kept)
        return factor

    def forward(site: Site) -> Array:
        y, factor = np.zeros(site.x.shape), factors(site)
        for at in np.ndindex(y.shape):
            y[at] = site.x[at] * factor[at]
        return y

    def backward(site: Site, d_y: Array) -> Gradients:
        d_x, factor = np.zeros(site.x.shape), factors(site)
        for at in np.ndindex(d_x.shape):
            d_x[at] = d_y[at] * factor[at]
        return [d_x], {}

    return Reference(forward, backward)


REFERENCES = {
    "Input": Reference(identity, identity_gradient),
    "Identity": Reference(identity, identity_gradient),
    "Flatten": Reference(flatten, flatten_gradient),
    "Pad2d": Reference(pad2d, pad2d_gradient),
    "Upsample": Reference(upsample, upsample_gradient),
    "Add": Reference(add, add_gradient),
    "Concat": Reference(concat, concat_gradient),
    "Dropout": _dropping(lambda at: at),
    "SpatialDropout": _dropping(lambda at: at[:2]),
    "DropPath": _dropping(lambda at: at[:1]),
}
