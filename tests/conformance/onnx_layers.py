"""ONNX's nodes as our layers, losses and optimizers: each function runs one node and gives its outputs.

What our engine has no output for (indices of max-pooling, dropout's mask, LayerNormalization's mean) is not given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil, prod
from typing import Any

import numpy as np

from cnnstudio.compile import compile_graph
from cnnstudio.engine.layers import Layer
from cnnstudio.engine.losses import CrossEntropy
from cnnstudio.engine.optimizers import SGD, AdaGrad, Optimizer
from tests.conformance.cases import case, draw, first, last, mode
from tests.conformance.onnx_nodes import Array, Node


def run(
    kind: str, *inputs: Array, arrays: Mapping[str, Array] | None = None, training: bool = False, **params: Any
) -> Array:
    """A layer of the catalogue on (N, C, H, W) or (N, F), its arrays loaded in PyTorch's layout."""
    return run_layer(kind, *inputs, arrays=arrays, training=training, **params)[0]


def run_layer(
    kind: str, *inputs: Array, arrays: Mapping[str, Array] | None = None, training: bool = False, **params: Any
) -> tuple[Array, Layer]:
    graph, node = draw(case(kind, *(x.shape[1:] for x in inputs), **params))
    net = compile_graph(graph, dtype=inputs[0].dtype)
    net.load_state_dict({f"{net.node(node).name}.{name}": each for name, each in (arrays or {}).items()}, strict=False)
    layer = net.node(node).layer
    output, _ = layer.forward([last(x) for x in inputs], mode(training=training))
    return first(output), layer


def as_images(x: Array, axis: int) -> Array:
    """Axes before `axis` are images; of those behind, at most three are left, and two get a third of size 1."""
    axis %= x.ndim
    images, rest = prod(x.shape[:axis]), x.shape[axis:]
    if len(rest) > 3:
        rest = (prod(rest[:-2]), *rest[-2:])
    return x.reshape(images, *rest, *[1] * (len(rest) == 2))


def element_wise(kind: str, **names: str) -> Callable[[Node], list[Array]]:
    """`names`: the parameter that each attribute of the node sets."""

    def layer(node: Node) -> list[Array]:
        x = node[0]
        params = {name: node.get(attribute) for attribute, name in names.items() if attribute in node.attributes}
        return [run(kind, x.reshape(len(x), -1), **params).reshape(x.shape)]

    return layer


# Windows


def window(node: Node, x: Array, kernel: Sequence[int]) -> dict[str, Any]:
    """kernel_size, stride, dilation and padding of maps of two dimensions; one dimension is a map one pixel high."""
    rank = len(kernel)
    strides, dilations = node.get("strides", [1] * rank), node.get("dilations", [1] * rank)
    pads = node.get("pads", [0] * 2 * rank)
    before, behind = list(pads[:rank]), list(pads[rank:])
    for axis, (k, s, d) in enumerate(zip(kernel, strides, dilations, strict=True)):
        if node.get("auto_pad", "NOTSET").startswith("SAME"):
            size = x.shape[2 + axis]
            total = max(0, (ceil(size / s) - 1) * s + d * (k - 1) + 1 - size)
            before[axis], behind[axis] = upper_or_lower(node, total)
    ones, zeros = [1] * (2 - rank), [0] * (2 - rank)
    (top, left), (bottom, right) = [*zeros, *before], [*zeros, *behind]
    return {
        "kernel_size": (*ones, *kernel),
        "stride": (*ones, *strides),
        "dilation": (*ones, *dilations),
        "padding": (top, bottom, left, right),
    }


def upper_or_lower(node: Node, total: int) -> tuple[int, int]:
    """Where the odd pixel of a padding stands: behind, or before."""
    less, more = total // 2, total - total // 2
    return (more, less) if node.get("auto_pad") == "SAME_LOWER" else (less, more)


def two_dimensional(x: Array) -> Array:
    return x[:, :, None] if x.ndim == 3 else x


def conv(node: Node) -> list[Array]:
    weight = node[1]
    params = window(node, node[0], weight.shape[2:])
    return [run("Conv2d", node[0], arrays={"weight": weight}, out_channels=len(weight), bias=False, **params)]


