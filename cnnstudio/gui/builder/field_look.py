"""What the values of one layer see of the picture, place by place: the figures behind the drawing and its words."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF

from cnnstudio.graph import Graph, GraphError, ReceptiveField, Report, reach, region

Place = tuple[int, int]
"""(row, column), of a map or of the picture; in a vector the row is the value's index."""
Region = tuple[int, int, int, int]
"""(top, left, bottom, right), both ends included."""


@dataclass(frozen=True, slots=True)
class Look:
    """One layer of a drawing, as it was analyzed, before a picture of (height, width) pixels."""

    graph: Graph
    report: Report
    node: str
    picture: Place

    @property
    def field(self) -> ReceptiveField | None:
        return self.report[self.node].receptive_field

    @property
    def shape(self) -> Place | None:
        """How many rows and columns of values there are; None while that is not known."""
        shape = self.report[self.node].output_shape
        if shape is None:
            return None
        return (shape[1], shape[2]) if len(shape) == 3 else (shape[0], 1)

    @property
    def is_vector(self) -> bool:
        return len(self.report[self.node].output_shape or ()) == 1

    @property
    def middle(self) -> Place:
        rows, columns = self.shape or (1, 1)
        return rows // 2, columns // 2

    def seen(self, place: Place) -> Region | None:
        """Exactly the pixels that a value depends on; None where it sees padding only, or where that is not known."""
        if self.shape is None:
            return None
        try:
            return region(self.graph, self.node, *place, report=self.report)
        except (GraphError, IndexError):
            return None

    def sees_all(self, place: Place) -> bool:
        """Whether a value depends on every row and column of the picture."""
        height, width = self.picture
        return self.seen(place) == (0, 0, height - 1, width - 1)

    def reached(self, pixel: Place) -> Region | None:
        """The values that depend on a pixel; None where none does, or where that is not known."""
        if self.shape is None:
            return None
        try:
            return reach(self.graph, self.node, *pixel, report=self.report)
        except (GraphError, IndexError):
            return None

    def frame(self, place: Place) -> QRectF | None:
        """The field of a value with what lies in the padding, in pixels of the picture; None without a single field."""
        field = self.field
        if field is None or field.whole_input or self.is_vector:
            return None
        return rect_of(field.region(*place))

    @property
    def room(self) -> QRectF:
        """The picture, and what the values at its edges see beyond it, at most a third of its size."""
        height, width = self.picture
        whole = QRectF(0, 0, width, height)
        rows, columns = self.shape or (1, 1)
        first, last = self.frame((0, 0)), self.frame((rows - 1, columns - 1))
        if first is None or last is None:
            return whole
        most = whole.adjusted(-width / 3, -height / 3, width / 3, height / 3)
        return whole.united(first.united(last).intersected(most))

    def nearest(self, pixel: Place) -> Place:
        """The value whose field has its middle nearest to a pixel."""
        if self.shape is None or self.is_vector:
            return self.middle
        field = self.field
        along = []
        for axis, (place, count, size) in enumerate(zip(pixel, self.shape, self.picture, strict=True)):
            if field is None or field.whole_input:
                value = place * count // size
            else:
                way = (field.rows, field.columns)[axis]
                value = round((place - (way.low + way.high) / 2) / way.scale)
            along.append(min(max(value, 0), count - 1))
        return along[0], along[1]

    # -- in words

    def seen_text(self, place: Place) -> str:
        """`Value (4, 4) sees rows 2–6 and columns 2–6.`"""
        seen = self.seen(place)
        name = self._value(place)
        if seen is None:
            words = QCoreApplication.translate("FieldPanel", "{value} sees padding only, nothing of the picture.")
            return words.format(value=name)
        if self.sees_all(place):
            words = QCoreApplication.translate("FieldPanel", "{value} sees the whole picture.")
            return words.format(value=name)
        words = QCoreApplication.translate("FieldPanel", "{value} sees {region}.")
        return words.format(value=name, region=region_text(seen))

    def reached_text(self, pixel: Place) -> str:
        """`Pixel (3, 5) reaches 3 × 3 values: rows 2–4 and columns 4–6.`"""
        reached = self.reached(pixel)
        at = f"({pixel[0]}, {pixel[1]})"
        if reached is None:
            return QCoreApplication.translate("FieldPanel", "Pixel {at} reaches none of its values.").format(at=at)
        top, left, bottom, right = reached
        rows, columns = self.shape or (1, 1)
        if (bottom - top + 1, right - left + 1) == (rows, columns):
            return QCoreApplication.translate("FieldPanel", "Pixel {at} reaches all of its values.").format(at=at)
        if self.is_vector:
            one = QCoreApplication.translate("FieldPanel", "Pixel {at} reaches value {span}.")
            several = QCoreApplication.translate("FieldPanel", "Pixel {at} reaches values {span}.")
            return (one if top == bottom else several).format(at=at, span=span(top, bottom))
        words = QCoreApplication.translate("FieldPanel", "Pixel {at} reaches {size} values: {rows}, {columns}.")
        size = f"{bottom - top + 1}\u00a0\u00d7\u00a0{right - left + 1}"
        return words.format(at=at, size=size, rows=_rows(reached), columns=_columns(reached))

    def _value(self, place: Place) -> str:
        if self.is_vector:
            return QCoreApplication.translate("FieldPanel", "Value {index}").format(index=place[0])
        return QCoreApplication.translate("FieldPanel", "Value ({row}, {column})").format(row=place[0], column=place[1])


def rect_of(seen: Region) -> QRectF:
    """A region as the area that its pixels cover."""
    top, left, bottom, right = seen
    return QRectF(left, top, right - left + 1, bottom - top + 1)


def region_text(seen: Region) -> str:
    """`rows 2–6 and columns 2–6`"""
    words = QCoreApplication.translate("FieldPanel", "{rows} and {columns}")
    return words.format(rows=_rows(seen), columns=_columns(seen))


def _rows(seen: Region) -> str:
    one = QCoreApplication.translate("FieldPanel", "row {span}")
    several = QCoreApplication.translate("FieldPanel", "rows {span}")
    return (one if seen[0] == seen[2] else several).format(span=span(seen[0], seen[2]))


def _columns(seen: Region) -> str:
    one = QCoreApplication.translate("FieldPanel", "column {span}")
    several = QCoreApplication.translate("FieldPanel", "columns {span}")
    return (one if seen[1] == seen[3] else several).format(span=span(seen[1], seen[3]))


def span(first: int, last: int) -> str:
    """`2–6`, or `2` alone."""
    return str(first) if first == last else f"{first}\u2013{last}"
