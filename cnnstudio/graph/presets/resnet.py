"""Residual networks: layers that learn what to add to what they were given (He et al. 2016)."""

from __future__ import annotations

from cnnstudio.graph.document import Graph
from cnnstudio.graph.presets.recipe import Pencil, Preset


def _basic_block(pencil: Pencil, channels: int, stride: int, project: bool) -> None:
    """Two 3 × 3 convolutions and a shortcut around them; a 1 × 1 convolution on it where the shape changes."""
    start = pencil.tip
    pencil.conv(channels, 3, stride=stride, padding=1, bias=False)
    pencil.norm()
    pencil.relu()
    pencil.conv(channels, 3, padding=1, bias=False)
    main = pencil.norm()
    shortcut = start
    if project:
        pencil.tip = start
        pencil.draw("Conv2d", "shortcut", out_channels=channels, kernel_size=1, stride=stride, bias=False)
        shortcut = pencil.draw("BatchNorm", "shortcut_bn")
    pencil.draw("Add", "add", main, shortcut)
    pencil.relu()


def _resnet20(graph: Graph) -> None:
    pencil = Pencil(graph)
    pencil.input(3, 32, 32)
    pencil.conv(16, 3, padding=1, bias=False)
    pencil.norm()
    pencil.relu()
    for channels, first_stride in ((16, 1), (32, 2), (64, 2)):
        for block in range(3):
            stride = first_stride if block == 0 else 1
            _basic_block(pencil, channels, stride, project=stride != 1)
    pencil.draw("AdaptiveAvgPool2d", "pool", output_size=1)
    pencil.flatten()
    pencil.linear(10)


PRESETS = (
    Preset(
        "resnet20-cifar10",
        "ResNet-20 for CIFAR-10",
        2016,
        "He, Zhang, Ren and Sun, Deep Residual Learning for Image Recognition, CVPR 2016 (shortcuts: option B)",
        "A shortcut around every two layers lets gradients through, so that depth helps instead of hurting.",
        _resnet20,
    ),
)
