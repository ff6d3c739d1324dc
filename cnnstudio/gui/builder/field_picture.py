"""The receptive field drawn on the input picture, and said in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.graph import ReceptiveField, Row
from cnnstudio.gui.theme import Theme, size_text
from cnnstudio.gui.widgets.basics import SectionLabel, label
from cnnstudio.gui.widgets.cells import picture_image

SIDE = 112
Sample = Callable[[], np.ndarray | None]
"""A uint8 picture (C, H, W) of the shape that the network takes, if one is at hand."""


class FieldDrawing(QWidget):
    """The input as a square, pixel by pixel, with the field of the middle value outlined."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture: tuple[int, int] | None = None
        self._region: QRectF | None = None
        self._image: QImage | None = None
        self.setObjectName("fieldDrawing")
        self.setFixedSize(SIDE, SIDE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_field(self, picture: tuple[int, int] | None, region: QRectF | None, sample: np.ndarray | None) -> None:
        """`picture` is (height, width); `region` is in its pixels and may reach beyond it."""
        self._picture, self._region = picture, region
        self._image = None if sample is None else picture_image(sample)
        self.update()

    @property
    def region(self) -> QRectF | None:
        return self._region

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._picture is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height, width = self._picture
        whole = QRectF(0, 0, width, height)
        shown = whole
        if self._region is not None:
            # A field larger than the picture is cut off: what counts is how much of the picture it covers.
            most = whole.adjusted(-width / 3, -height / 3, width / 3, height / 3)
            shown = whole.united(self._region.intersected(most))
        scale = (SIDE - 4) / max(shown.width(), shown.height())
        painter.translate(SIDE / 2, SIDE / 2)
        painter.scale(scale, scale)
        painter.translate(-shown.center())
        self._paint_picture(painter, whole, scale)
        if self._region is not None:
            self._paint_region(painter, self._region)

    def _paint_picture(self, painter: QPainter, whole: QRectF, scale: float) -> None:
        theme = self._theme
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(whole, self._image)
        else:
            painter.fillRect(whole, theme.color("raised"))
            if scale >= 4:
                painter.setPen(QPen(theme.color("border"), 0))
                painter.drawLines(
                    [QLineF(column, 0, column, whole.height()) for column in range(1, round(whole.width()))]
                    + [QLineF(0, row, whole.width(), row) for row in range(1, round(whole.height()))]
                )
        painter.setPen(_cosmetic(theme.color("border"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(whole)

    def _paint_region(self, painter: QPainter, region: QRectF) -> None:
        theme = self._theme
        painter.setPen(_cosmetic(theme.color("accent"), 2))
        painter.setBrush(theme.color("accent", 0.18))
        painter.drawRect(region)


def _cosmetic(color: QColor, width: float) -> QPen:
    pen = QPen(color, width)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


class FieldPanel(QWidget):
    """RECEPTIVE FIELD: the drawing at the left, the figures at the right."""

    def __init__(self, theme: Theme, sample: Sample, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sample = sample
        self.drawing = FieldDrawing(theme)
        self.heading = label("", "heading", "fieldSize")
        self.lines = [label("", "muted", f"fieldLine{number}") for number in range(3)]
        for each in (self.heading, *self.lines):
            each.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.heading)
        for each in self.lines:
            words.addWidget(each)
        words.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.drawing, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(SectionLabel(self.tr("Receptive field")))
        column.addLayout(row)

    def show_row(self, row: Row, picture: tuple[int, ...] | None) -> None:
        """Show a layer's field on the input of shape (C, H, W)."""
        field = row.receptive_field
        frame = (picture[1], picture[2]) if picture is not None and len(picture) == 3 else None
        region = None if field is None else middle_region(field, row.output_shape)
        self.drawing.setVisible(frame is not None)
        self.drawing.show_field(frame, region, self._fitting_sample(picture))
        for each in self.lines:
            each.clear()
        if field is None:
            self.heading.setText(self.tr("Not known") if row.output_shape is None else self.tr("No single field"))
            unknown = self.tr("It follows once what comes in is known.") if row.output_shape is None else ""
            self.lines[0].setText(row.field_note or unknown)
        elif field.whole_input:
            self.heading.setText(self.tr("Whole picture"))
            self.lines[0].setText(self.tr("Every value depends on all pixels."))
        else:
            self.heading.setText(self.tr("{size} pixels").format(size=size_text(field.size)))
            self.lines[0].setText(self.tr("stride {size}").format(size=size_text(field.stride)))
            self.lines[1].setText(self.tr("padding {size}").format(size=size_text(field.padding)))
            self.lines[2].setText(row.field_note or self._centre(field))

    def _centre(self, field: ReceptiveField) -> str:
        if not field.aligned:
            return self.tr("not aligned: branches before it look at different centres")
        scale, middle = field.rows.scale, (field.rows.low + field.rows.high) / 2
        offset = "" if middle == 0 else f" + {middle:g}" if middle > 0 else f" \u2212 {-middle:g}"
        return self.tr("aligned, centre at {place}").format(place=f"{scale if scale > 1 else ''}u{offset}")

    def _fitting_sample(self, picture: tuple[int, ...] | None) -> np.ndarray | None:
        sample = self._sample()
        return sample if sample is not None and sample.shape == picture else None


def middle_region(field: ReceptiveField, shape: tuple[int, ...] | None) -> QRectF:
    """What the value in the middle of a layer's maps sees, in pixels of the input."""
    row, column = (shape[1] // 2, shape[2] // 2) if shape is not None and len(shape) == 3 else (0, 0)
    top, left, bottom, right = field.region(row, column)
    return QRectF(left, top, right - left + 1, bottom - top + 1)
