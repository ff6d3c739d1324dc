"""Draws layers one behind the other, as blocks and presets are written."""

from __future__ import annotations

from cnnstudio.graph.document import Graph
from cnnstudio.graph.errors import GraphError
from cnnstudio.graph.shapes import Shape


class Pencil:
    """Adds layers to a graph and numbers their names by stem: conv1, relu1, conv2, ... Names that exist are skipped.

    Attributes:
        tip: the node that the next layer goes behind; empty where nothing has been drawn yet.
        drawn: ids of the layers that this pencil has added, in that order.
    """

    def __init__(self, graph: Graph, tip: str = "", shape: Shape | None = None) -> None:
        """Begin behind `tip`, which gives `shape` (without the batch axis), or on an empty spot."""
        self._graph = graph
        # A name such as inc1_5x5 takes its stem as well: another inc1 would have the same parts.
        self._names = {each for node in graph.nodes.values() for each in (node.name, node.name.partition("_")[0])}
        self._counts: dict[str, int] = {}
        self._shapes: dict[str, Shape | None] = {tip: shape}
        self._drawn: list[str] = []
        self.tip = tip

    @property
    def drawn(self) -> tuple[str, ...]:
        return tuple(self._drawn)

    @property
    def channels(self) -> int | None:
        """How many channels leave the tip; None where that cannot be known."""
        shape = self._shapes.get(self.tip)
        return None if shape is None else shape[0]

    def draw(self, kind: str, stem: str, *inputs: str, **params: object) -> str:
        """One more layer, behind `inputs` or else behind the tip; it becomes the tip. `stem` gets a number."""
        return self.place(kind, self.numbered(stem), *inputs, **params)

    def place(self, kind: str, name: str, *inputs: str, **params: object) -> str:
        """`draw`, under a name that is given in full."""
        sources = inputs or ((self.tip,) if self.tip else ())
        self.tip = self._graph.insert(kind, sources, params, name=name)
        self._names.add(name)
        self._drawn.append(self.tip)
        self._shapes[self.tip] = self._shape(sources)
        return self.tip

    def numbered(self, stem: str) -> str:
        """The next free name of a stem."""
        number = self._counts.get(stem, 0) + 1
        while (name := f"{stem}{number}") in self._names:
            number += 1
        self._counts[stem] = number
        return name

    def fork(self) -> str:
        """Where several branches begin: the tip, or else an Identity, so that one wire can feed them all."""
        return self.tip or self.draw("Identity", "fork")

    def _shape(self, sources: tuple[str, ...]) -> Shape | None:
        """What the tip gives; None where a wire is missing, or what arrives is unknown or does not fit."""
        spec = self._graph.spec(self.tip)
        known = [shape for each in sources if (shape := self._shapes.get(each)) is not None]
        if len(known) < max(len(sources), spec.ports.minimum):
            return None
        try:
            return spec.output_shape(self._graph.node(self.tip).params, tuple(known))
        except GraphError:
            return None

    # -- the layers that networks are mostly made of

    def input(self, *shape: int) -> str:
        return self.place("Input", "input", shape=shape)

    def conv(self, out_channels: int, kernel_size: int, **params: object) -> str:
        return self.draw("Conv2d", "conv", out_channels=out_channels, kernel_size=kernel_size, **params)

    def norm(self) -> str:
        return self.draw("BatchNorm", "bn")

    def response_norm(self, alpha: float, k: float) -> str:
        """Over 5 channels with exponent 0.75, as all networks have it that know it; `alpha` is divided by the 5."""
        return self.draw("LocalResponseNorm", "norm", size=5, alpha=alpha, beta=0.75, k=k)

    def relu(self) -> str:
        return self.draw("ReLU", "relu")

    def max_pool(self, kernel_size: int = 2, **params: object) -> str:
        return self.draw("MaxPool2d", "pool", kernel_size=kernel_size, **params)

    def avg_pool(self, kernel_size: int = 2, **params: object) -> str:
        return self.draw("AvgPool2d", "pool", kernel_size=kernel_size, **params)

    def global_pool(self) -> str:
        """The mean of each whole map."""
        return self.draw("AdaptiveAvgPool2d", "avgpool", output_size=1)

    def flatten(self) -> str:
        return self.draw("Flatten", "flatten")

    def linear(self, out_features: int) -> str:
        return self.draw("Linear", "fc", out_features=out_features)

    def dropout(self, p: float = 0.5) -> str:
        return self.draw("Dropout", "dropout", p=p)