def conv_transpose(node: Node) -> list[Array]:
    """Where an output shape is asked for, padding or output padding is what is missing to it."""
    x, weight = node[0], node[1]
    params = window(node, x, weight.shape[2:]) | {"padding": 0}
    rank = weight.ndim - 2
    strides, extra = node.get("strides", [1] * rank), list(node.get("output_padding", [0] * rank))
    sides = list(zip(*[iter(node.get("pads", [0] * 2 * rank))] * rank, strict=True))
    before, behind = list(sides[0]), list(sides[1])
    wanted = node.get("output_shape")
    if node.get("auto_pad", "NOTSET").startswith("SAME"):
        wanted = [size * stride for size, stride in zip(x.shape[2:], strides, strict=True)]
    for axis, size in enumerate(wanted or ()):
        painted = (x.shape[2 + axis] - 1) * strides[axis] + weight.shape[2 + axis] + extra[axis]
        before[axis], behind[axis] = upper_or_lower(node, max(0, painted - size))
        extra[axis] += max(0, size - painted)
    zeros = [0] * (2 - rank)
    (top, left), (bottom, right) = [*zeros, *before], [*zeros, *behind]
    y = run(
        "ConvTranspose2d",
        two_dimensional(x),
        arrays={"weight": weight.reshape(*weight.shape[:2], *params["kernel_size"])},
        out_channels=weight.shape[1],
        kernel_size=params["kernel_size"],
        stride=params["stride"],
        padding=(top, bottom, left, right),
        output_padding=(*zeros, *extra),
        bias=False,
    )
    return [y.reshape(y.shape[:2] + y.shape[4 - rank :])]


def max_pool(node: Node) -> list[Array]:
    """Bytes are run as numbers: the largest of them is one of them."""
    params = window(node, node[0], node.get("kernel_shape"))
    x = two_dimensional(node[0].astype(np.float32))
    y = run("MaxPool2d", x, ceil_mode=bool(node.get("ceil_mode", 0)), **params)
    return [y.reshape(y.shape[:2] + y.shape[6 - node[0].ndim :])]


def avg_pool(node: Node) -> list[Array]:
    """Padding above half the window, which the layer refuses, goes before it, as zeros that count."""
    params = window(node, node[0], node.get("kernel_shape"))
    del params["dilation"]
    x, counted = two_dimensional(node[0]), bool(node.get("count_include_pad", 0))
    if counted and max(params["padding"]) > min(params["kernel_size"]) // 2:
        x, params["padding"] = run("Pad2d", x, padding=params["padding"]), 0
    y = run("AvgPool2d", x, ceil_mode=bool(node.get("ceil_mode", 0)), count_include_pad=counted, **params)
    return [y.reshape(y.shape[:2] + y.shape[6 - node[0].ndim :])]


# Normalization


def batch_norm(node: Node) -> list[Array]:
    """ONNX's momentum weighs the old value, and its running variance is the biased one: that of n, not n - 1."""
    x, weight, bias, mean, variance = (node[place] for place in range(5))
    training, old = bool(node.get("training_mode", 0)), node.get("momentum", 0.9)
    arrays = {"weight": weight, "bias": bias, "running_mean": mean, "running_var": variance}
    eps = node.get("epsilon", 1e-5)
    y, layer = run_layer("BatchNorm", x, arrays=arrays, training=training, eps=eps, momentum=1 - old)
    if not training:
        return [y]
    count = x.size // x.shape[1]
    newest = layer.buffers["running_var"] - old * variance
    return [y, layer.buffers["running_mean"], old * variance + newest * (count - 1) / count]


def layer_norm(node: Node) -> list[Array]:
    x, axis = node[0], node.get("axis", -1)
    images = as_images(x, axis)
    arrays = {name: node[place].reshape(images.shape[1:]) for place, name in ((1, "weight"), (2, "bias"))}
    return [run("LayerNorm", images, arrays=arrays, eps=node.get("epsilon", 1e-5)).reshape(x.shape)]


def channel_norm(kind: str) -> Callable[[Node], list[Array]]:
    def norm(node: Node) -> list[Array]:
        params = {"num_groups": node.get("num_groups")} if kind == "GroupNorm" else {"affine": True}
        arrays = {"weight": node[1], "bias": node[2]}
        return [run(kind, node[0], arrays=arrays, eps=node.get("epsilon", 1e-5), **params)]

    return norm


