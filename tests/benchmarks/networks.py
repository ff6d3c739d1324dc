"""The networks that the engine is measured on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cnnstudio.graph import Graph, presets
from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.blocks.plain import vgg


def vgg_small() -> Graph:
    """VGG's pattern at 32 × 32: pairs of 3 × 3 convolutions of 64, 128 and 256 channels, a pool after each pair."""
    graph = Graph()
    pencil = Pencil(graph)
    pencil.input(3, 32, 32)
    for channels in (64, 128, 256):
        vgg(pencil, channels)
    pencil.flatten()
    pencil.linear(256)
    pencil.relu()
    pencil.linear(10)
    return graph


NETWORKS: dict[str, Callable[[], Graph]] = {
    name: partial(presets.load, name)
    for name in ("lenet5-cs231n", "notes-cifar10", "cifar10-quick", "keras-cifar10", "resnet20-cifar10")
} | {"vgg-small": vgg_small}
"""Those that a training step is timed of, ten classes each."""

IMAGENET: dict[str, Callable[[], Graph]] = {name: partial(presets.load, name) for name in ("vgg16", "resnet18")}
"""Those that predict one picture of 224 × 224, a thousand classes each."""
