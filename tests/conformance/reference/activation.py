"""Functions of one value at a time, with their slopes; Softmax."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tests.conformance.reference.site import Array, Gradients, Reference, Site

Curve = Callable[[float, Site], float]


def _element_wise(function: Curve, slope: Curve) -> Reference:
    def forward(site: Site) -> Array:
        y = np.zeros(site.x.shape)
        for at in np.ndindex(y.shape):
            y[at] = function(float(site.x[at]), site)
        return y

    def backward(site: Site, d_y: Array) -> Gradients:
        d_x = np.zeros(d_y.shape)
        for at in np.ndindex(d_y.shape):
            d_x[at] = d_y[at] * slope(float(site.x[at]), site)
        return [d_x], {}

    return Reference(forward, backward)


def relu(x: float, site: Site) -> float:
    return max(0.0, x)


def relu_slope(x: float, site: Site) -> float:
    return 1.0 if x > 0 else 0.0


def leaky_relu(x: float, site: Site) -> float:
    return x if x > 0 else x * site.params["negative_slope"]


def leaky_relu_slope(x: float, site: Site) -> float:
    return 1.0 if x > 0 else float(site.params["negative_slope"])


def prelu(x: float, site: Site) -> float:
    return x if x > 0 else x * float(site.arrays["weight"][0])


def prelu_slope(x: float, site: Site) -> float:
    return 1.0 if x > 0 else float(site.arrays["weight"][0])


def prelu_gradient(site: Site, d_y: Array) -> Gradients:
    d_inputs, _ = _element_wise(prelu, prelu_slope).backward(site, d_y)
    d_weight = sum(d_y[at] * site.x[at] for at in np.ndindex(d_y.shape) if site.x[at] < 0)
    return d_inputs, {"weight": np.array([d_weight], np.float64)}


def elu(x: float, site: Site) -> float:
    return x if x > 0 else site.params["alpha"] * math.expm1(x)


def elu_slope(x: float, site: Site) -> float:
    return 1.0 if x > 0 else site.params["alpha"] * math.exp(x)


def gelu(x: float, site: Site) -> float:
    if site.params["approximate"] == "tanh":
        return x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
    return x * _probability_below(x)


def gelu_slope(x: float, site: Site) -> float:
    """By the product rule; the derivative of tanh is 1 - tanh²."""
    if site.params["approximate"] == "tanh":
        root = math.sqrt(2 / math.pi)
        tanh = math.tanh(root * (x + 0.044715 * x**3))
        return (1 + tanh) / 2 + x * (1 - tanh**2) / 2 * root * (1 + 3 * 0.044715 * x**2)
    return _probability_below(x) + x * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _probability_below(x: float) -> float:
    """Of a normal number; the complement keeps its digits far below 0."""
    return math.erfc(-x / math.sqrt(2)) / 2


def sigmoid(x: float, site: Site) -> float:
    return 1 / (1 + math.exp(-x))


def sigmoid_slope(x: float, site: Site) -> float:
    return math.exp(-x) / (1 + math.exp(-x)) ** 2


def silu(x: float, site: Site) -> float:
    return x / (1 + math.exp(-x))


def silu_slope(x: float, site: Site) -> float:
    return sigmoid(x, site) + x * sigmoid_slope(x, site)


def tanh(x: float, site: Site) -> float:
    return (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x))


def tanh_slope(x: float, site: Site) -> float:
    return 4 / (math.exp(x) + math.exp(-x)) ** 2


def softmax(site: Site) -> Array:
    """y_c = e^x_c / Σ e^x over the channels of each pixel, or the features of a vector."""
    y = np.zeros(site.x.shape)
    for n, c, *pixel in np.ndindex(y.shape):
        total = 0.0
        for other in range(y.shape[1]):
            total += math.exp(site.x[(n, other, *pixel)])
        y[(n, c, *pixel)] = math.exp(site.x[(n, c, *pixel)]) / total
    return y


def softmax_gradient(site: Site, d_y: Array) -> Gradients:
    """dy_c/dx_l = y_c ([c = l] - y_l)"""
    y, d_x = softmax(site), np.zeros(d_y.shape)
    for n, c, *pixel in np.ndindex(y.shape):
        for other in range(y.shape[1]):
            slope = y[(n, c, *pixel)] * ((c == other) - y[(n, other, *pixel)])
            d_x[(n, other, *pixel)] += d_y[(n, c, *pixel)] * slope
    return [d_x], {}


REFERENCES = {
    "ReLU": _element_wise(relu, relu_slope),
    "LeakyReLU": _element_wise(leaky_relu, leaky_relu_slope),
    "PReLU": Reference(_element_wise(prelu, prelu_slope).forward, prelu_gradient),
    "ELU": _element_wise(elu, elu_slope),
    "GELU": _element_wise(gelu, gelu_slope),
    "SiLU": _element_wise(silu, silu_slope),
    "Sigmoid": _element_wise(sigmoid, sigmoid_slope),
    "Tanh": _element_wise(tanh, tanh_slope),
    "Softmax": Reference(softmax, softmax_gradient),
}
