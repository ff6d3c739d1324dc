"""Places for cards: layers below each other, branches beside each other."""

from __future__ import annotations

from cnnstudio.graph.commands import CARD_PITCH
from cnnstudio.graph.document import Graph, Position


def arrange(graph: Graph) -> dict[str, Position]:
    """A position for every node: its depth gives the row; the first branch goes straight down, others sidestep.

    A lane is held by a branch from the row where it leaves to the row where it arrives, so that its wire runs
    beside the other cards and not behind them.
    """
    order = graph.topological_order()
    depth: dict[str, int] = {}
    for node_id in order:
        sources = [each for each in graph.inputs_of(node_id) if each is not None]
        depth[node_id] = 1 + max((depth[each] for each in sources), default=-1)
    taken: set[tuple[int, int]] = set()
    lane: dict[str, int] = {}
    for node_id in order:
        sources = [each for each in graph.inputs_of(node_id) if each is not None]
        # A merge goes back to the leftmost of its branches: the trunk.
        wanted = min((lane[each] for each in sources), default=0)
        top = (
            1 + min((depth[each] for each in sources), default=depth[node_id] - 1)
            if len(sources) == 1
            else depth[node_id]
        )
        bottom = max(depth[node_id], min((depth[link.target] - 1 for link in graph.links_from(node_id)), default=0))
        rows = range(min(top, depth[node_id]), bottom + 1)
        while any((row, wanted) in taken for row in rows):
            wanted += 1
        lane[node_id] = wanted
        taken.update((row, wanted) for row in rows)
    return {node_id: (lane[node_id] * CARD_PITCH[0], depth[node_id] * CARD_PITCH[1]) for node_id in order}


def place_all(graph: Graph) -> None:
    """Give every node of a drawing the place that `arrange` finds for it."""
    with graph.batch():
        for node_id, position in arrange(graph).items():
            graph.move(node_id, position)
