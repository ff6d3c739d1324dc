"""LeNet-5, as it was and as later courses and frameworks drew it (LeCun, Bottou, Bengio and Haffner 1998)."""

from __future__ import annotations

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.presets.recipe import Preset

GROUP = "LeNet"


def _original(pencil: Pencil, size: int, padding: int, bend: str) -> None:
    """Two convolutions of 6 and 16 kernels, three full connections, and the same activation everywhere."""

    def activation() -> None:
        pencil.draw(bend, bend.lower())

    pencil.input(1, size, size)
    for channels, pad in ((6, padding), (16, 0)):
        pencil.conv(channels, 5, padding=pad)
        activation()
        pencil.avg_pool()
    pencil.flatten()
    for features in (120, 84):
        pencil.linear(features)
        activation()
    pencil.linear(10)


def _lenet5_1998(pencil: Pencil) -> None:
    """As a framework builds it: S2 is fully connected to C3, and pools have no weights of their own."""
    _original(pencil, 32, 0, "Tanh")


def _lenet5_d2l(pencil: Pencil) -> None:
    _original(pencil, 28, 2, "Sigmoid")


def _lenet5_caffe(pencil: Pencil) -> None:
    pencil.input(1, 28, 28)
    for channels in (20, 50):
        pencil.conv(channels, 5)
        pencil.max_pool()
    _head(pencil)


def _lenet5_cs231n(pencil: Pencil) -> None:
    pencil.input(1, 28, 28)
    for channels in (20, 50):
        pencil.conv(channels, 5, padding=2)
        pencil.relu()
        pencil.max_pool()
    _head(pencil)


def _head(pencil: Pencil) -> None:
    pencil.flatten()
    pencil.linear(500)
    pencil.relu()
    pencil.linear(10)


PRESETS = (
    Preset(
        name="lenet5-1998",
        group=GROUP,
        title="LeNet-5",
        year=1998,
        source="LeCun, Bottou, Bengio and Haffner, Gradient-Based Learning Applied to Document Recognition, "
        "Proceedings of the IEEE 1998",
        story="It read millions of bank cheques: learned kernels, shared by all places, beat features that people had "
        "designed.",
        cards=13,
        draw=_lenet5_1998,
    ),
    Preset(
        name="lenet5-d2l",
        group=GROUP,
        title="LeNet-5, Dive into Deep Learning",
        year=2020,
        source="Zhang, Lipton, Li and Smola, Dive into Deep Learning, after LeCun et al. 1998",
        story="Sigmoid and mean pooling, as in its day: put ReLU and max pooling there and see what twenty years "
        "changed.",
        cards=13,
        draw=_lenet5_d2l,
    ),
    Preset(
        name="lenet5-caffe",
        group=GROUP,
        title="LeNet-5, Caffe",
        year=2014,
        source="Caffe's MNIST example (Jia et al. 2014), after LeCun et al. 1998",
        story="Without padding the maps shrink at every layer; pooling alone makes the convolutions non-linear.",
        cards=9,
        draw=_lenet5_caffe,
    ),
    Preset(
        name="lenet5-cs231n",
        group=GROUP,
        title="LeNet-5, CS231n",
        year=2015,
        source="Stanford CS231n lecture notes, after LeCun et al. 1998",
        story="Convolution, ReLU, pool, twice, then full connection: the pattern that every later network varies.",
        cards=11,
        draw=_lenet5_cs231n,
    ),
)
