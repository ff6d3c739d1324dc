"""What the classic networks' numbers must be: the papers' tables, and what follows from the formulas by hand.

Nothing here asks the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass

Shape = tuple[int, ...]


def conv(before: int, after: int, kernel: int, *, bias: bool = True) -> int:
    """Parameters of a convolution, by the formula: out × (in × k² + 1)."""
    return after * (before * kernel * kernel + bias)


def linear(before: int, after: int) -> int:
    return after * (before + 1)


def norm(channels: int) -> int:
    """Scale and shift."""
    return 2 * channels


def conv_norm(before: int, after: int, kernel: int) -> int:
    """A convolution without bias and its normalization."""
    return conv(before, after, kernel, bias=False) + norm(after)


@dataclass(frozen=True)
class Figures:
    """Figures of a whole network; size, stride and padding of the field before any global pooling or Flatten."""

    input: Shape
    parameters: int
    macs: int
    size: int
    stride: int
    padding: int
    buffers: int = 0
    classes: int = 10


def resnet_cifar(n: int) -> Figures:
    """6n + 2 layers. Stem and first stage: 2n convolutions of 16 channels on 32 × 32; the second stage: one from 16 to
    32 channels with stride 2, 2n - 1 inside, a 1 × 1 shortcut, on 16 × 16; the third the same from 32 to 64, on 8 × 8.
    Every convolution is followed by a norm and has no bias.
    """
    inside = 2 * n - 1
    return Figures(
        (3, 32, 32),
        conv_norm(3, 16, 3) + 2 * n * conv_norm(16, 16, 3)
        + conv_norm(16, 32, 3) + inside * conv_norm(32, 32, 3) + conv_norm(16, 32, 1)
        + conv_norm(32, 64, 3) + inside * conv_norm(64, 64, 3) + conv_norm(32, 64, 1)
        + linear(64, 10),
        32 * 32 * (16 * 27 + 2 * n * 16 * 144)
        + 16 * 16 * (32 * 144 + inside * 32 * 288 + 32 * 16)
        + 8 * 8 * (64 * 288 + inside * 64 * 576 + 64 * 32)
        + 64 * 10,
        # a 3 × 3 adds twice the stride it works at: 1 for stem, first stage and first stride; then 2; then 4
        size=1 + 2 * (1 + 2 * n + 1) + 4 * (inside + 1) + 8 * inside,
        stride=4,
        # and it pads one pixel of that stride
        padding=(1 + 2 * n + 1) + 2 * (inside + 1) + 4 * inside,
        # two running statistics for each channel of each norm, the shortcut's included
        buffers=2 * ((1 + 2 * n) * 16 + (2 * n + 1) * 32 + (2 * n + 1) * 64),
    )  # fmt: skip


# 3 × 3 convolutions, two in each stage; full connections as in all of the family.
VGG13 = (
    conv(3, 64, 3) + conv(64, 64, 3) + conv(64, 128, 3) + conv(128, 128, 3) + conv(128, 256, 3) + conv(256, 256, 3)
    + conv(256, 512, 3) + 3 * conv(512, 512, 3)
    + linear(512 * 7 * 7, 4096) + linear(4096, 4096) + linear(4096, 1000)
)  # fmt: skip
VGG13_MACS = (
    224**2 * 9 * (3 * 64 + 64 * 64) + 112**2 * 9 * (64 * 128 + 128 * 128) + 56**2 * 9 * (128 * 256 + 256 * 256)
    + 28**2 * 9 * (256 * 512 + 512 * 512) + 14**2 * 9 * (2 * 512 * 512)
    + 25_088 * 4096 + 4096 * 4096 + 4096 * 1000
)  # fmt: skip


def _bottlenecks(before: int, width: int, count: int) -> int:
    """Parameters of a stage: the first block comes from `before` channels and has a shortcut of 1 × 1."""
    inside = conv_norm(width, width, 3) + conv_norm(width, 4 * width, 1)
    shortcut = conv_norm(before, 4 * width, 1)
    return conv_norm(before, width, 1) + shortcut + (count - 1) * conv_norm(4 * width, width, 1) + count * inside


def _bottleneck_macs(before: int, width: int, count: int, size: int, stride: int) -> int:
    """The first 1 × 1 of the stage still works at its input's size; `size` is what leaves."""
    inside = 9 * width * width + 4 * width * width
    rest = before * 4 * width + (count - 1) * 4 * width * width + count * inside
    return (stride * size) ** 2 * before * width + size**2 * rest


