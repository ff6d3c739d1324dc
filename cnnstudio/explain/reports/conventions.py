"""What the figures of a report count, said once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CONVENTIONS: Mapping[str, str] = MappingProxyType(
    {
        "parameters": "Parameters are learned numbers; running statistics are buffers.",
        "macs": (
            "MACs are the multiplies of convolution and Linear layers for one image, as torchvision counts them: "
            "no bias, no other layer."
        ),
        "flops": "FLOPs are twice the MACs.",
        "memory": "Memory is each layer's output for one image in float32, none freed or shared; 1 KB is 1,024 bytes.",
        "receptive_field": (
            "Receptive field, stride and padding are in pixels of the input, as in Araujo, Norris and Sim "
            "(Distill, 2019)."
        ),
        "batch_norm": "BatchNorm is taken as in evaluation, where it works value by value.",
    }
)
