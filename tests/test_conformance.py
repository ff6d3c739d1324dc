"""Every kind of the catalogue, over several configurations: what the drawing predicts is what the engine does.

The catalogue is walked, not listed: a new kind without an engine layer, or without a configuration here, fails.
PyTorch is the oracle for values and gradients where it is installed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cnnstudio.compile import LAYERS, compile_graph
from cnnstudio.engine import gradcheck_layer
from cnnstudio.engine.layers import Layer, Mode
from cnnstudio.graph import CATALOGUE, Graph, analyze

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
CASE = pytest.mark.parametrize("drawn", CASES, ids=str)
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


def arriving(drawn: Case, seed: int = 0) -> list[np.ndarray]:
    """Random float64 inputs in the engine's layout, all values distinct and none near a kink at zero."""
    generator = np.random.default_rng(seed)
    inputs = []
    for shape in drawn.shapes or (drawn.params["shape"],):
        count = BATCH * prod(shape)
        values = (generator.permutation(count) + 0.5) / count * 4 - 2
        values = np.where(np.abs(values) < 1e-3, 0.5, values)
        inputs.append(values.reshape(engine_shape(shape)))
    return inputs


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


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_kind_has_an_engine_layer(kind):
    assert kind in LAYERS, f"{kind} stands in the catalogue, but compile.LAYERS has no row for it"


def test_no_engine_layer_is_left_without_a_kind():
    assert set(LAYERS) == set(CATALOGUE)


@pytest.mark.parametrize("kind", CATALOGUE)
def test_every_kind_is_proved_in_several_configurations(kind):
    assert len([each for each in CASES if each.kind == kind]) >= 2


@pytest.mark.parametrize("kind", [kind for kind, spec in CATALOGUE.items() if spec.params])
def test_every_parameter_is_varied(kind):
    varied = {name for each in CASES if each.kind == kind for name in each.params}
    assert varied == {param.name for param in CATALOGUE[kind].params}


@CASE
def test_predicted_shape_is_the_engines(drawn):
    graph, node = draw(drawn)
    net = compile_graph(graph)
    pictures = np.random.default_rng(0).random((2, *net.input_shape), np.float32)
    assert net.activations(pictures)[node].shape == (2, *analyze(graph)[node].output_shape)


@CASE
def test_arrays_are_the_declared_ones(drawn):
    graph, node = draw(drawn)
    net, row = compile_graph(graph), analyze(graph)[node]
    spec, params = CATALOGUE[drawn.kind], graph.node(node).params
    declared = {**spec.weights(params, drawn.shapes), **spec.buffers(params, drawn.shapes)}
    prefix = f"{row.name}."
    made = {key.removeprefix(prefix): each for key, each in net.state_dict().items() if key.startswith(prefix)}
    assert {name: each.shape for name, each in made.items()} == dict(declared)
    layer = net.node(node).layer
    assert sum(each.size for each in layer.parameters.values()) == row.parameters
    assert sum(each.size for each in layer.buffers.values()) == row.buffers


@CASE
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_gradients_pass_a_float64_check(drawn, training):
    report = gradcheck_layer(layer_of(drawn), arriving(drawn), training=training, entries=200)
    assert report.passed, str(report)
    assert report.worst.error < 1e-6, str(report)


@CASE
def test_layer_leaves_alone_what_it_does_not_own(drawn):
    layer, inputs = layer_of(drawn), arriving(drawn)
    before = [each.copy() for each in inputs]
    for each in inputs:
        each.flags.writeable = False
    output, saved = layer.forward(inputs, mode(training=True))
    d_output = np.ones_like(output)
    d_output.flags.writeable = False
    output_before = output.copy()
    weights_before = {name: each.copy() for name, each in layer.parameters.items()}
    layer.backward(d_output, saved)
    assert all(np.array_equal(*pair) for pair in zip(inputs, before, strict=True))
    assert np.array_equal(output, output_before)
    assert all(np.array_equal(layer.parameters[name], each) for name, each in weights_before.items())


@CASE
def test_layer_is_reentrant(drawn):
    """Two passes interleaved through one layer do not disturb each other."""
    layer = layer_of(drawn)
    first, second = arriving(drawn, 0), arriving(drawn, 1)
    output, saved = layer.forward(first, mode(training=True))
    weighting = np.random.default_rng(0).random(output.shape)
    alone, _ = layer.backward(weighting, saved)
    output, saved = layer.forward(first, mode(training=True))
    other, other_saved = layer.forward(second, mode(training=True))
    layer.backward(np.ones_like(other), other_saved)
    again, _ = layer.backward(weighting, saved)
    assert all(np.array_equal(*pair) for pair in zip(alone, again, strict=True))


