"""Flatten, Pad2d, Upsample, Add, Concat, Identity: what changes the form, or brings several paths together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnnstudio.engine.arrays import Array, Pair, Sides, channels_last, shape_text
from cnnstudio.engine.errors import LayerError
from cnnstudio.engine.kernels import memory, upsampling
from cnnstudio.engine.kernels.padding import PaddingMode, pad, pad_gradient
from cnnstudio.engine.kernels.parallel import elementwise
from cnnstudio.engine.kernels.window import copy_padded
from cnnstudio.engine.layers.base import Gradients, Layer, Mode, Saved, map_size


class Flatten(Layer):
    """Maps to one long vector, in PyTorch's order: channel, row, column."""

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        if x.ndim != 4:
            return x, None
        return x.transpose(0, 3, 1, 2).reshape(len(x), x.shape[1] * x.shape[2] * x.shape[3]), x.shape

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        if saved is None:
            return (d_output,), {}
        n, height, width, channels = saved
        return (channels_last(d_output.reshape(n, channels, height, width)),), {}


class Pad2d(Layer):
    """A frame around the maps: zeros, the maps mirrored without their edge pixel, or their edge repeated."""

    def __init__(self, padding: Sides, mode: PaddingMode = "zeros") -> None:
        """padding: (top, bottom, left, right)."""
        super().__init__()
        self.padding, self.mode = padding, mode

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        height, width = map_size("Pad2d", x)
        top, bottom, left, right = self.padding
        if self.mode == "zeros":
            y = memory.empty((len(x), top + height + bottom, left + width + right, x.shape[3]), x.dtype)
            return copy_padded(y, x, top, left), (height, width)
        if self.mode == "reflect" and (max(top, bottom) >= height or max(left, right) >= width):
            raise LayerError(f"reflecting pads by less than the maps' size; they are {shape_text((height, width))}.")
        return pad(x, self.padding, self.mode), (height, width)

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        height, width = saved
        top, _, left, _ = self.padding
        if self.mode == "zeros":
            return (np.ascontiguousarray(d_output[:, top : top + height, left : left + width]),), {}
        return (np.ascontiguousarray(pad_gradient(d_output, self.padding, self.mode)),), {}


class Upsample(Layer):
    """Maps a whole number of times larger: pixels repeated, or evenly passed from one to the next ("bilinear").

    Bilinear is PyTorch's align_corners=False: pixels are squares, and the outermost half ones repeat the edge.
    """

    def __init__(self, scale: Pair, *, bilinear: bool = False) -> None:
        super().__init__()
        self.scale, self.bilinear = scale, bilinear

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        map_size("Upsample", x)
        return (upsampling.bilinear if self.bilinear else upsampling.nearest)(x, self.scale), None

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        gradient = upsampling.bilinear_gradient if self.bilinear else upsampling.nearest_gradient
        return (gradient(d_output, self.scale),), {}


class Add(Layer):
    """The sum of its inputs; each of them gets the whole gradient."""

    gives_away = True

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        _check_alike("Add", [x.shape for x in inputs])
        return elementwise(_sum, memory.empty(inputs[0].shape, inputs[0].dtype), *inputs), len(inputs)

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        return (d_output,) * saved, {}


class Concat(Layer):
    """Channels (or features) side by side."""

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        _check_alike("Concat", [x.shape[:-1] for x in inputs])
        return np.concatenate(inputs, axis=-1), [x.shape[-1] for x in inputs]

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        edges = np.cumsum(saved)[:-1]
        return [np.ascontiguousarray(part) for part in np.split(d_output, edges, axis=-1)], {}


class Identity(Layer):
    """y = x."""

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        (x,) = inputs
        return x, None

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        return (d_output,), {}


def _sum(out: Array, first: Array, *others: Array) -> None:
    np.copyto(out, first)
    for other in others:
        out += other


def _check_alike(kind: str, shapes: Sequence[tuple[int, ...]]) -> None:
    if len(set(shapes)) > 1:
        texts = " and ".join(shape_text(shape[1:]) for shape in shapes)
        raise LayerError(f"{kind} takes inputs of one size; {texts} arrived.")
