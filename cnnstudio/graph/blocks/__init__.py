"""Blocks: the groups of layers that the classic networks repeat, to draw with."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from cnnstudio.graph.blocks import inception, plain, residual
from cnnstudio.graph.blocks.pencil import Pencil
from cnnstudio.graph.blocks.recipe import Block
from cnnstudio.graph.errors import GraphError

__all__ = ["BLOCKS", "Block", "Pencil", "UnknownBlockError", "block"]


class UnknownBlockError(GraphError):
    """A block name that does not exist."""

    def __init__(self, name: str) -> None:
        near = get_close_matches(name, BLOCKS, n=3, cutoff=0.4) or BLOCKS
        super().__init__(f"There is no block {name!r}. Nearest: {', '.join(near)}.")


BLOCKS: Mapping[str, Block] = MappingProxyType(
    {each.name: each for room in (plain, residual, inception) for each in room.BLOCKS}
)
"""All blocks by name, the simple ones first."""


def block(name: str) -> Block:
    """The declaration of a block. Raises UnknownBlockError, with the nearest names."""
    try:
        return BLOCKS[name]
    except KeyError:
        raise UnknownBlockError(name) from None