@CASE
def test_float32_stays_float32(drawn):
    layer = layer_of(drawn, "float32")
    inputs = [each.astype(np.float32) for each in arriving(drawn)]
    output, saved = layer.forward(inputs, mode(training=True))
    d_inputs, d_parameters = layer.backward(np.ones_like(output), saved)
    arrays = [output, *d_inputs, *d_parameters.values(), *layer.parameters.values(), *layer.buffers.values()]
    assert {each.dtype for each in arrays} == {np.dtype(np.float32)}


@CASE
def test_gradient_has_the_parameters_shape_and_no_input_gradient_is_made_in_vain(drawn):
    layer = layer_of(drawn)
    output, saved = layer.forward(arriving(drawn), mode(training=True))
    _, gradients = layer.backward(np.ones_like(output), saved, input_gradient=False)
    assert {name: each.shape for name, each in gradients.items()} == {
        name: each.shape for name, each in layer.parameters.items()
    }


# PyTorch as the oracle


def _sides(params: Mapping[str, Any], kernel: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int, int, int]:
    """(left, right, top, bottom), as torch's pad takes them."""
    padding = params.get("padding", 0)
    if padding == "valid":
        padding = 0
    if padding == "same":
        rows, columns = (d * (k - 1) for k, d in zip(kernel, dilation, strict=True))
        return columns // 2, columns - columns // 2, rows // 2, rows - rows // 2
    if isinstance(padding, int):
        padding = (padding, padding)
    if len(padding) == 2:
        return padding[1], padding[1], padding[0], padding[0]
    top, bottom, left, right = padding
    return left, right, top, bottom


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def _torch_conv(torch, inputs, arrays, params):
    kernel, dilation = _pair(params["kernel_size"]), _pair(params["dilation"])
    mode = {"zeros": "constant"}.get(params["padding_mode"], params["padding_mode"])
    padded = torch.nn.functional.pad(inputs[0], _sides(params, kernel, dilation), mode=mode)
    return torch.nn.functional.conv2d(
        padded, arrays["weight"], arrays.get("bias"), _pair(params["stride"]), 0, dilation, params["groups"]
    )


def _torch_conv_transpose(torch, inputs, arrays, params):
    """Uncropped, and then cropped to the sides: PyTorch itself takes away as much above as below."""
    padding, (rows, columns) = params["padding"], _pair(params["output_padding"])
    full = torch.nn.functional.conv_transpose2d(
        inputs[0], arrays["weight"], arrays.get("bias"), _pair(params["stride"]), 0, (rows, columns)
    )
    if not isinstance(padding, tuple) or len(padding) == 2:
        return torch.nn.functional.conv_transpose2d(
            inputs[0], arrays["weight"], arrays.get("bias"), _pair(params["stride"]), padding, (rows, columns)
        )
    top, bottom, left, right = padding
    return full[:, :, top : full.shape[2] - bottom, left : full.shape[3] - right]


def _torch_stochastic_pool(torch, inputs, arrays, params):
    """The evaluation's weighted mean, window by window."""
    kernel = _pair(params["kernel_size"])
    stride = kernel if params["stride"] is None else _pair(params["stride"])
    windows = inputs[0].unfold(2, kernel[0], stride[0]).unfold(3, kernel[1], stride[1])
    strengths = windows.flatten(4).clamp(min=0)
    totals = strengths.sum(4)
    shares = strengths / torch.where(totals == 0, 1, totals)[..., None]
    return (shares * strengths).sum(4)


def _torch_pad(torch, inputs, arrays, params):
    mode = {"zeros": "constant"}.get(params["mode"], params["mode"])
    return torch.nn.functional.pad(inputs[0], _sides(params, (1, 1), (1, 1)), mode=mode)


def _torch_max_pool(torch, inputs, arrays, params):
    kernel, dilation = _pair(params["kernel_size"]), _pair(params["dilation"])
    padding = params["padding"]
    x = inputs[0]
    if isinstance(padding, str) or (isinstance(padding, tuple) and len(padding) == 4):
        x, padding = torch.nn.functional.pad(x, _sides(params, kernel, dilation), value=-torch.inf), 0
    return torch.nn.functional.max_pool2d(x, kernel, params["stride"], padding, dilation, params["ceil_mode"])


def _torch_avg_pool(torch, inputs, arrays, params):
    return torch.nn.functional.avg_pool2d(
        inputs[0],
        params["kernel_size"],
        params["stride"],
        params["padding"],
        params["ceil_mode"],
        params["count_include_pad"],
    )


def _torch_batch_norm(torch, inputs, arrays, params, *, training):
    return torch.nn.functional.batch_norm(
        inputs[0],
        arrays["running_mean"].detach(),
        arrays["running_var"].detach(),
        arrays.get("weight"),
        arrays.get("bias"),
        training,
        params["momentum"],
        params["eps"],
    )


