"""Stochastic pooling: each value of a window counts by its share of the window's sum, values below 0 not at all.

Windows lie wholly inside the maps. Work goes tap by tap over some images at a time, as in `pooling`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

import numpy as np

from cnnstudio.engine.arrays import Array, Integers, Pair
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.parallel import split_images
from cnnstudio.engine.kernels.window import Window, fold


def draw(x: Array, window: Window, dice: Array) -> tuple[Array, Integers]:
    """(N, H, W, C) to one value of each window and the number of its tap, dice (N, rows, columns, C) in [0, 1).

    The tap is the first at which the shares add up to more than the dice show. A window with nothing above 0 gives 0
    and the number behind the last tap. A sum that is not finite is passed on as it is.
    """
    positions = (dice.shape[1], dice.shape[2])
    y = np.zeros(dice.shape, x.dtype)
    drawn = np.zeros(dice.shape, np.min_scalar_type(prod(window.kernel)))

    def some(images: slice) -> None:
        totals = np.zeros_like(y[images])
        for strength in _strengths(x[images], window, positions):
            totals += strength
        goals = dice[images].astype(x.dtype) * totals
        running = np.zeros_like(totals)
        for at, strength in zip(window.taps, _strengths(x[images], window, positions), strict=True):
            missed = running <= goals
            running += strength
            np.copyto(y[images], window.tap(x[images], at, positions), where=missed & (running > goals))
            drawn[images] += running <= goals
        np.copyto(y[images], totals, where=~np.isfinite(totals))

    split_images(some, x)
    return y, drawn


def draw_gradient(d_output: Array, drawn: Integers, window: Window, size: Pair) -> Array:
    """Gradient by the input, (N, *size, C): all of a window's goes to the tap that was drawn."""
    positions = (d_output.shape[1], d_output.shape[2])
    d_x = memory.empty((len(d_output), *size, d_output.shape[3]), d_output.dtype)

    def some(images: slice) -> None:
        shares = (d_output[images] * (drawn[images] == tap) for tap in range(prod(window.kernel)))
        fold(d_x[images], window, positions, shares)

    split_images(some, d_x)
    return d_x


def weigh(x: Array, window: Window, size: Pair) -> tuple[Array, Array]:
    """(N, H, W, C) to each window's mean weighted by the shares, Σ s² / Σ s, and the sums Σ s; both (N, *size, C)."""
    y = memory.empty((len(x), *size, x.shape[3]), x.dtype)
    totals = memory.empty_like(y)

    def some(images: slice) -> None:
        squares, sums = np.zeros_like(y[images]), np.zeros_like(y[images])
        for strength in _strengths(x[images], window, size):
            sums += strength
            strength *= strength
            squares += strength
        # Without anything above 0 both are 0, and so is what leaves.
        np.divide(squares, np.where(sums == 0, 1, sums), out=y[images])
        totals[images] = sums

    split_images(some, x)
    return y, totals


def weigh_gradient(d_output: Array, x: Array, y: Array, totals: Array, window: Window) -> Array:
    """Gradient by the input of `weigh`: d (Σ s² / Σ s) / d s = (2 s - y) / Σ s for each s above 0."""
    positions = (y.shape[1], y.shape[2])
    d_x = memory.empty_like(x)

    def some(images: slice) -> None:
        scale = d_output[images] / np.where(totals[images] == 0, 1, totals[images])

        def shares() -> Iterator[Array]:
            for strength in _strengths(x[images], window, positions):
                yield np.where(strength > 0, (2 * strength - y[images]) * scale, 0)

        fold(d_x[images], window, positions, shares())

    split_images(some, x)
    return d_x


def _strengths(x: Array, window: Window, positions: Pair) -> Iterator[Array]:
    """max(0, x) at each tap in row-major order, in an array of the reader's own."""
    for at in window.taps:
        yield np.maximum(window.tap(x, at, positions), 0)
