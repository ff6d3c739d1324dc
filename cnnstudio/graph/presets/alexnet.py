"""AlexNet, as it won ImageNet and as it is used since (Krizhevsky, Sutskever and Hinton 2012; Krizhevsky 2014)."""

from __future__ import annotations

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.presets.recipe import Preset

GROUP = "AlexNet and VGG"


def _response_norm(pencil: Pencil) -> None:
    """The paper multiplies the sum over 5 channels by α = 1e-4; here it is the mean that is multiplied."""
    pencil.response_norm(alpha=5 * 1e-4, k=2)


def _alexnet_2012(pencil: Pencil) -> None:
    """Groups of two stand where the paper's halves, one a graphics card, do not see each other."""
    pencil.input(3, 227, 227)
    pencil.conv(96, 11, stride=4)
    pencil.relu()
    _response_norm(pencil)
    pencil.max_pool(3, stride=2)
    pencil.conv(256, 5, padding=2, groups=2)
    pencil.relu()
    _response_norm(pencil)
    pencil.max_pool(3, stride=2)
    for channels, groups in ((384, 1), (384, 2), (256, 2)):
        pencil.conv(channels, 3, padding=1, groups=groups)
        pencil.relu()
    pencil.max_pool(3, stride=2)
    pencil.flatten()
    for _ in range(2):
        pencil.linear(4096)
        pencil.relu()
        pencil.dropout()
    pencil.linear(1000)


def _alexnet(pencil: Pencil) -> None:
    """As torchvision has it, the grid of 6 × 6 before the full connections included."""
    pencil.input(3, 224, 224)
    pencil.conv(64, 11, stride=4, padding=2)
    pencil.relu()
    pencil.max_pool(3, stride=2)
    pencil.conv(192, 5, padding=2)
    pencil.relu()
    pencil.max_pool(3, stride=2)
    for channels in (384, 256, 256):
        pencil.conv(channels, 3, padding=1)
        pencil.relu()
    pencil.max_pool(3, stride=2)
    pencil.draw("AdaptiveAvgPool2d", "avgpool", output_size=6)
    pencil.flatten()
    for _ in range(2):
        pencil.dropout()
        pencil.linear(4096)
        pencil.relu()
    pencil.linear(1000)


PRESETS = (
    Preset(
        name="alexnet-2012",
        group=GROUP,
        title="AlexNet, 2012",
        year=2012,
        source="Krizhevsky, Sutskever and Hinton, ImageNet Classification with Deep Convolutional Neural Networks, "
        "NIPS 2012",
        story="It won ImageNet with 15.3 % top-5 errors, the next had 26.2 %: depth, ReLU and dropout on two graphics "
        "cards.",
        cards=24,
        draw=_alexnet_2012,
    ),
    Preset(
        name="alexnet",
        group=GROUP,
        title="AlexNet, one tower",
        year=2014,
        source="Krizhevsky, One weird trick for parallelizing convolutional neural networks, arXiv 2014, as "
        "torchvision has it",
        story="Nine tenths of the work in convolutions, nine tenths of the weights in Linear: each is split among "
        "cards its own way.",
        cards=23,
        draw=_alexnet,
    ),
)
