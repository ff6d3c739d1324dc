"""What stands in the place of the layers before there is a picture, and when there can be none."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets import GRID, EmptyState, button
from cnnstudio.session import InspectionSession, InspectionState


class StartPage(QWidget):
    """Three ways to a picture."""

    open_clicked = Signal()
    samples_clicked = Signal()
    data_clicked = Signal()
    build_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspectStart")
        words = self.tr("Drop a picture on the window, or choose one, and see what every layer makes of it.")
        self.state = EmptyState(theme, "inspect", self.tr("No picture yet"), words)
        self.samples = button(self.tr("Sample pictures…"), "primary", "startSamples")
        self.open = button(self.tr("Open picture…"), "", "startOpen")
        self.data = button(self.tr("From the data set"), "", "startData")
        self.build = button(self.tr("Mend it in Build"), "primary", "startBuild")
        self.build.clicked.connect(self.build_clicked)
        self.samples.clicked.connect(self.samples_clicked)
        self.open.clicked.connect(self.open_clicked)
        self.data.clicked.connect(self.data_clicked)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addWidget(self.state)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        for part in (self.samples, self.open, self.data, self.build):
            row.addWidget(part)
        column.addLayout(row)
        column.addStretch(3)

    def show_session(self, session: InspectionSession, *, has_data: bool, faulty: bool) -> None:
        """Empty, or the reason why there is nothing to see. faulty: it is the drawing that cannot be computed."""
        if session.state is InspectionState.FAILED:
            title = self.tr("The network has a fault") if faulty else self.tr("This picture cannot be shown")
            self.state.set_text(title, session.error or "")
        elif session.state is InspectionState.WORKING:
            self.state.set_text(self.tr("Computing…"), self.tr("The layers come in a moment."))
        else:
            words = self.tr("Drop a picture on the window, or choose one, and see what every layer makes of it.")
            self.state.set_text(self.tr("No picture yet"), words)
        self.data.setEnabled(has_data)
        blocked = faulty and session.state is InspectionState.FAILED
        self.build.setVisible(blocked)
        for part in (self.samples, self.open, self.data):
            part.setVisible(not blocked)