def local_response_norm(node: Node) -> list[Array]:
    alpha, beta, k = node.get("alpha", 1e-4), node.get("beta", 0.75), node.get("bias", 1.0)
    return [run("LocalResponseNorm", node[0], size=node.get("size"), alpha=alpha, beta=beta, k=k)]


# Form


def softmax(node: Node) -> list[Array]:
    """Over channels of maps where the axis is theirs, else over vectors."""
    x, axis = node[0], node.get("axis", -1) % node[0].ndim
    if axis == 1 and x.ndim == 3:
        return [run("Softmax", x[..., None])[..., 0]]
    moved = np.moveaxis(x, axis, -1)
    y = run("Softmax", np.ascontiguousarray(moved.reshape(-1, moved.shape[-1])))
    return [np.moveaxis(y.reshape(moved.shape), -1, axis)]


def dropout(node: Node) -> list[Array]:
    x, ratio, training = node[0], node.given(1), node.given(2)
    p = node.get("ratio", 0.5) if ratio is None else float(ratio)
    return [run("Dropout", x.reshape(len(x), -1), p=p, training=bool(training)).reshape(x.shape)]


def flatten(node: Node) -> list[Array]:
    return [run("Flatten", as_images(node[0], node.get("axis", 1)))]


def pad(node: Node) -> list[Array]:
    """A frame of another number than 0 is one of 0 around maps from which that number was taken before."""
    x, axes = node[0], node.given(3)
    places = range(x.ndim) if axes is None else [int(axis) % x.ndim for axis in axes]
    begins, ends = np.split(node[1], 2)
    frame = {axis: (int(a), int(b)) for axis, a, b in zip(places, begins, ends, strict=True)}
    assert not any(any(frame.get(axis, ())) for axis in (0, 1))
    value = 0 if node.given(2) is None else node[2]
    kind = {"constant": "zeros", "edge": "replicate", "reflect": "reflect"}[node.get("mode", "constant")]
    padding = (*frame.get(2, (0, 0)), *frame.get(3, (0, 0)))
    return [run("Pad2d", (x - value).astype(np.float32), padding=padding, mode=kind) + value]


