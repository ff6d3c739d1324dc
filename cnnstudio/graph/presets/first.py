"""Networks for the first minutes: small enough to see all of them."""

from __future__ import annotations

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.presets.recipe import Preset

GROUP = "First networks"


def _digits_small(pencil: Pencil) -> None:
    pencil.input(1, 8, 8)
    for channels in (16, 32):
        pencil.conv(channels, 3, padding=1)
        pencil.relu()
    pencil.max_pool()
    pencil.flatten()
    pencil.linear(64)
    pencil.relu()
    pencil.linear(10)


def _linear(pencil: Pencil) -> None:
    pencil.input(3, 32, 32)
    pencil.flatten()
    pencil.linear(10)


PRESETS = (
    Preset(
        name="digits-small",
        group=GROUP,
        title="Small network for digits",
        year=2026,
        source="CNN Studio, for the UCI optical digits of 8 × 8 pixels",
        story="Two convolutions and two full connections: enough to read handwriting, small enough to see all of it.",
        cards=10,
        draw=_digits_small,
    ),
    Preset(
        name="linear",
        group=GROUP,
        title="Linear classifier",
        year=2015,
        source="Stanford CS231n lecture notes, linear classification on CIFAR-10",
        story="One template a class is all it holds: its horse has two heads, for the horses that face left and right.",
        cards=3,
        draw=_linear,
    ),
)
