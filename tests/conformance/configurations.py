"""Any configuration of any kind, for hypothesis: every parameter of the catalogue, on maps of at most 7 × 7.

One channel, one image, one pixel coming in and one leaving are among them. Only what the catalogue allows is drawn, so
that hardly an example is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from tests.conformance.cases import Case, Shape, case

MOST = 7
CHANNELS = st.integers(1, 4)
PIXELS = st.integers(1, MOST)
MAPS = st.tuples(CHANNELS, PIXELS, PIXELS)
SMALL_MAPS = st.tuples(CHANNELS, st.integers(1, 4), st.integers(1, 4))
VECTOR = st.tuples(st.integers(1, 9))
FLAG = st.booleans()
EPS = st.floats(1e-6, 0.1)
PADDING_MODE = st.sampled_from(["zeros", "reflect", "replicate"])

Draw = Callable[[st.SearchStrategy[Any]], Any]
Params = dict[str, Any]


def sizes(low: int, high: int) -> st.SearchStrategy[Any]:
    """A size as the catalogue takes it: one number, or (height, width)."""
    return st.integers(low, high) | st.tuples(*[st.integers(low, high)] * 2)


def pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


def padding(draw: Draw, most: tuple[int, int]) -> Any:
    """A padding of at most so many rows and columns on each side, in one of its five spellings."""
    rows, columns = (st.integers(0, each) for each in most)
    return draw(
        st.sampled_from(["valid", "same"])
        | st.integers(0, min(most))
        | st.tuples(rows, columns)
        | st.tuples(rows, rows, columns, columns)
    )


def along(params: Mapping[str, Any], axis: int) -> tuple[int, int, int]:
    """(extent of the window, pixels of padding before, behind) along an axis."""
    kernel, dilation = pair(params["kernel_size"])[axis], pair(params.get("dilation", 1))[axis]
    extent, given = dilation * (kernel - 1) + 1, params.get("padding", 0)
    if given == "valid":
        return extent, 0, 0
    if given == "same":
        return extent, (extent - 1) // 2, extent - 1 - (extent - 1) // 2
    if isinstance(given, tuple) and len(given) == 4:
        return extent, given[2 * axis], given[2 * axis + 1]
    return extent, pair(given)[axis], pair(given)[axis]


def fitting(draw: Draw, params: Params, *, mirrored: bool = False) -> tuple[int, int]:
    """(height, width) into which the window fits at least once."""
    size = []
    for axis in range(2):
        extent, before, behind = along(params, axis)
        least = max(1, extent - before - behind, max(before, behind) + 1 if mirrored else 1)
        size.append(draw(st.integers(least, max(least, MOST))))
    return size[0], size[1]


def conv2d(draw: Draw) -> Case:
    groups = draw(CHANNELS)
    dilation = draw(sizes(1, 3))
    params = {
        "out_channels": groups * draw(st.integers(1, 4 // groups)),
        "kernel_size": tuple(draw(st.integers(1, 3 if each > 1 else 5)) for each in pair(dilation)),
        "dilation": dilation,
        "padding": padding(draw, (3, 3)),
        "padding_mode": draw(PADDING_MODE),
        "groups": groups,
        "bias": draw(FLAG),
    }
    params["stride"] = 1 if params["padding"] == "same" else draw(sizes(1, 4))
    size = fitting(draw, params, mirrored=params["padding_mode"] == "reflect")
    return case("Conv2d", (groups * draw(st.integers(1, 4 // groups)), *size), **params)


def conv_transpose2d(draw: Draw) -> Case:
    kernel, stride = draw(sizes(1, 4)), draw(sizes(1, 3))
    sides = padding(draw, (2, 2))
    params = {"kernel_size": kernel, "padding": 1 if isinstance(sides, str) else sides}
    extra = tuple(draw(st.integers(0, each - 1)) for each in pair(stride))
    size = []
    for axis in range(2):
        extent, before, behind = along(params, axis)
        short = before + behind + 1 - extent - extra[axis]
        least = 1 + max(0, -(-short // pair(stride)[axis]))
        size.append(draw(st.integers(least, max(least, 4))))
    more = {"out_channels": draw(CHANNELS), "stride": stride, "output_padding": extra, "bias": draw(FLAG)}
    return case("ConvTranspose2d", (draw(CHANNELS), *size), **params, **more)


def pooling(kind: str, *names: str) -> Callable[[Draw], Case]:
    """`names`: the parameters beyond kernel_size and stride that the kind has."""

    def pool(draw: Draw) -> Case:
        params: Params = {"kernel_size": draw(sizes(1, 4))}
        if "dilation" in names:
            params["dilation"] = draw(sizes(1, 2))
        if "padding" in names:
            params["padding"] = padding(draw, (along(params, 0)[0] // 2, along(params, 1)[0] // 2))
        stride = draw(st.none() | sizes(1, 4))
        params["stride"] = 1 if params.get("padding") == "same" else stride
        params |= {name: draw(FLAG) for name in names if name in ("ceil_mode", "count_include_pad")}
        return case(kind, (draw(CHANNELS), *fitting(draw, params)), **params)

    return pool


def group_norm(draw: Draw) -> Case:
    groups = draw(CHANNELS)
    channels = groups * draw(st.integers(1, 4 // groups))
    shape = draw(st.just((channels,)) | st.tuples(st.just(channels), st.integers(1, 5), st.integers(1, 5)))
    return case("GroupNorm", shape, num_groups=groups, eps=draw(EPS), affine=draw(FLAG))


def pad2d(draw: Draw) -> Case:
    sides = padding(draw, (4, 4))
    params = {"padding": 2 if isinstance(sides, str) else sides, "mode": draw(PADDING_MODE)}
    size = fitting(draw, {"kernel_size": 1, **params}, mirrored=params["mode"] == "reflect")
    return case("Pad2d", (draw(CHANNELS), *size), **params)


def add(draw: Draw) -> Case:
    return case("Add", *[draw(MAPS | VECTOR)] * draw(st.integers(2, 4)))


def concat(draw: Draw) -> Case:
    pixels = draw(st.just(()) | st.tuples(PIXELS, PIXELS))
    return case("Concat", *[(draw(CHANNELS), *pixels) for _ in range(draw(st.integers(2, 4)))])


def plain(kind: str, shapes: st.SearchStrategy[Shape], **params: st.SearchStrategy[Any]) -> Callable[[Draw], Case]:
    """A kind whose parameters and shapes do not restrict each other."""

    def drawn(draw: Draw) -> Case:
        return case(kind, draw(shapes), **{name: draw(each) for name, each in params.items()})

    return drawn


CONFIGURATIONS: Mapping[str, Callable[[Draw], Case]] = {
    "Input": lambda draw: case("Input", shape=draw(MAPS | VECTOR)),
    "Conv2d": conv2d,
    "ConvTranspose2d": conv_transpose2d,
    "Linear": plain("Linear", VECTOR, out_features=st.integers(1, 6), bias=FLAG),
    "MaxPool2d": pooling("MaxPool2d", "padding", "dilation", "ceil_mode"),
    "AvgPool2d": pooling("AvgPool2d", "padding", "ceil_mode", "count_include_pad"),
    "StochasticPool2d": pooling("StochasticPool2d"),
    "AdaptiveAvgPool2d": plain("AdaptiveAvgPool2d", MAPS, output_size=sizes(1, 8)),
    "AdaptiveMaxPool2d": plain("AdaptiveMaxPool2d", MAPS, output_size=sizes(1, 8)),
    "BatchNorm": plain("BatchNorm", SMALL_MAPS | VECTOR, eps=EPS, momentum=st.floats(0, 1), affine=FLAG),
    "LayerNorm": plain("LayerNorm", SMALL_MAPS | VECTOR, eps=EPS, affine=FLAG),
    "InstanceNorm": plain("InstanceNorm", MAPS.filter(lambda shape: shape[1:] != (1, 1)), eps=EPS, affine=FLAG),
    "GroupNorm": group_norm,
    "LocalResponseNorm": plain(
        "LocalResponseNorm",
        st.tuples(st.integers(1, 6), st.integers(1, 4), st.integers(1, 4)),
        size=st.integers(1, 9),
        alpha=st.floats(1e-3, 3),
        beta=st.floats(0, 2),
        k=st.floats(0.5, 3),
    ),
    "ReLU": plain("ReLU", MAPS | VECTOR),
    "LeakyReLU": plain("LeakyReLU", MAPS | VECTOR, negative_slope=st.floats(0, 1)),
    "PReLU": plain("PReLU", MAPS | VECTOR),
    "ELU": plain("ELU", MAPS | VECTOR, alpha=st.floats(0, 3)),
    "GELU": plain("GELU", MAPS | VECTOR, approximate=st.sampled_from(["none", "tanh"])),
    "SiLU": plain("SiLU", MAPS | VECTOR),
    "Sigmoid": plain("Sigmoid", MAPS | VECTOR),
    "Tanh": plain("Tanh", MAPS | VECTOR),
    "Softmax": plain("Softmax", MAPS | VECTOR),
    "Dropout": plain("Dropout", MAPS | VECTOR, p=st.floats(0, 0.95)),
    "SpatialDropout": plain("SpatialDropout", MAPS, p=st.floats(0, 0.95)),
    "DropPath": plain("DropPath", MAPS | VECTOR, p=st.floats(0, 0.95)),
    "Flatten": plain("Flatten", MAPS | VECTOR),
    "Pad2d": pad2d,
    "Upsample": plain("Upsample", SMALL_MAPS, scale_factor=sizes(1, 4), mode=st.sampled_from(["nearest", "bilinear"])),
    "Add": add,
    "Concat": concat,
    "Identity": plain("Identity", MAPS | VECTOR),
}
