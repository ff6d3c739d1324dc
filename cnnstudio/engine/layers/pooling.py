"""MaxPool2d, AvgPool2d, StochasticPool2d, AdaptiveAvgPool2d, AdaptiveMaxPool2d: a window of a map becomes a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnnstudio.engine.arrays import Array, Pair, shape_text
from cnnstudio.engine.errors import LayerError
from cnnstudio.engine.kernels import adaptive, pooling, stochastic
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved, map_size


def _output_size(kind: str, x: Array, window: Window, ceil_mode: bool) -> Pair:
    size = window.output_size(map_size(kind, x), ceil_mode=ceil_mode)
    if min(size) < 1:
        maps = shape_text(x.shape[1:3])
        raise LayerError(f"a window of {shape_text(window.extent)} does not fit into maps of {maps}.")
    return size


def _check_padding(kind: str, window: Window) -> None:
    top, bottom, left, right = window.padding
    for most, extent in ((max(top, bottom), window.extent[0]), (max(left, right), window.extent[1])):
        if most > extent // 2:
            raise LayerError(f"{kind} pads by at most half its window; {most} is more than half of {extent}.")


class MaxPool2d(Layer):
    """The largest value of each window; padding is minus infinity. The first of equal ones gets the gradient."""

    def __init__(self, window: Window, *, ceil_mode: bool = False) -> None:
        super().__init__()
        _check_padding("MaxPool2d", window)
        self.window, self.ceil_mode = window, ceil_mode

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        size = _output_size("MaxPool2d", x, self.window, self.ceil_mode)
        if not mode.training:
            # Few evaluations go backward: winners are looked for when one does.
            return pooling.max_pool(x, self.window, size), (x, None)
        y, winners = pooling.max_pool_and_winners(x, self.window, size)
        return y, (winners, (x.shape[1], x.shape[2]))

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        kept, map_size = saved
        if map_size is None:
            map_size = (kept.shape[1], kept.shape[2])
            _, kept = pooling.max_pool_and_winners(kept, self.window, (d_output.shape[1], d_output.shape[2]))
        return (pooling.max_pool_gradient(d_output, kept, self.window, map_size),), {}


class AvgPool2d(Layer):
    """The mean of each window; zeros of the padding count or not, the overhang of ceil_mode never does."""

    def __init__(self, window: Window, *, ceil_mode: bool = False, count_include_pad: bool = True) -> None:
        super().__init__()
        _check_padding("AvgPool2d", window)
        self.window, self.ceil_mode, self.count_include_pad = window, ceil_mode, count_include_pad

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        size = _output_size("AvgPool2d", x, self.window, self.ceil_mode)
        y = pooling.avg_pool(x, self.window, size, count_include_pad=self.count_include_pad)
        return y, (x.shape[1], x.shape[2])

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        d_x = pooling.avg_pool_gradient(d_output, self.window, saved, count_include_pad=self.count_include_pad)
        return (d_x,), {}


class StochasticPool2d(Layer):
    """One value of each window, drawn in training with probability p = max(0, x) / Σ max(0, x); Σ p x in evaluation.

    Values below 0 are never drawn, and a window without any above gives 0 and no gradient. In training the gradient
    goes to the value that was drawn. (Zeiler and Fergus, "Stochastic Pooling for Regularization of Deep
    Convolutional Neural Networks", 2013.)
    """

    draws = True

    def __init__(self, window: Window) -> None:
        super().__init__()
        self.window = window

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        size = _output_size("StochasticPool2d", x, self.window, ceil_mode=False)
        if not mode.training:
            y, totals = stochastic.weigh(x, self.window, size)
            return y, (x, y, totals)
        if mode.generator is None:
            raise LayerError("StochasticPool2d needs a generator of random numbers in training.")
        # In float32 whatever the precision: a seed means the same chance in both.
        dice = mode.generator.random((len(x), *size, x.shape[3]), np.float32)
        y, taps = stochastic.draw(x, self.window, dice)
        return y, (taps, (x.shape[1], x.shape[2]))

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        if len(saved) == 3:
            x, y, totals = saved
            return (stochastic.weigh_gradient(d_output, x, y, totals, self.window),), {}
        taps, size = saved
        return (stochastic.draw_gradient(d_output, taps, self.window, size),), {}


class AdaptiveAvgPool2d(Layer):
    """Means over a grid of a given size: bin i of o covers [⌊i n / o⌋, ⌈(i + 1) n / o⌉) of n pixels."""

    def __init__(self, output_size: Pair) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        size = map_size("AdaptiveAvgPool2d", x)
        return adaptive.average(x, self.output_size), size

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        return (adaptive.average_gradient(d_output, saved),), {}


class AdaptiveMaxPool2d(Layer):
    """The largest over a grid of a given size, with the bins of AdaptiveAvgPool2d. The first of equal ones counts."""

    def __init__(self, output_size: Pair) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        size = map_size("AdaptiveMaxPool2d", x)
        y, places = adaptive.maximum(x, self.output_size)
        return y, (places, size)

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        places, size = saved
        return (adaptive.maximum_gradient(d_output, places, size),), {}
