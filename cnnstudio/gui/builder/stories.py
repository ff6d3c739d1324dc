"""What is known of the classic networks, and which of them a drawing is, if it still is one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cnnstudio.graph import Graph, analyze, presets
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
    if not alike:
        return None
    here = signature(graph)
    return next((presets.info(name) for name in alike if _preset_signature(name) == here), None)


Outline = tuple[tuple[float, float, str], ...]
"""Where the cards of a drawing stand, and the token of each one's colour."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The figures of a preset; shapes are without the batch axis."""

    input: tuple[int, ...] | None
    output: tuple[int, ...] | None
    layers: int
    parameters: int
    macs: int
    outline: Outline


@cache
def facts_of(name: str) -> Facts:
    """Worked out when first asked for: the largest takes some 15 ms. Raises UnknownPresetError."""
    graph = presets.load(name)
    report = analyze(graph)
    first = next(iter(report))
    output = None if report.output is None else report[report.output].output_shape
    outline = tuple((*node.position, graph.spec(node.id).colour) for node in graph.nodes.values() if node.position)
    return Facts(first.output_shape, output, len(report), report.parameters, report.macs, outline)


@cache
def _preset_signature(name: str) -> Signature:
    return signature(presets.load(name))