Oracle = Callable[[Any, Sequence[Any], Mapping[str, Any], Mapping[str, Any]], Any]
ORACLES: Mapping[str, Oracle] = {
    "Input": lambda torch, inputs, arrays, params: inputs[0] * 1,
    "Conv2d": _torch_conv,
    "ConvTranspose2d": _torch_conv_transpose,
    "Linear": lambda torch, inputs, arrays, params: torch.nn.functional.linear(
        inputs[0], arrays["weight"], arrays.get("bias")
    ),
    "MaxPool2d": _torch_max_pool,
    "AvgPool2d": _torch_avg_pool,
    "AdaptiveAvgPool2d": lambda torch, inputs, arrays, params: torch.nn.functional.adaptive_avg_pool2d(
        inputs[0], params["output_size"]
    ),
    "AdaptiveMaxPool2d": lambda torch, inputs, arrays, params: torch.nn.functional.adaptive_max_pool2d(
        inputs[0], params["output_size"]
    ),
    "LayerNorm": lambda torch, inputs, arrays, params: torch.nn.functional.layer_norm(
        inputs[0], inputs[0].shape[1:], arrays.get("weight"), arrays.get("bias"), params["eps"]
    ),
    "InstanceNorm": lambda torch, inputs, arrays, params: torch.nn.functional.instance_norm(
        inputs[0], None, None, arrays.get("weight"), arrays.get("bias"), True, 0.1, params["eps"]
    ),
    "GroupNorm": lambda torch, inputs, arrays, params: torch.nn.functional.group_norm(
        inputs[0], params["num_groups"], arrays.get("weight"), arrays.get("bias"), params["eps"]
    ),
    "LocalResponseNorm": lambda torch, inputs, arrays, params: torch.nn.functional.local_response_norm(
        inputs[0], params["size"], params["alpha"], params["beta"], params["k"]
    ),
    "ReLU": lambda torch, inputs, arrays, params: torch.relu(inputs[0]),
    "LeakyReLU": lambda torch, inputs, arrays, params: torch.nn.functional.leaky_relu(
        inputs[0], params["negative_slope"]
    ),
    "Sigmoid": lambda torch, inputs, arrays, params: torch.sigmoid(inputs[0]),
    "PReLU": lambda torch, inputs, arrays, params: torch.nn.functional.prelu(inputs[0], arrays["weight"]),
    "ELU": lambda torch, inputs, arrays, params: torch.nn.functional.elu(inputs[0], params["alpha"]),
    "GELU": lambda torch, inputs, arrays, params: torch.nn.functional.gelu(
        inputs[0], approximate=params["approximate"]
    ),
    "SiLU": lambda torch, inputs, arrays, params: torch.nn.functional.silu(inputs[0]),
    "Tanh": lambda torch, inputs, arrays, params: torch.tanh(inputs[0]),
    "Softmax": lambda torch, inputs, arrays, params: torch.softmax(inputs[0], dim=1),
    "Flatten": lambda torch, inputs, arrays, params: torch.flatten(inputs[0], 1),
    "Pad2d": _torch_pad,
    "Upsample": lambda torch, inputs, arrays, params: torch.nn.functional.interpolate(
        inputs[0], scale_factor=_pair(params["scale_factor"]), mode=params["mode"]
    ),
    "Add": lambda torch, inputs, arrays, params: sum(inputs[1:], start=inputs[0]),
    "Concat": lambda torch, inputs, arrays, params: torch.cat(list(inputs), dim=1),
    "Identity": lambda torch, inputs, arrays, params: inputs[0] * 1,
}
MODE_DEPENDENT = {"BatchNorm", "Dropout", "SpatialDropout", "DropPath", "StochasticPool2d"}


def first(array: np.ndarray) -> np.ndarray:
    """Channels first."""
    return np.ascontiguousarray(array.transpose(0, 3, 1, 2)) if array.ndim == 4 else array


def last(array: np.ndarray) -> np.ndarray:
    """Channels last."""
    return np.ascontiguousarray(array.transpose(0, 2, 3, 1)) if array.ndim == 4 else array


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")


def compare_with_torch(torch, drawn, layer, oracle, *, training, dtype="float64", tolerance=1e-10):
    graph, node = draw(drawn)
    inputs = [each.astype(dtype) for each in arriving(drawn)]
    theirs = [torch.tensor(first(each), requires_grad=True) for each in inputs]
    arrays = {
        name: torch.tensor(np.ascontiguousarray(layer.to_torch(name, each)), requires_grad=True)
        for name, each in (*layer.parameters.items(), *layer.buffers.items())
    }
    expected = oracle(torch, theirs, arrays, graph.node(node).params)
    weighting = np.random.default_rng(3).standard_normal(tuple(expected.shape)).astype(dtype)
    (expected * torch.tensor(weighting)).sum().backward()

    output, saved = layer.forward(inputs, mode(training=training))
    d_inputs, d_parameters = layer.backward(last(weighting), saved)

    def close(ours: np.ndarray, wanted: Any) -> None:
        np.testing.assert_allclose(ours, wanted.detach().numpy(), rtol=tolerance, atol=tolerance)

    close(first(output), expected)
    for ours, wanted in zip(d_inputs, theirs, strict=True):
        close(first(ours), wanted.grad)
    for name, ours in d_parameters.items():
        close(layer.to_torch(name, ours), arrays[name].grad)
    for name, ours in layer.buffers.items():
        close(ours, arrays[name])


