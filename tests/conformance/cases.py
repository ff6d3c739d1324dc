"""Layers to be tried: a kind with parameters, the graph that holds it, the engine's layer of it, and its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from cnnstudio.compile import compile_graph
from cnnstudio.engine.layers import Layer, Mode
from cnnstudio.graph import Graph

Array: TypeAlias = npt.NDArray[Any]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """A kind with parameters, and the shapes that arrive at its ports."""

    kind: str
    shapes: tuple[Shape, ...]
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        params = ",".join(f"{name}={value}" for name, value in self.params.items())
        shapes = "+".join("x".join(map(str, shape)) for shape in self.shapes)
        return f"{self.kind}({params})-{shapes}".replace(" ", "")


MAPS: Shape = (4, 7, 9)
VECTOR: Shape = (6,)


def case(kind: str, *shapes: Shape, **params: Any) -> Case:
    return Case(kind, shapes, params)


CASES = (
    case("Input", shape=MAPS),
    case("Input", shape=VECTOR),
    case("Conv2d", MAPS, out_channels=3, kernel_size=1),
    case("Conv2d", MAPS, out_channels=6, kernel_size=3),
    case("Conv2d", MAPS, out_channels=6, kernel_size=3, bias=False),
    case("Conv2d", (1, 7, 9), out_channels=2, kernel_size=5, padding=2),
    case("Conv2d", (7, 6, 5), out_channels=5, kernel_size=(2, 3), padding=(0, 1)),
    case("Conv2d", MAPS, out_channels=3, kernel_size=(3, 1), stride=(2, 1)),
    case("Conv2d", MAPS, out_channels=3, kernel_size=3, stride=2, padding=1),
    case("Conv2d", MAPS, out_channels=3, kernel_size=1, stride=2),
    case("Conv2d", MAPS, out_channels=3, kernel_size=2, stride=3, padding=2),
    case("Conv2d", MAPS, out_channels=3, kernel_size=3, padding=(0, 2, 1, 3)),
    case("Conv2d", MAPS, out_channels=3, kernel_size=3, padding=(3, 0, 0, 1), stride=2),
    case("Conv2d", MAPS, out_channels=3, kernel_size=1, padding=2),
    case("Conv2d", MAPS, out_channels=3, kernel_size=4, padding="same"),
    case("Conv2d", MAPS, out_channels=3, kernel_size=(2, 3), dilation=(3, 2), padding="same"),
    case("Conv2d", MAPS, out_channels=3, kernel_size=3, padding="valid"),
    case("Conv2d", MAPS, out_channels=3, kernel_size=3, dilation=(2, 3), padding=3),
    case("Conv2d", MAPS, out_channels=3, kernel_size=2, dilation=2, stride=2, padding=1),
    case("Conv2d", MAPS, out_channels=6, kernel_size=3, groups=2, padding=1),
    case("Conv2d", MAPS, out_channels=6, kernel_size=3, groups=2, padding=1, stride=2),
    case("Conv2d", MAPS, out_channels=4, kernel_size=3, groups=4, padding=1),
    case("Conv2d", MAPS, out_channels=8, kernel_size=3, groups=4, padding=(1, 0)),
    case("Conv2d", MAPS, out_channels=8, kernel_size=2, groups=4, stride=2, padding=1, dilation=2),
    case("Conv2d", MAPS, out_channels=3, kernel_size=3, padding=2, padding_mode="reflect"),
    case("Conv2d", MAPS, out_channels=3, kernel_size=3, padding=(1, 0, 3, 2), padding_mode="replicate"),
    case("Conv2d", MAPS, out_channels=4, kernel_size=3, padding=1, padding_mode="replicate", groups=2, stride=2),
    case("Conv2d", MAPS, out_channels=3, kernel_size=4, padding="same", padding_mode="reflect"),
    case("Conv2d", (2, 3, 3), out_channels=3, kernel_size=3),
    case("ConvTranspose2d", MAPS, out_channels=3, kernel_size=1),
    case("ConvTranspose2d", MAPS, out_channels=3, kernel_size=3),
    case("ConvTranspose2d", MAPS, out_channels=3, kernel_size=3, bias=False, padding=1),
    case("ConvTranspose2d", MAPS, out_channels=6, kernel_size=2, stride=2),
    case("ConvTranspose2d", MAPS, out_channels=3, kernel_size=3, stride=2, padding=1, output_padding=1),
    case("ConvTranspose2d", MAPS, out_channels=3, kernel_size=(2, 5), stride=(3, 2), padding=(0, 2)),
    case("ConvTranspose2d", MAPS, out_channels=3, kernel_size=(4, 3), stride=(2, 1), padding=(1, 0, 2, 1)),
    case("ConvTranspose2d", MAPS, out_channels=3, kernel_size=(1, 2), stride=3, output_padding=(2, 1)),
    case("ConvTranspose2d", MAPS, out_channels=3, kernel_size=2, padding=(2, 1, 3, 0)),
    case("ConvTranspose2d", (1, 1, 1), out_channels=2, kernel_size=4, stride=2),
    case("Linear", VECTOR, out_features=3),
    case("Linear", VECTOR, out_features=9, bias=False),
    case("Linear", (1,), out_features=1),
    case("MaxPool2d", MAPS, kernel_size=2),
    case("MaxPool2d", MAPS, kernel_size=3, stride=2, padding=1),
    case("MaxPool2d", MAPS, kernel_size=3, stride=2, ceil_mode=True),
    case("MaxPool2d", MAPS, kernel_size=2, stride=3, padding=1, ceil_mode=True),
    case("MaxPool2d", MAPS, kernel_size=(2, 3), stride=(1, 2), dilation=(2, 1)),
    case("MaxPool2d", MAPS, kernel_size=2, stride=1, padding="same"),
    case("MaxPool2d", MAPS, kernel_size=3, stride=2, padding=(1, 0, 0, 1)),
    case("MaxPool2d", MAPS, kernel_size=3, stride=4),
    case("AvgPool2d", MAPS, kernel_size=2),
    case("AvgPool2d", MAPS, kernel_size=3, stride=2, padding=1),
    case("AvgPool2d", MAPS, kernel_size=3, stride=2, padding=1, ceil_mode=True),
    case("AvgPool2d", MAPS, kernel_size=3, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
    case("AvgPool2d", MAPS, kernel_size=(3, 2), stride=1, padding=(1, 0), count_include_pad=False),
    case("AvgPool2d", MAPS, kernel_size=2, stride=3),
    case("StochasticPool2d", MAPS, kernel_size=2),
    case("StochasticPool2d", MAPS, kernel_size=3, stride=2),
    case("StochasticPool2d", MAPS, kernel_size=(2, 3), stride=(3, 1)),
    case("StochasticPool2d", MAPS, kernel_size=2, stride=4),
    case("StochasticPool2d", (1, 3, 3), kernel_size=3),
    case("AdaptiveMaxPool2d", MAPS, output_size=1),
    case("AdaptiveMaxPool2d", MAPS, output_size=(3, 4)),
    case("AdaptiveMaxPool2d", MAPS, output_size=(9, 5)),
    case("AdaptiveMaxPool2d", (1, 1, 1), output_size=3),
    case("AdaptiveAvgPool2d", MAPS, output_size=1),
    case("AdaptiveAvgPool2d", MAPS, output_size=(3, 4)),
    case("AdaptiveAvgPool2d", MAPS, output_size=(9, 5)),
    case("BatchNorm", MAPS),
    case("BatchNorm", VECTOR),
    case("BatchNorm", MAPS, eps=1e-3, momentum=0.3),
    case("BatchNorm", MAPS, affine=False),
    case("LayerNorm", MAPS),
    case("LayerNorm", VECTOR),
    case("LayerNorm", MAPS, eps=1e-2, affine=False),
    case("LayerNorm", (1, 2, 1)),
    case("InstanceNorm", MAPS),
    case("InstanceNorm", MAPS, affine=True),
    case("InstanceNorm", MAPS, eps=1e-2, affine=True),
    case("InstanceNorm", (2, 1, 3), affine=True),
    case("GroupNorm", MAPS, num_groups=1),
    case("GroupNorm", MAPS, num_groups=2),
    case("GroupNorm", MAPS, num_groups=4, eps=1e-2),
    case("GroupNorm", MAPS, num_groups=2, affine=False),
    case("GroupNorm", VECTOR, num_groups=2),
    case("LocalResponseNorm", MAPS, size=1),
    case("LocalResponseNorm", MAPS, size=2, alpha=0.5, k=0.5),
    case("LocalResponseNorm", MAPS, size=3, alpha=2.0, beta=0.5, k=2.0),
    case("LocalResponseNorm", (9, 3, 2), size=5, alpha=1.0),
    case("LocalResponseNorm", MAPS, size=20, alpha=3.0, beta=1.5),
    case("ReLU", MAPS),
    case("ReLU", VECTOR),
    case("LeakyReLU", MAPS),
    case("LeakyReLU", VECTOR, negative_slope=0.3),
    case("LeakyReLU", VECTOR, negative_slope=0.0),
    case("PReLU", MAPS),
    case("PReLU", VECTOR),
    case("ELU", MAPS),
    case("ELU", VECTOR, alpha=2.5),
    case("ELU", VECTOR, alpha=0.0),
    case("GELU", MAPS),
    case("GELU", VECTOR),
    case("GELU", MAPS, approximate="tanh"),
    case("SiLU", MAPS),
    case("SiLU", VECTOR),
    case("Sigmoid", MAPS),
    case("Sigmoid", VECTOR),
    case("Tanh", MAPS),
    case("Tanh", VECTOR),
    case("Softmax", MAPS),
    case("Softmax", VECTOR),
    case("Dropout", MAPS),
    case("Dropout", VECTOR, p=0.0),
    case("Dropout", VECTOR, p=0.9),
    case("SpatialDropout", MAPS),
    case("SpatialDropout", MAPS, p=0.0),
    case("SpatialDropout", MAPS, p=0.8),
    case("DropPath", MAPS),
    case("DropPath", MAPS, p=0.5),
    case("DropPath", VECTOR, p=0.7),
    case("Flatten", MAPS),
    case("Flatten", VECTOR),
    case("Pad2d", MAPS, padding=0),
    case("Pad2d", MAPS, padding=(2, 1)),
    case("Pad2d", MAPS, padding=(0, 3, 2, 1)),
    case("Pad2d", MAPS, padding=(6, 0, 1, 8), mode="reflect"),
    case("Pad2d", MAPS, padding=(9, 0, 1, 11), mode="replicate"),
    case("Upsample", MAPS, scale_factor=2),
    case("Upsample", MAPS, scale_factor=(1, 3)),
    case("Upsample", MAPS, scale_factor=2, mode="bilinear"),
    case("Upsample", MAPS, scale_factor=(3, 4), mode="bilinear"),
    case("Upsample", (2, 1, 2), scale_factor=(5, 1), mode="bilinear"),
    case("Add", MAPS, MAPS),
    case("Add", VECTOR, VECTOR, VECTOR),
    case("Concat", MAPS, (2, 7, 9)),
    case("Concat", VECTOR, (1,), (3,)),
    case("Identity", MAPS),
    case("Identity", VECTOR),
)
BATCH = 3


def draw(drawn: Case) -> tuple[Graph, str]:
    """A graph in which the layer gets exactly these shapes, and the layer's id."""
    graph = Graph()
    if not drawn.shapes:
        return graph, graph.add(drawn.kind, **drawn.params)
    image = graph.add("Input", shape=drawn.shapes[0])
    sources = []
    for shape in drawn.shapes:
        if shape == drawn.shapes[0]:
            sources.append(graph.add("Identity", image))
        elif len(shape) == 3:
            sources.append(graph.add("Conv2d", image, out_channels=shape[0], kernel_size=1))
        else:
            sources.append(graph.add("Linear", image, out_features=shape[0]))
    return graph, graph.add(drawn.kind, *sources, **drawn.params)


