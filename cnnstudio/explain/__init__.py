"""What a network did, as plain arrays and frozen records; drawing them is for others."""

from __future__ import annotations

from cnnstudio.explain.filters import FilterView, filter_tiles
from cnnstudio.explain.inspection import Inspection, inspect_picture
from cnnstudio.explain.mosaic import Cell, MosaicLayout, assemble, lay_out
from cnnstudio.explain.region import Region, value_region

__all__ = [
    "Cell",
    "FilterView",
    "Inspection",
    "MosaicLayout",
    "Region",
    "assemble",
    "filter_tiles",
    "inspect_picture",
    "lay_out",
    "value_region",
]
