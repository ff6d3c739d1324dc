"""VGG: nothing but 3 × 3 kernels, in stages (Simonyan and Zisserman 2015). Configurations A, B, D and E."""

from __future__ import annotations

from collections.abc import Callable

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.blocks.plain import vgg
from cnnstudio.graph.presets.alexnet import GROUP
from cnnstudio.graph.presets.recipe import Preset

SOURCE = (
    "Simonyan and Zisserman, Very Deep Convolutional Networks for Large-Scale Image Recognition, ICLR 2015, "
    "configuration "
)


def _stages(*convolutions: int) -> Callable[[Pencil], None]:
    """Five stages of so many convolutions."""

    def draw(pencil: Pencil) -> None:
        pencil.input(3, 224, 224)
        for channels, count in zip((64, 128, 256, 512, 512), convolutions, strict=True):
            vgg(pencil, channels, count)
        pencil.flatten()
        for _ in range(2):
            pencil.linear(4096)
            pencil.relu()
            pencil.dropout()
        pencil.linear(1000)

    return draw


PRESETS = (
    Preset(
        name="vgg11",
        group=GROUP,
        title="VGG-11",
        year=2014,
        source=SOURCE + "A",
        story="Shallow enough to train from random numbers: the deeper ones of its family began with its weights.",
        cards=30,
        draw=_stages(1, 1, 2, 2, 2),
    ),
    Preset(
        name="vgg13",
        group=GROUP,
        title="VGG-13",
        year=2014,
        source=SOURCE + "B",
        story="Two 3 × 3 in a row see as far as one 5 × 5 with fewer weights; with 5 × 5 instead, top-1 errors rose by "
        "7 %.",
        cards=34,
        draw=_stages(2, 2, 2, 2, 2),
    ),
    Preset(
        name="vgg16",
        group=GROUP,
        title="VGG-16",
        year=2014,
        source=SOURCE + "D",
        story="One rule, repeated, 3 × 3 kernels and twice the channels at half the size, gave features that other "
        "tasks lived on.",
        cards=40,
        draw=_stages(2, 2, 3, 3, 3),
    ),
    Preset(
        name="vgg19",
        group=GROUP,
        title="VGG-19",
        year=2014,
        source=SOURCE + "E",
        story="Three layers more than VGG-16 and hardly better: plain stacking had come to its end.",
        cards=46,
        draw=_stages(2, 2, 4, 4, 4),
    ),
)