RESNET101 = (
    conv_norm(3, 64, 7)
    + _bottlenecks(64, 64, 3) + _bottlenecks(256, 128, 4) + _bottlenecks(512, 256, 23) + _bottlenecks(1024, 512, 3)
    + linear(2048, 1000)
)  # fmt: skip
RESNET101_MACS = (
    112**2 * 64 * 3 * 49
    + _bottleneck_macs(64, 64, 3, 56, 1) + _bottleneck_macs(256, 128, 4, 28, 2)
    + _bottleneck_macs(512, 256, 23, 14, 2) + _bottleneck_macs(1024, 512, 3, 7, 2)
    + 2048 * 1000
)  # fmt: skip


def bottleneck_buffers(*counts: int) -> int:
    """Two statistics a channel: stem 64; each block width + width + 4 width; a shortcut of 4 width each stage."""
    widths = (64, 128, 256, 512)
    return 2 * (64 + sum(6 * width * count + 4 * width for width, count in zip(widths, counts, strict=True)))


def basic_buffers(*counts: int) -> int:
    """Stem 64; each block twice its width; a shortcut in each stage but the first."""
    widths = (64, 128, 256, 512)
    blocks = sum(2 * width * count for width, count in zip(widths, counts, strict=True))
    return 2 * (64 + blocks + 128 + 256 + 512)


IMAGENET = (3, 224, 224)

