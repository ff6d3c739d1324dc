"""The drawing itself: nodes, the links between them, and where they stand.

The graph refuses edits that leave no drawing behind (a cycle, a parameter out of range, a port that is taken) with a
typed error. A drawing that is merely unfinished or does not fit is legal: `analyze` says what is wrong with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from types import MappingProxyType

from cnnstudio.graph.catalogue import CATALOGUE, spec_of
from cnnstudio.graph.errors import (
    CycleError,
    GraphError,
    NameTakenError,
    PortError,
    UnknownKindError,
    UnknownNodeError,
)
from cnnstudio.graph.specs import Family, LayerSpec, Params, Ports

Position = tuple[float, float]
Sources = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One layer of the drawing. `params` are complete and checked; `position` is its card's top left corner."""

    id: str
    kind: str
    name: str
    params: Params = field(default_factory=lambda: MappingProxyType({}), hash=False)
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A wire from the output of `source` to the input `port` of `target`."""

    source: str
    target: str
    port: int


@dataclass(frozen=True, slots=True)
class GraphState:
    """A whole drawing, frozen: what undo restores and files hold. Order of nodes matters."""

    nodes: tuple[Node, ...] = ()
    inputs: tuple[Sources, ...] = ()
    """For each node, in the same order, the source of each of its ports."""


@dataclass(frozen=True, slots=True)
class Change:
    """What differs since the last notification, as node ids. `rewired` are nodes whose inputs changed."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    edited: frozenset[str] = frozenset()
    rewired: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.structural or self.moved)

    @property
    def structural(self) -> bool:
        """Whether anything but positions changed."""
        return bool(self.added or self.removed or self.edited or self.rewired)


def placeholder_spec(kind: str) -> LayerSpec:
    """Stands for a kind that this version does not know, so that a drawing that uses it can still be opened."""

    def unknown(params: Params, inputs: tuple[tuple[int, ...], ...]) -> tuple[int, ...]:
        raise UnknownKindError(f"This version of CNN Studio does not know the layer kind {kind}.")

    return LayerSpec(kind, Family.SHAPE, "a kind that this version does not know", unknown, "", ports=Ports(0, None))


