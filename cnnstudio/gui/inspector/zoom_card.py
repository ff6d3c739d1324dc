"""One map, large: the one that was picked, or else the one under the cursor, with its figures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.graph import Row
from cnnstudio.gui.inspector.reading import place_text
from cnnstudio.gui.theme import Theme, percent_text, value_text
from cnnstudio.gui.widgets import Card, ColourKey, MosaicView, Probe, icon_button, label

MAP, HEIGHT = 168, 216
NONE = "\u2013"


class ZoomCard(Card):
    """Always as high, so that the layers above keep their place. `hovered` carries a Probe of the layer, or None."""

    hovered = Signal(object)
    released = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(" ", parent)
        self.setObjectName("zoomCard")
        self.setFixedHeight(HEIGHT)
        self.row: Row | None = None
        self.probe: Probe | None = None
        self._map: NDArray[np.floating] | None = None
        self.value = label("", "number", "zoomValue")
        self.hint = label("", "small", "zoomHint")
        self.release = icon_button(theme, "close", self.tr("Let go of this map"), "zoomRelease")
        self.release.clicked.connect(self.released)
        self.title.setMinimumHeight(28)
        words = self.tr(
            "Point at a map above to see it large. A click keeps it here; arrow keys go from number to number."
        )
        self.invitation = label(words, "muted", "zoomInvitation")
        self.invitation.setWordWrap(True)
        self.invitation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.header.insertWidget(1, self.value)
        self.header.addWidget(self.hint)
        self.header.addWidget(self.release)
        self.view = MosaicView(theme, cell=148)
        self.view.setObjectName("zoomMap")
        self.view.setAccessibleName(self.tr("The chosen map, large"))
        self.view.setFixedWidth(MAP)
        self.view.hovered.connect(self._hover)
        self.key = ColourKey(theme)
        self._inside = QWidget()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._facts: dict[str, QLabel] = {}
        for place, (name, text) in enumerate(
            (
                ("largest", self.tr("Largest")),
                ("smallest", self.tr("Smallest")),
                ("mean", self.tr("Mean")),
                ("zero", self.tr("Exactly 0")),
                ("rank", self.tr("Rank")),
                ("sees", self.tr("Sees")),
            )
        ):
            self._add(name, text, *divmod(place, 3))
        self._lay_out()
        self.clear()

    def _add(self, name: str, text: str, column: int, row: int) -> None:
        value = label(NONE, "number", f"zoom.{name}")
        value.setMinimumWidth(150)
        self._grid.addWidget(label(text, "muted"), row, 2 * column)
        self._grid.addWidget(value, row, 2 * column + 1)
        self._facts[name] = value

    def _lay_out(self) -> None:
        line = QHBoxLayout(self._inside)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(24)
        line.addWidget(self.view, 0, Qt.AlignmentFlag.AlignTop)
        right = QVBoxLayout()
        right.setSpacing(12)
        right.addLayout(self._grid)
        right.addWidget(self.key)
        right.addStretch(1)
        line.addLayout(right)
        line.addStretch(1)
        self.body.addWidget(self._inside)
        self.body.addWidget(self.invitation, 1)
        self.hint.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def fact(self, name: str) -> str:
        """What stands in a row: largest, smallest, mean, zero, rank or sees."""
        return self._facts[name].text()

    def clear(self) -> None:
        """Nothing is pointed at."""
        self.row = self.probe = self._map = None
        self.set_title(self.tr("One map, large"))
        self.value.setText("")
        self.hint.setText("")
        self.release.hide()
        self._inside.hide()
        self.invitation.show()

    def show_map(
        self, row: Row, probe: Probe, activation: NDArray[np.floating], kind: str, sees: str, *, pinned: bool
    ) -> None:
        """activation: all of the layer, (C, H, W) or (F,). sees: in words, what the number depends on."""
        self.row, self.probe = row, probe
        vector = activation.ndim == 1
        one = activation if vector else activation[probe.index]
        self.set_title(place_text(row, probe))
        self.value.setText(f"= {value_text(probe.value)}")
        self.hint.setText(self.tr("kept; Escape lets go") if pinned else self.tr("a click keeps it here"))
        self.release.setVisible(pinned)
        limit = float(np.abs(activation[np.isfinite(activation)]).max(initial=0.0)) or 1.0
        low = 0.0 if kind == "grey" else -limit
        if not vector and self._map is not one:
            self.view.set_maps(one[None], kind, (low, limit))
            self.view.set_probe(0, probe.row, probe.column)
        self.view.setVisible(not vector)
        self._map = one
        self.invitation.hide()
        self._inside.show()
        self.key.set_range(kind, low, limit)
        self.key.set_value(probe.value)
        self._figures(one, probe.value, sees)

    def _figures(self, one: NDArray[np.floating], value: float, sees: str) -> None:
        rank = int((one > value).sum()) + 1
        words = self.tr("{rank} of {count}")
        for name, text in (
            ("largest", value_text(float(one.max()))),
            ("smallest", value_text(float(one.min()))),
            ("mean", value_text(float(one.mean()))),
            ("zero", percent_text(float((one == 0).mean()))),
            ("rank", words.format(rank=f"{rank:,}", count=f"{one.size:,}")),
            ("sees", sees or NONE),
        ):
            self._facts[name].setText(text)

    def _hover(self, probe: Probe | None) -> None:
        if self.row is None or self.probe is None:
            return
        self.hovered.emit(None if probe is None else Probe(self.probe.index, probe.row, probe.column, probe.value))
