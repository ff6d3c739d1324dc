"""What a preset is, and the blocks that networks are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches

from cnnstudio.graph.document import Graph
from cnnstudio.graph.errors import GraphError


class UnknownPresetError(GraphError):
    """A preset name that does not exist."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        near = get_close_matches(name, known, n=3, cutoff=0.4) or known
        super().__init__(f"There is no preset {name!r}. Nearest: {', '.join(near)}.")


@dataclass(frozen=True, slots=True)
class Preset:
    """A network with its story: who drew it first, and what it taught the field."""

    name: str
    title: str
    year: int
    source: str
    story: str
    draw: Callable[[Graph], None] = field(compare=False)


class Pencil:
    """Draws layers one behind the other, numbering names by stem: conv1, relu1, conv2, ..."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._counts: dict[str, int] = {}
        self.tip = ""
        """The node that the next layer goes behind."""

    def draw(self, kind: str, stem: str, *inputs: str, **params: object) -> str:
        """One more layer, behind `inputs` or else behind the tip; it becomes the tip."""
        sources = inputs or ((self.tip,) if self.tip else ())
        self._counts[stem] = self._counts.get(stem, 0) + 1
        self.tip = self._graph.insert(kind, sources, params, name=f"{stem}{self._counts[stem]}")
        return self.tip

    def input(self, *shape: int) -> str:
        self.tip = self._graph.add("Input", name="input", shape=shape)
        return self.tip

    def conv(self, out_channels: int, kernel_size: int, **params: object) -> str:
        return self.draw("Conv2d", "conv", out_channels=out_channels, kernel_size=kernel_size, **params)

    def norm(self) -> str:
        return self.draw("BatchNorm", "bn")

    def relu(self) -> str:
        return self.draw("ReLU", "relu")

    def max_pool(self, kernel_size: int = 2, **params: object) -> str:
        return self.draw("MaxPool2d", "pool", kernel_size=kernel_size, **params)

    def flatten(self) -> str:
        return self.draw("Flatten", "flatten")

    def linear(self, out_features: int) -> str:
        return self.draw("Linear", "fc", out_features=out_features)

    def dropout(self, p: float = 0.5) -> str:
        return self.draw("Dropout", "dropout", p=p)
