"""The field of each layer parameter, and forms of labels and fields."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from cnnstudio.graph.params import ParamSpec, ParamType
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets import parsing
from cnnstudio.gui.widgets.basics import label
from cnnstudio.gui.widgets.choices import BoolField, ChoiceField
from cnnstudio.gui.widgets.fields import LEAST_WIDTH, Field, TextField


def field_for(theme: Theme, spec: ParamSpec, parent: QWidget | None = None) -> Field:
    """The field that edits a layer parameter, with the parameter's own range and words."""
    field = _field_for(theme, spec, parent)
    field.setObjectName(f"field.{spec.name}")
    field.setAccessibleName(spec.label)
    field.setToolTip(spec.help)
    return field


def _field_for(theme: Theme, spec: ParamSpec, parent: QWidget | None) -> Field:
    if spec.type == ParamType.FLAG:
        return BoolField(theme, parent=parent)
    if spec.type == ParamType.CHOICE:
        return ChoiceField(theme, spec.choices, parent)
    read, show_as, step = _TEXT_FIELDS[spec.type]
    if spec.type == ParamType.REAL and spec.minimum + spec.above_minimum > 0 and spec.maximum > 1:
        step = parsing.step_scale
    return TextField(
        theme,
        spec.check,
        read,
        show_as,
        step,
        optional=spec.optional,
        placeholder=QCoreApplication.translate("Form", "automatic") if spec.optional else "",
        parent=parent,
    )


_TEXT_FIELDS: dict[
    ParamType,
    tuple[Callable[[str], object], Callable[[object], str], Callable[[object, int], object] | None],
] = {
    ParamType.INTEGER: (parsing.read_int, parsing.show_int, parsing.step_int),
    ParamType.REAL: (parsing.read_float, parsing.show_float, parsing.step_plain),
    ParamType.SIZE: (parsing.read_sizes, parsing.show_sizes, parsing.step_sizes),
    ParamType.PADDING: (parsing.read_padding, parsing.show_padding, parsing.step_sizes),
    ParamType.SHAPE: (parsing.read_shape, parsing.show_shape, None),
}


class Form(QWidget):
    """Rows of a label and a field, as in the property panel; the labels are the fields' buddies."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)

    def add(self, text: str, field: Field, tip: str = "") -> QLabel:
        row = self._grid.rowCount()
        name = label(text, "muted")
        name.setBuddy(field)
        if tip:
            name.setToolTip(tip)
            field.setToolTip(tip)
        if not field.accessibleName():
            field.setAccessibleName(text)
        self._grid.addWidget(name, row, 0)
        field.setMinimumWidth(min(field.minimumWidth(), LEAST_WIDTH))  # it gives way where the panel is narrow
        field.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._grid.addWidget(field, row, 1, Qt.AlignmentFlag.AlignRight)
        return name

    def clear(self) -> None:
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
