"""Residual networks for CIFAR-10: 6n + 2 layers in three stages (He, Zhang, Ren and Sun 2016, section 4.2)."""

from __future__ import annotations

from collections.abc import Callable

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.blocks.plain import conv_norm_relu
from cnnstudio.graph.blocks.residual import basic
from cnnstudio.graph.presets.recipe import Preset
from cnnstudio.graph.presets.resnet import GROUP, SOURCE


def _blocks(count: int) -> Callable[[Pencil], None]:
    """Three stages of `count` blocks each."""

    def draw(pencil: Pencil) -> None:
        pencil.input(3, 32, 32)
        conv_norm_relu(pencil, 16)
        for channels in (16, 32, 64):
            for number in range(count):
                basic(pencil, channels, stride=2 if channels > 16 and number == 0 else 1)
        pencil.global_pool()
        pencil.flatten()
        pencil.linear(10)

    return draw


def _preset(depth: int, cards: int, story: str) -> Preset:
    return Preset(
        name=f"resnet{depth}-cifar10",
        group=GROUP,
        title=f"ResNet-{depth} for CIFAR-10",
        year=2015,
        source=SOURCE + " (its figures: shortcuts A; drawn here: shortcuts B)",
        story=story,
        cards=cards,
        draw=_blocks((depth - 2) // 6),
    )


PRESETS = (
    _preset(
        20,
        74,
        "A shortcut around every two layers leaves them the difference to learn, so that depth helps, not hurts.",
    ),
    _preset(
        32,
        116,
        "Twelve layers more than ResNet-20 and fewer errors, 7.51 % after 8.75 %: plain ones only got worse with "
        "depth.",
    ),
    _preset(
        44,
        158,
        "With 0.66 million weights it made 7.17 % errors; a FitNet of 2.5 million had made 8.39 %: depth, not size.",
    ),
    _preset(
        56,
        200,
        "A plain network of this depth lost to one of 20 layers even in training; with shortcuts the deeper one wins.",
    ),
    _preset(
        110,
        389,
        "Over a hundred layers on 32 × 32 pixels: 6.43 % errors, if its first 400 steps get a smaller learning rate.",
    ),
)
