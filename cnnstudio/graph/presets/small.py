"""A network for the first minute: small enough to learn digits of 8 × 8 pixels in seconds."""

from __future__ import annotations

from cnnstudio.graph.document import Graph
from cnnstudio.graph.presets.recipe import Pencil, Preset


def _digits_small(graph: Graph) -> None:
    pencil = Pencil(graph)
    pencil.input(1, 8, 8)
    pencil.conv(16, 3, padding=1)
    pencil.relu()
    pencil.conv(32, 3, padding=1)
    pencil.relu()
    pencil.max_pool()
    pencil.flatten()
    pencil.linear(64)
    pencil.relu()
    pencil.linear(10)


PRESETS = (
    Preset(
        "digits-small",
        "Small network for digits",
        2026,
        "CNN Studio, for the UCI optical digits of 8 × 8 pixels",
        "Two convolutions and two full connections: enough to read handwriting, small enough to see all of it.",
        _digits_small,
    ),
)
