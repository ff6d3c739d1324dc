"""Words that several panels share: names of the layer families and of what stands beside them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cnnstudio.graph.specs import Family


def blocks_text() -> str:
    """What the blocks are called as a heading."""
    return QCoreApplication.translate("Family", "Blocks")


def family_text(family: Family) -> str:
    """What a family is called as a heading."""
    match family:
        case Family.SOURCE:
            return QCoreApplication.translate("Family", "Input")
        case Family.CONVOLUTION:
            return QCoreApplication.translate("Family", "Convolution")
        case Family.POOLING:
            return QCoreApplication.translate("Family", "Pooling")
        case Family.NORMALIZATION:
            return QCoreApplication.translate("Family", "Normalization")
        case Family.ACTIVATION:
            return QCoreApplication.translate("Family", "Activation")
        case Family.REGULARIZATION:
            return QCoreApplication.translate("Family", "Regularization")
        case Family.SHAPE:
            return QCoreApplication.translate("Family", "Shape and merge")
