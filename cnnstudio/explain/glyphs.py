"""Which icon each kind of layer wears: on the canvas, in the palette, in a printed diagram."""

from __future__ import annotations

from collections.abc import Mapping

KIND_ICONS: Mapping[str, str] = {
    "Input": "input",
    "Conv2d": "conv",
    "ConvTranspose2d": "conv-transpose",
    "Linear": "linear",
    "MaxPool2d": "pool-max",
    "AvgPool2d": "pool-avg",
    "StochasticPool2d": "pool-stochastic",
    "AdaptiveAvgPool2d": "pool-adaptive",
    "AdaptiveMaxPool2d": "pool-adaptive",
    "BatchNorm": "norm",
    "LayerNorm": "norm-layer",
    "InstanceNorm": "norm-instance",
    "GroupNorm": "norm-group",
    "LocalResponseNorm": "norm-local",
    "ReLU": "relu",
    "LeakyReLU": "leaky-relu",
    "PReLU": "prelu",
    "ELU": "elu",
    "GELU": "gelu",
    "SiLU": "gelu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "Softmax": "softmax",
    "Dropout": "dropout",
    "SpatialDropout": "dropout-spatial",
    "DropPath": "drop-path",
    "Flatten": "flatten",
    "Pad2d": "pad",
    "Upsample": "upsample",
    "Add": "add",
    "Concat": "concat",
    "Identity": "identity",
}

FAMILY_ICONS: Mapping[str, str] = {
    "source": "input",
    "convolution": "conv",
    "pooling": "pool-max",
    "normalization": "norm",
    "activation": "relu",
    "regularization": "dropout",
    "shape": "layer",
}


BLOCK_FAMILY = "block"
BLOCK_ICONS: Mapping[str, str] = {
    "conv-bn-relu": "block-conv",
    "vgg": "block-vgg",
    "nin": "block-nin",
    "residual": "block-residual",
    "bottleneck": "block-bottleneck",
    "inception": "block-inception",
}
"""Blocks of layers, by their names; their family is theirs alone."""


def kind_icon(kind: str, family: str = "") -> str:
    """Name of the glyph of a layer kind; one without its own gets its family's, an unknown one `?`."""
    if family == BLOCK_FAMILY:
        return BLOCK_ICONS.get(kind, FAMILY_ICONS["shape"])
    return KIND_ICONS.get(kind) or FAMILY_ICONS.get(str(family), "unknown")
