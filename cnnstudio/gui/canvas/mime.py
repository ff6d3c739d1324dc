"""What travels with the pointer while a layer or a block is dragged from the palette."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QMimeData

from cnnstudio.explain.glyphs import BLOCK_FAMILY
from cnnstudio.graph import BLOCKS, CATALOGUE

LAYER_MIME = "application/x-cnnstudio-layer"
BLOCK_MIME = "application/x-cnnstudio-block"


@dataclass(frozen=True, slots=True)
class Cargo:
    """A layer by its kind, or a block by its name."""

    name: str
    is_block: bool = False

    @property
    def title(self) -> str:
        return BLOCKS[self.name].title if self.is_block else self.name

    @property
    def family(self) -> str:
        """Whose colour it has."""
        return BLOCK_FAMILY if self.is_block else CATALOGUE[self.name].family.value

    @property
    def begins(self) -> bool:
        """Whether a network begins with it, so that it goes behind nothing."""
        return not self.is_block and CATALOGUE[self.name].ports.maximum == 0


def cargo_mime(cargo: Cargo) -> QMimeData:
    data = QMimeData()
    data.setData(BLOCK_MIME if cargo.is_block else LAYER_MIME, cargo.name.encode())
    return data


def layer_mime(kind: str) -> QMimeData:
    return cargo_mime(Cargo(kind))


def block_mime(name: str) -> QMimeData:
    return cargo_mime(Cargo(name, is_block=True))


def dragged(data: QMimeData) -> Cargo | None:
    """What is carried; None when it is something else."""
    for form, known in ((LAYER_MIME, CATALOGUE), (BLOCK_MIME, BLOCKS)):
        name = bytes(data.data(form).data()).decode(errors="replace")
        if name in known:
            return Cargo(name, is_block=form == BLOCK_MIME)
    return None
