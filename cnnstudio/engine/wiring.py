"""How layers hang together: the nodes of a network, and their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

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
    ordered: list[NetworkNode] = []
    done: set[str] = set()
    waiting = list(nodes)
    while waiting:
        ready = [node for node in waiting if all(source in done for source in node.inputs)]
        if not ready:
            stuck = waiting[0]
            unknown = [source for source in stuck.inputs if source not in by_id]
            reason = f"its input {unknown[0]!r} does not exist" if unknown else "its inputs lead back to itself"
            raise NetworkError(f"{stuck.name} cannot be computed: {reason}.")
        ordered += ready
        done.update(node.id for node in ready)
        waiting = [node for node in waiting if node.id not in done]
    return tuple(ordered)


def only_input(nodes: Sequence[NetworkNode]) -> NetworkNode:
    inputs = [node for node in nodes if isinstance(node.layer, Input)]
    if len(inputs) != 1:
        raise NetworkError(f"A network has one Input; this one has {len(inputs)}.")
    loose = [node.name for node in nodes if not node.inputs and node is not inputs[0]]
    if loose:
        raise NetworkError(f"{loose[0]} has no input.")
    return inputs[0]
