"""From the drawing to the arithmetic: every layer kind's engine layer, one row a kind.

This is the one place where the two vocabularies meet: `graph` and `engine` know nothing of each other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnstudio.engine import layers
from cnnstudio.engine.arrays import Sides
from cnnstudio.engine.kernels.window import Window, same_sides
from cnnstudio.engine.network import Network
from cnnstudio.engine.wiring import NetworkNode
from cnnstudio.graph.analysis import analyze
from cnnstudio.graph.document import Graph
from cnnstudio.graph.report import Problem, ProblemCode, Report, Row

__all__ = ["LAYERS", "CompileError", "check_memory", "compile_graph"]

Shape = tuple[int, ...]


class CompileError(ValueError):
    """The drawing cannot be computed. Its message is the first problem's; `problems` has them all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a layer is to be made: its checked parameters, what arrives, and what its weights are drawn from."""

    params: Mapping[str, Any]
    shapes: tuple[Shape, ...]
    generator: np.random.Generator
    dtype: np.dtype[Any]

    @property
    def channels(self) -> int:
        """Channels of maps, or features of a vector."""
        return self.shapes[0][0]

    @property
    def window(self) -> Window:
        """The window that kernel_size, stride, padding and dilation describe."""
        kernel = _pair(self.params["kernel_size"])
        dilation = _pair(self.params.get("dilation", 1))
        stride = self.params["stride"]
        sides = same_sides(kernel, dilation) if self.params.get("padding") == "same" else self.sides
        return Window(kernel, kernel if stride is None else _pair(stride), sides, dilation)

    @property
    def sides(self) -> Sides:
        """(top, bottom, left, right) of a padding in pixels, or of none."""
        padding = self.params.get("padding", 0)
        match padding:
            case "valid":
                return 0, 0, 0, 0
            case (top, bottom, left, right):
                return top, bottom, left, right
            case _:
                height, width = _pair(padding)
                return height, height, width, width


def _pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


def _conv2d(site: Site) -> layers.Layer:
    return layers.Conv2d(
        site.channels,
        site.params["out_channels"],
        site.window,
        groups=site.params["groups"],
        bias=site.params["bias"],
        padding_mode=site.params["padding_mode"],
        generator=site.generator,
        dtype=site.dtype,
    )


def _conv_transpose2d(site: Site) -> layers.Layer:
    return layers.ConvTranspose2d(
        site.channels,
        site.params["out_channels"],
        site.window,
        output_padding=_pair(site.params["output_padding"]),
        bias=site.params["bias"],
        generator=site.generator,
        dtype=site.dtype,
    )


def _linear(site: Site) -> layers.Layer:
    return layers.Linear(
        site.channels,
        site.params["out_features"],
        bias=site.params["bias"],
        generator=site.generator,
        dtype=site.dtype,
    )


def _avg_pool(site: Site) -> layers.Layer:
    ceil_mode, count_include_pad = site.params["ceil_mode"], site.params["count_include_pad"]
    return layers.AvgPool2d(site.window, ceil_mode=ceil_mode, count_include_pad=count_include_pad)


def _batch_norm(site: Site) -> layers.Layer:
    eps, momentum, affine = (site.params[name] for name in ("eps", "momentum", "affine"))
    return layers.BatchNorm(site.channels, eps=eps, momentum=momentum, affine=affine, dtype=site.dtype)


def _layer_norm(site: Site) -> layers.Layer:
    return layers.LayerNorm(site.shapes[0], eps=site.params["eps"], affine=site.params["affine"], dtype=site.dtype)


def _instance_norm(site: Site) -> layers.Layer:
    return layers.InstanceNorm(site.channels, eps=site.params["eps"], affine=site.params["affine"], dtype=site.dtype)


def _group_norm(site: Site) -> layers.Layer:
    groups, eps, affine = (site.params[name] for name in ("num_groups", "eps", "affine"))
    return layers.GroupNorm(groups, site.channels, eps=eps, affine=affine, dtype=site.dtype)


def _local_response_norm(site: Site) -> layers.Layer:
    size, alpha, beta, k = (site.params[name] for name in ("size", "alpha", "beta", "k"))
    return layers.LocalResponseNorm(size, alpha=alpha, beta=beta, k=k)


def _upsample(site: Site) -> layers.Layer:
    return layers.Upsample(_pair(site.params["scale_factor"]), bilinear=site.params["mode"] == "bilinear")


