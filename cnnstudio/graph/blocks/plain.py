"""Blocks that go straight ahead."""

from __future__ import annotations

from cnnstudio.graph.blocks.pencil import Pencil
from cnnstudio.graph.blocks.recipe import Block, channels, drawn_by, stride
from cnnstudio.graph.catalogue.convolution import BIAS
from cnnstudio.graph.params import ParamSpec, ParamType


def conv_norm_relu(
    pencil: Pencil, out_channels: int, kernel_size: int = 3, stride: int = 1, padding: int = 1, bias: bool = False
) -> None:
    """Convolution, batch normalization, ReLU (Ioffe and Szegedy 2015)."""
    pencil.conv(out_channels, kernel_size, stride=stride, padding=padding, bias=bias)
    pencil.norm()
    pencil.relu()


def vgg(pencil: Pencil, out_channels: int, convolutions: int = 2) -> None:
    """3 × 3 convolutions with ReLU, as many as `convolutions`, and a pool of two (Simonyan and Zisserman 2015)."""
    for _ in range(convolutions):
        pencil.conv(out_channels, 3, padding=1)
        pencil.relu()
    pencil.max_pool()


def nin(
    pencil: Pencil,
    channels: int,
    hidden: int,
    out_channels: int,
    kernel_size: int = 3,
    stride: int = 1,
    padding: int = 1,
) -> None:
    """A convolution and two of 1 × 1, each with ReLU: a small network at every pixel (Lin, Chen and Yan 2014)."""
    pencil.conv(channels, kernel_size, stride=stride, padding=padding)
    pencil.relu()
    for each in (hidden, out_channels):
        pencil.conv(each, 1)
        pencil.relu()


def _kernel(default: int) -> ParamSpec:
    text = "Height and width of the window, in pixels."
    return ParamSpec("kernel_size", ParamType.INTEGER, "Kernel size", text, default=default, maximum=1024)


def _padding(default: int) -> ParamSpec:
    text = "Pixels added around the maps."
    return ParamSpec("padding", ParamType.INTEGER, "Padding", text, default=default, minimum=0, maximum=1024)


BLOCKS = (
    Block(
        "conv-bn-relu",
        "Conv-BN-ReLU",
        "a convolution, normalized",
        (
            channels("out_channels", "Output channels", "How many kernels, and so how many maps leave.", 16),
            _kernel(3),
            stride("Pixels from one window to the next."),
            _padding(1),
            # The shift of the normalization does what a bias would do.
            ParamSpec(BIAS.name, BIAS.type, BIAS.label, BIAS.help, default=False),
        ),
        drawn_by(conv_norm_relu),
    ),
    Block(
        "vgg",
        "VGG block",
        "3×3 kernels, then a pool",
        (
            channels("out_channels", "Output channels", "How many maps each convolution gives.", 64),
            ParamSpec(
                "convolutions",
                ParamType.INTEGER,
                "Convolutions",
                "So many 3×3 convolutions, each with ReLU, before the pool.",
                default=2,
                maximum=16,
            ),
        ),
        drawn_by(vgg),
    ),
    Block(
        "nin",
        "NiN block",
        "a network at every pixel",
        (
            channels("channels", "Channels", "How many maps the convolution with the window gives.", 192),
            channels("hidden", "Hidden channels", "How many maps the first 1×1 convolution gives.", 160),
            channels("out_channels", "Output channels", "How many maps the second 1×1 convolution gives.", 96),
            _kernel(3),
            stride("Pixels from one window to the next."),
            _padding(1),
        ),
        drawn_by(nin),
    ),
)
