"""Which parameters would fit where those of a window do not: plain arithmetic, an axis at a time.

What is offered here is a candidate; `fixes` tries each one and keeps those that mend the fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import gcd

from cnnstudio.graph.geometry import Window

Offer = Mapping[str, object]
Windows = tuple[Window, Window]


def to_fit(sizes: Sequence[int], windows: Windows) -> Iterator[Offer]:
    """For windows larger than the padded maps: the least padding, and the largest kernel, that fit."""
    sides, kernel = [], []
    for size, window in zip(sizes, windows, strict=True):
        room = size + window.before + window.after
        short = max(0, window.extent - room)
        each = -(-(window.extent - size) // 2)
        sides += [each, each] if short else [window.before, window.after]
        kernel.append(min(window.kernel, (room - 1) // window.dilation + 1))
    yield {"padding": tuple(sides)}
    yield {"kernel_size": tuple(kernel)}
    if max(window.dilation for window in windows) > 1:
        yield {"dilation": 1}


def same_with_stride(sizes: Sequence[int], windows: Windows) -> Iterator[Offer]:
    """For "same" with a stride: padding in pixels that gives ⌈size / stride⌉, the odd pixel behind; or stride 1."""
    sides = []
    for size, window in zip(sizes, windows, strict=True):
        total = max(0, (-(-size // window.stride) - 1) * window.stride + window.extent - size)
        sides += [total // 2, total - total // 2]
    halves = [(window.extent - 1) // 2 for window in windows]
    if all(window.extent % 2 for window in windows):
        yield {"padding": tuple(halves)}
    yield {"padding": tuple(sides)}
    yield {"stride": 1}


def to_whole_steps(sizes: Sequence[int], windows: Windows) -> Iterator[Offer]:
    """For a stride that leaves pixels out: paddings, strides and kernels that end at the far edge."""
    gaps = [
        unseen(size, window) > 0 for size, window in zip(sizes, windows, strict=True)
    ]  # axes that fit are left as they are
    axes = list(zip(sizes, windows, gaps, strict=True))
    yield from ({"padding": sides} for sides in (_symmetric(axes), _behind(axes)) if sides is not None)
    most = max(window.stride for _, window, gap in axes if gap)
    found = 0
    for stride in range(most - 1, 0, -1):
        pair = tuple(min(stride, window.stride) if gap else window.stride for _, window, gap in axes)
        whole = (_room(size, window) % each == 0 for (size, window, gap), each in zip(axes, pair, strict=True) if gap)
        if all(whole):
            yield {"stride": pair}
            found += 1
            if found == 2:
                break
    kernel = [_nearest_kernel(size, window) if gap else window.kernel for size, window, gap in axes]
    if None not in kernel:
        yield {"kernel_size": tuple(kernel)}


def unseen(size: int, window: Window) -> int:
    """Pixels of the maps, padding not counted, behind the last place of the window; zero or less for none."""
    return _room(size, window) % window.stride - window.after


def _room(size: int, window: Window) -> int:
    return size + window.before + window.after - window.extent


Axes = Sequence[tuple[int, Window, bool]]


def _symmetric(axes: Axes) -> tuple[int, ...] | None:
    """The least padding, alike before and behind, with which the steps are whole, or else every pixel is seen.

    Of a convolution of 3 with a stride of 2, on maps of even size, the second is what everybody takes: 1.
    """
    sides = []
    for size, window, gap in axes:
        least = max(window.before, window.after)
        paddings = range(least, min(least + window.stride + 1, window.extent))
        framed = {each: replace(window, before=each, after=each) for each in paddings}
        whole = (each for each in paddings if _room(size, framed[each]) % window.stride == 0)
        seen = (each for each in paddings if unseen(size, framed[each]) <= 0)
        found = next(whole, next(seen, None)) if gap else None
        if gap and found is None:
            return None
        sides += [window.before, window.after] if found is None else [found, found]
    return tuple(sides)


def _behind(axes: Axes) -> tuple[int, ...]:
    """More padding at the bottom and right only."""
    sides = []
    for size, window, gap in axes:
        more = -_room(size, window) % window.stride if gap else 0
        sides += [window.before, window.after + more]
    return tuple(sides)


def _nearest_kernel(size: int, window: Window) -> int | None:
    room = size + window.before + window.after
    for change in range(1, window.stride + 1):
        for kernel in (window.kernel + change, window.kernel - change):
            extent = window.dilation * (kernel - 1) + 1
            if kernel > 0 and window.stride <= extent <= room and (room - extent) % window.stride == 0:
                return kernel
    return None


def divisors_near(count: int, *divided: int) -> list[int]:
    """The common divisors of what is divided that are nearest to `count`, below and above it."""
    common = gcd(*divided)
    # Divisors come in pairs around the square root: no more than a few hundred steps.
    small = [each for each in range(1, int(common**0.5) + 1) if common % each == 0]
    fitting = sorted({*small, *(common // each for each in small)})
    below = [each for each in fitting if each < count]
    above = [each for each in fitting if each > count]
    return sorted([*below[-1:], *above[:1]], key=lambda each: abs(each - count))
