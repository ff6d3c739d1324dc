"""What a preset is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches

from cnnstudio.graph.blocks import Pencil
from cnnstudio.graph.errors import GraphError


class UnknownPresetError(GraphError):
    """A preset name that does not exist."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        family = [each for each in known if each.startswith(name.lower())]
        near = get_close_matches(name.lower(), family or known, n=4, cutoff=0.0)
        super().__init__(f"There is no preset {name!r}. Nearest: {', '.join(near)}.")


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
