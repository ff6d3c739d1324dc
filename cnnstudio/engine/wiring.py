"""How layers hang together: the nodes of a network, and their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from cnnstudio.engine.errors import NetworkError
from cnnstudio.engine.layers import Input, Layer


@dataclass(frozen=True, slots=True)
class NetworkNode:
    """One layer in its place. `inputs` are the ids of the nodes that feed its ports, in order."""

    id: str
    name: str
    layer: Layer
    inputs: tuple[str, ...] = ()


def ordered(nodes: tuple[NetworkNode, ...]) -> tuple[NetworkNode, ...]:
    """Sources first, otherwise as given."""
    by_id = {node.id: node for node in nodes}
    names = Counter(node.name for node in nodes)
    doubled = [name for name, count in names.items() if count > 1]
    if doubled or len(by_id) < len(nodes):
        raise NetworkError(f"Every node needs a name of its own; {', '.join(doubled) or 'an id'} stands twice.")
    for node in nodes:
        for source in node.inputs:
            if source not in by_id:
                raise NetworkError(f"{node.name} cannot be computed: its input {source!r} does not exist.")
    rank = {node.id: position for position, node in enumerate(nodes)}
    if all(rank[source] < rank[node.id] for node in nodes for source in node.inputs):
        return nodes
    try:
        return tuple(by_id[each] for each in TopologicalSorter({node.id: node.inputs for node in nodes}).static_order())
    except CycleError as error:
        stuck = by_id[error.args[1][0]]
        raise NetworkError(f"{stuck.name} cannot be computed: its inputs lead back to itself.") from None


def only_input(nodes: Sequence[NetworkNode]) -> NetworkNode:
    inputs = [node for node in nodes if isinstance(node.layer, Input)]
    if len(inputs) != 1:
        raise NetworkError(f"A network has one Input; this one has {len(inputs)}.")
    loose = [node.name for node in nodes if not node.inputs and node is not inputs[0]]
    if loose:
        raise NetworkError(f"{loose[0]} has no input.")
    return inputs[0]