LAYERS: Mapping[str, Callable[[Site], layers.Layer]] = MappingProxyType(
    {
        "Input": lambda site: layers.Input(site.params["shape"]),
        "Conv2d": _conv2d,
        "ConvTranspose2d": _conv_transpose2d,
        "Linear": _linear,
        "MaxPool2d": lambda site: layers.MaxPool2d(site.window, ceil_mode=site.params["ceil_mode"]),
        "AvgPool2d": _avg_pool,
        "StochasticPool2d": lambda site: layers.StochasticPool2d(site.window),
        "AdaptiveAvgPool2d": lambda site: layers.AdaptiveAvgPool2d(_pair(site.params["output_size"])),
        "AdaptiveMaxPool2d": lambda site: layers.AdaptiveMaxPool2d(_pair(site.params["output_size"])),
        "BatchNorm": _batch_norm,
        "LayerNorm": _layer_norm,
        "InstanceNorm": _instance_norm,
        "GroupNorm": _group_norm,
        "LocalResponseNorm": _local_response_norm,
        "ReLU": lambda site: layers.ReLU(),
        "LeakyReLU": lambda site: layers.LeakyReLU(site.params["negative_slope"]),
        "PReLU": lambda site: layers.PReLU(dtype=site.dtype),
        "ELU": lambda site: layers.ELU(site.params["alpha"]),
        "GELU": lambda site: layers.TanhGELU() if site.params["approximate"] == "tanh" else layers.GELU(),
        "SiLU": lambda site: layers.SiLU(),
        "Sigmoid": lambda site: layers.Sigmoid(),
        "Tanh": lambda site: layers.Tanh(),
        "Softmax": lambda site: layers.Softmax(),
        "Dropout": lambda site: layers.Dropout(site.params["p"]),
        "SpatialDropout": lambda site: layers.SpatialDropout(site.params["p"]),
        "DropPath": lambda site: layers.DropPath(site.params["p"]),
        "Flatten": lambda site: layers.Flatten(),
        "Pad2d": lambda site: layers.Pad2d(site.sides, site.params["mode"]),
        "Upsample": _upsample,
        "Add": lambda site: layers.Add(),
        "Concat": lambda site: layers.Concat(),
        "Identity": lambda site: layers.Identity(),
    }
)
"""How each kind of the catalogue is made."""


def compile_graph(graph: Graph, seed: int = 0, dtype: npt.DTypeLike = "float32") -> Network:
    """A network with fresh weights, as `graph` draws it; the drawing may change afterwards, the network will not.

    seed: of the weights and of dropout. Every layer draws from a stream of its own. dtype: float32 or float64.
    Where several layers feed no other, the last one in topological order is the output; the others are computed by
    `activations` only. Raises CompileError for a drawing that cannot be computed.
    """
    report = analyze(graph)
    if report.errors:
        raise CompileError(report.errors)
    assert report.output is not None
    check_memory(report, dtype)
    nodes = []
    for index, row in enumerate(report):
        shapes = tuple(shape for shape in row.input_shapes if shape is not None)
        generator = np.random.default_rng([seed, index])
        site = Site(graph.node(row.id).params, shapes, generator, np.dtype(dtype))
        sources = tuple(source for source in graph.inputs_of(row.id) if source is not None)
        try:
            layer = LAYERS[row.kind](site)
        except MemoryError:
            raise CompileError([_too_large(row)]) from None
        nodes.append(NetworkNode(row.id, row.name, layer, sources))
    return Network(nodes, report.output, seed=seed, dtype=dtype)


def check_memory(report: Report, dtype: npt.DTypeLike = "float32") -> None:
    """Raises CompileError, naming the largest layer, where the weights alone are more than the memory.

    Systems that promise more memory than they have would give it, and end the program when it is filled.
    """
    memory = physical_memory()
    if memory is not None and report.parameters * np.dtype(dtype).itemsize > memory:
        raise CompileError([_too_large(max(report, key=lambda row: row.parameters or 0))])


def physical_memory() -> int | None:
    """Bytes of memory that the machine has; None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _too_large(row: Row) -> Problem:
    message = (
        f"{row.name} has {row.parameters:,} parameters, more than this computer's memory can hold; make it smaller."
    )
    return Problem(row.id, ProblemCode.SHAPE, message, row.input_shapes, "fewer parameters")
