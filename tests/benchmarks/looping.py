"""The layers of the lecture notes: loops over images, filters and positions, the sum over one patch in NumPy.

As in CS231n's assignment ("naive" layers) and the notes that follow it; Linear, ReLU, BatchNorm and dropout are
vectorized there too. Arrays are (N, C, H, W) and (N, F); a layer keeps from its forward pass what its backward needs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from cnnstudio.graph import Graph, Row, analyze

Array = np.ndarray[Any, np.dtype[Any]]


class Layer(ABC):
    """parameters, and after `backward` their gradients, by PyTorch's names."""

    def __init__(self, **parameters: Array) -> None:
        self.parameters = parameters
        self.gradients: dict[str, Array] = {}

    @abstractmethod
    def forward(self, x: Array) -> Array: ...

    @abstractmethod
    def backward(self, d_y: Array) -> Array: ...


class Conv(Layer):
    def __init__(self, stride: int, padding: int, **parameters: Array) -> None:
        super().__init__(**parameters)
        self.stride, self.padding = stride, padding

    def _places(self, y: Array) -> Iterator[tuple[int, int, int, int, slice, slice]]:
        rows, columns = self.parameters["weight"].shape[2:]
        for n, f, i, j in np.ndindex(*y.shape):
            top, left = i * self.stride, j * self.stride
            yield n, f, i, j, slice(top, top + rows), slice(left, left + columns)

    def forward(self, x: Array) -> Array:
        weight = self.parameters["weight"]
        bias = self.parameters.get("bias", np.zeros(len(weight), x.dtype))
        side = self.padding
        self.x = np.pad(x, ((0, 0), (0, 0), (side, side), (side, side)))
        height, width = ((self.x.shape[axis] - weight.shape[axis]) // self.stride + 1 for axis in (2, 3))
        y = np.empty((len(x), len(weight), height, width), x.dtype)
        for n, f, i, j, rows, columns in self._places(y):
            y[n, f, i, j] = np.sum(self.x[n, :, rows, columns] * weight[f]) + bias[f]
        return y

    def backward(self, d_y: Array) -> Array:
        weight = self.parameters["weight"]
        d_weight, d_x = np.zeros_like(weight), np.zeros_like(self.x)
        for n, f, i, j, rows, columns in self._places(d_y):
            d_weight[f] += self.x[n, :, rows, columns] * d_y[n, f, i, j]
            d_x[n, :, rows, columns] += weight[f] * d_y[n, f, i, j]
        self.gradients["weight"] = d_weight
        if "bias" in self.parameters:
            self.gradients["bias"] = d_y.sum((0, 2, 3))
        height, width = d_x.shape[2:]
        return d_x[:, :, self.padding : height - self.padding, self.padding : width - self.padding]


class Pool(Layer):
    """Windows that reach over the edge (ceil_mode) are cut off there."""

    def __init__(self, kernel_size: int, stride: int, output_shape: tuple[int, ...]) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.output_shape = kernel_size, stride, output_shape

    def _places(self, x: Array) -> Iterator[tuple[tuple[int, int, int, int], tuple[int, int, slice, slice]]]:
        for n, c, i, j in np.ndindex(len(x), *self.output_shape):
            top, left = i * self.stride, j * self.stride
            yield (n, c, i, j), (n, c, slice(top, top + self.kernel_size), slice(left, left + self.kernel_size))

    def forward(self, x: Array) -> Array:
        self.x = x
        y = np.empty((len(x), *self.output_shape), x.dtype)
        for place, window in self._places(x):
            y[place] = self.reduce(x[window])
        return y

    def backward(self, d_y: Array) -> Array:
        d_x = np.zeros_like(self.x)
        for place, window in self._places(self.x):
            self.spread(d_x[window], self.x[window], d_y[place])
        return d_x

    @abstractmethod
    def reduce(self, patch: Array) -> Any: ...

    @abstractmethod
    def spread(self, d_patch: Array, patch: Array, d_y: float) -> None: ...


class MaxPool(Pool):
    def reduce(self, patch: Array) -> Any:
        return np.max(patch)

    def spread(self, d_patch: Array, patch: Array, d_y: float) -> None:
        d_patch[np.unravel_index(np.argmax(patch), patch.shape)] += d_y


class AvgPool(Pool):
    def reduce(self, patch: Array) -> Any:
        return np.mean(patch)

    def spread(self, d_patch: Array, patch: Array, d_y: float) -> None:
        d_patch += d_y / patch.size


class Linear(Layer):
    def forward(self, x: Array) -> Array:
        self.x = x
        return x @ self.parameters["weight"].T + self.parameters["bias"]

    def backward(self, d_y: Array) -> Array:
        self.gradients = {"weight": d_y.T @ self.x, "bias": d_y.sum(0)}
        return d_y @ self.parameters["weight"]


class BatchNorm(Layer):
    """In training; the running statistics, which a step does not read, are left out."""

    def forward(self, x: Array) -> Array:
        self.axes = (0, *range(2, x.ndim))
        centred = x - x.mean(self.axes, keepdims=True)
        self.spread = 1 / np.sqrt((centred**2).mean(self.axes, keepdims=True) + 1e-5)
        self.even = centred * self.spread
        return self.even * self._wide("weight") + self._wide("bias")

    def backward(self, d_y: Array) -> Array:
        self.gradients = {"weight": (d_y * self.even).sum(self.axes), "bias": d_y.sum(self.axes)}
        d_even = d_y * self._wide("weight")
        level, slope = (each.mean(self.axes, keepdims=True) for each in (d_even, d_even * self.even))
        return (d_even - level - self.even * slope) * self.spread

    def _wide(self, name: str) -> Array:
        return self.parameters[name].reshape(-1, *(1 for _ in self.axes[1:]))


class ReLU(Layer):
    def forward(self, x: Array) -> Array:
        self.x = x
        return np.maximum(x, 0)

    def backward(self, d_y: Array) -> Array:
        return d_y * (self.x > 0)


class Dropout(Layer):
    def __init__(self, p: float) -> None:
        super().__init__()
        self.p, self.generator = p, np.random.default_rng(0)

    def forward(self, x: Array) -> Array:
        self.mask = ((self.generator.random(x.shape) >= self.p) / (1 - self.p)).astype(x.dtype)
        return x * self.mask

    def backward(self, d_y: Array) -> Array:
        return d_y * self.mask


class Flatten(Layer):
    def forward(self, x: Array) -> Array:
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, d_y: Array) -> Array:
        return d_y.reshape(self.shape)


