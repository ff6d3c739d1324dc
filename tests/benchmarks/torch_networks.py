"""A drawing as a PyTorch module, for the benchmarks to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from cnnstudio.graph import Graph, Row, analyze


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
