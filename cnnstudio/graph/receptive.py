"""What a value of a layer sees of the input picture.

One forward pass of interval maps (see `geometry.IntervalMap`), one map an axis. Batch normalization is taken as in
evaluation, where it works value by value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnstudio.graph.geometry import IntervalMap, centred, merge
from cnnstudio.graph.specs import POINTWISE, Shape, Step, Uneven, WholeInput, size_text


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """The field of one value, in pixels of the input; pairs are (height, width).

    Attributes:
        rows, columns: the exact interval maps behind the figures.
        aligned: whether all paths to the layer look at the same centre.
        whole_input: every value depends on the whole picture; size is then the picture's.
    """

    rows: IntervalMap
    columns: IntervalMap
    aligned: bool = True
    whole_input: bool = False

    @property
    def size(self) -> tuple[int, int]:
        return self.rows.size, self.columns.size

    @property
    def stride(self) -> tuple[int, int]:
        """Pixels of the input from one value to the next (effective stride, Araujo et al. 2019)."""
        return self.rows.scale, self.columns.scale

    @property
    def padding(self) -> tuple[int, int]:
        """How far the first value's field begins before the picture (effective padding, Araujo et al. 2019)."""
        return -self.rows.low, -self.columns.low

    def region(self, row: int, column: int) -> tuple[int, int, int, int]:
        """(top, left, bottom, right) of what the value at (row, column) sees, both ends included, unclipped."""
        if self.whole_input:
            return 0, 0, self.rows.high, self.columns.high
        top, bottom = self.rows.interval(row)
        left, right = self.columns.interval(column)
        return top, left, bottom, right


def of_input(shape: Shape) -> ReceptiveField | None:
    """Each pixel sees itself; a vector has no places to see."""
    return ReceptiveField(IntervalMap(), IntervalMap()) if len(shape) == 3 else None


def whole(picture: Shape) -> ReceptiveField:
    """The field of a value that depends on all of a picture (C, H, W)."""
    height, width = picture[1:]
    return ReceptiveField(IntervalMap(height, 0, height - 1), IntervalMap(width, 0, width - 1), whole_input=True)


def through(field: ReceptiveField, step: Step, picture: Shape) -> ReceptiveField | str:
    """The field after one more layer on a picture of shape (C, H, W), or why there is no single one."""
    if isinstance(step, Uneven):
        return field if field.whole_input else step.reason
    if field.whole_input or isinstance(step, WholeInput):
        return whole(picture)
    if step is POINTWISE:
        return field
    vertical, horizontal = step
    return ReceptiveField(field.rows.through(vertical), field.columns.through(horizontal), field.aligned)


def meet(fields: Sequence[ReceptiveField], names: Sequence[str], picture: Shape) -> ReceptiveField | str:
    """The field where several branches meet, or why there is no single one."""
    if any(field.whole_input for field in fields):
        return whole(picture)
    rows = merge([field.rows for field in fields])
    columns = merge([field.columns for field in fields])
    if rows is None or columns is None:
        strides = ", ".join(
            f"{name} (stride {size_text(field.stride)})" for name, field in zip(names, fields, strict=True)
        )
        return f"Its branches step over the picture at different strides: {strides}."
    aligned = (
        all(field.aligned for field in fields)
        and centred([field.rows for field in fields])
        and centred([field.columns for field in fields])
    )
    return ReceptiveField(rows, columns, aligned)
