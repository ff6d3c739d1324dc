"""What travels with the pointer while a layer is dragged from the palette."""

from __future__ import annotations

from PySide6.QtCore import QMimeData

from cnnstudio.graph import CATALOGUE

LAYER_MIME = "application/x-cnnstudio-layer"


def layer_mime(kind: str) -> QMimeData:
    data = QMimeData()
    data.setData(LAYER_MIME, kind.encode())
    return data


def dragged_kind(data: QMimeData) -> str | None:
    """The layer kind that is dragged; None when it is something else."""
    if not data.hasFormat(LAYER_MIME):
        return None
    kind = bytes(data.data(LAYER_MIME).data()).decode(errors="replace")
    return kind if kind in CATALOGUE else None
