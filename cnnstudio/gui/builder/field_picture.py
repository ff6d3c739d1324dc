"""RECEPTIVE FIELD: what one value of a layer sees, drawn on the input picture and said in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.graph import Graph, Report
from cnnstudio.graph.specs import Family
from cnnstudio.gui.builder.field_drawing import FieldDrawing
from cnnstudio.gui.builder.field_look import Look, Place, rect_of, region_text
from cnnstudio.gui.canvas.notes import unbroken
from cnnstudio.gui.theme import Theme, size_text
from cnnstudio.gui.widgets.basics import SectionLabel, label

Sample = Callable[[], np.ndarray | None]
"""A uint8 picture (C, H, W) of the shape that the network takes, if one is at hand."""


class FieldPanel(QWidget):
    """The drawing at the left, the words at the right; below, what else there is to say about the layer's field."""

    def __init__(self, theme: Theme, sample: Sample, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sample = sample
        self._look: Look | None = None
        self._place: Place = (0, 0)
        self.drawing = FieldDrawing(theme)
        self.drawing.pointed.connect(self._point)
        self.drawing.stepped.connect(self._step)
        self.heading = label("", "heading", "fieldSize")
        self.seen = label("", "muted", "fieldSeen")
        self.reached = label("", "small", "fieldReached")
        self.note = label("", "small", "fieldNote")
        for each in (self.heading, self.seen, self.reached, self.note):
            each.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.heading)
        words.addWidget(self.seen)
        words.addWidget(self.reached)
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
        column.addWidget(self.note)

    def show_layer(self, graph: Graph, report: Report, node_id: str, because: str = "") -> None:
        """Show a layer's field on the network's picture. `because` is why all of it is seen, where that is so."""
        row = report[node_id]
        first = next((each for each in report if each.family is Family.SOURCE), None)
        shape = None if first is None else first.output_shape
        picture = (shape[1], shape[2]) if shape is not None and len(shape) == 3 else None
        self._look = None if picture is None else Look(graph, report, node_id, picture)
        room = QRectF() if self._look is None else self._look.room
        self.drawing.setVisible(picture is not None)
        self.drawing.show_picture(picture, room, self._fitting_sample(shape))
        self._say(self._heading(report, node_id), self._reason(because) if because else row.field_note)
        self._show_middle()

    def _heading(self, report: Report, node_id: str) -> str:
        row = report[node_id]
        field = row.receptive_field
        if row.output_shape is None:
            return self.tr("Not known")
        if field is None:
            return self.tr("No single field")
        if field.whole_input:
            return self.tr("Whole picture") if self._all_seen else self.tr("All that comes in")
        return self.tr("{size} pixels").format(size=unbroken(size_text(field.size)))

    @property
    def _all_seen(self) -> bool:
        """Whether what takes in all that arrives sees all of the picture: a layer before it may have left out some."""
        return self._look is None or self._look.sees_all(self._look.middle)

    def _reason(self, because: str) -> str:
        """Why a value depends on all that comes in."""
        look = self._look
        seen = None if look is None else look.seen(look.middle)
        if self._all_seen or look is None or seen is None:
            return self.tr("Every value depends on all pixels: {reason}.").format(reason=because)
        words = self.tr("Every value depends on all that comes in: {reason}. Of the picture that is {region}.")
        return words.format(reason=because, region=region_text(seen))

    def _say(self, heading: str, note: str) -> None:
        self.heading.setText(heading)
        self.note.setText(unbroken(note))
        self.note.setVisible(bool(note))

    def _show_middle(self) -> None:
        """The value in the middle, and what could be asked for."""
        look = self._look
        if look is None or look.shape is None:
            self.drawing.show_field(None, None)
            self.seen.setText("" if look is None else self._unknown(look))
            self.reached.clear()
            return
        self._show(look, look.middle, None)
        self.reached.setText(self.tr("Point at a pixel to see what it reaches."))

    def _unknown(self, look: Look) -> str:
        if look.report[look.node].problems:
            return self.tr("It follows once the layer's problem is mended.")
        return self.tr("It follows once what comes in is known.")

    def _show(self, look: Look, place: Place, pixel: Place | None) -> None:
        self._place = place
        seen = look.seen(place)
        self.drawing.show_field(None if seen is None else rect_of(seen), look.frame(place), pixel)
        self.seen.setText(look.seen_text(place))
        if pixel is not None:
            self.reached.setText(look.reached_text(pixel))
        self.drawing.setAccessibleDescription(" ".join((self.seen.text(), self.reached.text())))

    def _point(self, pixel: object) -> None:
        look = self._look
        if look is None or look.shape is None:
            return
        if isinstance(pixel, tuple):
            self._show(look, look.nearest(pixel), pixel)
        else:
            self._show_middle()

    def _step(self, down: int, right: int) -> None:
        """To a neighbour of the value that is shown, and to the pixel in the middle of what that one sees."""
        look = self._look
        if look is None or look.shape is None:
            return
        if (down, right) == (0, 0):
            self._show_middle()
            return
        rows, columns = look.shape
        place = min(max(self._place[0] + down, 0), rows - 1), min(max(self._place[1] + right, 0), columns - 1)
        seen = look.seen(place)
        self._show(look, place, None if seen is None else ((seen[0] + seen[2]) // 2, (seen[1] + seen[3]) // 2))

    def _fitting_sample(self, picture: tuple[int, ...] | None) -> np.ndarray | None:
        sample = self._sample()
        return sample if sample is not None and sample.shape == picture else None
