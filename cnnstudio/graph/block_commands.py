"""Blocks put into a drawing: several layers at once, and one step to undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cnnstudio.graph.analysis import analyze
from cnnstudio.graph.blocks import Block, Pencil, block
from cnnstudio.graph.commands import CARD_PITCH, Command
from cnnstudio.graph.document import Graph, Link, Position
from cnnstudio.graph.layout import arrange
from cnnstudio.graph.params import Params


class AddBlock(Command):
    """A block that is not connected yet, its first card at `position`, or below all others.

    A block whose branches begin together starts with an Identity, so that one wire feeds them all.

    Attributes:
        node_ids: its layers in drawing order, once it is done.
    """

    def __init__(self, block_name: str, params: Mapping[str, object], position: Position | None = None) -> None:
        super().__init__()
        self.block_name, self.params, self.position = block_name, dict(params), position
        self.node_ids: tuple[str, ...] = ()

    def apply(self, graph: Graph) -> None:
        """Raises UnknownBlockError, ParameterError."""
        chosen = block(self.block_name)
        corner = _below_all(graph) if self.position is None else self.position
        pencil = Pencil(graph)
        chosen.draw(pencil, chosen.check(self.params))
        self.node_ids = pencil.drawn
        _place(graph, arrange(graph, self.node_ids), corner)
        self.text = f"add {chosen.title}"


class AppendBlock(Command):
    """A block right behind a layer; what was fed by the layer is now fed by the block's end.

    Cards that stand in the way of the block's, and all that stand lower, move down.

    Attributes:
        node_ids: its layers in drawing order, once it is done.
    """

    def __init__(self, node_id: str, block_name: str, params: Mapping[str, object]) -> None:
        super().__init__()
        self.after, self.block_name, self.params = node_id, block_name, dict(params)
        self.node_ids: tuple[str, ...] = ()

    def apply(self, graph: Graph) -> None:
        """Raises UnknownNodeError, UnknownBlockError, ParameterError."""
        chosen, former = block(self.block_name), graph.links_from(self.after)
        self.node_ids = _draw_behind(graph, self.after, chosen, self.params, former)
        self.text = f"add {chosen.title} after {graph.node(self.after).name}"


class InsertBlock(Command):
    """A block in the middle of a wire; other wires from the same layer stay as they are.

    Cards that stand in the way of the block's, and all that stand lower, move down.

    Attributes:
        node_ids: its layers in drawing order, once it is done.
    """

    def __init__(self, link: Link, block_name: str, params: Mapping[str, object]) -> None:
        super().__init__()
        self.link, self.block_name, self.params = link, block_name, dict(params)
        self.node_ids: tuple[str, ...] = ()

    def apply(self, graph: Graph) -> None:
        """Raises UnknownNodeError, UnknownBlockError, ParameterError; PortError where there is no such wire."""
        chosen = block(self.block_name)
        self.node_ids = _draw_behind(graph, self.link.source, chosen, self.params, (self.link,))
        self.text = f"insert {chosen.title} before {graph.node(self.link.target).name}"


def _draw_behind(graph: Graph, after: str, chosen: Block, params: Params, wires: Sequence[Link]) -> tuple[str, ...]:
    """Draw a block behind a layer, and let its end feed what `wires` lead to; the ids of its layers."""
    graph.node(after)  # before the analysis is asked for what is not there
    pencil = Pencil(graph, after, analyze(graph)[after].output_shape)
    chosen.draw(pencil, chosen.check(params))
    for link in wires:
        graph.replace_source(link, pencil.tip)
    corner = graph.node(after).position
    if corner is not None:
        # Together with the layer before it, so that branches sidestep as they would in the whole drawing.
        places = arrange(graph, (after, *pencil.drawn))
        _make_room(graph, places, corner)
        _place(graph, {node_id: places[node_id] for node_id in pencil.drawn}, corner)
    return pencil.drawn


def _below_all(graph: Graph) -> Position:
    corners = [node.position for node in graph.nodes.values() if node.position is not None]
    if not corners:
        return 0.0, 0.0
    return min(x for x, _ in corners), max(y for _, y in corners) + 2 * CARD_PITCH[1]


def _place(graph: Graph, places: Mapping[str, Position], corner: Position) -> None:
    for node_id, (x, y) in places.items():
        graph.move(node_id, (corner[0] + x, corner[1] + y))


def _make_room(graph: Graph, places: Mapping[str, Position], corner: Position) -> None:
    """Let all that stands lower than `corner` move down, if any of it is where the block's cards are to stand."""
    width, height = (max(place[axis] for place in places.values()) for axis in range(2))
    lower = {
        node.id: node.position
        for node in graph.nodes.values()
        if node.position is not None and node.id not in places and node.position[1] > corner[1] + 0.1 * CARD_PITCH[1]
    }
    in_the_way = [
        y - corner[1]
        for x, y in lower.values()
        if -0.8 * CARD_PITCH[0] < x - corner[0] < width + 0.8 * CARD_PITCH[0]
        and y - corner[1] < height + 0.9 * CARD_PITCH[1]
    ]
    if in_the_way:
        _shift(graph, lower, height + CARD_PITCH[1] - min(in_the_way))


def _shift(graph: Graph, places: Mapping[str, Position], down: float) -> None:
    for node_id, (x, y) in places.items():
        graph.move(node_id, (x, y + down))
