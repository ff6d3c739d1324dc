"""Groups of values brought to mean 0 and variance 1; LocalResponseNorm, where strong channels dampen neighbours."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from tests.conformance.reference.site import Array, Gradients, Reference, Site

Place = tuple[int, ...]


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def _variance(values: list[float]) -> float:
    """Biased: over the count, not one less."""
    mean = _mean(values)
    return math.fsum((value - mean) ** 2 for value in values) / len(values)


def _by_channel(site: Site, place: Place) -> Place:
    return (place[1],)


def _by_image(site: Site, place: Place) -> Place:
    return (place[0],)


def _by_map(site: Site, place: Place) -> Place:
    return place[:2]


def _by_group(site: Site, place: Place) -> Place:
    return place[0], place[1] // (site.x.shape[1] // site.params["num_groups"])


def _groups(site: Site, group: Callable[[Site, Place], Place]) -> list[list[Place]]:
    """Places of the input, (n, c, i, j) or (n, f), that are normalized together."""
    found: dict[Place, list[Place]] = {}
    for place in np.ndindex(site.x.shape):
        found.setdefault(group(site, place), []).append(place)
    return list(found.values())


def _of_channel(place: Place) -> Place:
    return (place[1],)


def _of_value(place: Place) -> Place:
    return place[1:]


def _normalization(group: Callable[[Site, Place], Place], learned: Callable[[Place], Place]) -> Reference:
    """y = (x - μ) / σ · weight + bias with σ = √(variance + ε); `learned`: where weight and bias stand for a place."""

    def statistics(site: Site, places: list[Place]) -> tuple[float, float]:
        """(μ, σ)"""
        values = [float(site.x[place]) for place in places]
        return _mean(values), math.sqrt(_variance(values) + site.params["eps"])

    def forward(site: Site) -> Array:
        y = np.zeros(site.x.shape)
        for places in _groups(site, group):
            mean, deviation = statistics(site, places)
            for place in places:
                y[place] = _affine(site, (site.x[place] - mean) / deviation, learned(place))
        return y

    def backward(site: Site, d_y: Array) -> Gradients:
        """Every x of a group of m moves every z = (x - μ) / σ of it:

        dz_k/dx_q = ([k = q] - 1/m) / σ - (x_k - μ)(x_q - μ) / (m σ³)
        """
        d_x, d_arrays = np.zeros(site.x.shape), _zeros(site)
        for places in _groups(site, group):
            mean, deviation = statistics(site, places)
            count = len(places)
            away = [float(site.x[place]) - mean for place in places]
            for k, place in enumerate(places):
                d_z = _affine_gradient(site, d_y[place], away[k] / deviation, learned(place), d_arrays)
                for q, other in enumerate(places):
                    slope = ((k == q) - 1 / count) / deviation - away[k] * away[q] / (count * deviation**3)
                    d_x[other] += d_z * slope
        return [d_x], d_arrays

    return Reference(forward, backward)


def _zeros(site: Site) -> dict[str, Array]:
    return {name: np.zeros(site.arrays[name].shape) for name in ("weight", "bias") if site.params["affine"]}


def _affine(site: Site, z: float, at: Place) -> float:
    return z * site.arrays["weight"][at] + site.arrays["bias"][at] if site.params["affine"] else z


def _affine_gradient(site: Site, d_y: float, z: float, at: Place, d_arrays: Mapping[str, Array]) -> float:
    """The gradient by z; those by weight and bias are added to `d_arrays`."""
    if not site.params["affine"]:
        return d_y
    d_arrays["weight"][at] += d_y * z
    d_arrays["bias"][at] += d_y
    return d_y * float(site.arrays["weight"][at])


_BATCH = _normalization(_by_channel, _of_channel)


def batch_norm(site: Site) -> Array:
    """In training by the batch's mean and variance, in evaluation by the running ones."""
    if site.training:
        return _BATCH.forward(site)
    y = np.zeros(site.x.shape)
    for place in np.ndindex(y.shape):
        y[place] = _affine(site, _evaluated(site, place), _of_channel(place))
    return y


def _evaluated(site: Site, place: Place) -> float:
    mean, variance = site.arrays["running_mean"][place[1]], site.arrays["running_var"][place[1]]
    return float(site.x[place] - mean) / math.sqrt(variance + site.params["eps"])


def batch_norm_gradient(site: Site, d_y: Array) -> Gradients:
    if site.training:
        return _BATCH.backward(site, d_y)
    d_x, d_arrays = np.zeros(site.x.shape), _zeros(site)
    for place in np.ndindex(d_y.shape):
        d_z = _affine_gradient(site, float(d_y[place]), _evaluated(site, place), _of_channel(place), d_arrays)
        d_x[place] = d_z / math.sqrt(site.arrays["running_var"][place[1]] + site.params["eps"])
    return [d_x], d_arrays


def running_statistics(site: Site) -> dict[str, Array]:
    """What a batch of training leaves: momentum weighs the new value, and the variance that is kept is unbiased."""
    momentum = site.params["momentum"]
    kept = {name: site.arrays[name].copy() for name in ("running_mean", "running_var")}
    for c, places in enumerate(_groups(site, _by_channel)):
        values = [float(site.x[place]) for place in places]
        unbiased = _variance(values) * len(values) / (len(values) - 1)
        kept["running_mean"][c] = (1 - momentum) * kept["running_mean"][c] + momentum * _mean(values)
        kept["running_var"][c] = (1 - momentum) * kept["running_var"][c] + momentum * unbiased
    return kept


def _heard(site: Site, c: int) -> range:
    """The channels that channel c hears, itself included; an even size reaches one further down."""
    size = site.params["size"]
    return range(max(0, c - size // 2), min(site.x.shape[1], c + (size - 1) // 2 + 1))


def _base(site: Site, place: Place) -> float:
    n, c, i, j = place
    squares = sum(float(site.x[n, near, i, j]) ** 2 for near in _heard(site, c))
    return float(site.params["k"] + site.params["alpha"] / site.params["size"] * squares)


def local_response_norm(site: Site) -> Array:
    """y = x / (k + α / size · Σ x²)^β"""
    y = np.zeros(site.x.shape)
    for place in np.ndindex(y.shape):
        y[place] = site.x[place] / _base(site, place) ** site.params["beta"]
    return y


def local_response_norm_gradient(site: Site, d_y: Array) -> Gradients:
    """dy_c/dx_l = [c = l] base^-β - x_c β base^(-β - 1) · 2 α / size · x_l where c hears l."""
    d_x = np.zeros(site.x.shape)
    alpha, beta, size = (site.params[name] for name in ("alpha", "beta", "size"))
    for n, c, i, j in np.ndindex(d_y.shape):
        base, x = _base(site, (n, c, i, j)), float(site.x[n, c, i, j])
        d_x[n, c, i, j] += d_y[n, c, i, j] * base**-beta
        for near in _heard(site, c):
            slope = -x * beta * base ** (-beta - 1) * 2 * alpha / size * site.x[n, near, i, j]
            d_x[n, near, i, j] += d_y[n, c, i, j] * slope
    return [d_x], {}


REFERENCES = {
    "BatchNorm": Reference(batch_norm, batch_norm_gradient),
    "LayerNorm": _normalization(_by_image, _of_value),
    "InstanceNorm": _normalization(_by_map, _of_channel),
    "GroupNorm": _normalization(_by_group, _of_channel),
    "LocalResponseNorm": Reference(local_response_norm, local_response_norm_gradient),
}
