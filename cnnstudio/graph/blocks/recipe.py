"""What a block is: several layers that are drawn in one go, declared once like a layer kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from cnnstudio.graph.blocks.pencil import Pencil
from cnnstudio.graph.params import Params, ParamSpec, ParamType, check_params


@dataclass(frozen=True, slots=True)
class Block:
    """A group of layers to draw with; in the drawing they are plain layers.

    Attributes:
        name: what files, commands and scripts call it.
        title: what people call it.
        help: one line, as a layer kind has it.
        params: its parameters; what presets are drawn with are other values of the same.
        draw: draws it behind the pencil's tip with checked parameters; the tip is then its end.
    """

    name: str
    title: str
    help: str
    params: tuple[ParamSpec, ...]
    draw: Callable[[Pencil, Params], None] = field(compare=False)

    def check(self, params: Params) -> dict[str, object]:
        """All parameters in declared order and normal form, defaults filled in. Raises ParameterError."""
        return check_params(self.title, self.params, params)

    def first_params(self) -> dict[str, object]:
        """What the block starts with when it is drawn by hand."""
        return {each.name: each.first_value for each in self.params}


def drawn_by(function: Callable[..., None]) -> Callable[[Pencil, Params], None]:
    """`draw` of a block whose function takes the parameters by their names, as presets call it."""

    def draw(pencil: Pencil, params: Params) -> None:
        function(pencil, **params)

    return draw


def channels(name: str, label: str, text: str, initial: int) -> ParamSpec:
    """A number of maps; `text` is its help."""
    return ParamSpec(name, ParamType.INTEGER, label, text, initial=initial)


def stride(text: str) -> ParamSpec:
    return ParamSpec("stride", ParamType.INTEGER, "Stride", text, default=1, maximum=1024)