class Looping:
    """A drawing in these layers, with a copy of the weights of `state`, and their precision."""

    def __init__(self, graph: Graph, state: Mapping[str, Array], *, dropout: bool = True) -> None:
        report = analyze(graph)
        self._output = report.output
        self._order = [(row.id, graph.inputs_of(row.id)) for row in report]
        self._names = {row.id: row.name for row in report}
        self._layers: dict[str, Layer] = {}
        for row in report:
            params = dict(graph.node(row.id).params)
            if not dropout and row.kind == "Dropout":
                params["p"] = 0.0
            arrays = {name: state[f"{row.name}.{name}"].copy() for name in ("weight", "bias") if _has(state, row, name)}
            if row.kind not in ("Input", "Add"):
                self._layers[row.id] = _layer(row, params, arrays)

    def loss_and_gradients(self, images: Array, labels: Array) -> tuple[float, dict[str, Array]]:
        """Softmax cross-entropy, mean over the images, and its gradients by PyTorch's names."""
        scores = self._forward(images)
        shifted = scores - scores.max(1, keepdims=True)
        probabilities = np.exp(shifted) / np.exp(shifted).sum(1, keepdims=True)
        rows = np.arange(len(labels))
        loss = -np.log(probabilities[rows, labels]).mean()
        probabilities[rows, labels] -= 1
        self._backward(probabilities / len(labels))
        return float(loss), {
            f"{self._names[node]}.{name}": gradient
            for node, layer in self._layers.items()
            for name, gradient in layer.gradients.items()
        }

    def step(self, images: Array, labels: Array, rate: float) -> None:
        """One step of plain gradient descent."""
        self.loss_and_gradients(images, labels)
        for layer in self._layers.values():
            for name, gradient in layer.gradients.items():
                layer.parameters[name] -= rate * gradient

    def _forward(self, images: Array) -> Array:
        outputs: dict[str, Array] = {}
        for node, sources in self._order:
            inputs = [outputs[source] for source in sources]
            if not inputs:
                outputs[node] = images
            elif node in self._layers:
                outputs[node] = self._layers[node].forward(inputs[0])
            else:
                outputs[node] = inputs[0] + inputs[1]
        return outputs[self._output]

    def _backward(self, d_scores: Array) -> None:
        gradients: dict[str, Array | float] = {self._output: d_scores}
        for node, sources in reversed(self._order):
            d_y = gradients.pop(node)
            if sources and node in self._layers:
                d_y = self._layers[node].backward(np.asarray(d_y))
            for source in sources:
                gradients[source] = gradients.get(source, 0.0) + d_y


def _has(state: Mapping[str, Array], row: Row, name: str) -> bool:
    return f"{row.name}.{name}" in state


def _layer(row: Row, params: Mapping[str, Any], arrays: Mapping[str, Array]) -> Layer:
    match row.kind:
        case "Conv2d":
            padding = params["padding"]
            sides = {"same": params["kernel_size"] // 2, "valid": 0}
            return Conv(params["stride"], sides.get(padding, padding), **arrays)
        case "MaxPool2d" | "AvgPool2d":
            pool = MaxPool if row.kind == "MaxPool2d" else AvgPool
            return pool(params["kernel_size"], params["stride"] or params["kernel_size"], row.output_shape)
        case "AdaptiveAvgPool2d":
            (_, height, width) = row.input_shapes[0]
            assert params["output_size"] == 1
            assert height == width
            return AvgPool(height, height, row.output_shape)
        case "Linear":
            return Linear(**arrays)
        case "BatchNorm":
            return BatchNorm(**arrays)
        case "ReLU":
            return ReLU()
        case "Dropout":
            return Dropout(params["p"])
        case "Flatten":
            return Flatten()
    raise ValueError(f"The lecture's notes have no {row.kind}.")
