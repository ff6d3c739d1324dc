"""Parts that the workspaces are built of. None of them knows the application."""

from __future__ import annotations

from cnnstudio.gui.widgets.basics import (
    GRID,
    Badge,
    Card,
    EmptyState,
    Glyph,
    Line,
    ProgressLine,
    SearchField,
    SectionLabel,
    button,
    icon_button,
    label,
    look,
    time_left_text,
)
from cnnstudio.gui.widgets.choices import BoolField, ChoiceField, ComboBox, Switch
from cnnstudio.gui.widgets.fields import Field, FloatField, IntField, TextField
from cnnstudio.gui.widgets.forms import Form, field_for
from cnnstudio.gui.widgets.keys import ColourKey, MosaicPanel
from cnnstudio.gui.widgets.messages import MessageBar
from cnnstudio.gui.widgets.mosaic import MosaicView, Probe
from cnnstudio.gui.widgets.pictures import PicturePoint, PictureView, ThumbnailGrid
from cnnstudio.gui.widgets.rail import Rail
from cnnstudio.gui.widgets.scores import ScoreBars

__all__ = [
    "GRID",
    "Badge",
    "BoolField",
    "Card",
    "ChoiceField",
    "ColourKey",
    "ComboBox",
    "EmptyState",
    "Field",
    "FloatField",
    "Form",
    "Glyph",
    "IntField",
    "Line",
    "MessageBar",
    "MosaicPanel",
    "MosaicView",
    "PicturePoint",
    "PictureView",
    "Probe",
    "ProgressLine",
    "Rail",
    "ScoreBars",
    "SearchField",
    "SectionLabel",
    "Switch",
    "TextField",
    "ThumbnailGrid",
    "button",
    "field_for",
    "icon_button",
    "label",
    "look",
    "time_left_text",
]
