"""The drawing itself: nodes, the links between them, and where they stand.

The graph refuses edits that leave no drawing behind (a cycle, a parameter out of range, a port that is taken) with a
typed error. A drawing that is merely unfinished or does not fit is legal: `analyze` says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from heapq import heapify, heappop, heappush
from types import MappingProxyType
from typing import TypeVar

from cnnstudio.graph.catalogue import CATALOGUE, spec_of
from cnnstudio.graph.errors import (
    CycleError,
    GraphError,
    NameTakenError,
    PortError,
    UnknownKindError,
    UnknownNodeError,
)
from cnnstudio.graph.params import Params, quoted
from cnnstudio.graph.specs import Family, LayerSpec, Ports
from cnnstudio.graph.state import (
    Change,
    GraphState,
    Link,
    Node,
    Position,
    Sources,
    check_kind,
    check_spelling,
    checked_position,
    difference,
)

__all__ = ["Change", "Graph", "GraphState", "Link", "Node", "Position", "Sources", "difference", "placeholder_spec"]

Finding = TypeVar("Finding")


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
        # What follows from these two, kept so that an edit need not walk all nodes: who bears a name, whom a node
        # feeds, where it was added, up to which number a kind's default names are taken, and the order of the wires.
        self._names: dict[str, str] = {}
        self._fed: dict[str, set[str]] = {}
        self._ranks: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._order: tuple[str, ...] | None = None
        self._remembered: dict[type, object] = {}
        self._listeners: list[Callable[[Change], None]] = []
        self._depth = 0

    # -- reading

    @property
    def nodes(self) -> Mapping[str, Node]:
        """All nodes by id, in the order in which they were added."""
        return MappingProxyType(self._nodes)

    @property
    def inputs(self) -> Mapping[str, Sources]:
        """For every node the source on each of its input ports; None where a port has no wire."""
        return MappingProxyType(self._inputs)

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
            message = f"There is no layer {quoted(node_id)} in this network."
            if (called := self._names.get(node_id)) is not None:
                message = f"{quoted(node_id)} is a layer's name; its id is {quoted(called)}."
            raise UnknownNodeError(message) from None

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
        return tuple(
            Link(node_id, target, port)
            for target in sorted(self._fed[node_id], key=self._ranks.__getitem__)
            for port, source in enumerate(self._inputs[target])
            if source == node_id
        )

    def topological_order(self) -> tuple[str, ...]:
        """Node ids, each after all its sources; among equals, the one that was added first."""
        if self._order is None:
            self._order = self._sorted()
        return self._order

    def ends(self) -> tuple[str, ...]:
        """The nodes that feed no other, in topological order."""
        return tuple([each for each in self.topological_order() if not self._fed[each]])

    def _sorted(self) -> tuple[str, ...]:
        waiting = {node_id: len(set(sources) - {None}) for node_id, sources in self._inputs.items()}
        ready = [(self._ranks[node_id], node_id) for node_id, count in waiting.items() if count == 0]
        heapify(ready)
        order = []
        while ready:
            _, node_id = heappop(ready)
            order.append(node_id)
            for target in self._fed[node_id]:
                waiting[target] -= 1
                if waiting[target] == 0:
                    heappush(ready, (self._ranks[target], target))
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
            self._put(Node(node_id, kind, name, MappingProxyType(checked), checked_position(position)))
            self._wire(node_id, inputs)
        return node_id

    def remove(self, node_id: str) -> None:
        """Remove a layer and every wire at it. Raises UnknownNodeError."""
        node = self.node(node_id)
        with self.batch():
            for target in tuple(self._fed[node_id]):
                self._wire(target, [None if each == node_id else each for each in self._inputs[target]])
            for source in set(self._inputs[node_id]) - {None}:
                self._fed[str(source)].discard(node_id)
            del self._nodes[node_id], self._inputs[node_id], self._names[node.name]
            del self._fed[node_id], self._ranks[node_id]
            self._numbers.clear()
            self._order = None

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
            name, follower = self._nodes[source].name, target_node.name
            whom = "itself" if source == target else f"{follower}, which comes before it"
            raise CycleError(f"{name} cannot feed {whom}: data would run in a circle.")
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
            self._put(replace(node, params=MappingProxyType(checked)))

    def rename(self, node_id: str, name: str) -> None:
        """Raises UnknownNodeError, NameTakenError."""
        node = self.node(node_id)
        if name != node.name:
            self._check_name(name)
            with self.batch():
                self._put(replace(node, name=name))

    def move(self, node_id: str, position: Position | None) -> None:
        """Raises UnknownNodeError; GraphError for a position that is not two finite numbers."""
        node = self.node(node_id)
        with self.batch():
            self._put(replace(node, position=checked_position(position)))

    # -- whole states

    @property
    def state(self) -> GraphState:
        return GraphState(tuple(self._nodes.values()), tuple(self._inputs.values()))

    def restore(self, state: GraphState) -> None:
        """Become `state`, which must come from a graph; `from_state` takes what is not known to be sound."""
        with self.batch():
            self._become(state)

    def copy(self) -> Graph:
        """An independent graph of the same state, without listeners."""
        twin = Graph()
        twin.restore(self.state)
        twin._remembered.update(self._remembered)
        return twin

    @classmethod
    def from_state(cls, state: GraphState) -> Graph:
        """A graph from what a file says: every rule is checked, only unknown kinds are let through.

        Raises:
            GraphError and its kinds, naming the layer.
        """
        graph = cls()
        for node in state.nodes:
            check_spelling(node.id)
            check_spelling(node.name)
            check_kind(node.kind)
            if node.id in graph:
                raise NameTakenError(f"Two layers have the id {node.id}.")
            if node.name in graph._names:
                raise NameTakenError(f"Two layers are called {node.name}; names are unique.")
            graph._put(graph._checked_node(node))
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
                raise UnknownNodeError(f"{node.name} is fed by {quoted(source)}, which is no layer of this network.")

    def _checked_node(self, node: Node) -> Node:
        try:
            params = spec_of(node.kind).check(node.params)
        except UnknownKindError:
            params = dict(node.params)
        except GraphError as error:
            raise type(error)(f"{node.name}: {error}") from None
        return replace(node, params=MappingProxyType(params), position=checked_position(node.position))

    # -- memory

    def remember(self, finding: object) -> None:
        """Keep what was worked out about this drawing, in the place of what was of the same type.

        It is for whoever works it out again, and may be of an older state: it has to be compared with the present one.
        """
        self._remembered[type(finding)] = finding

    def recall(self, kind: type[Finding]) -> Finding | None:
        """What was last remembered of a type, here or in the graph that this one was copied from."""
        finding = self._remembered.get(kind)
        return finding if isinstance(finding, kind) else None

    # -- notification

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` with a Change after each edit or batch; returns what ends the subscription."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

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
            self._become(before)
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
        self._rewire(node_id, tuple(kept))

    def _rewire(self, node_id: str, sources: Sources) -> None:
        for former in self._inputs[node_id]:
            if former is not None:
                self._fed[former].discard(node_id)
        self._inputs[node_id] = sources
        self._order = None
        for source in sources:
            if source is not None:
                self._fed[source].add(node_id)

    def _put(self, node: Node) -> None:
        """Take in a node, new or in the place of its former self; its wires are `_wire`'s."""
        former = self._nodes.get(node.id)
        if former is None:
            self._order = None
            self._inputs[node.id], self._fed[node.id] = (), set()
            last = next(reversed(self._ranks), None)
            self._ranks[node.id] = 0 if last is None else self._ranks[last] + 1
        elif former.name != node.name:
            del self._names[former.name]
            self._numbers.clear()
        self._nodes[node.id] = node
        self._names[node.name] = node.id

    def _become(self, state: GraphState) -> None:
        self._nodes = {node.id: node for node in state.nodes}
        self._inputs = {node.id: sources for node, sources in zip(state.nodes, state.inputs, strict=True)}
        self._names = {node.name: node.id for node in state.nodes}
        self._ranks = {node.id: rank for rank, node in enumerate(state.nodes)}
        self._fed = {node.id: set() for node in state.nodes}
        for target, sources in self._inputs.items():
            for source in sources:
                if source is not None:
                    self._fed[source].add(target)
        self._numbers.clear()
        self._order = None

    def _check_wire(self, link: Link) -> None:
        sources = self.inputs_of(link.target)
        if not 0 <= link.port < len(sources) or sources[link.port] != link.source:
            raise PortError(f"There is no wire from {link.source} to input {link.port + 1} of {link.target}.")

    def _free_name(self, kind: str) -> str:
        stem = kind.lower()
        number = self._numbers.get(stem, 1)
        while (name := f"{stem}_{number}") in self._nodes or name in self._names:
            number += 1
        self._numbers[stem] = number
        return name

    def _check_name(self, name: str) -> None:
        check_spelling(name)
        if name in self._names:
            raise NameTakenError(f"Another layer is called {name}; names are unique.")


def _count(number: int, noun: str) -> str:
    return f"no {noun}" if number == 0 else f"{number} {noun}" + ("s" if number > 1 else "")
