"""Pooling along the rows of the windows first, along their columns then: long inner loops, few passes.

NumPy is fast where its inner loop is long. What a row of a window sees is whole rows of a map, long as they are; what
a column of it sees with a stride is single pixels, a loop over no more than their channels. So pixels are sorted into
phases first: those whose column leaves the same remainder by the stride. What a column of the windows sees is then a
run of pixels of one phase. The gradient goes the same way back, a phase of rows and columns at a time. Windows that
hang over the edge see less: nothing is padded. Windows that lie side by side, the usual ones, need fewer steps yet.

Blocks of images are cut by the size of the output: as the steps are many, a larger block is worth more than a place
in the nearest cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, Integers, Pair
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.parallel import split_images
from cnnstudio.engine.kernels.pooling_plan import Plan, Sight, slide
from cnnstudio.engine.kernels.window import Window, copy_pixels

Values: TypeAlias = npt.NDArray[Any]

ROWS, COLUMNS = 1, 2
"""Axes of maps (N, H, W, C)."""

LONG_PIXEL = 24
"""From so many channels single pixels make loops long enough for windows apart."""


def max_pool(x: Array, window: Window, size: Pair) -> Array:
    """(N, H, W, C) to (N, *size, C): the largest of each window; padding is minus infinity."""
    x = np.ascontiguousarray(x)
    y = memory.empty((len(x), *size, x.shape[3]), x.dtype)
    plan = slide(window, (x.shape[1], x.shape[2]), size)
    split_images(lambda images: _combine(x[images], y[images], plan, np.maximum, -np.inf), y)
    return y


def max_pool_and_winners(x: Array, window: Window, size: Pair) -> tuple[Array, Integers]:
    """`max_pool` and, for its gradient, which tap of each window won; both (N, *size, C).

    Taps are numbered in row-major order; of those that equal the maximum the first wins. A maximum that is not a
    number equals none: its winner is kernel height × width.
    """
    x = np.ascontiguousarray(x)
    y = memory.empty((len(x), *size, x.shape[3]), x.dtype)
    winners = memory.empty(y.shape, np.min_scalar_type(prod(window.kernel)))
    plan = slide(window, (x.shape[1], x.shape[2]), size)
    find = _find_apart if plan.apart and x.shape[3] >= LONG_PIXEL else _find
    split_images(lambda images: find(x[images], y[images], winners[images], plan), y)
    return y, winners


def max_pool_gradient(d_output: Array, winners: Integers, window: Window, size: Pair) -> Array:
    """Gradient by the input, (N, *size, C), where `size` is the input's (height, width): all of it to the winners."""
    d_x = memory.empty((len(d_output), *size, d_output.shape[3]), d_output.dtype)
    plan = slide(window, size, (d_output.shape[1], d_output.shape[2]))
    give = _give_apart if plan.apart else _give
    split_images(lambda images: give(d_output[images], winners[images], d_x[images], plan), d_output)
    return d_x


def avg_pool(x: Array, window: Window, size: Pair, *, count_include_pad: bool) -> Array:
    """(N, H, W, C) to (N, *size, C): the mean of each window."""
    x = np.ascontiguousarray(x)
    y = memory.empty((len(x), *size, x.shape[3]), x.dtype)
    map_size = (x.shape[1], x.shape[2])
    plan = slide(window, map_size, size)
    divisors = _divisors(window, map_size, size, count_include_pad, x.shape[3], x.dtype)

    def some(images: slice) -> None:
        total = y[images]
        _combine(x[images], total, plan, np.add, 0.0)
        total /= divisors

    split_images(some, y)
    return y


def avg_pool_gradient(d_output: Array, window: Window, size: Pair, *, count_include_pad: bool) -> Array:
    """Gradient by the input, (N, *size, C), where `size` is the input's (height, width)."""
    positions = (d_output.shape[1], d_output.shape[2])
    d_x = memory.empty((len(d_output), *size, d_output.shape[3]), d_output.dtype)
    plan = slide(window, size, positions)
    divisors = _divisors(window, size, positions, count_include_pad, d_x.shape[3], d_x.dtype)
    spread = _spread_apart if plan.apart else _spread

    def some(images: slice) -> None:
        share = memory.empty(d_output[images].shape, d_output.dtype)
        np.divide(d_output[images], divisors, out=share)
        spread(share, d_x[images], plan)

    split_images(some, d_output)
    return d_x


def _combine(x: Array, y: Array, plan: Plan, combine: np.ufunc, fill: float) -> None:
    """y becomes the sum, or maximum, of what each window sees."""
    if plan.apart and x.shape[3] >= LONG_PIXEL:
        windows = _windows(x, y.shape, plan)
        taps = [windows[:, :, row, :, column] for row, column in plan.window.taps]
        _gather(y, COLUMNS, [(slice(0, y.shape[2]), values) for values in taps], combine, fill)
        return
    stride = plan.window.stride[0]
    rows = memory.empty((len(x), y.shape[1], x.shape[2], x.shape[3]), x.dtype)
    parts = [(seen.positions, x[:, seen.phase :: stride][:, seen.pixels]) for seen in plan.rows]
    _gather(rows, ROWS, parts, combine, fill)
    phases = _phases(rows, plan)
    parts = [(seen.positions, phases[seen.phase][:, :, seen.pixels]) for seen in plan.columns]
    _gather(y, COLUMNS, parts, combine, fill)


