"""Geometry of equal cells that fill rows from the left and wrap at the width."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage


@dataclass(frozen=True, slots=True)
class CellGrid:
    """`count` cells of `width` x `height` pixels, `gap` apart, `margin` inside the widget, `columns` in a row."""

    count: int
    width: float
    height: float
    gap: float
    margin: float
    columns: int

    @classmethod
    def fitting(cls, count: int, width: float, height: float, gap: float, margin: float, available: float) -> CellGrid:
        """As many columns as go into `available` pixels, at least one."""
        columns = int((available - 2 * margin + gap) // (width + gap))
        return cls(count, width, height, gap, margin, max(1, columns))

    @property
    def rows(self) -> int:
        return -(-self.count // self.columns)

    @property
    def total_height(self) -> float:
        return 2 * self.margin + max(0.0, self.rows * (self.height + self.gap) - self.gap)

    def rect(self, index: int) -> QRectF:
        row, column = divmod(index, self.columns)
        left = self.margin + column * (self.width + self.gap)
        return QRectF(left, self.margin + row * (self.height + self.gap), self.width, self.height)

    def at(self, point: QPointF) -> int | None:
        """Index of the cell under a point; None in a gap or beyond the last."""
        column = int((point.x() - self.margin) // (self.width + self.gap))
        row = int((point.y() - self.margin) // (self.height + self.gap))
        index = row * self.columns + column
        if not (0 <= column < self.columns and row >= 0 and index < self.count):
            return None
        return index if self.rect(index).contains(point) else None

    def moved(self, index: int, across: int, down: int) -> int:
        """Index after steps to the right and down, held inside the grid."""
        target = index + across + down * self.columns
        return target if 0 <= target < self.count else index


def picture_image(picture) -> QImage:
    """A uint8 array (C, H, W) with one or three channels, or (H, W), as a QImage that owns its bytes.

    Raises:
        ValueError: not uint8, or another number of channels.
    """
    if picture.ndim == 2:
        picture = picture[None]
    if str(picture.dtype) != "uint8" or picture.ndim != 3 or picture.shape[0] not in (1, 3):
        raise ValueError(f"A picture is uint8 (1 or 3, H, W); this is {picture.dtype} {picture.shape}.")
    channels, height, width = picture.shape
    interleaved = picture.transpose(1, 2, 0).tobytes()
    form = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    return QImage(interleaved, width, height, width * channels, form).copy()