@pytest.mark.oracle
@pytest.mark.parametrize("drawn", [each for each in CASES if each.kind not in MODE_DEPENDENT], ids=str)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
def test_equals_pytorch(torch, drawn, dtype, tolerance):
    layer = layer_of(drawn, dtype)
    compare_with_torch(torch, drawn, layer, ORACLES[drawn.kind], training=True, dtype=dtype, tolerance=tolerance)


@pytest.mark.oracle
@pytest.mark.parametrize("drawn", [each for each in CASES if each.kind == "BatchNorm"], ids=str)
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
def test_batch_norm_equals_pytorch(torch, drawn, training, dtype, tolerance):
    """Running statistics included."""

    def oracle(torch, inputs, arrays, params):
        return _torch_batch_norm(torch, inputs, arrays, params, training=training)

    layer = layer_of(drawn, dtype)
    compare_with_torch(torch, drawn, layer, oracle, training=training, dtype=dtype, tolerance=tolerance)


@pytest.mark.oracle
@pytest.mark.parametrize("drawn", [each for each in CASES if each.kind == "StochasticPool2d"], ids=str)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
def test_stochastic_pool_in_evaluation_equals_pytorch(torch, drawn, dtype, tolerance):
    layer = layer_of(drawn, dtype)
    compare_with_torch(torch, drawn, layer, _torch_stochastic_pool, training=False, dtype=dtype, tolerance=tolerance)


def sizes(low: int, high: int) -> st.SearchStrategy[Any]:
    return st.integers(low, high) | st.tuples(*[st.integers(low, high)] * 2)


def sides(most: int) -> st.SearchStrategy[Any]:
    return sizes(0, most) | st.tuples(*[st.integers(0, most)] * 4)


EPS = st.floats(1e-6, 0.1)
RANDOM: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "ConvTranspose2d": {
        "out_channels": st.integers(1, 4),
        "kernel_size": sizes(1, 4),
        "stride": sizes(1, 4),
        "padding": sides(2),
        "output_padding": sizes(0, 2),
        "bias": st.booleans(),
    },
    "StochasticPool2d": {"kernel_size": sizes(1, 3), "stride": st.none() | sizes(1, 4)},
    "AdaptiveMaxPool2d": {"output_size": sizes(1, 8)},
    "LayerNorm": {"eps": EPS, "affine": st.booleans()},
    "InstanceNorm": {"eps": EPS, "affine": st.booleans()},
    "GroupNorm": {"num_groups": st.integers(1, 4), "eps": EPS, "affine": st.booleans()},
    "LocalResponseNorm": {
        "size": st.integers(1, 9),
        "alpha": st.floats(1e-3, 3),
        "beta": st.floats(0, 2),
        "k": st.floats(0.5, 3),
    },
    "PReLU": {},
    "ELU": {"alpha": st.floats(0, 3)},
    "GELU": {"approximate": st.sampled_from(["none", "tanh"])},
    "SiLU": {},
    "Pad2d": {"padding": sides(4), "mode": st.sampled_from(["zeros", "reflect", "replicate"])},
    "Upsample": {"scale_factor": sizes(1, 4), "mode": st.sampled_from(["nearest", "bilinear"])},
}
"""Kinds whose configurations are also drawn by lot: one channel, one pixel and uneven sides among them."""


@pytest.mark.oracle
@pytest.mark.parametrize("kind", RANDOM)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_configuration_equals_pytorch(torch, kind, data):
    shape = data.draw(st.tuples(st.integers(1, 6), st.integers(1, 7), st.integers(1, 7)), "shape")
    drawn = case(kind, shape, **data.draw(st.fixed_dictionaries(dict(RANDOM[kind])), "params"))
    assume(not analyze(draw(drawn)[0]).errors)
    weighs = kind == "StochasticPool2d"
    oracle = _torch_stochastic_pool if weighs else ORACLES[kind]
    compare_with_torch(torch, drawn, layer_of(drawn), oracle, training=not weighs)


def test_every_kind_has_an_oracle():
    assert set(ORACLES) | MODE_DEPENDENT == set(CATALOGUE)
