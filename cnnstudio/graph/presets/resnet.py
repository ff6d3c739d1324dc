"""Residual networks for ImageNet (He, Zhang, Ren and Sun 2016), as torchvision has them."""

from __future__ import annotations

from collections.abc import Callable

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.blocks.plain import conv_norm_relu
from cnnstudio.graph.blocks.residual import basic, bottleneck
from cnnstudio.graph.presets.recipe import Preset

GROUP = "ResNet"
SOURCE = "He, Zhang, Ren and Sun, Deep Residual Learning for Image Recognition, CVPR 2016"
V15 = SOURCE + "; stride on the 3 × 3 convolution (v1.5)"


def _stages(block: Callable[[Pencil, int, int], None], *counts: int) -> Callable[[Pencil], None]:
    """Four stages of so many blocks; each but the first begins by halving the size."""

    def draw(pencil: Pencil) -> None:
        pencil.input(3, 224, 224)
        conv_norm_relu(pencil, 64, kernel_size=7, stride=2, padding=3)
        pencil.max_pool(3, stride=2, padding=1)
        for stage, (channels, count) in enumerate(zip((64, 128, 256, 512), counts, strict=True)):
            for number in range(count):
                block(pencil, channels, 2 if stage > 0 and number == 0 else 1)
        pencil.global_pool()
        pencil.flatten()
        pencil.linear(1000)

    return draw


PRESETS = (
    Preset(
        name="resnet18",
        group=GROUP,
        title="ResNet-18",
        year=2015,
        source=SOURCE,
        story="At this depth a plain network is as accurate and only slower to train: the first hint of what shortcuts "
        "do.",
        cards=70,
        draw=_stages(basic, 2, 2, 2, 2),
    ),
    Preset(
        name="resnet34",
        group=GROUP,
        title="ResNet-34",
        year=2015,
        source=SOURCE,
        story="Plain, 34 layers did worse than 18 even on training pictures; with shortcuts, better: learning had been "
        "the trouble.",
        cards=126,
        draw=_stages(basic, 3, 4, 6, 3),
    ),
    Preset(
        name="resnet50",
        group=GROUP,
        title="ResNet-50",
        year=2015,
        source=V15,
        story="A bottleneck of 1 × 1, 3 × 3 and 1 × 1 buys three layers at the price of two: the backbone of choice "
        "ever since.",
        cards=176,
        draw=_stages(bottleneck, 3, 4, 6, 3),
    ),
    Preset(
        name="resnet101",
        group=GROUP,
        title="ResNet-101",
        year=2015,
        source=V15,
        story="Depth pays beyond classes: in a detector in place of VGG-16 it raised the score on COCO by 28 %.",
        cards=346,
        draw=_stages(bottleneck, 3, 4, 23, 3),
    ),
    Preset(
        name="resnet152",
        group=GROUP,
        title="ResNet-152",
        year=2015,
        source=V15,
        story="Eight times as deep as VGG-19 and yet less work; an ensemble with it won ImageNet 2015 at 3.57 % top-5 "
        "errors.",
        cards=516,
        draw=_stages(bottleneck, 3, 8, 36, 3),
    ),
)
