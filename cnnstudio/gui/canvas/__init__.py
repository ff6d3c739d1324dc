"""The drawing on screen: cards, wires, and what can be done to them by hand."""

from __future__ import annotations

from cnnstudio.gui.canvas.mime import BLOCK_MIME, LAYER_MIME, Cargo, block_mime, cargo_mime, dragged, layer_mime
from cnnstudio.gui.canvas.view import Canvas

__all__ = ["BLOCK_MIME", "LAYER_MIME", "Canvas", "Cargo", "block_mime", "cargo_mime", "dragged", "layer_mime"]