def resize(node: Node) -> list[Array]:
    """The scale is what the stored output says; that it is whole is asked of every case."""
    x, wanted = node[0], node.outputs[0].shape
    assert wanted[2] % x.shape[2] == wanted[3] % x.shape[3] == 0
    kind = {"nearest": "nearest", "linear": "bilinear"}[node.get("mode", "nearest")]
    return [run("Upsample", x, scale_factor=(wanted[2] // x.shape[2], wanted[3] // x.shape[3]), mode=kind)]


def add(node: Node) -> list[Array]:
    inputs = [node[place] for place in range(len(node.inputs))]
    return [run("Add", *(x.reshape(len(x), -1) for x in inputs)).reshape(inputs[0].shape)]


def concat(node: Node) -> list[Array]:
    """Channels of maps where the axis is theirs, else features of vectors."""
    inputs = [node[place] for place in range(len(node.inputs))]
    axis = node.get("axis") % inputs[0].ndim
    if axis == 1 and inputs[0].ndim == 3:
        return [run("Concat", *(x[..., None] for x in inputs))[..., 0]]
    moved = [np.moveaxis(x, axis, -1) for x in inputs]
    y = run("Concat", *(np.ascontiguousarray(x.reshape(-1, x.shape[-1])) for x in moved))
    return [np.moveaxis(y.reshape(*moved[0].shape[:-1], -1), -1, axis)]


def gemm(node: Node) -> list[Array]:
    """α A B + β C with A the images; α goes into the weight, β into the bias."""
    a = node[0].T if node.get("transA", 0) else node[0]
    weight = node.get("alpha", 1.0) * (node[1] if node.get("transB", 0) else node[1].T)
    arrays = {"weight": weight}
    if node.given(2) is not None:
        arrays["bias"] = np.broadcast_to(node.get("beta", 1.0) * node[2], (1, len(weight)))[0]
    x = np.ascontiguousarray(a)
    return [run("Linear", x, arrays=arrays, out_features=len(weight), bias="bias" in arrays)]


def matmul(node: Node) -> list[Array]:
    a, b = np.atleast_2d(node[0]), node[1].reshape(len(node[1]), -1)
    y = run("Linear", a.reshape(-1, a.shape[-1]), arrays={"weight": b.T}, out_features=b.shape[1], bias=False)
    return [y.reshape(node.outputs[0].shape)]


# Losses and optimizers


def cross_entropy(node: Node) -> list[Array]:
    """Every pixel of maps is an image of its own; those to be ignored are left out.

    Ours is a mean, weighted by what the labels weigh: times their weight it is the sum, and of one image the loss.
    """
    scores = np.moveaxis(node[0], 1, -1)
    rows, labels, weights = scores.reshape(-1, scores.shape[-1]), node[1].reshape(-1), node.given(2)
    loss = CrossEntropy(class_weights=None if weights is None else tuple(weights.tolist()))
    kept = labels != node.get("ignore_index", np.iinfo(np.int64).min)
    reduction = node.get("reduction", "mean")
    if reduction == "none":
        each = [
            loss(row, label)[0] * loss.weight(label) for row, label in zip(rows[:, None], labels[:, None], strict=True)
        ]
        value = np.where(kept, each, 0.0).reshape(node[1].shape)
    else:
        value = np.array(loss(rows[kept], labels[kept])[0])
        value *= loss.weight(labels[kept]) if reduction == "sum" else 1
    shares = run("Softmax", np.ascontiguousarray(rows)).reshape(scores.shape)
    return [value, np.log(np.moveaxis(shares, -1, 1))]


def optimizer_step(node: Node, optimizer: Optimizer, first_gradient: Callable[[Array], Array]) -> list[Array]:
    """ONNX's first step (T = 0). The memory that is handed in comes from a step at rate 0 before it.

    first_gradient: which gradient, decay included, leaves that memory.
    """
    count = (len(node.inputs) - 2) // 3
    rate, step = float(node[0]), int(node[1])
    assert step == 0
    points, gradients, memories = (
        {key: node[2 + part * count + key].astype(np.float64) for key in range(count)} for part in range(3)
    )
    decay = optimizer.weight_decay
    optimizer.step(points, {key: first_gradient(memories[key]) - decay * points[key] for key in points}, 0.0)
    optimizer.step(points, gradients, rate)
    return list(points.values())


def momentum(node: Node) -> list[Array]:
    nesterov = node.get("mode") == "nesterov"
    optimizer = SGD(node.get("alpha"), nesterov=nesterov, weight_decay=node.get("norm_coefficient"))
    return optimizer_step(node, optimizer, lambda velocity: velocity)


def adagrad(node: Node) -> list[Array]:
    return optimizer_step(node, AdaGrad(node.get("epsilon"), weight_decay=node.get("norm_coefficient")), np.sqrt)


LAYERS: Mapping[str, Callable[[Node], list[Array]]] = {
    "Adagrad": adagrad,
    "Add": add,
    "AveragePool": avg_pool,
    "BatchNormalization": batch_norm,
    "Concat": concat,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Dropout": dropout,
    "Elu": element_wise("ELU", alpha="alpha"),
    "Flatten": flatten,
    "Gelu": element_wise("GELU", approximate="approximate"),
    "Gemm": gemm,
    "GlobalAveragePool": lambda node: [run("AdaptiveAvgPool2d", node[0], output_size=1)],
    "GlobalMaxPool": lambda node: [run("AdaptiveMaxPool2d", node[0], output_size=1)],
    "GroupNormalization": channel_norm("GroupNorm"),
    "Identity": lambda node: [run("Identity", node[0])],
    "InstanceNormalization": channel_norm("InstanceNorm"),
    "LRN": local_response_norm,
    "LayerNormalization": layer_norm,
    "LeakyRelu": element_wise("LeakyReLU", alpha="negative_slope"),
    "MatMul": matmul,
    "MaxPool": max_pool,
    "Momentum": momentum,
    "Pad": pad,
    "Relu": element_wise("ReLU"),
    "Resize": resize,
    "Sigmoid": element_wise("Sigmoid"),
    "Softmax": softmax,
    "SoftmaxCrossEntropyLoss": cross_entropy,
    "Sum": add,
    "Swish": element_wise("SiLU"),
    "Tanh": element_wise("Tanh"),
    "Upsample": resize,
}
