"""For a drawing, a network that is linear and positive, and in which every value depends on what it depends on there.

Activations and what works value by value are left out, maxima become means, and what normalizes over some values, or
shares among them, becomes a sum of just these. All weights are positive, so that nothing cancels out: a value depends
on a pixel exactly where the derivative is above zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cnnstudio.compile import compile_graph
from cnnstudio.engine.network import Network
from cnnstudio.graph import Graph, analyze
from cnnstudio.graph.params import Params, pair
from cnnstudio.graph.shapes import Shape

Hull = tuple[int, int, int, int] | None
"""(top, left, bottom, right) of what is not zero, both ends included."""


@dataclass
class Twin:
    """The network, and which of its nodes stands for which of the drawing's."""

    graph: Graph = field(default_factory=Graph)
    nodes: dict[str, str] = field(default_factory=dict)
    masks: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.net: Network

    def sees(self, node: str, places: list[tuple[int, int]]) -> list[Hull]:
        """What the values at these places of a node depend on: a one-hot gradient at each, back to the input."""
        x = self.net.read(np.zeros((len(places), *self.net.input_shape)))
        trace = self.net.forward(x, end=self.nodes[node])
        wanted = np.zeros(trace.output.shape)
        for image, (row, column) in enumerate(places):
            wanted[(image, row, column) if wanted.ndim == 4 else (image, row)] = 1
        found = self.net.backward(trace, wanted, input_gradient=True).input
        assert found is not None
        return [hull(each.any(axis=2)) for each in found]

    def reaches(self, pixel: tuple[int, int]) -> dict[str, Hull]:
        """Which places of every node one pixel reaches: a one-hot picture, sent through."""
        picture = np.zeros((1, *self.net.input_shape))
        picture[:, :, *pixel] = 1
        outputs = self.net.activations(picture)
        return {node: hull(_places(outputs[mine][0])) for node, mine in self.nodes.items()}


def _places(output: np.ndarray) -> np.ndarray:
    return output.any(axis=0) if output.ndim == 3 else output[:, None] != 0


def hull(touched: np.ndarray) -> Hull:
    rows, columns = np.nonzero(touched)
    if not len(rows):
        return None
    return int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max())


def twin_of(graph: Graph) -> Twin:
    """The linear twin of a drawing without faults, in float64."""
    report, twin = analyze(graph), Twin()
    for row in report:
        sources = [twin.nodes[str(source)] for source in graph.inputs_of(row.id)]
        shape = row.input_shapes[0] if row.input_shapes else ()
        assert shape is not None
        assert row.output_shape is not None
        site = Site(twin, graph.node(row.id).params, tuple(sources), shape, row.output_shape)
        twin.nodes[row.id] = _STANDS_FOR.get(row.kind, _left_out)(site)
    twin.net = compile_graph(twin.graph, dtype="float64")
    arrays = {}
    for node in twin.net.nodes:
        for name in node.layer.parameters:
            array = twin.net.array(f"{node.name}.{name}")
            # means and not sums, so that many layers neither overflow nor vanish
            filled = np.full(array.shape, 1 / (array.size / max(array.shape[:2])))
            arrays[f"{node.name}.{name}"] = filled * twin.masks.get(node.id, 1)
    twin.net.load_state_dict(arrays)
    return twin


