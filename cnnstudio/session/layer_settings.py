"""Training settings of single layers, which go by name, kept with their layers while the drawing changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from cnnstudio.engine import LayerSettings, TrainingConfig
from cnnstudio.graph import Change, Graph, Node


class LayerSettingsKeeper:
    """Lets `TrainingConfig.layers` follow the drawing.

    A renamed layer takes its settings along. Those of a layer that is gone are put aside: undo, which brings that
    very layer back, brings them back too, and a new layer of the same name begins without. Settings for names that
    no layer bears, as a file may hold, stay, and a layer that is given such a name takes them.
    """

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._aside: dict[Node, LayerSettings] = {}

    def begin(self, graph: Graph) -> None:
        """Follow another drawing from here on."""
        self._nodes = dict(graph.nodes)
        self._aside.clear()

    def follow(self, graph: Graph, change: Change, config: TrainingConfig) -> TrainingConfig:
        """`config` as it is after a change of the drawing; the same object where it has nothing to do with it."""
        layers = dict(config.layers)
        # All names are given up before any is taken: two layers may have swapped theirs in one edit.
        renamed = [each for each in change.edited if self._nodes[each].name != graph.node(each).name]
        taken = {each: layers.pop(self._nodes[each].name, None) for each in renamed}
        for node_id in change.removed:
            former = self._nodes[node_id]
            if former.name in layers:
                self._aside[former] = layers.pop(former.name)
        for node_id in change.added:
            taken[node_id] = self._aside.pop(graph.node(node_id), None)
        for node_id, settings in taken.items():
            if settings is not None:
                layers[graph.node(node_id).name] = settings
        self._nodes = dict(graph.nodes)
        return config if layers == config.layers else replace(config, layers=layers)


def for_layers(config: TrainingConfig, learning: Collection[str]) -> TrainingConfig:
    """`config` without the settings of layers that are not in the network or have nothing to learn.

    The engine refuses those, as a slip in a script; here they are left over.
    """
    layers = {name: settings for name, settings in config.layers.items() if name in learning}
    return config if layers == config.layers else replace(config, layers=layers)
