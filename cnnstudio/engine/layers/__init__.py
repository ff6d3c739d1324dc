"""The layers, one family a file. Each reads like its definition; the work is in `engine.kernels`."""

from __future__ import annotations

from cnnstudio.engine.layers.activation import (
    ELU,
    GELU,
    LeakyReLU,
    PReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    TanhGELU,
)
from cnnstudio.engine.layers.base import EVALUATION, Gradients, Layer, Mode, Saved, Surveyor
from cnnstudio.engine.layers.convolution import Conv2d, ConvTranspose2d
from cnnstudio.engine.layers.linear import Linear
from cnnstudio.engine.layers.normalization import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm
from cnnstudio.engine.layers.pooling import (
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    AvgPool2d,
    MaxPool2d,
    StochasticPool2d,
)
from cnnstudio.engine.layers.regularization import Dropout, DropPath, SpatialDropout
from cnnstudio.engine.layers.shape import Add, Concat, Flatten, Identity, Pad2d, Upsample
from cnnstudio.engine.layers.source import Input

__all__ = [
    "ELU",
    "EVALUATION",
    "GELU",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d",
    "Add",
    "AvgPool2d",
    "BatchNorm",
    "Concat",
    "Conv2d",
    "ConvTranspose2d",
    "DropPath",
    "Dropout",
    "Flatten",
    "Gradients",
    "GroupNorm",
    "Identity",
    "Input",
    "InstanceNorm",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LocalResponseNorm",
    "MaxPool2d",
    "Mode",
    "PReLU",
    "Pad2d",
    "ReLU",
    "Saved",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "SpatialDropout",
    "StochasticPool2d",
    "Surveyor",
    "Tanh",
    "TanhGELU",
    "Upsample",
]
