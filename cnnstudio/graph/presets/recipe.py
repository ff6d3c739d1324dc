"""What a preset is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.errors import GraphError


class UnknownPresetError(GraphError):
    """A preset name that does not exist."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        near = nearest(name, known)
        hint = f" Nearest: {', '.join(near)}." if near else " presets.names() has them all."
        super().__init__(f"There is no preset {name!r}.{hint}")


def nearest(name: str, known: Sequence[str]) -> tuple[str, ...]:
    """A few names that could be meant by `name`: those that begin with it, else those that look like it; often none."""
    family = [each for each in known if _plain(each).startswith(_plain(name))] if _plain(name) else []
    kin = get_close_matches(name.casefold(), family, n=4, cutoff=0.0) if family else []
    alike = get_close_matches(name.casefold(), known, n=3, cutoff=0.5)
    return tuple(dict.fromkeys([*kin, *alike]))[:4]


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


@dataclass(frozen=True, slots=True)
class Preset:
    """A network with its story: who drew it first, and what it taught the field.

    Attributes:
        group: whom it belongs to, in plain English; presets of one group follow each other.
        cards: how many layers its drawing has, Input and activations included, known without drawing it.
    """

    name: str
    group: str
    title: str
    year: int
    source: str
    story: str
    cards: int
    draw: Callable[[Pencil], None] = field(compare=False)
