"""Which classic network a drawing is, if it still is one."""

from __future__ import annotations

from functools import cache

from cnnstudio.graph import Graph, presets
from cnnstudio.graph.presets import Preset

Signature = tuple[tuple[str, tuple[tuple[str, object], ...], tuple[int | None, ...]], ...]


def signature(graph: Graph) -> Signature:
    """The network without names, ids and places: kinds, parameters and wires, in the order that data take."""
    order = graph.topological_order()
    rank = {node_id: number for number, node_id in enumerate(order)}
    return tuple(
        (
            graph.node(each).kind,
            tuple(graph.node(each).params.items()),
            tuple(None if source is None else rank[source] for source in graph.inputs_of(each)),
        )
        for each in order
    )


def story_of(graph: Graph) -> Preset | None:
    """The preset that the drawing equals but for names and places."""
    # Their number of cards tells most presets from the drawing without loading them.
    alike = [name for name in presets.names() if presets.info(name).cards == len(graph)]
    here = signature(graph) if alike else ()
    return next((presets.info(name) for name in alike if _preset_signature(name) == here), None)


@cache
def _preset_signature(name: str) -> Signature:
    return signature(presets.load(name))