def _gather(out: Array, axis: int, parts: Sequence[tuple[slice, Array]], combine: np.ufunc, fill: float) -> None:
    """Combine all values in `out`, each at its place along the axis; `fill` where there is none."""
    whole = 0
    while whole < min(2, len(parts)) and _covers(parts[whole][0], out, axis):
        whole += 1
    if whole == 0:
        out.fill(fill)
    elif whole == 1:
        np.copyto(out, parts[0][1])
    else:
        combine(parts[0][1], parts[1][1], out=out)
    for place, values in parts[whole:]:
        target = _along(out, axis, place)
        combine(target, values, out=target)


def _covers(place: slice, out: Array, axis: int) -> bool:
    return bool(place.stop - place.start == out.shape[axis])


def _along(values: Values, axis: int, place: slice) -> Values:
    return values[:, place] if axis == ROWS else values[:, :, place]


def _phases(values: Array, plan: Plan) -> Sequence[Array]:
    """The columns of values (N, H, W, C) by phase, each contiguous."""
    stride = plan.window.stride[1]
    if stride == 1:
        return [values]
    phases = []
    for phase in range(stride):
        view = values[:, :, phase::stride]
        phases.append(memory.empty(view.shape, view.dtype))
        copy_pixels(phases[-1], view)
    return phases


def _find(x: Array, y: Array, winners: Integers, plan: Plan) -> None:
    """y becomes the maxima, of each row of a window first, of these then; winners what came first of the largest."""
    phases = _phases(x, plan)
    largest = memory.empty((*x.shape[:2], *y.shape[2:]), x.dtype)
    columns = memory.empty(largest.shape, winners.dtype)
    _climb(largest, columns, COLUMNS, [(seen, phases[seen.phase][:, :, seen.pixels], None) for seen in plan.columns], 1)
    stride, width = plan.window.stride[0], plan.window.kernel[1]
    rows = [(seen, (slice(None), slice(seen.phase, None, stride))) for seen in plan.rows]
    parts = [(seen, largest[at][:, seen.pixels], columns[at][:, seen.pixels]) for seen, at in rows]
    _climb(y, winners, ROWS, parts, width)
    _disown(y, winners, plan)


def _find_apart(x: Array, y: Array, winners: Integers, plan: Plan) -> None:
    """The same tap by tap, in fewer steps."""
    windows = _windows(x, y.shape, plan)
    highest, *others = (windows[:, :, row, :, column] for row, column in plan.window.taps)
    higher, claims = memory.empty(y.shape, np.bool_), memory.empty(y.shape, winners.dtype)
    winners.fill(0)
    for tap, values in enumerate(others, 1):
        np.greater(values, highest, out=higher)
        np.multiply(higher.view(np.uint8), tap, out=claims, dtype=winners.dtype)
        np.maximum(winners, claims, out=winners)
        highest = np.maximum(highest, values, out=y)
    if not others:
        np.copyto(y, highest)
    _disown(y, winners, plan)


def _disown(y: Array, winners: Integers, plan: Plan) -> None:
    """What is not a number has no winner."""
    unequal = np.not_equal(y, y)
    if unequal.any():
        winners[unequal] = prod(plan.window.kernel)


def _climb(
    top: Array, numbers: Integers, axis: int, parts: Sequence[tuple[Sight, Array, Integers | None]], factor: int
) -> None:
    """top becomes the maximum of the values of all parts, numbers say at which tap it is first reached.

    A tap counts `factor` times; to it comes what the part has numbered its values with.
    """
    whole = bool(parts) and _covers(parts[0][0].positions, top, axis)
    if whole:
        seen, highest, within = parts[0]
        numbers.fill(seen.tap * factor) if within is None else np.add(within, seen.tap * factor, out=numbers)
    else:
        highest = top
        top.fill(-np.inf)
        numbers.fill(0)
    higher = memory.empty(top.shape, np.bool_)
    for seen, values, within in parts[whole:]:
        wins = np.greater(values, _along(highest, axis, seen.positions), out=_along(higher, axis, seen.positions))
        number = seen.tap * factor if within is None else within + numbers.dtype.type(seen.tap * factor)
        place = _along(numbers, axis, seen.positions)
        np.maximum(place, np.multiply(wins.view(np.uint8), number, dtype=numbers.dtype), out=place)
        if highest is not top and not _covers(seen.positions, top, axis):
            np.copyto(top, highest)
            highest = top
        np.maximum(_along(highest, axis, seen.positions), values, out=_along(top, axis, seen.positions))
        highest = top
    if highest is not top:
        np.copyto(top, highest)


