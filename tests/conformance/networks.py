"""Five small networks that between them have most of the kinds, for pictures of 2 × 12 × 12 and four classes.

Nothing in `NETWORKS` draws by chance. No learned number stands where the truth cannot depend on it, such as a bias
before BatchNorm: its gradient is 0 but for rounding, and Adam, AdaGrad and RMSprop divide a gradient by its own size,
so they would carry the rounding into the weights at full learning rate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cnnstudio.graph import Graph

SHAPE = (2, 12, 12)
CLASSES = 4


def lenet() -> Graph:
    graph = Graph()
    image = graph.add("Input", shape=SHAPE)
    node = graph.add("Tanh", graph.add("Conv2d", image, out_channels=6, kernel_size=5, padding=2))
    node = graph.add("MaxPool2d", node, kernel_size=2)
    node = graph.add("ReLU", graph.add("Conv2d", node, out_channels=8, kernel_size=3))
    node = graph.add("Flatten", graph.add("MaxPool2d", node, kernel_size=2))
    node = graph.add("Sigmoid", graph.add("Linear", node, out_features=20))
    graph.add("Linear", node, out_features=CLASSES)
    return graph


def residual() -> Graph:
    """The second block halves the maps and takes its shortcut through a 1 × 1 convolution."""
    graph = Graph()

    def block(node: str, channels: int, stride: int, *, relu: bool = True) -> str:
        conv: dict[str, Any] = {
            "out_channels": channels,
            "kernel_size": 3,
            "stride": stride,
            "padding": 1,
            "bias": False,
        }
        node = graph.add("BatchNorm", graph.add("Conv2d", node, **conv))
        return graph.add("ReLU", node) if relu else node

    start = block(graph.add("Input", shape=SHAPE), 4, 1)
    end = block(block(start, 4, 1), 4, 1, relu=False)
    start = graph.add("ReLU", graph.add("Add", start, end))
    end = block(block(start, 8, 2), 8, 1, relu=False)
    shortcut = graph.add("Conv2d", start, out_channels=8, kernel_size=1, stride=2, bias=False)
    node = graph.add("ReLU", graph.add("Add", end, graph.add("BatchNorm", shortcut)))
    node = graph.add("Flatten", graph.add("AdaptiveAvgPool2d", node, output_size=1))
    graph.add("Linear", node, out_features=CLASSES)
    return graph


def smooth() -> Graph:
    """Each image normalized by itself, and the smooth activations."""
    graph = Graph()
    image = graph.add("Input", shape=SHAPE)
    node = graph.add("Conv2d", image, out_channels=8, kernel_size=3, padding=1, padding_mode="reflect")
    node = graph.add("SiLU", graph.add("GroupNorm", node, num_groups=2))
    node = graph.add("Conv2d", node, out_channels=6, kernel_size=3, stride=2, padding="valid", bias=False)
    node = graph.add("ELU", graph.add("InstanceNorm", node, affine=True))
    node = graph.add("LayerNorm", graph.add("Conv2d", node, out_channels=4, kernel_size=2))
    node = graph.add("Flatten", graph.add("GELU", node))
    node = graph.add("LayerNorm", graph.add("Linear", node, out_features=16))
    graph.add("Linear", graph.add("GELU", node, approximate="tanh"), out_features=CLASSES)
    return graph


def inception() -> Graph:
    """Branches side by side: 1 × 1, grouped, dilated, pooled."""
    graph = Graph()
    image = graph.add("Input", shape=SHAPE)
    start = graph.add("LeakyReLU", graph.add("Conv2d", image, out_channels=4, kernel_size=3, padding=(0, 1, 1, 0)))
    one = graph.add("Conv2d", start, out_channels=2, kernel_size=1)
    two = graph.add("Conv2d", start, out_channels=4, kernel_size=3, padding="same", groups=2)
    three = graph.add("Conv2d", start, out_channels=2, kernel_size=(3, 1), padding=(2, 0), dilation=2)
    four = graph.add("AvgPool2d", start, kernel_size=3, stride=1, padding=1, count_include_pad=False)
    node = graph.add("Tanh", graph.add("Concat", one, two, three, four))
    node = graph.add("LocalResponseNorm", node, size=3, alpha=0.5)
    node = graph.add("AvgPool2d", node, kernel_size=3, stride=2, ceil_mode=True)
    graph.add("Linear", graph.add("Flatten", node), out_features=CLASSES)
    return graph


def hourglass() -> Graph:
    """Depthwise and pointwise down, transposed and upsampled up again."""
    graph = Graph()
    image = graph.add("Pad2d", graph.add("Input", shape=SHAPE), padding=(1, 1, 2, 0), mode="replicate")
    node = graph.add("Conv2d", image, out_channels=4, kernel_size=3, padding=(1, 0), groups=2, stride=2)
    node = graph.add("PReLU", graph.add("Conv2d", node, out_channels=6, kernel_size=1))
    node = graph.add("Conv2d", node, out_channels=6, kernel_size=3, padding=1, groups=6)
    node = graph.add("ConvTranspose2d", node, out_channels=4, kernel_size=3, stride=2, padding=1, output_padding=1)
    node = graph.add("SiLU", node)
    node = graph.add("AdaptiveMaxPool2d", node, output_size=(5, 4))
    node = graph.add("Upsample", graph.add("Identity", node), scale_factor=2, mode="bilinear")
    node = graph.add(
        "Conv2d", graph.add("Upsample", node, scale_factor=(1, 2)), out_channels=3, kernel_size=3, stride=3
    )
    graph.add("Linear", graph.add("Flatten", node), out_features=CLASSES)
    return graph


NETWORKS: Mapping[str, Callable[[], Graph]] = {
    "lenet": lenet,
    "residual": residual,
    "smooth": smooth,
    "inception": inception,
    "hourglass": hourglass,
}


def with_chance() -> Graph:
    """Every kind that draws: a run must draw the same whoever predicts meanwhile."""
    graph = Graph()
    node = graph.add("Conv2d", graph.add("Input", shape=SHAPE), out_channels=4, kernel_size=3, padding=1)
    node = graph.add(
        "SpatialDropout", graph.add("StochasticPool2d", graph.add("BatchNorm", node), kernel_size=2), p=0.2
    )
    branch = graph.add("DropPath", graph.add("Conv2d", node, out_channels=4, kernel_size=3, padding=1), p=0.2)
    node = graph.add("Dropout", graph.add("Flatten", graph.add("Add", node, branch)), p=0.2)
    graph.add("Softmax", graph.add("Linear", node, out_features=CLASSES))
    return graph


EVERY: Mapping[str, Callable[[], Graph]] = {**NETWORKS, "with chance": with_chance}
