"""The classic networks, ready to be loaded, changed and trained."""

from __future__ import annotations

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.document import Graph
from cnnstudio.graph.layout import place_all
from cnnstudio.graph.presets import alexnet, courses, first, googlenet, lenet, nin, resnet, resnet_cifar, vgg
from cnnstudio.graph.presets.recipe import Preset, UnknownPresetError
from cnnstudio.graph.presets.recipe import nearest as _nearest

__all__ = ["Preset", "UnknownPresetError", "info", "load", "names", "nearest"]

_ROOMS = (first, lenet, courses, alexnet, vgg, nin, googlenet, resnet_cifar, resnet)
_PRESETS: dict[str, Preset] = {preset.name: preset for room in _ROOMS for preset in room.PRESETS}


def names() -> tuple[str, ...]:
    """All presets, group by group; the first is for the first minute, and smaller ones stand before larger ones."""
    return tuple(_PRESETS)


def info(name: str) -> Preset:
    """Title, year, source and story of a preset. Raises UnknownPresetError, with the nearest names."""
    try:
        return _PRESETS[name]
    except KeyError:
        raise UnknownPresetError(name, tuple(_PRESETS)) from None


def nearest(name: str) -> tuple[str, ...]:
    """The presets that could be meant by a name that is none: at most four, often none."""
    return _nearest(name, names())


def load(name: str) -> Graph:
    """A fresh drawing of a preset, cards in place. Raises UnknownPresetError, with the nearest names."""
    graph = Graph()
    with graph.batch():
        info(name).draw(Pencil(graph))
        place_all(graph)
    return graph
