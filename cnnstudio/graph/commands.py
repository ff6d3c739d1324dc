"""Undoable edits. One gesture of the user is one command; its text names what undo takes back.

A command does its work through the Graph's own edits, so every rule holds; a command that is refused leaves the
graph as it was. Undo restores the exact former state, order of nodes and ports included.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import final

from cnnstudio.graph.document import Graph, GraphState, Link, Position
from cnnstudio.graph.errors import GraphError, PortError
from cnnstudio.graph.params import value_text

CARD_PITCH = (300.0, 82.0)
"""Distance of neighbouring cards, across and down, in scene units."""


class Command(ABC):
    """An edit of a graph that can be done, undone and done again. Knows the Graph only."""

    def __init__(self) -> None:
        self.text = ""
        self._before: GraphState | None = None
        self._after: GraphState | None = None

    @final
    def do(self, graph: Graph) -> None:
        """Raises a GraphError when the graph refuses; it is then unchanged."""
        if self._after is not None:
            graph.restore(self._after)
            return
        before = graph.state
        with graph.batch():
            self.apply(graph)
        self._before, self._after = before, graph.state

    @final
    def undo(self, graph: Graph) -> None:
        """Back to how the graph was before `do`."""
        if self._before is None:
            raise GraphError("This edit has not been made yet; there is nothing to undo.")
        graph.restore(self._before)

    @property
    def changes_nothing(self) -> bool:
        """Whether `do` left the graph as it was, so that an undo stack may forget it."""
        return self._after is not None and self._before == self._after

    @abstractmethod
    def apply(self, graph: Graph) -> None:
        """Make the edit, and set `text`."""


class AddNode(Command):
    """A new layer, free or behind given sources. `node_id` is known once it is done."""

    def __init__(
        self,
        kind: str,
        params: Mapping[str, object],
        position: Position | None = None,
        inputs: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.kind, self.params, self.position, self.inputs = kind, dict(params), position, tuple(inputs)
        self.node_id = ""

    def apply(self, graph: Graph) -> None:
        self.node_id = graph.insert(self.kind, self.inputs, position=self.position, params=self.params)
        self.text = f"add {self.kind}"


class AppendAfter(Command):
    """A new layer right behind another one; what was fed by that one is now fed by the new layer.

    Layers below, in the way of the new card, move down.
    """

    def __init__(self, node_id: str, kind: str, params: Mapping[str, object]) -> None:
        super().__init__()
        self.after, self.kind, self.params = node_id, kind, dict(params)
        self.node_id = ""

    def apply(self, graph: Graph) -> None:
        former = graph.links_from(self.after)
        position = _below(graph, self.after)
        if position is not None:
            _make_room(graph, position)
        self.node_id = graph.insert(self.kind, [self.after], position=position, params=self.params)
        for link in former:
            graph.replace_source(link, self.node_id)
        self.text = f"add {self.kind} after {graph.node(self.after).name}"


class AppendCopies(Command):
    """Several new layers like another one, one behind the other right behind it. `node_ids` are known once done."""

    def __init__(self, node_id: str, count: int) -> None:
        super().__init__()
        self.after, self.count = node_id, count
        self.node_ids: tuple[str, ...] = ()

    def apply(self, graph: Graph) -> None:
        node, placed = graph.node(self.after), [self.after]
        for _ in range(self.count):
            step = AppendAfter(placed[-1], node.kind, node.params)
            step.apply(graph)
            placed.append(step.node_id)
        self.node_ids = tuple(placed[1:])
        self.text = f"add {self.count} layer{'s' if self.count > 1 else ''} like {node.name} after it"


class InsertOnLink(Command):
    """A new layer in the middle of a wire."""

    def __init__(self, link: Link, kind: str, params: Mapping[str, object], position: Position | None = None) -> None:
        super().__init__()
        self.link, self.kind, self.params, self.position = link, kind, dict(params), position
        self.node_id = ""

    def apply(self, graph: Graph) -> None:
        position = self.position
        if position is None and (position := _below(graph, self.link.source)) is not None:
            _make_room(graph, position)
        self.node_id = graph.insert(self.kind, [self.link.source], position=position, params=self.params)
        graph.replace_source(self.link, self.node_id)
        self.text = f"insert {self.kind} before {graph.node(self.link.target).name}"


class InsertChain(Command):
    """Several new layers, each as (kind, parameters), one behind the other in the middle of a wire."""

    def __init__(self, link: Link, layers: Sequence[tuple[str, Mapping[str, object]]]) -> None:
        super().__init__()
        self.link, self.layers = link, tuple(layers)
        self.node_ids: tuple[str, ...] = ()

    def apply(self, graph: Graph) -> None:
        link, placed = self.link, []
        for kind, params in self.layers:
            step = InsertOnLink(link, kind, params)
            step.apply(graph)
            placed.append(step.node_id)
            link = Link(step.node_id, link.target, link.port)
        self.node_ids = tuple(placed)
        kinds = " and ".join(kind for kind, _ in self.layers)
        self.text = f"insert {kinds} before {graph.node(self.link.target).name}"


class RemoveNodes(Command):
    """Delete layers and heal the wires: what fed a deleted layer feeds what the layer fed."""

    def __init__(self, node_ids: Sequence[str]) -> None:
        super().__init__()
        self.node_ids = tuple(dict.fromkeys(node_ids))

    def apply(self, graph: Graph) -> None:
        names = [graph.node(node_id).name for node_id in self.node_ids]
        for node_id in self.node_ids:
            sources = {each for each in graph.inputs_of(node_id) if each is not None}
            # With several sources there is no telling which one should go on, so the wires end.
            heir = sources.pop() if len(sources) == 1 else None
            if heir is not None:
                for link in graph.links_from(node_id):
                    graph.replace_source(link, heir)
            graph.remove(node_id)
        self.text = f"delete {names[0]}" if len(names) == 1 else f"delete {len(names)} layers"


class Connect(Command):
    """A wire; one that stands on the same port gives way to it."""

    def __init__(self, source: str, target: str, port: int | None = None) -> None:
        super().__init__()
        self.source, self.target, self.port = source, target, port

    def apply(self, graph: Graph) -> None:
        port = self.port
        sources = graph.inputs_of(self.target)
        if port is None and len(sources) == 1:
            port = 0
        if port is not None and port < len(sources) and sources[port] == self.source:
            raise PortError(f"{graph.node(self.source).name} already feeds {graph.node(self.target).name} there.")
        link = graph.check_link(self.source, self.target, port)
        if link.port < len(sources) and sources[link.port] is not None:
            graph.replace_source(Link(str(sources[link.port]), self.target, link.port), self.source)
        else:
            graph.connect(self.source, self.target, link.port)
        self.text = f"connect {graph.node(self.source).name} to {graph.node(self.target).name}"


class Disconnect(Command):
    """Take wires away. Raises ValueError for none at all."""

    def __init__(self, links: Sequence[Link]) -> None:
        super().__init__()
        if not links:
            raise ValueError("There is no wire to take away.")
        self.links = tuple(links)

    def apply(self, graph: Graph) -> None:
        # From the last port down: a merge that closes a gap renumbers only the ports behind it.
        for link in sorted(self.links, key=lambda each: each.port, reverse=True):
            graph.disconnect(link)
        first = self.links[0]
        names = graph.node(first.source).name, graph.node(first.target).name
        self.text = (
            f"disconnect {names[0]} from {names[1]}" if len(self.links) == 1 else f"delete {len(self.links)} wires"
        )


class SetParams(Command):
    """Change parameters of one layer."""

    def __init__(self, node_id: str, **params: object) -> None:
        super().__init__()
        self.node_id, self.params = node_id, params

    def apply(self, graph: Graph) -> None:
        graph.set_params(self.node_id, **self.params)
        node = graph.node(self.node_id)
        changes = ", ".join(f"{name} to {value_text(node.params[name])}" for name in self.params)
        self.text = f"set {node.name} {changes}"


class Rename(Command):
    def __init__(self, node_id: str, name: str) -> None:
        super().__init__()
        self.node_id, self.name = node_id, name

    def apply(self, graph: Graph) -> None:
        former = graph.node(self.node_id).name
        graph.rename(self.node_id, self.name)
        self.text = f"rename {former} to {self.name}"


class Move(Command):
    """Put cards somewhere else; the network is the same."""

    def __init__(self, positions: Mapping[str, Position | None], text: str | None = None) -> None:
        super().__init__()
        self.positions, self._given_text = dict(positions), text

    def apply(self, graph: Graph) -> None:
        for node_id, position in self.positions.items():
            graph.move(node_id, position)
        names = [graph.node(node_id).name for node_id in self.positions]
        self.text = self._given_text or (f"move {names[0]}" if len(names) == 1 else f"move {len(names)} layers")


class ReplaceAll(Command):
    """Another drawing in place of this one, as when a preset is chosen."""

    def __init__(self, state: GraphState, text: str) -> None:
        super().__init__()
        self.state, self.text = state, text

    def apply(self, graph: Graph) -> None:
        graph.restore(self.state)


class Group(Command):
    """Several commands that are one to the user."""

    def __init__(self, commands: Sequence[Command], text: str) -> None:
        super().__init__()
        self.commands, self.text = tuple(commands), text

    def apply(self, graph: Graph) -> None:
        for command in self.commands:
            command.apply(graph)  # not do: if a later one is refused, none of them has been done


def _below(graph: Graph, node_id: str) -> Position | None:
    position = graph.node(node_id).position
    return None if position is None else (position[0], position[1] + CARD_PITCH[1])


def _make_room(graph: Graph, position: Position) -> None:
    """Shift down whatever stands at or below `position` in its column, if the place is taken."""
    x, y = position
    column = [
        node
        for node in graph.nodes.values()
        if node.position is not None
        and abs(node.position[0] - x) < CARD_PITCH[0] * 0.8
        and node.position[1] > y - CARD_PITCH[1] * 0.9
    ]
    if any(node.position[1] < y + CARD_PITCH[1] * 0.9 for node in column if node.position is not None):
        for node in column:
            if node.position is not None:
                graph.move(node.id, (node.position[0], node.position[1] + CARD_PITCH[1]))
