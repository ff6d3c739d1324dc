"""Network in Network: 1 × 1 convolutions, and an average in place of full connections (Lin, Chen and Yan 2014)."""

from __future__ import annotations

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.blocks.plain import nin
from cnnstudio.graph.presets.recipe import Preset

GROUP = "NiN and GoogLeNet"
SOURCE = "Lin, Chen and Yan, Network In Network, ICLR 2014"


def _nin_cifar10(pencil: Pencil) -> None:
    pencil.input(3, 32, 32)
    nin(pencil, 192, 160, 96, kernel_size=5, padding=2)
    pencil.max_pool(3, stride=2, ceil_mode=True)
    pencil.dropout()
    nin(pencil, 192, 192, 192, kernel_size=5, padding=2)
    pencil.avg_pool(3, stride=2, ceil_mode=True)
    pencil.dropout()
    nin(pencil, 192, 192, 10)
    _scores(pencil)


def _nin_imagenet(pencil: Pencil) -> None:
    """Its pools drop a window that hangs over the edge: the maps are 54, 26, 12 and 5 pixels wide."""
    pencil.input(3, 224, 224)
    nin(pencil, 96, 96, 96, kernel_size=11, stride=4, padding=0)
    pencil.max_pool(3, stride=2)
    nin(pencil, 256, 256, 256, kernel_size=5, padding=2)
    pencil.max_pool(3, stride=2)
    nin(pencil, 384, 384, 384)
    pencil.max_pool(3, stride=2)
    pencil.dropout()
    nin(pencil, 1024, 1024, 1000)
    _scores(pencil)


def _scores(pencil: Pencil) -> None:
    """The mean of a map is the score of its class."""
    pencil.global_pool()
    pencil.flatten()


PRESETS = (
    Preset(
        name="nin-cifar10",
        group=GROUP,
        title="NiN for CIFAR-10",
        year=2013,
        source=SOURCE,
        story="A 1 × 1 convolution is a small network at every pixel, and a map's mean is a score: no Linear was "
        "needed.",
        cards=25,
        draw=_nin_cifar10,
    ),
    Preset(
        name="nin-imagenet",
        group=GROUP,
        title="NiN for ImageNet",
        year=2013,
        source=SOURCE + "; as Caffe's model zoo has it",
        story="AlexNet's accuracy with an eighth of its weights, because no full connection is left to hold the rest.",
        cards=31,
        draw=_nin_imagenet,
    ),
)
