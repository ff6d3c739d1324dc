"""The networks that the engine is measured on, and the same drawings as PyTorch modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from cnnstudio.graph import Graph, analyze, presets
from cnnstudio.graph.analysis import Row
from cnnstudio.graph.presets.recipe import Pencil


def _cifar10_quick(pencil: Pencil) -> None:
    """Caffe's quick network for CIFAR-10, after Krizhevsky's cuda-convnet."""
    pencil.input(3, 32, 32)
    pencil.conv(32, 5, padding=2)
    pencil.max_pool(3, stride=2, ceil_mode=True)
    pencil.relu()
    for channels in (32, 64):
        pencil.conv(channels, 5, padding=2)
        pencil.relu()
        pencil.draw("AvgPool2d", "pool", kernel_size=3, stride=2, ceil_mode=True)
    pencil.flatten()
    pencil.linear(64)
    pencil.linear(10)


def _keras_cifar10(pencil: Pencil) -> None:
    """Keras's example for CIFAR-10."""
    pencil.input(3, 32, 32)
    for channels in (32, 64):
        pencil.conv(channels, 3, padding="same")
        pencil.relu()
        pencil.conv(channels, 3)
        pencil.relu()
        pencil.max_pool()
        pencil.dropout(0.25)
    pencil.flatten()
    pencil.linear(512)
    pencil.relu()
    pencil.dropout()
    pencil.linear(10)


def _vgg_small(pencil: Pencil) -> None:
    """VGG's pattern at 32 × 32: pairs of 3 × 3 convolutions of 64, 128 and 256 channels, a pool after each pair."""
    pencil.input(3, 32, 32)
    for channels in (64, 128, 256):
        for _ in range(2):
            pencil.conv(channels, 3, padding=1)
            pencil.relu()
        pencil.max_pool()
    pencil.flatten()
    pencil.linear(256)
    pencil.relu()
    pencil.linear(10)


def _drawn(draw: Callable[[Pencil], None]) -> Callable[[], Graph]:
    def make() -> Graph:
        graph = Graph()
        draw(Pencil(graph))
        return graph

    return make


NETWORKS: dict[str, Callable[[], Graph]] = {
    "lenet5-cs231n": lambda: presets.load("lenet5-cs231n"),
    "notes-cifar10": lambda: presets.load("notes-cifar10"),
    "cifar10-quick": _drawn(_cifar10_quick),
    "keras-cifar10": _drawn(_keras_cifar10),
    "resnet20-cifar10": lambda: presets.load("resnet20-cifar10"),
    "vgg-small": _drawn(_vgg_small),
}


def _layer(row: Row, params: Mapping[str, Any]) -> nn.Module | None:
    inside = row.input_shapes[0][0] if row.input_shapes else 0
    window = {name: params[name] for name in ("kernel_size", "stride", "padding", "ceil_mode") if name in params}
    match row.kind:
        case "Conv2d":
            window["padding"] = 0 if window["padding"] == "valid" else window["padding"]
            return nn.Conv2d(inside, params["out_channels"], **window, bias=params["bias"])
        case "Linear":
            return nn.Linear(inside, params["out_features"])
        case "BatchNorm":
            return (nn.BatchNorm2d if len(row.output_shape) == 3 else nn.BatchNorm1d)(inside)
        case "MaxPool2d":
            return nn.MaxPool2d(**window)
        case "AvgPool2d":
            return nn.AvgPool2d(**window)
        case "AdaptiveAvgPool2d":
            return nn.AdaptiveAvgPool2d(params["output_size"])
        case "ReLU":
            return nn.ReLU(inplace=True)
        case "Dropout":
            return nn.Dropout(params["p"])
        case "Flatten":
            return nn.Flatten()
        case "Input" | "Add":
            return None
    raise ValueError(f"The benchmark has no PyTorch layer for {row.kind}.")


def torch_module(graph: Graph, state: dict[str, Any]) -> nn.Module:
    """The drawing as a PyTorch module with the weights of `state`; its layers are named as the nodes are."""
    report = analyze(graph)
    rows = [(row, graph.node(row.id).params, graph.inputs_of(row.id)) for row in report]

    class Module(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for row, params, _ in rows:
                made = _layer(row, params)
                if made is not None:
                    self.add_module(row.name, made)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            outputs: dict[str, torch.Tensor] = {}
            for row, _, sources in rows:
                inputs = [outputs[source] for source in sources]
                if row.kind == "Input":
                    outputs[row.id] = x
                elif row.kind == "Add":
                    outputs[row.id] = inputs[0] + inputs[1]
                else:
                    outputs[row.id] = self.get_submodule(row.name)(*inputs)
            return outputs[report.output]

    module = Module()
    missing = module.load_state_dict({name: torch.tensor(array) for name, array in state.items()}, strict=False)
    assert not missing.unexpected_keys
    assert all(name.endswith("num_batches_tracked") for name in missing.missing_keys)
    return module
