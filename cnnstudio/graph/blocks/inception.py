"""A block that looks at every place in several sizes at once (Szegedy et al. 2015)."""

from __future__ import annotations

from cnnstudio.graph.blocks.pencil import Pencil
from cnnstudio.graph.blocks.recipe import Block, channels, drawn_by


def inception(
    pencil: Pencil, out_1x1: int, reduce_3x3: int, out_3x3: int, reduce_5x5: int, out_5x5: int, out_pool: int
) -> None:
    """1 × 1; 1 × 1 and 3 × 3; 1 × 1 and 5 × 5; pool and 1 × 1: side by side, their channels joined.

    The numbers stand in the order of the paper's table 1. The widest window is drawn last, so that the last
    convolution of the block is the one that sees what the block sees.
    """
    start = pencil.fork()
    name = pencil.numbered("inc")

    def conv(part: str, out_channels: int, kernel_size: int, source: str) -> str:
        padding = kernel_size // 2
        pencil.place(
            "Conv2d", f"{name}_{part}", source, out_channels=out_channels, kernel_size=kernel_size, padding=padding
        )
        return pencil.relu()

    one = conv("1x1", out_1x1, 1, start)
    three = conv("3x3", out_3x3, 3, conv("3x3_reduce", reduce_3x3, 1, start))
    pool = pencil.place("MaxPool2d", f"{name}_pool", start, kernel_size=3, stride=1, padding=1)
    pool = conv("pool_proj", out_pool, 1, pool)
    five = conv("5x5", out_5x5, 5, conv("5x5_reduce", reduce_5x5, 1, start))
    pencil.place("Concat", f"{name}_concat", one, three, five, pool)


BLOCKS = (
    Block(
        "inception",
        "Inception block",
        "four branches, joined",
        (
            channels("out_1x1", "1×1", "How many maps the branch of the 1×1 convolution gives.", 64),
            channels("reduce_3x3", "Before 3×3", "To so many maps a 1×1 convolution reduces before the 3×3.", 96),
            channels("out_3x3", "3×3", "How many maps the branch of the 3×3 convolution gives.", 128),
            channels("reduce_5x5", "Before 5×5", "To so many maps a 1×1 convolution reduces before the 5×5.", 16),
            channels("out_5x5", "5×5", "How many maps the branch of the 5×5 convolution gives.", 32),
            channels("out_pool", "Behind the pool", "How many maps the 1×1 convolution behind the pool gives.", 32),
        ),
        drawn_by(inception),
    ),
)
