"""The classic networks, ready to be loaded, changed and trained."""

from __future__ import annotations

from cnnstudio.graph.document import Graph
from cnnstudio.graph.layout import place_all
from cnnstudio.graph.presets import lenet, notes, resnet, small
from cnnstudio.graph.presets.recipe import Preset, UnknownPresetError

__all__ = ["Preset", "UnknownPresetError", "info", "load", "names"]

_PRESETS: dict[str, Preset] = {preset.name: preset for room in (small, lenet, notes, resnet) for preset in room.PRESETS}


def names() -> tuple[str, ...]:
    """All presets, smallest network first."""
    return tuple(_PRESETS)


def info(name: str) -> Preset:
    """Title, year, source and story of a preset. Raises UnknownPresetError, with the nearest names."""
    try:
        return _PRESETS[name]
    except KeyError:
        raise UnknownPresetError(name, tuple(_PRESETS)) from None


def load(name: str) -> Graph:
    """A fresh drawing of a preset, cards in place. Raises UnknownPresetError, with the nearest names."""
    graph = Graph()
    with graph.batch():
        info(name).draw(graph)
        place_all(graph)
    return graph
