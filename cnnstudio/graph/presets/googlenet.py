"""GoogLeNet: nine Inception blocks (Szegedy et al. 2015), without the auxiliary heads that only training uses."""

from __future__ import annotations

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.blocks.inception import inception
from cnnstudio.graph.presets.nin import GROUP
from cnnstudio.graph.presets.recipe import Preset

STAGES = (
    ((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    (
        (192, 96, 208, 16, 48, 64),
        (160, 112, 224, 24, 64, 64),
        (128, 128, 256, 24, 64, 64),
        (112, 144, 288, 32, 64, 64),
        (256, 160, 320, 32, 128, 128),
    ),
    ((256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)),
)
"""Table 1 of the paper, 3a to 5b: 1 × 1, before 3 × 3, 3 × 3, before 5 × 5, 5 × 5, behind the pool."""


def _googlenet(pencil: Pencil) -> None:
    """Pools and response normalization as Caffe's reference has them."""
    pencil.input(3, 224, 224)
    pencil.conv(64, 7, stride=2, padding=3)
    pencil.relu()
    _pool(pencil)
    pencil.response_norm(alpha=1e-4, k=1)
    pencil.conv(64, 1)
    pencil.relu()
    pencil.conv(192, 3, padding=1)
    pencil.relu()
    pencil.response_norm(alpha=1e-4, k=1)
    for stage in STAGES:
        _pool(pencil)
        for numbers in stage:
            inception(pencil, *numbers)
    pencil.global_pool()
    pencil.flatten()
    pencil.dropout(0.4)
    pencil.linear(1000)


def _pool(pencil: Pencil) -> None:
    pencil.max_pool(3, stride=2, ceil_mode=True)


PRESETS = (
    Preset(
        name="googlenet",
        group=GROUP,
        title="GoogLeNet",
        year=2014,
        source="Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke and Rabinovich, Going Deeper with "
        "Convolutions, CVPR 2015",
        story="Four branches at every place, made cheap by 1 × 1 convolutions: it won ImageNet with a twentieth of "
        "VGG's weights.",
        cards=143,
        draw=_googlenet,
    ),
)
