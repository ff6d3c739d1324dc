"""Small networks and data that the engine's tests share."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from cnnstudio.engine import Network, NetworkNode
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.layers import (
    Add,
    BatchNorm,
    Conv2d,
    Dropout,
    Flatten,
    Input,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
)

MakeNetwork = Callable[..., Network]


def chain(*layers: tuple[str, Layer], dtype: str = "float32", seed: int = 0) -> Network:
    """Layers one after the other; the name is the id."""
    nodes, before = [], ()
    for name, layer in layers:
        nodes.append(NetworkNode(name, name, layer, before))
        before = (name,)
    return Network(nodes, nodes[-1].id, seed=seed, dtype=dtype)


@pytest.fixture
def make_chain() -> MakeNetwork:
    return chain


@pytest.fixture
def small_network() -> MakeNetwork:
    """A residual network with everything in it, for pictures of 2 × 6 × 6 and 3 classes."""

    def make(seed: int = 0, dtype: str = "float32", p: float = 0.25) -> Network:
        generator = np.random.default_rng(seed)
        window = Window((3, 3), padding=(1, 1, 1, 1))
        nodes = [
            NetworkNode("image", "image", Input((2, 6, 6))),
            NetworkNode("conv", "conv", Conv2d(2, 4, window, generator=generator, dtype=dtype), ("image",)),
            NetworkNode("norm", "norm", BatchNorm(4, dtype=dtype), ("conv",)),
            NetworkNode("relu", "relu", ReLU(), ("norm",)),
            NetworkNode("conv2", "conv2", Conv2d(4, 4, window, generator=generator, dtype=dtype), ("relu",)),
            NetworkNode("add", "add", Add(), ("relu", "conv2")),
            NetworkNode("pool", "pool", MaxPool2d(Window((2, 2), (2, 2))), ("add",)),
            NetworkNode("drop", "drop", Dropout(p), ("pool",)),
            NetworkNode("flat", "flat", Flatten(), ("drop",)),
            NetworkNode("scores", "scores", Linear(36, 3, generator=generator, dtype=dtype), ("flat",)),
        ]
        return Network(nodes, "scores", seed=seed, dtype=dtype)

    return make


@pytest.fixture
def stripes() -> SimpleNamespace:
    """A data set that can be learned at once: which third of the picture is bright."""
    generator = np.random.default_rng(7)

    def split(count: int) -> SimpleNamespace:
        labels = generator.integers(0, 3, count)
        images = generator.integers(0, 60, (count, 2, 6, 6), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[:, 2 * label : 2 * label + 2] += 150
        return SimpleNamespace(images=images, labels=labels)

    return SimpleNamespace(train=split(90), validation=split(20), test=split(130), classes=("top", "middle", "bottom"))
