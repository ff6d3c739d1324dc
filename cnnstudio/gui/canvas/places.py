"""Where cards stand whose node has no position yet, as one that a script has added."""

from __future__ import annotations

from cnnstudio.graph import Graph
from cnnstudio.graph.commands import CARD_PITCH
from cnnstudio.graph.layout import arrange
from cnnstudio.gui.canvas.measures import Point


def places(graph: Graph) -> dict[str, Point]:
    """A place for every card: its node's own position, else one below its source that nobody holds."""
    given = {node.id: node.position for node in graph.nodes.values() if node.position is not None}
    if len(given) == len(graph):
        return given
    if not given:
        return arrange(graph)
    found = dict(given)
    for node_id in graph.topological_order():
        if node_id not in found:
            sources = [found[each] for each in graph.inputs_of(node_id) if each is not None and each in found]
            found[node_id] = free_place(list(found.values()), _start(sources, list(found.values())))
    return found


def free_place(taken: list[Point], wanted: Point) -> Point:
    """The first place at or right of `wanted` whose card would cover no other."""
    x, y = wanted
    while any(abs(x - left) < CARD_PITCH[0] * 0.95 and abs(y - top) < CARD_PITCH[1] * 0.95 for left, top in taken):
        x += CARD_PITCH[0]
    return x, y


def _start(sources: list[Point], taken: list[Point]) -> Point:
    if sources:
        return min(x for x, _ in sources), max(y for _, y in sources) + CARD_PITCH[1]
    return max(x for x, _ in taken) + CARD_PITCH[0], min(y for _, y in taken)
