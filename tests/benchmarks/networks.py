"""The networks that the engine is measured on."""

from __future__ import annotations

from collections.abc import Callable

from cnnstudio.graph import Graph, presets
from cnnstudio.graph.presets.recipe import Pencil


def _cifar10_quick(pencil: Pencil) -> None:
    """Caffe's quick network for CIFAR-10, after Krizhevsky's cuda-convnet."""
    pencil.input(3, 32, 32)
    pencil.conv(32, 5, padding=2)
    pencil.max_pool(3, stride=2, ceil_mode=True)
    pencil.relu()
    for channels in (32, 64):
        pencil.conv(channels, 5, padding=2)
        pencil.relu()
        pencil.draw("AvgPool2d", "pool", kernel_size=3, stride=2, ceil_mode=True)
    pencil.flatten()
    pencil.linear(64)
    pencil.linear(10)


def _keras_cifar10(pencil: Pencil) -> None:
    """Keras's example for CIFAR-10."""
    pencil.input(3, 32, 32)
    for channels in (32, 64):
        pencil.conv(channels, 3, padding="same")
        pencil.relu()
        pencil.conv(channels, 3)
        pencil.relu()
        pencil.max_pool()
        pencil.dropout(0.25)
    pencil.flatten()
    pencil.linear(512)
    pencil.relu()
    pencil.dropout()
    pencil.linear(10)


def _vgg_small(pencil: Pencil) -> None:
    """VGG's pattern at 32 × 32: pairs of 3 × 3 convolutions of 64, 128 and 256 channels, a pool after each pair."""
    pencil.input(3, 32, 32)
    for channels in (64, 128, 256):
        for _ in range(2):
            pencil.conv(channels, 3, padding=1)
            pencil.relu()
        pencil.max_pool()
    pencil.flatten()
    pencil.linear(256)
    pencil.relu()
    pencil.linear(10)


def _vgg16(pencil: Pencil) -> None:
    """VGG-16 for ImageNet (Simonyan and Zisserman 2015), laid out as torchvision has it."""
    pencil.input(3, 224, 224)
    for channels, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            pencil.conv(channels, 3, padding=1)
            pencil.relu()
        pencil.max_pool()
    pencil.draw("AdaptiveAvgPool2d", "avgpool", output_size=7)
    pencil.flatten()
    for _ in range(2):
        pencil.linear(4096)
        pencil.relu()
        pencil.dropout()
    pencil.linear(1000)


def _resnet18(pencil: Pencil) -> None:
    """ResNet-18 for ImageNet (He et al. 2016), laid out as torchvision has it."""
    pencil.input(3, 224, 224)
    pencil.conv(64, 7, stride=2, padding=3, bias=False)
    pencil.norm()
    pencil.relu()
    pencil.max_pool(3, stride=2, padding=1)
    for channels in (64, 128, 256, 512):
        for block in range(2):
            _residual(pencil, channels, stride=2 if channels > 64 and block == 0 else 1)
    pencil.draw("AdaptiveAvgPool2d", "avgpool", output_size=1)
    pencil.flatten()
    pencil.linear(1000)


def _residual(pencil: Pencil, channels: int, stride: int) -> None:
    """Two 3 × 3 convolutions and a shortcut around them; a 1 × 1 convolution on it where the shape changes."""
    start = shortcut = pencil.tip
    pencil.conv(channels, 3, stride=stride, padding=1, bias=False)
    pencil.norm()
    pencil.relu()
    pencil.conv(channels, 3, padding=1, bias=False)
    main = pencil.norm()
    if stride != 1:
        pencil.draw("Conv2d", "shortcut", start, out_channels=channels, kernel_size=1, stride=stride, bias=False)
        shortcut = pencil.draw("BatchNorm", "shortcut_bn")
    pencil.draw("Add", "add", main, shortcut)
    pencil.relu()


def _drawn(draw: Callable[[Pencil], None]) -> Callable[[], Graph]:
    def make() -> Graph:
        graph = Graph()
        draw(Pencil(graph))
        return graph

    return make


NETWORKS: dict[str, Callable[[], Graph]] = {
    "lenet5-cs231n": lambda: presets.load("lenet5-cs231n"),
    "notes-cifar10": lambda: presets.load("notes-cifar10"),
    "cifar10-quick": _drawn(_cifar10_quick),
    "keras-cifar10": _drawn(_keras_cifar10),
    "resnet20-cifar10": lambda: presets.load("resnet20-cifar10"),
    "vgg-small": _drawn(_vgg_small),
}
"""Those that a training step is timed of, ten classes each."""

IMAGENET: dict[str, Callable[[], Graph]] = {"vgg16": _drawn(_vgg16), "resnet18": _drawn(_resnet18)}
"""Those that predict one picture of 224 × 224, a thousand classes each."""