def engine_shape(shape: Shape, batch: int = BATCH) -> Shape:
    return (batch, *shape[1:], shape[0])


def arriving(drawn: Case, seed: int = 0, batch: int = BATCH) -> list[Array]:
    """Random float64 inputs in the engine's layout, all values distinct and none near a kink at zero."""
    generator = np.random.default_rng(seed)
    inputs = []
    for shape in drawn.shapes or (drawn.params["shape"],):
        count = batch * prod(shape)
        values = (generator.permutation(count) + 0.5) / count * 4 - 2
        values = np.where(np.abs(values) < 1e-3, 0.5 / count, values)
        inputs.append(values.reshape(engine_shape(shape, batch)))
    return inputs


def arriving_alike(drawn: Case, seed: int = 0, batch: int = BATCH) -> list[Array]:
    """Few different values: many zeros, and many equal ones in a window."""
    generator = np.random.default_rng(seed)
    shapes = drawn.shapes or (drawn.params["shape"],)
    return [generator.integers(-2, 3, engine_shape(shape, batch)).astype(np.float64) for shape in shapes]


def layer_of(drawn: Case, dtype: str = "float64") -> Layer:
    graph, node = draw(drawn)
    layer = compile_graph(graph, seed=1, dtype=dtype).node(node).layer
    generator = np.random.default_rng(2)
    for name, array in (*layer.parameters.items(), *layer.buffers.items()):
        low = 0.5 if name == "running_var" else -1.0
        array[...] = generator.uniform(low, 1.5, array.shape)
    return layer


def mode(*, training: bool) -> Mode:
    return Mode(training, np.random.default_rng(5) if training else None)


def first(array: Array) -> Array:
    """Channels first."""
    return np.ascontiguousarray(array.transpose(0, 3, 1, 2)) if array.ndim == 4 else array


def last(array: Array) -> Array:
    """Channels last."""
    return np.ascontiguousarray(array.transpose(0, 2, 3, 1)) if array.ndim == 4 else array
