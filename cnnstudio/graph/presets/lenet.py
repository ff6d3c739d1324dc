"""LeNet-5 as later courses and frameworks drew it."""

from __future__ import annotations

from cnnstudio.graph.document import Graph
from cnnstudio.graph.presets.recipe import Pencil, Preset


def _cs231n(graph: Graph) -> None:
    pencil = Pencil(graph)
    pencil.input(1, 28, 28)
    for channels in (20, 50):
        pencil.conv(channels, 5, padding=2)
        pencil.relu()
        pencil.max_pool()
    pencil.flatten()
    pencil.linear(500)
    pencil.relu()
    pencil.linear(10)


def _caffe(graph: Graph) -> None:
    pencil = Pencil(graph)
    pencil.input(1, 28, 28)
    for channels in (20, 50):
        pencil.conv(channels, 5)
        pencil.max_pool()
    pencil.flatten()
    pencil.linear(500)
    pencil.relu()
    pencil.linear(10)


PRESETS = (
    Preset(
        "lenet5-cs231n",
        "LeNet-5, CS231n",
        2015,
        "Stanford CS231n lecture notes, after LeCun et al. 1998",
        "Convolution, ReLU, pool, twice, then full connection: the pattern that every later network varies.",
        _cs231n,
    ),
    Preset(
        "lenet5-caffe",
        "LeNet-5, Caffe",
        2014,
        "Caffe's MNIST example (Jia et al. 2014), after LeCun et al. 1998",
        "Without padding the maps shrink at every layer; pooling alone makes the convolutions non-linear.",
        _caffe,
    ),
)