@dataclass(frozen=True)
class Site:
    twin: Twin
    params: Params
    sources: tuple[str, ...]
    shape: Shape
    output: Shape

    def add(self, kind: str, *sources: str, **params: object) -> str:
        return self.twin.graph.add(kind, *(sources or self.sources), **params)

    def copy(self, kind: str, *names: str, **others: object) -> str:
        return self.add(kind, **{name: self.params[name] for name in names}, **others)

    def mixed(self, groups: int = 1, *sources: str) -> str:
        """Every channel, or value of a vector, from all of its group."""
        channels = self.shape[0]
        if len(self.shape) == 3:
            params = {"out_channels": channels, "kernel_size": 1, "groups": groups, "bias": False}
            return self.add("Conv2d", *sources, **params)
        return self.banded("Linear", np.kron(np.eye(groups), np.ones((channels // groups,) * 2)))

    def banded(self, kind: str, mask: np.ndarray) -> str:
        """Channels from those of which a mask says so."""
        if kind == "Linear":
            node = self.add("Linear", out_features=len(mask), bias=False)
        else:
            node = self.add("Conv2d", out_channels=len(mask), kernel_size=1, bias=False)
            mask = mask[:, :, None, None]
        self.twin.masks[node] = mask
        return node

    def over_the_map(self, groups: int) -> str:
        """A mean over each map, brought back to all of its places, and mixed within groups of channels."""
        if len(self.shape) == 1:
            return self.mixed(groups)
        mean = self.add("AdaptiveAvgPool2d", output_size=1)
        return self.add("Upsample", self.mixed(groups, mean), scale_factor=self.shape[1:])


def _left_out(site: Site) -> str:
    """Value by value: the value itself."""
    return site.sources[0]


def _conv(site: Site) -> str:
    names = ("out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "padding_mode")
    return site.copy("Conv2d", *names, bias=False)


def _transposed(site: Site) -> str:
    names = ("out_channels", "kernel_size", "stride", "padding", "output_padding")
    return site.copy("ConvTranspose2d", *names, bias=False)


def _pool(site: Site) -> str:
    names = [name for name in ("kernel_size", "stride", "padding", "ceil_mode") if name in site.params]
    if pair(site.params.get("dilation", 1)) == (1, 1):
        return site.copy("AvgPool2d", *names)
    return _dilated(site)


def _dilated(site: Site) -> str:
    """There is no dilated mean; a convolution of each map by itself, over zeros as far as windows hang over."""
    kernel, dilation, stride = (pair(site.params[name]) for name in ("kernel_size", "dilation", "stride"))
    padding = site.params["padding"]
    assert isinstance(padding, int)
    most = [(site.output[axis + 1] - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1 for axis in range(2)]
    bottom, right = (max(most[axis] - site.shape[axis + 1] - padding, 0) for axis in range(2))
    framed = site.add("Pad2d", padding=(padding, bottom, padding, right))
    channels = site.shape[0]
    params = {"out_channels": channels, "groups": channels, "kernel_size": kernel, "dilation": dilation}
    return site.add("Conv2d", framed, stride=stride, bias=False, **params)


def _neighbours(site: Site) -> str:
    """Channel c of c - size // 2 to c + (size - 1) // 2."""
    size = site.params["size"]
    assert isinstance(size, int)
    distance = np.arange(site.shape[0]) - np.arange(site.shape[0])[:, None]
    return site.banded("Conv2d", ((distance >= -(size // 2)) & (distance <= (size - 1) // 2)).astype(float))


def _groups(site: Site) -> int:
    groups = site.params["num_groups"]
    assert isinstance(groups, int)
    return groups


_STANDS_FOR: dict[str, Callable[[Site], str]] = {
    "Input": lambda site: site.twin.graph.add("Input", shape=site.output),
    "Conv2d": _conv,
    "ConvTranspose2d": _transposed,
    "Linear": lambda site: site.copy("Linear", "out_features", bias=False),
    "MaxPool2d": _pool,
    "AvgPool2d": _pool,
    "StochasticPool2d": _pool,
    "AdaptiveAvgPool2d": lambda site: site.copy("AdaptiveAvgPool2d", "output_size"),
    "AdaptiveMaxPool2d": lambda site: site.copy("AdaptiveAvgPool2d", "output_size"),
    "LayerNorm": lambda site: site.over_the_map(1),
    "InstanceNorm": lambda site: site.over_the_map(site.shape[0]),
    "GroupNorm": lambda site: site.over_the_map(_groups(site)),
    "LocalResponseNorm": _neighbours,
    "Softmax": lambda site: site.mixed(),
    "Flatten": lambda site: site.add("Flatten"),
    "Pad2d": lambda site: site.copy("Pad2d", "padding", "mode"),
    "Upsample": lambda site: site.copy("Upsample", "scale_factor", "mode"),
    "Add": lambda site: site.add("Add"),
    "Concat": lambda site: site.add("Concat"),
}
