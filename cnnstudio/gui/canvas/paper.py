"""The dotted ground that cards stand on."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from cnnstudio.gui.canvas.style import Style

PITCH = 24.0
LEAST_PIXELS = 14
"""Dots closer than this on the screen are thinned out."""


def paint_paper(painter: QPainter, area: QRectF | QRect, style: Style, zoom: float) -> None:
    """Fill `area` of the scene with the background and its dots."""
    painter.fillRect(area, style.colors["background"])
    pitch = PITCH
    while pitch * zoom < LEAST_PIXELS:
        pitch *= 2
    pen = QPen(style.grid, 1.6 if zoom >= 1 else 1.3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    pen.setCosmetic(True)
    painter.setPen(pen)
    left, top = area.left() // pitch * pitch, area.top() // pitch * pitch
    columns, rows = int(area.width() / pitch) + 2, int(area.height() / pitch) + 2
    painter.drawPoints(
        [QPointF(left + column * pitch, top + row * pitch) for column in range(columns) for row in range(rows)]
    )
