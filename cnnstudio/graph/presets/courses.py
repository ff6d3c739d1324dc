"""Networks that courses, tutorials and the examples of libraries are built around."""

from __future__ import annotations

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.blocks.plain import conv_norm_relu
from cnnstudio.graph.presets.recipe import Preset

GROUP = "Courses and tutorials"


def _notes_cifar10(pencil: Pencil) -> None:
    pencil.input(3, 32, 32)
    for channels in (10, 20, 10):
        conv_norm_relu(pencil, channels, bias=True)
        pencil.max_pool()
    pencil.flatten()
    for _ in range(2):
        pencil.linear(20)
        pencil.norm()
        pencil.dropout()
        pencil.relu()
    pencil.linear(10)


def _notes_pytorch_mnist(pencil: Pencil) -> None:
    pencil.input(1, 28, 28)
    for channels in (16, 32, 64):
        conv_norm_relu(pencil, channels, stride=2, bias=True)
    conv_norm_relu(pencil, 64, kernel_size=2, stride=2, padding=0, bias=True)
    pencil.flatten()
    pencil.linear(100)
    pencil.linear(10)


def _tiny_vgg(pencil: Pencil) -> None:
    pencil.input(3, 64, 64)
    for _ in range(2):
        for _ in range(2):
            pencil.conv(10, 3)
            pencil.relu()
        pencil.max_pool()
    pencil.flatten()
    pencil.linear(10)


def _cifar10_quick(pencil: Pencil) -> None:
    pencil.input(3, 32, 32)
    pencil.conv(32, 5, padding=2)
    pencil.max_pool(3, stride=2, ceil_mode=True)
    pencil.relu()
    for channels in (32, 64):
        pencil.conv(channels, 5, padding=2)
        pencil.relu()
        pencil.avg_pool(3, stride=2, ceil_mode=True)
    pencil.flatten()
    pencil.linear(64)
    pencil.linear(10)


def _cs231n_threelayer(pencil: Pencil) -> None:
    pencil.input(3, 32, 32)
    pencil.conv(32, 7, padding=3)
    pencil.relu()
    pencil.max_pool()
    pencil.flatten()
    pencil.linear(100)
    pencil.relu()
    pencil.linear(10)


def _keras_cifar10(pencil: Pencil) -> None:
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


PRESETS = (
    Preset(
        name="notes-cifar10",
        group=GROUP,
        title="CIFAR-10 network of the lecture notes",
        year=2020,
        source="CNN lecture notes that follow CS231n",
        story="Everything a course has taught by its middle, in one small network: normalization, dropout, pooling.",
        cards=23,
        draw=_notes_cifar10,
    ),
    Preset(
        name="tiny-vgg",
        group=GROUP,
        title="Tiny VGG",
        year=2020,
        source="Wang, Turko, Shaikh, Park, Das, Hohman, Kahng and Chau, CNN Explainer, IEEE TVCG 2020",
        story="Ten maps a layer, few enough for a browser to draw each one: readers followed a picture through every "
        "kernel.",
        cards=13,
        draw=_tiny_vgg,
    ),
    Preset(
        name="notes-pytorch-mnist",
        group=GROUP,
        title="MNIST network of the lecture notes",
        year=2020,
        source="CNN lecture notes that follow CS231n, in PyTorch",
        story="Strides replace pools, so kernels learn how to shrink a map; two Linear with nothing between do no more "
        "than one.",
        cards=16,
        draw=_notes_pytorch_mnist,
    ),
    Preset(
        name="cifar10-quick",
        group=GROUP,
        title="CIFAR-10 quick, Caffe",
        year=2014,
        source="Caffe's CIFAR-10 example (Jia et al. 2014), after Krizhevsky's cuda-convnet",
        story="Three convolutions and pools that overlap reach 75 % in minutes: an idea could be tried before lunch.",
        cards=13,
        draw=_cifar10_quick,
    ),
    Preset(
        name="cs231n-threelayer",
        group=GROUP,
        title="Three-layer network, CS231n",
        year=2015,
        source="Stanford CS231n, assignment 2 (ThreeLayerConvNet)",
        story="The first convolutional network that many wrote by hand: 99 % of its weights sit in one full "
        "connection.",
        cards=8,
        draw=_cs231n_threelayer,
    ),
    Preset(
        name="keras-cifar10",
        group=GROUP,
        title="CIFAR-10 example, Keras",
        year=2015,
        source="Keras's example cifar10_cnn.py (Chollet et al. 2015)",
        story="VGG's pattern at the size of a homework, with dropout after every stage, began countless first "
        "projects.",
        cards=18,
        draw=_keras_cifar10,
    ),
)
