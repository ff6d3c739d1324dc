"""The lecture notes' own network."""

from __future__ import annotations

from cnnstudio.graph.document import Graph
from cnnstudio.graph.presets.recipe import Pencil, Preset


def _notes_cifar10(graph: Graph) -> None:
    pencil = Pencil(graph)
    pencil.input(3, 32, 32)
    for channels in (10, 20, 10):
        pencil.conv(channels, 3, padding=1)
        pencil.norm()
        pencil.relu()
        pencil.max_pool()
    pencil.flatten()
    for _ in range(2):
        pencil.linear(20)
        pencil.norm()
        pencil.dropout()
        pencil.relu()
    pencil.linear(10)


PRESETS = (
    Preset(
        "notes-cifar10",
        "CIFAR-10 network of the lecture notes",
        2020,
        "CNN lecture notes that follow CS231n",
        "Everything a course has taught by its middle, in one small network: normalization, dropout, pooling.",
        _notes_cifar10,
    ),
)
