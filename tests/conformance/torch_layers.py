"""Every kind as PyTorch computes it; `torch` is handed in, since it may not be installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from tests.conformance.configurations import along, pair


@dataclass(frozen=True, slots=True)
class Call:
    """A layer that PyTorch is to compute: tensors at its ports, its arrays by name, its parameters.

    size: (height, width) that the catalogue predicts; () for vectors.
    """

    torch: ModuleType
    inputs: Sequence[Any]
    arrays: Mapping[str, Any]
    params: Mapping[str, Any]
    training: bool
    size: tuple[int, ...]

    @property
    def x(self) -> Any:
        return self.inputs[0]

    @property
    def functional(self) -> Any:
        return self.torch.nn.functional

    def __getitem__(self, name: str) -> Any:
        return self.params[name]

    @property
    def affine(self) -> tuple[Any, Any]:
        return self.arrays.get("weight"), self.arrays.get("bias")


def sides(params: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """(left, right, top, bottom), as torch's pad takes them."""
    (_, top, bottom), (_, left, right) = (along(params, axis) for axis in range(2))
    return left, right, top, bottom


def in_torchs_own_words(params: Mapping[str, Any]) -> bool:
    """Whether PyTorch takes the padding: as much before as behind. Dilated windows it wants to reach less far."""
    left, right, top, bottom = sides(params)
    return left == right and top == bottom and pair(params.get("dilation", 1)) == (1, 1)


def mode_of(name: str) -> str:
    return {"zeros": "constant"}.get(name, name)


def conv(call: Call) -> Any:
    padded = call.functional.pad(call.x, sides(call.params), mode=mode_of(call["padding_mode"]))
    stride, dilation = pair(call["stride"]), pair(call["dilation"])
    return call.functional.conv2d(padded, *call.affine, stride, 0, dilation, call["groups"])


def conv_transpose(call: Call) -> Any:
    """With uneven sides uncropped, and then cropped to them."""
    left, right, top, bottom = sides(call.params)
    stride, extra = pair(call["stride"]), pair(call["output_padding"])
    if in_torchs_own_words(call.params):
        return call.functional.conv_transpose2d(call.x, *call.affine, stride, (top, left), extra)
    full = call.functional.conv_transpose2d(call.x, *call.affine, stride, 0, extra)
    return full[:, :, top : full.shape[2] - bottom, left : full.shape[3] - right]


def max_pool(call: Call) -> Any:
    kernel, dilation = pair(call["kernel_size"]), pair(call["dilation"])
    stride = kernel if call["stride"] is None else pair(call["stride"])
    left, _, top, _ = sides(call.params)
    x, padding = call.x, (top, left)
    if not in_torchs_own_words(call.params):
        x, padding = call.functional.pad(x, sides(call.params), value=-call.torch.inf), (0, 0)
    pooled = call.functional.max_pool2d(x, kernel, stride, padding, dilation, call["ceil_mode"])
    return cropped(call, pooled)


def avg_pool(call: Call) -> Any:
    """With uneven sides padded by hand; what does not count is divided out by the mean of ones."""
    kernel = pair(call["kernel_size"])
    stride = kernel if call["stride"] is None else pair(call["stride"])
    left, _, top, _ = sides(call.params)

    def pool(x: Any, padding: tuple[int, int], *, counting: bool) -> Any:
        return call.functional.avg_pool2d(x, kernel, stride, padding, call["ceil_mode"], counting)

    if in_torchs_own_words(call.params):
        return pool(call.x, (top, left), counting=call["count_include_pad"])
    pooled = pool(call.functional.pad(call.x, sides(call.params)), (0, 0), counting=True)
    if not call["count_include_pad"]:
        pooled = pooled / pool(
            call.functional.pad(call.torch.ones_like(call.x), sides(call.params)), (0, 0), counting=True
        )
    return cropped(call, pooled)


def cropped(call: Call, pooled: Any) -> Any:
    """Padded by hand, PyTorch keeps a last window that begins in the padding behind; ceil_mode by itself does not."""
    return pooled[:, :, : call.size[0], : call.size[1]]


