"""Blocks that learn what to add to what they were given (He, Zhang, Ren and Sun 2016)."""

from __future__ import annotations

from cnnstudio.graph.blocks.pencil import Pencil
from cnnstudio.graph.blocks.plain import conv_norm_relu
from cnnstudio.graph.blocks.recipe import Block, channels, drawn_by, stride

EXPANSION = 4
"""A bottleneck gives so many times the channels of its 3 × 3 convolution."""


def basic(pencil: Pencil, out_channels: int, stride: int = 1) -> None:
    """Two 3 × 3 convolutions, a shortcut around them, and ReLU behind the sum."""
    start, arrived = pencil.fork(), pencil.channels
    conv_norm_relu(pencil, out_channels, stride=stride)
    pencil.conv(out_channels, 3, padding=1, bias=False)
    _sum(pencil, start, arrived, pencil.norm(), out_channels, stride)


def bottleneck(pencil: Pencil, channels: int, stride: int = 1) -> None:
    """1 × 1 down to `channels`, 3 × 3, 1 × 1 up to four times as many. The 3 × 3 has the stride ("v1.5")."""
    start, arrived = pencil.fork(), pencil.channels
    conv_norm_relu(pencil, channels, kernel_size=1, padding=0)
    conv_norm_relu(pencil, channels, stride=stride)
    pencil.conv(EXPANSION * channels, 1, bias=False)
    _sum(pencil, start, arrived, pencil.norm(), EXPANSION * channels, stride)


def _sum(pencil: Pencil, start: str, arrived: int | None, main: str, out_channels: int, stride: int) -> None:
    """The main path plus the shortcut: a 1 × 1 convolution where the shape changes ("option B"), else a plain wire.

    Where it is not known what arrives, the shape is taken to stay, unless the stride says otherwise.
    """
    shortcut = start
    if stride != 1 or arrived not in (None, out_channels):
        pencil.draw("Conv2d", "shortcut", start, out_channels=out_channels, kernel_size=1, stride=stride, bias=False)
        shortcut = pencil.draw("BatchNorm", "shortcut_bn")
    pencil.draw("Add", "add", main, shortcut)
    pencil.relu()


_STRIDE = stride("2 halves height and width; the shortcut then gets a 1×1 convolution.")

BLOCKS = (
    Block(
        "residual",
        "Residual block",
        "two 3×3 and a shortcut",
        (channels("out_channels", "Output channels", "How many maps leave.", 64), _STRIDE),
        drawn_by(basic),
    ),
    Block(
        "bottleneck",
        "Bottleneck block",
        "1×1, 3×3, 1×1, a shortcut",
        (
            channels("channels", "Channels", "How many maps the 3×3 convolution gives; four times as many leave.", 64),
            _STRIDE,
        ),
        drawn_by(bottleneck),
    ),
)
