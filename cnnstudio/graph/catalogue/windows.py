"""What the sliding kinds share: reading kernel, stride, dilation and padding, and the size that results."""

from __future__ import annotations

from cnnstudio.graph.catalogue import offers
from cnnstudio.graph.errors import RankError, ShapeError
from cnnstudio.graph.geometry import Window, same_padding
from cnnstudio.graph.params import Params, ParamSpec, ParamType, pair
from cnnstudio.graph.shapes import Shape, size_text
from cnnstudio.graph.terms import Term, number

KERNEL_SIZE = ParamSpec(
    "kernel_size",
    ParamType.SIZE,
    "Kernel size",
    "Height and width of the window, in pixels.",
    initial=3,
    maximum=1024,
)
PADDING = ParamSpec(
    "padding",
    ParamType.PADDING,
    "Padding",
    'Pixels added around the maps. "same" keeps the size (stride 1), "valid" adds none.',
    default=0,
    minimum=0,
    maximum=1024,
    choices=("valid", "same"),
)
DILATION = ParamSpec(
    "dilation",
    ParamType.SIZE,
    "Dilation",
    "Distance between neighbouring taps of the kernel.",
    default=1,
    maximum=1024,
)
CEIL_MODE = ParamSpec(
    "ceil_mode",
    ParamType.FLAG,
    "Ceil mode",
    "Keep a last window that hangs over the edge, instead of dropping it.",
    default=False,
)
SIZE_FORMULA = "size = ⌊(size + padding − dilation·(kernel − 1) − 1) / stride⌋ + 1"


def maps_only(kind: str, shape: Shape) -> Shape:
    """`shape` if it is (channels, height, width); RankError otherwise."""
    if len(shape) != 3:
        raise RankError(
            f"{kind} takes maps (channels × height × width); a vector of {size_text(shape)} arrived.",
            arrived=(shape,),
            expected="channels × height × width",
        )
    return shape


def check_mirror(kind: str, params: Params, option: str, shape: Shape, windows: tuple[Window, Window]) -> None:
    """Reflection takes its pixels from inside, without the edge pixel: it cannot pad by the whole size.

    `option` is the parameter that says how to pad. Raises ShapeError when it cannot; other modes pass.
    """
    if params[option] != "reflect":
        return
    for size, window in zip(shape[1:], windows, strict=True):
        most = max(window.before, window.after)
        if most >= size:
            raise ShapeError(
                f"{kind}: reflecting pads by at most {size - 1} of {size} pixels; {most} are asked for.",
                arrived=(shape,),
                expected="padding below the size of the maps",
                offers=({option: "zeros"}, {option: "replicate"}),
            )


def windows(params: Params) -> tuple[Window, Window]:
    """The (vertical, horizontal) window that checked parameters describe; absent ones are neutral.

    Equal ones are one and the same object.
    """
    kernel = pair(params["kernel_size"])
    stride_value = params.get("stride", 1)
    stride = kernel if stride_value is None else pair(stride_value)
    dilation = pair(params.get("dilation", 1))
    sides = padding_sides(params.get("padding", 0), kernel, dilation)
    fill = str(params.get("padding_mode", "zeros"))
    vertical, horizontal = ((kernel[axis], stride[axis], dilation[axis], *sides[axis], fill) for axis in range(2))
    window = Window(*vertical)
    return window, window if horizontal == vertical else Window(*horizontal)


