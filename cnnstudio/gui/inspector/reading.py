"""How one number of a layer is told: its place, its value, and what it sees of the picture."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF

from cnnstudio.explain import Region, value_region
from cnnstudio.graph import Graph, Report, Row
from cnnstudio.gui.theme import size_text, value_text
from cnnstudio.gui.widgets import Probe

translate = QCoreApplication.translate


def region_of(graph: Graph, report: Report, row: Row, probe: Probe) -> Region | None:
    """What the number sees of the picture; None where that is padding only, or where there is no such number."""
    if row.id not in report:
        return None
    try:
        return value_region(graph, report, row.id, probe.index, probe.row, probe.column)
    except IndexError:  # the drawing has changed since the number was computed
        return None


def region_rect(region: Region) -> QRectF:
    """The region in the picture's own pixels, x being the column."""
    return QRectF(region.left, region.top, region.width, region.height)


def place_text(row: Row, probe: Probe) -> str:
    """`conv2 [19, 7, 6]`, or `fc1 [12]` for a vector."""
    if row.output_shape is not None and len(row.output_shape) == 3:
        return f"{row.name} [{probe.index}, {probe.row}, {probe.column}]"
    return f"{row.name} [{probe.index}]"


def status_text(row: Row, probe: Probe, region: Region | None) -> str:
    """`conv2 [19, 7, 6] = 0.8134 · sees rows 8 to 21, columns 8 to 21`"""
    text = f"{place_text(row, probe)} = {value_text(probe.value)}"
    if region is None:
        return text + translate("Reading", " · sees none of the picture's pixels")
    if row.receptive_field is not None and row.receptive_field.whole_input:
        return text + translate("Reading", " · sees the whole picture")
    words = translate("Reading", " · sees {rows}, {columns}")
    return text + words.format(
        rows=_span(region.top, region.bottom, translate("Reading", "row"), translate("Reading", "rows")),
        columns=_span(region.left, region.right, translate("Reading", "column"), translate("Reading", "columns")),
    )


def sees_text(region: Region | None) -> str:
    """`sees 14 × 14 of these pixels`, for the line below the picture."""
    if region is None:
        return ""
    words = translate("Reading", "sees {size} of these pixels")
    return words.format(size=size_text((region.height, region.width)))


def _span(first: int, last: int, one: str, many: str) -> str:
    return (
        f"{one} {first}"
        if first == last
        else translate("Reading", "{many} {first} to {last}").format(many=many, first=first, last=last)
    )
