"""What a value of a layer sees of the input picture.

One forward pass of interval maps (see `geometry.IntervalMap`), one map an axis. Batch normalization is taken as in
evaluation, where it works value by value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cnnstudio.graph.geometry import IntervalMap, centred, merge
from cnnstudio.graph.shapes import Shape, size_text
from cnnstudio.graph.views import POINTWISE, Step, Uneven, WholeInput

MOST_NAMED = 4
"""How many branches a remark lists of those that look at one place, and how many places."""


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


PIXEL = IntervalMap()
ITSELF = ReceptiveField(PIXEL, PIXEL)


def of_input(shape: Shape) -> ReceptiveField | None:
    """Each pixel sees itself; a vector has no places to see."""
    return ITSELF if len(shape) == 3 else None


def whole(picture: Shape) -> ReceptiveField:
    """The field of a value that depends on all of a picture (C, H, W)."""
    height, width = picture[1:]
    return ReceptiveField(IntervalMap(height, 0, height - 1), IntervalMap(width, 0, width - 1), whole_input=True)


def through(field: ReceptiveField, step: Step, picture: Shape) -> tuple[ReceptiveField | None, str]:
    """The field after one more layer on a picture of shape (C, H, W); None, and why, where there is no single one."""
    if isinstance(step, Uneven):
        return (field, "") if field.whole_input else (None, step.reason)
    if field.whole_input or isinstance(step, WholeInput):
        return whole(picture), ""
    if step is POINTWISE:
        return field, ""
    vertical, horizontal = step
    rows = field.rows.through(vertical)
    # Most networks are as high as wide: one map serves both axes, and large drawings are quicker for it.
    square = vertical is horizontal and field.rows is field.columns
    return ReceptiveField(rows, rows if square else field.columns.through(horizontal), field.aligned), ""


def meet(fields: Sequence[ReceptiveField], names: Sequence[str], picture: Shape) -> tuple[ReceptiveField | None, str]:
    """The field where several branches meet, and what there is to say of it.

    None, and why, where there is no single one; the branches that look elsewhere, where they differ in that.
    """
    if any(field.whole_input for field in fields):
        return whole(picture), ""
    square = all(field.rows is field.columns for field in fields)
    vertical = [field.rows for field in fields]
    horizontal = vertical if square else [field.columns for field in fields]
    rows = merge(vertical)
    columns = rows if square else merge(horizontal)
    if rows is None or columns is None:
        strides = ", ".join(
            f"{name} (stride {size_text(field.stride)})" for name, field in zip(names, fields, strict=True)
        )
        return None, f"Its branches step over the picture at different strides: {strides}."
    aligned = all(field.aligned for field in fields)
    if centred(vertical) and (square or centred(horizontal)):
        return ReceptiveField(rows, columns, aligned), ""
    return ReceptiveField(rows, columns, aligned=False), _askew(fields, names)


def _askew(fields: Sequence[ReceptiveField], names: Sequence[str]) -> str:
    """Which branches look elsewhere than most do; of two sides of equal number, the later one is where most look."""
    looking: dict[tuple[int, int], list[str]] = {}
    for field, name in zip(reversed(fields), reversed(names), strict=True):
        group = looking.setdefault((field.rows.twice_centre, field.columns.twice_centre), [])
        if name not in group:
            group.insert(0, name)
    usual = max(looking, key=lambda place: len(looking[place]))
    there = _listed(looking[usual])
    remarks = []
    for (row, column), group in reversed(looking.items()):
        if (row, column) != usual:
            verb = "is" if len(group) == 1 else "are"
            remarks.append(f"{_listed(group)} {verb} {_beside(row - usual[0], column - usual[1])} {there}")
    if len(remarks) > MOST_NAMED:
        remarks[MOST_NAMED - 1 :] = [f"and so on, in {len(looking)} places"]
    return f"Its branches look at different centres: {'; '.join(remarks)}."


def _listed(names: Sequence[str]) -> str:
    """Some names in a row; of many, the first."""
    if len(names) > MOST_NAMED:
        names = [*names[: MOST_NAMED - 1], f"{len(names) - MOST_NAMED + 1} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _beside(down: int, right: int) -> str:
    """A distance in half pixels of the picture, as people say it."""
    ways = []
    if down:
        ways.append(f"{_pixels(abs(down))} {'below' if down > 0 else 'above'}")
    if right:
        ways.append(f"{_pixels(abs(right))} {'right' if right > 0 else 'left'} of")
    return " and ".join(ways)


def _pixels(halves: int) -> str:
    if halves == 1:
        return "half a pixel"
    return f"{halves / 2:g} pixel{'' if halves == 2 else 's'}"