class Graph:
    """A network as a drawing; the only truth about it. Node ids never change, names may."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._inputs: dict[str, Sources] = {}
        self._successors: dict[str, list[Link]] | None = None
        self._listeners: list[Callable[[Change], None]] = []
        self._depth = 0

    # -- reading

    @property
    def nodes(self) -> Mapping[str, Node]:
        """All nodes by id, in the order in which they were added."""
        return MappingProxyType(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._nodes

    def __eq__(self, other: object) -> bool:
        return self.state == other.state if isinstance(other, Graph) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Graph({', '.join(node.name for node in self._nodes.values())})"

    def node(self, node_id: str) -> Node:
        """Raises UnknownNodeError."""
        try:
            return self._nodes[node_id]
        except KeyError:
            raise UnknownNodeError(f"There is no layer {node_id!r} in this network.") from None

    def spec(self, node_id: str) -> LayerSpec:
        """The declaration of a node's kind, or a placeholder's where the kind is unknown."""
        kind = self.node(node_id).kind
        try:
            return spec_of(kind)
        except UnknownKindError:
            return placeholder_spec(kind)

    def knows(self, node_id: str) -> bool:
        """Whether the catalogue holds the node's kind; otherwise it is a placeholder."""
        return self.node(node_id).kind in CATALOGUE

    def inputs_of(self, node_id: str) -> Sources:
        """The source on each input port; None where a port has no wire."""
        self.node(node_id)
        return self._inputs[node_id]

    def links(self) -> tuple[Link, ...]:
        return tuple(
            Link(source, target, port)
            for target, sources in self._inputs.items()
            for port, source in enumerate(sources)
            if source is not None
        )

    def links_from(self, node_id: str) -> tuple[Link, ...]:
        """The wires that leave a node, in the order of the nodes that they reach."""
        self.node(node_id)
        if self._successors is None:
            self._successors = {each: [] for each in self._nodes}
            for link in self.links():
                self._successors[link.source].append(link)
        return tuple(self._successors[node_id])

    def topological_order(self) -> tuple[str, ...]:
        """Node ids, each after all its sources; among equals, the one that was added first."""
        rank = {node_id: position for position, node_id in enumerate(self._nodes)}
        waiting = {node_id: sum(source is not None for source in sources) for node_id, sources in self._inputs.items()}
        ready = [rank[node_id] for node_id, count in waiting.items() if count == 0]
        heapify(ready)
        ids = tuple(self._nodes)
        order = []
        while ready:
            node_id = ids[heappop(ready)]
            order.append(node_id)
            for link in self.links_from(node_id):
                waiting[link.target] -= 1
                if waiting[link.target] == 0:
                    heappush(ready, rank[link.target])
        return tuple(order)

    def reaches(self, source: str, target: str) -> bool:
        """Whether a path of wires leads from `source` to `target` (a node reaches itself)."""
        seen, trail = {target}, [target]
        while trail:
            node_id = trail.pop()
            if node_id == source:
                return True
            fresh = [each for each in self._inputs[node_id] if each is not None and each not in seen]
            seen.update(fresh)
            trail.extend(fresh)
        return False

    # -- editing

    def add(
        self,
        kind: str,
        *inputs: str,
        name: str | None = None,
        position: Position | None = None,
        **params: object,
    ) -> str:
        """Add a layer behind `inputs` (node ids, one a port) and return its id.

        Raises:
            UnknownKindError, ParameterError, UnknownNodeError, NameTakenError, PortError.
        """
        return self.insert(kind, inputs, params, name=name, position=position)

    def insert(
        self,
        kind: str,
        inputs: Sequence[str],
        params: Params,
        *,
        name: str | None = None,
        position: Position | None = None,
    ) -> str:
        """`add`, for parameters that stand in a mapping."""
        spec = spec_of(kind)
        checked = spec.check(params)
        for source in inputs:
            self.node(source)
        if spec.ports.maximum is not None and len(inputs) > spec.ports.maximum:
            raise PortError(f"{kind} takes {_count(spec.ports.maximum, 'input')}; {len(inputs)} were given.")
        node_id = self._free_name(kind)
        if name is None:
            name = node_id
        else:
            self._check_name(name)
        with self.batch():
            self._nodes[node_id] = Node(node_id, kind, name, MappingProxyType(checked), _checked(position))
            self._wire(node_id, inputs)
        return node_id

    def remove(self, node_id: str) -> None:
        """Remove a layer and every wire at it. Raises UnknownNodeError."""
        targets = {link.target for link in self.links_from(node_id)}
        with self.batch():
            for target in targets:
                self._wire(target, [None if each == node_id else each for each in self._inputs[target]])
            del self._nodes[node_id], self._inputs[node_id]
            self._successors = None

    def connect(self, source: str, target: str, port: int | None = None) -> Link:
        """Draw a wire to a free input port (the first free one unless said).

        Raises:
            UnknownNodeError, PortError (no such port, or taken), CycleError.
        """
        link = self.check_link(source, target, port)
        sources = list(self._inputs[target])
        sources.extend([None] * (link.port + 1 - len(sources)))
        if sources[link.port] is not None:
            taken = self._nodes[str(sources[link.port])].name
            raise PortError(f"Input {link.port + 1} of {self._nodes[target].name} is taken by {taken}.")
        sources[link.port] = source
        with self.batch():
            self._wire(target, sources)
        return link

    def check_link(self, source: str, target: str, port: int | None = None) -> Link:
        """The wire that `connect` would draw if its port were free.

        Raises:
            UnknownNodeError, PortError (no such port, or none free), CycleError.
        """
        self.node(source)
        target_node, ports = self.node(target), self.spec(target).ports
        sources = self._inputs[target]
        if ports.maximum == 0:
            raise PortError(f"{target_node.name} has no input: the network begins there.")
        if port is None:
            free = [index for index, each in enumerate(sources) if each is None]
            if free:
                port = free[0]
            elif ports.variadic:
                port = len(sources)
            else:
                raise PortError(f"All inputs of {target_node.name} are taken.")
        highest = len(sources) if ports.variadic else (ports.maximum or 0) - 1
        if not 0 <= port <= highest:
            raise PortError(f"{target_node.name} has no input {port + 1}.")
        if self.reaches(target, source):
            raise CycleError(
                f"{self._nodes[source].name} cannot feed {target_node.name}: it depends on it, and data would run in a "
                "circle."
            )
        return Link(source, target, port)

    def disconnect(self, link: Link) -> None:
        """Take a wire away. Raises UnknownNodeError, PortError when there is no such wire."""
        self._check_wire(link)
        sources = list(self._inputs[link.target])
        sources[link.port] = None
        with self.batch():
            self._wire(link.target, sources)

    def replace_source(self, link: Link, source: str) -> Link:
        """Let another layer feed the port that `link` ends at, in its place.

        Raises:
            UnknownNodeError, PortError (there is no such wire), CycleError.
        """
        self._check_wire(link)
        self.check_link(source, link.target, link.port)
        sources = list(self._inputs[link.target])
        sources[link.port] = source
        with self.batch():
            self._wire(link.target, sources)
        return Link(source, link.target, link.port)

    def set_params(self, node_id: str, **params: object) -> None:
        """Change some of a layer's parameters. Raises UnknownNodeError, ParameterError."""
        node = self.node(node_id)
        checked = spec_of(node.kind).check({**node.params, **params})
        with self.batch():
            self._nodes[node_id] = replace(node, params=MappingProxyType(checked))

    def rename(self, node_id: str, name: str) -> None:
        """Raises UnknownNodeError, NameTakenError."""
        node = self.node(node_id)
        if name != node.name:
            self._check_name(name, but=node_id)
            with self.batch():
                self._nodes[node_id] = replace(node, name=name)

    def move(self, node_id: str, position: Position | None) -> None:
        """Raises UnknownNodeError; GraphError for a position that is not two finite numbers."""
        node = self.node(node_id)
        with self.batch():
            self._nodes[node_id] = replace(node, position=_checked(position))

    # -- whole states

    @property
    def state(self) -> GraphState:
        return GraphState(tuple(self._nodes.values()), tuple(self._inputs.values()))

    def restore(self, state: GraphState) -> None:
        """Become `state`, which must come from a graph; `from_state` takes what is not known to be sound."""
        with self.batch():
            self._nodes = {node.id: node for node in state.nodes}
            self._inputs = {node.id: sources for node, sources in zip(state.nodes, state.inputs, strict=True)}
            self._successors = None

    def copy(self) -> Graph:
        """An independent graph of the same state, without listeners."""
        twin = Graph()
        twin.restore(self.state)
        return twin

    @classmethod
    def from_state(cls, state: GraphState) -> Graph:
        """A graph from what a file says: every rule is checked, only unknown kinds are let through.

        Raises:
            GraphError and its kinds, naming the layer.
        """
        graph = cls()
        names: set[str] = set()
        for node in state.nodes:
            _check_spelling(node.id)
            _check_spelling(node.name)
            if node.id in graph:
                raise NameTakenError(f"Two layers have the id {node.id}.")
            if node.name in names:
                raise NameTakenError(f"Two layers are called {node.name}; names are unique.")
            names.add(node.name)
            graph._nodes[node.id] = graph._checked_node(node)
        for node, sources in zip(state.nodes, state.inputs, strict=True):
            graph._check_sources(node, sources)
            graph._wire(node.id, sources)
        graph._check_acyclic()
        return graph

    def _check_acyclic(self) -> None:
        stuck = self._nodes.keys() - set(self.topological_order())
        if not stuck:
            return
        # Whatever is stuck has a stuck source; walking from source to source ends in the circle.
        seen: set[str] = set()
        node_id = min(stuck)
        while node_id not in seen:
            seen.add(node_id)
            node_id = next(each for each in self._inputs[node_id] if each in stuck)
        raise CycleError(f"{self._nodes[node_id].name} feeds itself: wires run in a circle.")

    def _check_sources(self, node: Node, sources: Sources) -> None:
        ports = self.spec(node.id).ports
        if ports.maximum is not None and len(sources) > ports.maximum:
            raise PortError(f"{node.name} takes {_count(ports.maximum, 'input')}; {len(sources)} were given.")
        for source in sources:
            if source is not None and source not in self:
                raise UnknownNodeError(f"{node.name} is fed by {source!r}, which is no layer of this network.")

    def _checked_node(self, node: Node) -> Node:
        try:
            params = spec_of(node.kind).check(node.params)
        except UnknownKindError:
            params = dict(node.params)
        except GraphError as error:
            raise type(error)(f"{node.name}: {error}") from None
        return replace(node, params=MappingProxyType(params), position=_checked(node.position))

    # -- notification

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` with a Change after each edit or batch; returns what ends the subscription."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Edits inside are one: listeners hear once, and an error takes all of them back."""
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        before = self.state
        self._depth = 1
        try:
            yield
        except BaseException:
            self._nodes = {node.id: node for node in before.nodes}
            self._inputs = {node.id: sources for node, sources in zip(before.nodes, before.inputs, strict=True)}
            self._successors = None
            raise
        finally:
            self._depth = 0
        if self._listeners and (change := difference(before, self.state)):
            for listener in tuple(self._listeners):
                listener(change)

    # -- inside

    def _wire(self, node_id: str, sources: Sequence[str | None]) -> None:
        """Set all inputs of a node. A merge closes its gaps as long as more than its fixed ports remain.

        Of an unknown kind nobody knows whether its ports are alike, so they stay as they are.
        """
        kept = list(sources)
        minimum = self.spec(node_id).ports.minimum if self.knows(node_id) else len(kept)
        while len(kept) > minimum and None in kept:
            kept.remove(None)
        kept.extend([None] * (minimum - len(kept)))
        self._inputs[node_id] = tuple(kept)
        self._successors = None

    def _check_wire(self, link: Link) -> None:
        sources = self.inputs_of(link.target)
        if not 0 <= link.port < len(sources) or sources[link.port] != link.source:
            raise PortError(f"There is no wire from {link.source} to input {link.port + 1} of {link.target}.")

    def _free_name(self, kind: str) -> str:
        taken = self._nodes.keys() | {node.name for node in self._nodes.values()}
        stem, number = kind.lower(), 1
        while f"{stem}_{number}" in taken:
            number += 1
        return f"{stem}_{number}"

    def _check_name(self, name: str, but: str | None = None) -> None:
        _check_spelling(name)
        for node in self._nodes.values():
            if node.name == name and node.id != but:
                raise NameTakenError(f"Another layer is called {name}; names are unique.")


def _check_spelling(name: object) -> None:
    # A name is the stem of its arrays' names ("conv1.weight"), so a dot in it would be ambiguous.
    if not isinstance(name, str) or not name or len(name) > 64 or "." in name or name != name.strip():
        raise NameTakenError(f"{name!r} is no name: it takes 1 to 64 characters, no dot, no blank at either end.")
    if not name.isprintable():
        raise NameTakenError(f"{name!r} is no name: it holds characters that cannot be shown.")


def _checked(position: Position | None) -> Position | None:
    if position is None:
        return None
    x, y = position
    if not (math.isfinite(x) and math.isfinite(y)):
        raise GraphError("A position is two finite numbers.")
    return float(x), float(y)


def _count(number: int, noun: str) -> str:
    return f"no {noun}" if number == 0 else f"{number} {noun}" + ("s" if number > 1 else "")


def difference(before: GraphState, after: GraphState) -> Change:
    """What leads from one state to the other."""
    old = {node.id: (node, sources) for node, sources in zip(before.nodes, before.inputs, strict=True)}
    new = {node.id: (node, sources) for node, sources in zip(after.nodes, after.inputs, strict=True)}
    kept = [node_id for node_id in new if node_id in old]
    return Change(
        added=frozenset(new.keys() - old.keys()),
        removed=frozenset(old.keys() - new.keys()),
        edited=frozenset(
            each
            for each in kept
            if (old[each][0].kind, old[each][0].name, old[each][0].params)
            != (new[each][0].kind, new[each][0].name, new[each][0].params)
        ),
        rewired=frozenset(each for each in kept if old[each][1] != new[each][1]),
        moved=frozenset(each for each in kept if old[each][0].position != new[each][0].position),
    )