def _windows(maps: Array, shape: tuple[int, ...], plan: Plan) -> Array:
    """View (N, rows, kernel height, columns, kernel width, C) of the windows apart in `maps`."""
    n, rows, columns, channels = shape
    height, width = plan.window.kernel
    return maps[:, : rows * height, : columns * width].reshape(n, rows, height, columns, width, channels)


def _give(d_output: Array, winners: Integers, d_x: Array, plan: Plan) -> None:
    bits = np.dtype(f"i{d_x.itemsize}")
    d_bits = d_output.view(bits)
    stride = plan.window.stride
    masks = _masks(winners, plan)
    share = memory.empty(winners.shape, bits)
    for row_phase, column_phase, used in plan.uses:
        target = d_x[:, row_phase :: stride[0], column_phase :: stride[1]]
        plane = target if stride[1] == 1 else memory.empty(target.shape, target.dtype)
        if not used or used[0].pixels != (slice(None), slice(0, plane.shape[1]), slice(0, plane.shape[2])):
            plane.fill(0)
        for number, use in enumerate(used):
            place = plane[use.pixels]
            part = place.view(bits) if number == 0 else share[use.positions]
            np.copyto(part, masks[use.tap][use.positions])
            np.bitwise_and(part, d_bits[use.positions], out=part)
            if number > 0:
                np.add(place, part.view(plane.dtype), out=place)
        if plane is not target:
            copy_pixels(target, plane)


def _masks(winners: Integers, plan: Plan) -> Integers:
    """(taps, *winners.shape): -1, which has all bits set however wide, where the tap has won; 0 elsewhere."""
    taps = np.arange(prod(plan.window.kernel)).astype(winners.dtype)[:, None, None, None, None]
    masks = memory.empty((len(taps), *winners.shape), np.int8)
    np.equal(winners, taps, out=masks.view(np.bool_))
    np.negative(masks, out=masks)
    return masks


def _give_apart(d_output: Array, winners: Integers, d_x: Array, plan: Plan) -> None:
    height, width = plan.window.kernel
    mask = _masks(winners, plan)
    bits = np.dtype(f"i{d_x.itemsize}")
    shares = memory.empty(mask.shape, bits)
    np.copyto(shares, mask)
    np.bitwise_and(d_output.view(bits), shares, out=shares)
    windows = _windows(d_x, winners.shape, plan)
    given = shares.view(d_x.dtype).reshape(height, width, *winners.shape)
    copy_pixels(windows, given.transpose(2, 3, 0, 4, 1, 5))
    _clear_rest(d_x, winners.shape, plan)


def _clear_rest(d_x: Array, shape: tuple[int, ...], plan: Plan) -> None:
    """What no window sees at the edge."""
    d_x[:, shape[1] * plan.window.kernel[0] :] = 0
    d_x[:, :, shape[2] * plan.window.kernel[1] :] = 0


def _spread(share: Array, d_x: Array, plan: Plan) -> None:
    stride = plan.window.stride
    wide = memory.empty((len(share), share.shape[1], d_x.shape[2], d_x.shape[3]), d_x.dtype)
    for phase in range(stride[1]):
        target = wide[:, :, phase :: stride[1]]
        plane = target if stride[1] == 1 else memory.empty(target.shape, target.dtype)
        used = [(seen.pixels, share[:, :, seen.positions]) for seen in plan.columns if seen.phase == phase]
        _gather(plane, COLUMNS, used, np.add, 0.0)
        if plane is not target:
            copy_pixels(target, plane)
    for phase in range(stride[0]):
        used = [(seen.pixels, wide[:, seen.positions]) for seen in plan.rows if seen.phase == phase]
        _gather(d_x[:, phase :: stride[0]], ROWS, used, np.add, 0.0)


def _spread_apart(share: Array, d_x: Array, plan: Plan) -> None:
    n, rows, columns, channels = share.shape
    width = plan.window.kernel[1]
    wide = memory.empty((n, rows, 1, columns, width, channels), d_x.dtype)
    copy_pixels(wide, np.broadcast_to(share[:, :, None, :, None], wide.shape))
    np.copyto(_windows(d_x, share.shape, plan), wide)
    _clear_rest(d_x, share.shape, plan)


def _divisors(
    window: Window, size: Pair, positions: Pair, count_include_pad: bool, channels: int, dtype: np.dtype[Any]
) -> Array:
    """(rows, columns, C): how many values each window's mean is over. The overhang of ceil_mode never counts."""
    top, bottom, left, right = window.padding
    rows = _counts(size[0], window.kernel[0], window.stride[0], top, bottom, positions[0], count_include_pad)
    columns = _counts(size[1], window.kernel[1], window.stride[1], left, right, positions[1], count_include_pad)
    return np.repeat(np.multiply.outer(rows, columns).astype(dtype)[..., None], channels, axis=2)


def _counts(
    size: int, kernel: int, stride: int, before: int, after: int, positions: int, count_include_pad: bool
) -> Array:
    starts = np.arange(positions) * stride - before
    low, high = (-before, size + after) if count_include_pad else (0, size)
    return (np.minimum(starts + kernel, high) - np.maximum(starts, low)).astype(np.float64)