def padding_sides(
    padding: object, kernel: tuple[int, int], dilation: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """A checked PADDING parameter as ((top, bottom), (left, right))."""
    if padding == "valid":
        return (0, 0), (0, 0)
    if padding == "same":
        return same_padding(kernel[0], dilation[0]), same_padding(kernel[1], dilation[1])
    if isinstance(padding, tuple) and len(padding) == 4:
        top, bottom, left, right = padding
        return (top, bottom), (left, right)
    height, width = pair(padding)
    return (height, height), (width, width)


def slide(kind: str, params: Params, shape: Shape) -> tuple[int, int]:
    """(height, width) after the window of `params` slid over maps of `shape`.

    Raises:
        RankError: `shape` is a vector.
        ShapeError: "same" padding with a stride, or a window larger than the padded maps.
    """
    _, height, width = maps_only(kind, shape)
    vertical, horizontal = windows(params)
    if params.get("padding") == "same" and (vertical.stride, horizontal.stride) != (1, 1):
        raise ShapeError(
            f'{kind}: padding "same" keeps the size and so needs stride 1; the stride is '
            f"{size_text((vertical.stride, horizontal.stride))}.",
            arrived=(shape,),
            expected="stride 1, or padding in pixels",
            offers=offers.same_with_stride(shape[1:], (vertical, horizontal)),
        )
    ceil_mode = bool(params.get("ceil_mode", False))
    rows = vertical.positions(height, ceil_mode=ceil_mode)
    columns = horizontal.positions(width, ceil_mode=ceil_mode)
    if rows < 1 or columns < 1:
        padded = (height + vertical.before + vertical.after, width + horizontal.before + horizontal.after)
        raise ShapeError(
            f"{kind}: a window of {size_text((vertical.extent, horizontal.extent))} does not fit into "
            f"{size_text(padded)} pixels (padding included).",
            arrived=(shape,),
            expected=f"at least {size_text((vertical.extent, horizontal.extent))} pixels with padding",
            offers=offers.to_fit(shape[1:], (vertical, horizontal)),
        )
    return rows, columns


def extent_term(window: Window) -> Term:
    """A window's extent: its kernel, or `2·(3 - 1) + 1` where that is dilated."""
    if window.dilation == 1:
        return number(window.kernel)
    return number(window.dilation) * (number(window.kernel) - 1) + 1


def padded_term(size: Term, before: int, after: int) -> Term:
    """A size and its padding: `32 + 2·2`, or `32 + 1 + 2` where the sides differ."""
    if before == after:
        return size + number(2) * before if before else size
    return size + before + after


def room_term(size: int, window: Window) -> Term:
    """How far a window can go along a size: `32 + 2·2 - 5`."""
    return padded_term(number(size), window.before, window.after) - extent_term(window)


def positions_term(size: int, window: Window, *, ceil_mode: bool = False) -> Term:
    """`Window.positions`, worked out; the remark says what the far edge loses or has too much of."""
    room = room_term(size, window)
    if not ceil_mode:
        unseen = offers.unseen(size, window)
        count = room.floor(window.stride) + 1
        if unseen <= 0 or window.extent < window.stride:
            return count
        return count.noting(f"{unseen} pixel{'s are' if unseen > 1 else ' is'} left out at the far edge")
    count = room.ceil(window.stride) + 1
    if (count.value - 1) * window.stride >= size + window.before:
        return (count - 1).noting("as the last window would begin in the padding at the far edge and is dropped")
    return count.noting("the last window hangs over the far edge") if room.value % window.stride else count


def sliding_terms(channels: Term, params: Params, shape: Shape) -> tuple[Term, ...]:
    """The derivation of a kind that slides over maps of `shape`."""
    ceil_mode = bool(params.get("ceil_mode", False))
    rows, columns = (
        positions_term(size, window, ceil_mode=ceil_mode)
        for size, window in zip(shape[1:], windows(params), strict=True)
    )
    return channels, rows, columns


def window_text(params: Params) -> str:
    """A window as a card shows it: 5×5, with stride, padding and dilation where they are not neutral."""
    vertical, horizontal = windows(params)
    parts = [f"{vertical.kernel}×{horizontal.kernel}"]
    strides = (vertical.stride, horizontal.stride)
    is_pool = params.get("stride", 1) is None
    if strides != (1, 1) and not is_pool:
        parts.append("stride " + _short(strides))
    return ", ".join(parts)


def padding_text(params: Params) -> str:
    padding = params.get("padding", 0)
    if padding in (0, "valid"):
        return ""
    if isinstance(padding, tuple):
        return "pad " + "·".join(str(side) for side in padding)
    return f"pad {padding}"


def _short(values: tuple[int, int]) -> str:
    return str(values[0]) if values[0] == values[1] else f"{values[0]}×{values[1]}"


def joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
