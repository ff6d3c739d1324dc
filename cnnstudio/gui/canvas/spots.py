"""Where something new is to go in a drawing, and the commands that put it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from cnnstudio.graph import AddBlock, AppendBlock, Graph, Link, block, spec_of
from cnnstudio.graph.commands import AddNode, AppendAfter, Command, Connect, Group, InsertOnLink
from cnnstudio.gui.canvas.measures import Point

LayerCommand = AddNode | AppendAfter | InsertOnLink


@dataclass(frozen=True, slots=True)
class Spot:
    """Into the wire `link`, else behind the layer `after`, else free, its card's corner at `corner`."""

    corner: Point | None = None
    after: str | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class BlockEdit:
    """A block put somewhere, as one step to undo. `block` knows the layers once `command` is done."""

    command: Command
    block: AddBlock | AppendBlock


def layer_command(spot: Spot, kind: str) -> LayerCommand:
    """The edit that puts a layer with its first parameters there."""
    params = spec_of(kind).first_params()
    if spec_of(kind).ports.maximum != 0:  # with an Input the network begins, so it goes behind nothing
        if spot.link is not None:
            return InsertOnLink(spot.link, kind, params)
        if spot.after is not None:
            return AppendAfter(spot.after, kind, params)
    return AddNode(kind, params, spot.corner)


def block_command(graph: Graph, spot: Spot, name: str, params: Mapping[str, object]) -> BlockEdit:
    """The edit that puts a block there. Raises UnknownBlockError, ParameterError."""
    source = spot.after if spot.link is None else spot.link.source
    if source is None:
        free = AddBlock(name, params, spot.corner)
        return BlockEdit(free, free)
    behind = AppendBlock(source, name, params)
    others = [link for link in graph.links_from(source) if link != spot.link]
    if spot.link is None or not others:
        return BlockEdit(behind, behind)
    # Only the one wire leads through the block: what else the source fed, it feeds again.
    text = QCoreApplication.translate("Canvas", "insert {block} before {target}").format(
        block=block(name).title, target=graph.node(spot.link.target).name
    )
    back = [Connect(link.source, link.target, link.port) for link in others]
    return BlockEdit(Group([behind, *back], text), behind)
