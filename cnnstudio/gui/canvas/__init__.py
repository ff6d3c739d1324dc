"""The drawing on screen: cards, wires, and what can be done to them by hand."""

from __future__ import annotations

from cnnstudio.gui.canvas.mime import LAYER_MIME, dragged_kind, layer_mime
from cnnstudio.gui.canvas.view import Canvas

__all__ = ["LAYER_MIME", "Canvas", "dragged_kind", "layer_mime"]
