"""Conv2d, ConvTranspose2d and Linear: sums of products."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tests.conformance.reference.frame import pad, pad_gradient
from tests.conformance.reference.site import Array, Gradients, Reference, Site, pair, sides


def _products(site: Site, padded: Array) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
    """Places (n, o, i, j) of the output, of the padded input and of the weight that enter it as a product."""
    weight = site.arrays["weight"]
    outputs, per_group, rows, columns = weight.shape
    (down, right), (row_step, column_step) = pair(site.params["stride"]), pair(site.params["dilation"])
    images, _, height, width = padded.shape
    high = (height - row_step * (rows - 1) - 1) // down + 1
    wide = (width - column_step * (columns - 1) - 1) // right + 1
    for n, o, i, j in np.ndindex(images, outputs, high, wide):
        group = o // (outputs // site.params["groups"])
        for c, a, b in np.ndindex(per_group, rows, columns):
            place = (n, group * per_group + c, down * i + row_step * a, right * j + column_step * b)
            yield (n, o, i, j), place, (o, c, a, b)


def _padded(site: Site) -> Array:
    return pad(site.x, sides(site.params), site.params["padding_mode"])


def conv(site: Site) -> Array:
    padded, weight = _padded(site), site.arrays["weight"]
    sums: dict[tuple[int, ...], float] = {}
    for at, place, tap in _products(site, padded):
        sums[at] = sums.get(at, 0.0) + padded[place] * weight[tap]
    y = np.zeros([most + 1 for most in max(sums)])
    for at, total in sums.items():
        y[at] = total + (site.arrays["bias"][at[1]] if site.params["bias"] else 0.0)
    return y


def conv_gradient(site: Site, d_y: Array) -> Gradients:
    padded, weight = _padded(site), site.arrays["weight"]
    d_padded, d_weight = np.zeros(padded.shape), np.zeros(weight.shape)
    for at, place, tap in _products(site, padded):
        d_padded[place] += d_y[at] * weight[tap]
        d_weight[tap] += d_y[at] * padded[place]
    d_x = pad_gradient(d_padded, site.x.shape, sides(site.params), site.params["padding_mode"])
    return [d_x], {"weight": d_weight} | _bias_gradient(site, d_y)


def _bias_gradient(site: Site, d_y: Array) -> dict[str, Array]:
    """The bias enters every output of its channel once."""
    if not site.params["bias"]:
        return {}
    d_bias = np.zeros(d_y.shape[1])
    for at in np.ndindex(d_y.shape):
        d_bias[at[1]] += d_y[at]
    return {"bias": d_bias}


def _strokes(site: Site) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
    """Places of the input, of the weight and of the output that it is painted on, where that is not cut off."""
    weight, (down, right) = site.arrays["weight"], pair(site.params["stride"])
    (top, _, left, _), (high, wide) = sides(site.params), _painted_size(site)
    _, outputs, rows, columns = weight.shape
    for n, c, i, j in np.ndindex(site.x.shape):
        for o, a, b in np.ndindex(outputs, rows, columns):
            row, column = down * i + a - top, right * j + b - left
            if 0 <= row < high and 0 <= column < wide:
                yield (n, c, i, j), (c, o, a, b), (n, o, row, column)


def _painted_size(site: Site) -> tuple[int, int]:
    (down, right), (rows, columns) = pair(site.params["stride"]), site.arrays["weight"].shape[2:]
    (top, bottom, left, over), (low, behind) = sides(site.params), pair(site.params["output_padding"])
    height, width = site.x.shape[2:]
    return (height - 1) * down + rows - top - bottom + low, (width - 1) * right + columns - left - over + behind


def conv_transpose(site: Site) -> Array:
    weight = site.arrays["weight"]
    y = np.zeros((len(site.x), weight.shape[1], *_painted_size(site)))
    for place, tap, at in _strokes(site):
        y[at] += site.x[place] * weight[tap]
    if site.params["bias"]:
        for at in np.ndindex(y.shape):
            y[at] += site.arrays["bias"][at[1]]
    return y


def conv_transpose_gradient(site: Site, d_y: Array) -> Gradients:
    weight = site.arrays["weight"]
    d_x, d_weight = np.zeros(site.x.shape), np.zeros(weight.shape)
    for place, tap, at in _strokes(site):
        d_x[place] += d_y[at] * weight[tap]
        d_weight[tap] += d_y[at] * site.x[place]
    return [d_x], {"weight": d_weight} | _bias_gradient(site, d_y)


def linear(site: Site) -> Array:
    weight = site.arrays["weight"]
    y = np.zeros((len(site.x), len(weight)))
    for n, o in np.ndindex(y.shape):
        y[n, o] = sum(weight[o, f] * site.x[n, f] for f in range(weight.shape[1]))
        y[n, o] += site.arrays["bias"][o] if site.params["bias"] else 0.0
    return y


def linear_gradient(site: Site, d_y: Array) -> Gradients:
    weight = site.arrays["weight"]
    d_x, d_weight = np.zeros(site.x.shape), np.zeros(weight.shape)
    for n, o in np.ndindex(d_y.shape):
        for f in range(weight.shape[1]):
            d_x[n, f] += d_y[n, o] * weight[o, f]
            d_weight[o, f] += d_y[n, o] * site.x[n, f]
    return [d_x], {"weight": d_weight} | _bias_gradient(site, d_y)


REFERENCES = {
    "Conv2d": Reference(conv, conv_gradient),
    "ConvTranspose2d": Reference(conv_transpose, conv_transpose_gradient),
    "Linear": Reference(linear, linear_gradient),
}
