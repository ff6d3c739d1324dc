"""The bar above the layers: where the picture comes from, and which layers are shown how."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cnnstudio.gui.inspector.layer_list import SHOWN
from cnnstudio.gui.theme import Theme, count_text
from cnnstudio.gui.widgets import GRID, Card, ComboBox, TextField, button, icon_button, label, parsing

ROOMY, NARROW, TIGHT = 800, 680, 600
"""Widths of the bar below which first its words go, then its least needed button, then the arrows beside the number,
which has its own."""


class SourceBar(Card):
    """`index_chosen` carries the number of a test picture, `shown_chosen` one of SHOWN, `per_map_chosen` a bool."""

    open_clicked = Signal()
    samples_clicked = Signal()
    random_clicked = Signal()
    index_chosen = Signal(object)
    shown_chosen = Signal(object)
    per_map_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setObjectName("sourceBar")
        self.index: int | None = None
        self._count = 0
        self.open = button(self.tr("Open…"), "", "openPicture")
        self.open.setToolTip(self.tr("Show the network a picture file; dropping one on the window does the same"))
        self.samples = button(self.tr("Samples…"), "", "samplePictures")
        self.samples.setToolTip(self.tr("Pictures that come with CNN Studio"))
        self.before = icon_button(theme, "chevron-left", self.tr("Test picture before"), "pictureBefore")
        self.number = TextField(theme, self._check, parsing.read_int, parsing.show_int, parsing.step_int)
        self.number.setObjectName("pictureNumber")
        self.number.setAccessibleName(self.tr("Number of the test picture"))
        self.number.setFixedWidth(76)
        self.after = icon_button(theme, "chevron-right", self.tr("Next test picture"), "pictureAfter")
        self.random = button(self.tr("Random"), "", "pictureRandom")
        self.random.setToolTip(self.tr("Any one of the test pictures"))
        self.total = label("", "small", "pictureTotal")
        self.shown = ComboBox(theme)
        self.shown.setObjectName("layersShown")
        self.shown.setAccessibleName(self.tr("Layers to show"))
        self.shown.setToolTip(self.tr("Layers to show"))
        self.shown.addItems([self.tr("All layers"), self.tr("Maps"), self.tr("Weighted")])
        self.scale = ComboBox(theme)
        self.scale.setObjectName("layersScale")
        self.scale.setAccessibleName(self.tr("Scale of the colours"))
        self.scale.setToolTip(self.tr("Colours by the range of the whole layer, or of each map"))
        self.scale.addItems([self.tr("Layer scale"), self.tr("Map scale")])
        self._lay_out()
        self.open.clicked.connect(self.open_clicked)
        self.samples.clicked.connect(self.samples_clicked)
        self.random.clicked.connect(self.random_clicked)
        self.before.clicked.connect(lambda: self._step(-1))
        self.after.clicked.connect(lambda: self._step(1))
        self.number.committed.connect(self.index_chosen)
        self.shown.activated.connect(lambda index: self.shown_chosen.emit(SHOWN[index]))
        self.scale.activated.connect(lambda index: self.per_map_chosen.emit(index == 1))
        self.set_count(0)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.open)
        row.addWidget(self.samples)
        row.addSpacing(GRID)
        self._words = label(self.tr("Test picture"), "muted")
        self._words.setBuddy(self.number)
        parts: tuple[QWidget, ...] = (self._words, self.before, self.number, self.after, self.total, self.random)
        for part in parts:
            row.addWidget(part)
        row.addStretch(1)
        for box in (self.shown, self.scale):
            row.addWidget(box)
        self.body.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the words give way to the buttons."""
        super().resizeEvent(event)
        self._words.setVisible(self.width() >= ROOMY)
        self.total.setVisible(self.width() >= ROOMY)
        self.random.setVisible(self.width() >= NARROW)
        loose = self.width() >= TIGHT
        for arrow in (self.before, self.after):
            arrow.setVisible(loose)
        self.number.setFixedWidth(76 if loose else 64)
        for box in (self.shown, self.scale):
            box.setFixedWidth(104 if loose else 100)

    def set_count(self, count: int) -> None:
        """How many test pictures the data set has; 0 while there is none."""
        if count == self._count and count:
            return
        self._count = count
        self.number.set_value(0)
        self.total.setText(self.tr("of {count}").format(count=count_text(count)) if count else "")
        for part in (self.number, self.before, self.after, self.random):
            part.setEnabled(count > 0)

    def set_index(self, index: int | None) -> None:
        """The test picture that is shown, or None for a picture from elsewhere."""
        self.index = index
        if index is not None:
            self.number.set_value(index)

    def _check(self, value: object) -> object:
        return parsing.whole(0, max(0, self._count - 1))(value)

    def _step(self, step: int) -> None:
        here = -step if self.index is None and step > 0 else (self.index or 0)
        self.index_chosen.emit((here + step) % self._count)