FIGURES = {
    "digits-small": Figures(
        (1, 8, 8),
        conv(1, 16, 3) + conv(16, 32, 3) + linear(32 * 4 * 4, 64) + linear(64, 10),
        64 * 16 * 9 + 64 * 32 * 16 * 9 + 512 * 64 + 64 * 10,
        # 3, 5, and the pool of two: 6; each 3 × 3 pads 1
        size=6,
        stride=2,
        padding=2,
    ),
    # nothing before its Flatten: a value of the picture sees itself
    "linear": Figures((3, 32, 32), 30_730, 30_720, size=1, stride=1, padding=0),
    "lenet5-1998": Figures((1, 32, 32), 61_706, 416_520, size=16, stride=4, padding=0),
    "lenet5-d2l": Figures((1, 28, 28), 61_706, 416_520, size=16, stride=4, padding=2),
    "lenet5-cs231n": Figures((1, 28, 28), 1_256_080, 6_522_000, size=16, stride=4, padding=6),
    "lenet5-caffe": Figures((1, 28, 28), 431_080, 2_293_000, size=16, stride=4, padding=0),
    "notes-cifar10": Figures(
        (3, 32, 32),
        conv(3, 10, 3) + norm(10) + conv(10, 20, 3) + norm(20) + conv(20, 10, 3) + norm(10)
        + linear(160, 20) + norm(20) + linear(20, 20) + norm(20) + linear(20, 10),
        32 * 32 * 10 * 27 + 16 * 16 * 20 * 90 + 8 * 8 * 10 * 180 + 160 * 20 + 20 * 20 + 20 * 10,
        size=22,
        stride=8,
        padding=7,
        buffers=2 * (10 + 20 + 10 + 20 + 20),
    ),
    "notes-pytorch-mnist": Figures(
        (1, 28, 28),
        conv(1, 16, 3) + norm(16) + conv(16, 32, 3) + norm(32) + conv(32, 64, 3) + norm(64) + conv(64, 64, 2) + norm(64)
        + linear(64 * 2 * 2, 100) + linear(100, 10),
        # 28 → 14 → 7 → 4 → 2
        14 * 14 * 16 * 9 + 7 * 7 * 32 * 144 + 4 * 4 * 64 * 288 + 2 * 2 * 64 * 256 + 256 * 100 + 100 * 10,
        # 3; 3 + 2·2; 7 + 2·4; 15 + 1·8; paddings 1, 1·2 and 1·4
        size=23,
        stride=16,
        padding=7,
        buffers=2 * (16 + 32 + 64 + 64),
    ),
    "cs231n-threelayer": Figures((3, 32, 32), 825_046, 5_637_096, size=8, stride=2, padding=3),
    # 5 and pool 3: 7 at stride 2; 7 + 4·2 and pool + 2·2: 19 at 4; 19 + 4·4 and + 2·4; paddings 2, 2·2, 2·4
    "cifar10-quick": Figures((3, 32, 32), 145_578, 12_354_176, size=43, stride=8, padding=14),
    # 3, 5, pool 6 at stride 2; 6 + 4, + 4, pool + 2: 16 at 4; the first of each pair pads 1, then 1·2
    "keras-cifar10": Figures((3, 32, 32), 1_250_858, 20_741_120, size=16, stride=4, padding=3),
    "tiny-vgg": Figures(
        (3, 64, 64),
        # 64 → 62 → 60 → 30 → 28 → 26 → 13
        conv(3, 10, 3) + 3 * conv(10, 10, 3) + linear(10 * 13 * 13, 10),
        62 * 62 * 10 * 27 + (60 * 60 + 28 * 28 + 26 * 26) * 10 * 90 + 1690 * 10,
        # 3, 5, pool 6 at stride 2; 10, 14, pool 16 at 4; no padding
        size=16,
        stride=4,
        padding=0,
    ),
    "alexnet-2012": Figures((3, 227, 227), 60_965_224, 724_406_816, size=195, stride=32, padding=64, classes=1000),
    "alexnet": Figures(IMAGENET, 61_100_840, 714_188_480, size=195, stride=32, padding=66, classes=1000),
    "vgg11": Figures(IMAGENET, 132_863_336, 7_609_090_048, size=150, stride=32, padding=59, classes=1000),
    # stages of 6, 16, 36, 76, 156 at their pools: twice the size before, and 4 for what two kernels and a pool add
    "vgg13": Figures(IMAGENET, VGG13, VGG13_MACS, size=156, stride=32, padding=2 + 4 + 8 + 16 + 32, classes=1000),
    "vgg16": Figures(IMAGENET, 138_357_544, 15_470_264_320, size=212, stride=32, padding=90, classes=1000),
    "vgg19": Figures(IMAGENET, 143_667_240, 19_632_062_464, size=268, stride=32, padding=118, classes=1000),
    "nin-imagenet": Figures(IMAGENET, 7_595_176, 969_460_864, size=195, stride=32, padding=64, classes=1000),
    "nin-cifar10": Figures((3, 32, 32), 966_986, 222_486_528, size=27, stride=4, padding=10),
    "googlenet": Figures(IMAGENET, 6_998_552, 1_582_671_872, size=715, stride=32, padding=327, classes=1000),
    "resnet18": Figures(
        IMAGENET, 11_689_512, 1_814_073_344, 435, 32, 217, buffers=basic_buffers(2, 2, 2, 2), classes=1000
    ),
    "resnet34": Figures(
        IMAGENET, 21_797_672, 3_663_761_408, 899, 32, 449, buffers=basic_buffers(3, 4, 6, 3), classes=1000
    ),
    "resnet50": Figures(
        IMAGENET, 25_557_032, 4_089_184_256, 427, 32, 213, buffers=bottleneck_buffers(3, 4, 6, 3), classes=1000
    ),
    "resnet101": Figures(
        IMAGENET,
        RESNET101,
        RESNET101_MACS,
        # 11 at the pool; 3 × 3 kernels: three and the first of the second stage at stride 4, three and the next at 8,
        # 22 and the next at 16, two at 32
        size=11 + 2 * (4 * (3 + 1) + 8 * (3 + 1) + 16 * (22 + 1) + 32 * 2),
        stride=32,
        padding=3 + 2 + 4 * (3 + 1) + 8 * (3 + 1) + 16 * (22 + 1) + 32 * 2,
        buffers=bottleneck_buffers(3, 4, 23, 3),
        classes=1000,
    ),
    "resnet152": Figures(
        IMAGENET, 60_192_808, 11_513_626_624, 1451, 32, 725, buffers=bottleneck_buffers(3, 8, 36, 3), classes=1000
    ),
} | {f"resnet{6 * n + 2}-cifar10": resnet_cifar(n) for n in (3, 5, 7, 9, 18)}  # fmt: skip