def stochastic_pool(call: Call) -> Any:
    """The evaluation's weighted mean, window by window."""
    kernel = pair(call["kernel_size"])
    stride = kernel if call["stride"] is None else pair(call["stride"])
    windows = call.x.unfold(2, kernel[0], stride[0]).unfold(3, kernel[1], stride[1])
    strengths = call.torch.relu(windows.flatten(4))
    totals = strengths.sum(4)
    shares = strengths / call.torch.where(totals == 0, 1, totals)[..., None]
    return (shares * strengths).sum(4)


def batch_norm(call: Call) -> Any:
    running = (call.arrays[name].detach() for name in ("running_mean", "running_var"))
    return call.functional.batch_norm(call.x, *running, *call.affine, call.training, call["momentum"], call["eps"])


def upsample(call: Call) -> Any:
    return call.functional.interpolate(call.x, scale_factor=pair(call["scale_factor"]), mode=call["mode"])


ORACLES: Mapping[str, Callable[[Call], Any]] = {
    "Input": lambda call: call.x * 1,
    "Conv2d": conv,
    "ConvTranspose2d": conv_transpose,
    "Linear": lambda call: call.functional.linear(call.x, *call.affine),
    "MaxPool2d": max_pool,
    "AvgPool2d": avg_pool,
    "StochasticPool2d": stochastic_pool,
    "AdaptiveAvgPool2d": lambda call: call.functional.adaptive_avg_pool2d(call.x, call["output_size"]),
    "AdaptiveMaxPool2d": lambda call: call.functional.adaptive_max_pool2d(call.x, call["output_size"]),
    "BatchNorm": batch_norm,
    "LayerNorm": lambda call: call.functional.layer_norm(call.x, call.x.shape[1:], *call.affine, call["eps"]),
    "InstanceNorm": lambda call: call.functional.instance_norm(
        call.x, None, None, *call.affine, True, 0.1, call["eps"]
    ),
    "GroupNorm": lambda call: call.torch.group_norm(call.x, call["num_groups"], *call.affine, call["eps"]),
    "LocalResponseNorm": lambda call: call.functional.local_response_norm(
        call.x, call["size"], call["alpha"], call["beta"], call["k"]
    ),
    "ReLU": lambda call: call.torch.relu(call.x),
    "LeakyReLU": lambda call: call.functional.leaky_relu(call.x, call["negative_slope"]),
    "PReLU": lambda call: call.functional.prelu(call.x, call.arrays["weight"]),
    "ELU": lambda call: call.functional.elu(call.x, call["alpha"]),
    "GELU": lambda call: call.functional.gelu(call.x, approximate=call["approximate"]),
    "SiLU": lambda call: call.functional.silu(call.x),
    "Sigmoid": lambda call: call.torch.sigmoid(call.x),
    "Tanh": lambda call: call.torch.tanh(call.x),
    "Softmax": lambda call: call.torch.softmax(call.x, dim=1),
    "Dropout": lambda call: call.functional.dropout(call.x, call["p"], training=False) * 1,
    "SpatialDropout": lambda call: call.functional.dropout2d(call.x, call["p"], training=False) * 1,
    "DropPath": lambda call: call.x * 1,
    "Flatten": lambda call: call.torch.flatten(call.x, 1),
    "Pad2d": lambda call: call.functional.pad(
        call.x, sides({"kernel_size": 1, **call.params}), mode=mode_of(call["mode"])
    ),
    "Upsample": upsample,
    "Add": lambda call: sum(call.inputs[1:], start=call.inputs[0]),
    "Concat": lambda call: call.torch.cat(list(call.inputs), dim=1),
    "Identity": lambda call: call.x * 1,
}

EVALUATION_ONLY = frozenset({"Dropout", "SpatialDropout", "DropPath", "StochasticPool2d"})
"""In training their chance is not PyTorch's: what they do with it is proved by the definitions."""
