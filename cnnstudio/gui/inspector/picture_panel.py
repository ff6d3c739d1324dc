"""The picture as the network sees it, and what of it a number depends on."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnstudio.gui.theme import Theme, shape_text, size_text
from cnnstudio.gui.widgets import (
    GRID,
    ChoiceField,
    Form,
    PicturePoint,
    PictureView,
    SectionLabel,
    Switch,
    label,
)
from cnnstudio.gui.widgets.elided import ElidedLabel
from cnnstudio.session import InspectionSession, InspectionState

EDGE = 212


class PicturePanel(QWidget):
    """`pointed` carries the PicturePoint under the cursor, or None."""

    pointed = Signal(object)
    invert_clicked = Signal(object)
    fit_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("picturePanel")
        self._shown: object = None
        self.view = PictureView(theme)
        self.view.setObjectName("picture")
        self.view.setAccessibleName(self.tr("The picture as the network sees it"))
        self.view.setFixedHeight(EDGE)
        self.view.hovered.connect(self.pointed)
        self.sees = label("", "small", "pictureSees")
        self.source = ElidedLabel("strong", "pictureSource", mode=Qt.TextElideMode.ElideMiddle)
        self.shape = label("", "small", "pictureShape")
        self.invert = Switch(theme, self.tr("Exchange light and dark"))
        self.invert.setObjectName("pictureInvert")
        self.invert.setToolTip(self.tr("For dark ink on light paper, when the network learned light on dark"))
        self.invert.clicked.connect(lambda checked: self.invert_clicked.emit(checked))
        fits = (
            ("contain", self.tr("whole picture")),
            ("cover", self.tr("fill, cut rims")),
            ("stretch", self.tr("stretch")),
        )
        self.fit = ChoiceField(theme, fits)
        self.fit.setObjectName("pictureFit")
        self.fit.committed.connect(self.fit_chosen)
        form = Form()
        form.add(self.tr("Fit"), self.fit, self.tr("How a picture of another shape is brought to the network's"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(SectionLabel(self.tr("Picture")))
        column.addWidget(self.view)
        words = QVBoxLayout()
        words.setSpacing(2)
        for line in (self.sees, self.source, self.shape):
            line.setFixedHeight(line.fontMetrics().height() + 2)
            words.addWidget(line)
        column.addLayout(words)
        column.addWidget(self.invert)
        column.addWidget(form)

    def show_session(self, session: InspectionSession) -> None:
        """Show the picture; while the next one is on its way the last one stays."""
        # A faulty network takes no picture: then it is shown as it came.
        picture = session.original if session.picture is None else session.picture
        waiting = session.state is InspectionState.WORKING and picture is None
        if picture is not self._shown and not waiting:
            self._shown = picture
            overlay = self.view.overlay
            self.view.set_picture(picture)
            self.view.set_overlay(overlay)
        named = self.tr("{source} · it is {label}")
        known = session.label is not None
        self.source.setText(
            named.format(source=session.source_text, label=session.label) if known else session.source_text
        )
        self.shape.setText(self._shape_text(session))
        self.invert.setChecked(session.invert)
        self.invert.setEnabled(session.original is not None)
        self.fit.setEnabled(session.original is not None)
        if self.fit.value() != session.fit:
            self.fit.set_value(session.fit)

    def _shape_text(self, session: InspectionSession) -> str:
        if session.original is None or session.picture is None:
            return ""
        if session.looks_inverted and not session.invert:
            return self.tr("looks like dark ink on paper")
        came, taken = session.original.shape, session.picture.shape
        if came == taken:
            return shape_text(taken)
        words = self.tr("{came} brought to {taken}")
        return words.format(came=size_text(came[1:]), taken=shape_text(taken))

    def show_region(self, rect: QRectF | None, text: str) -> None:
        """Outline what a number sees, in the picture's pixels."""
        self.view.set_overlay(rect)
        self.sees.setText(text)

    def point_text(self, point: PicturePoint) -> str:
        """`picture [3, 4] = 128`, channels one after the other."""
        values = ", ".join(str(value) for value in point.values)
        return self.tr("picture, row {row}, column {column} = {values}").format(
            row=point.row, column=point.column, values=values
        )
