"""Places for cards: layers below each other, branches beside each other."""

from __future__ import annotations

from collections.abc import Collection

from cnnstudio.graph.commands import CARD_PITCH
from cnnstudio.graph.document import Graph, Position


def arrange(graph: Graph, chosen: Collection[str] | None = None) -> dict[str, Position]:
    """A position for every node: its depth gives the row; the first branch goes straight down, others sidestep.

    Branches stand in the order in which they enter their merge. A lane is held by a branch from the row where it
    leaves to the row where it arrives, so that its wire runs beside the other cards and not behind them.
    Of `chosen` nodes alone, as if there were no others; the first row then lies at height 0.
    """
    nodes = graph.nodes if chosen is None else dict.fromkeys(chosen)
    sources = {
        node_id: [each for each in graph.inputs_of(node_id) if each is not None and each in nodes] for node_id in nodes
    }
    targets: dict[str, list[str]] = {node_id: [] for node_id in nodes}
    for node_id, arriving in sources.items():
        for each in dict.fromkeys(arriving):
            targets[each].append(node_id)
    order = _branch_by_branch(sources, targets)
    depth: dict[str, int] = {}
    for node_id in order:
        depth[node_id] = 1 + max((depth[each] for each in sources[node_id]), default=-1)
    taken: set[tuple[int, int]] = set()
    lane: dict[str, int] = {}
    for node_id in order:
        arriving = sources[node_id]
        # A merge goes back to the leftmost of its branches: the trunk.
        wanted = min((lane[each] for each in arriving), default=0)
        top = 1 + depth[arriving[0]] if len(arriving) == 1 else depth[node_id]
        bottom = max(depth[node_id], min((depth[each] - 1 for each in targets[node_id]), default=0))
        rows = range(top, bottom + 1)
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


def _branch_by_branch(sources: dict[str, list[str]], targets: dict[str, list[str]]) -> list[str]:
    """Each node behind all its sources, and a merge's branches one after the other, in the order of its inputs."""
    order: dict[str, None] = {}
    trail = [node_id for node_id, fed in reversed(targets.items()) if not fed]
    while trail:
        node_id = trail[-1]
        waiting = [each for each in sources[node_id] if each not in order]
        if waiting:
            trail.extend(reversed(waiting))
        else:
            order[trail.pop()] = None
    return list(order)
