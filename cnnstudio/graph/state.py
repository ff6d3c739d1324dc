"""What a drawing consists of, frozen, and what leads from one drawing to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType

from cnnstudio.graph.errors import GraphError, NameTakenError, UnknownKindError
from cnnstudio.graph.params import Params, quoted

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


def check_spelling(name: object) -> None:
    # A name is the stem of its arrays' names ("conv1.weight"), so a dot in it would be ambiguous.
    if not isinstance(name, str) or not name or len(name) > 64 or "." in name or name != name.strip():
        raise NameTakenError(f"{quoted(name)} is no name: it takes 1 to 64 characters, no dot, no blank at either end.")
    if not name.isprintable():
        raise NameTakenError(f"{quoted(name)} is no name: it holds characters that cannot be shown.")


def check_kind(kind: str) -> None:
    """Raises UnknownKindError for what cannot even be the name of a kind that this version does not know."""
    if not kind.isidentifier() or len(kind) > 64:
        raise UnknownKindError(f"{quoted(kind)} cannot be a layer kind.")


def checked_position(position: Position | None) -> Position | None:
    if position is None:
        return None
    x, y = position
    if not (math.isfinite(x) and math.isfinite(y)):
        raise GraphError("A position is two finite numbers.")
    return float(x), float(y)


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
