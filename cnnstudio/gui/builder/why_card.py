"""WHY THESE NUMBERS: each figure of a layer, and below it the formula that gives it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.gui.builder.workings import Explained, wrapping
from cnnstudio.gui.canvas.notes import unbroken
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import Card, SectionLabel, icon_button, label

SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse
SPACING = 8


class FigureRow(QWidget):
    """What a figure is called, the figure, and why it is so: a short remark between the two, all else below them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._remark = ""
        self.title = label("", "muted")
        self.value = label("")
        self.value.setFont(theme.number_font(0, bold=True))
        self.value.setTextInteractionFlags(SELECTABLE)
        self._beside = label("", "small")
        self._beside.setMinimumWidth(1)  # or a row that was wide once would keep the panel as wide
        self._below = label("", "small")
        self._below.setWordWrap(True)
        self._theme = theme
        self._formulas: list[QLabel] = []
        first = QHBoxLayout()
        first.setSpacing(SPACING)
        first.addWidget(self.title)
        first.addStretch(1)
        first.addWidget(self._beside)
        first.addWidget(self.value)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self._column.addLayout(first)
        self._column.addWidget(self._below)

    @property
    def formulas(self) -> list[str]:
        return [each.text() for each in self._formulas if not each.isHidden()]

    @property
    def remark(self) -> str:
        return self._remark

    def show_figure(self, said: Explained) -> None:
        self.setObjectName(f"why.{said.figure}")
        self.title.setText(said.title)
        self.value.setText(said.value)
        while len(self._formulas) < len(said.formulas):
            made = label("")
            made.setFont(self._theme.number_font(-1))
            made.setWordWrap(True)
            made.setTextInteractionFlags(SELECTABLE)
            self._column.insertWidget(1 + len(self._formulas), made)
            self._formulas.append(made)
        for number, made in enumerate(self._formulas):
            made.setVisible(number < len(said.formulas))
            made.setText(wrapping(said.formulas[number]) if number < len(said.formulas) else "")
        self._remark = said.remark
        self._place_remark()
        self.setAccessibleName(said.text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_remark()

    def _place_remark(self) -> None:
        """Between name and figure if there is room for it in one line, otherwise below."""
        widths = (
            QFontMetricsF(part.font()).horizontalAdvance(text)
            for part, text in (
                (self.title, self.title.text()),
                (self.value, self.value.text()),
                (self._beside, self._remark),
            )
        )
        fits = sum(widths) + 2 * SPACING + 8 <= self.width()
        for part, here in ((self._beside, fits), (self._below, not fits)):
            part.setText(unbroken(self._remark) if here else "")
            part.setVisible(here and bool(self._remark))


class WhyCard(Card):
    """All figures of one layer. The rows are kept and filled anew, so that nothing flickers."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, inset=True)
        self.setObjectName("whyCard")
        self._theme = theme
        self._heading = ""
        self._said: Sequence[Explained] = ()
        self._rows: list[FigureRow] = []
        column = self.layout()
        assert column is not None
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        self.copy = icon_button(theme, "copy", self.tr("Copy these figures and their formulas"), "why.copy")
        self.copy.clicked.connect(self._copy)
        self.header.insertWidget(0, SectionLabel(self.tr("Why these numbers")))
        self.header.addWidget(self.copy)
        self._home = QVBoxLayout()
        self._home.setSpacing(7)
        self._general = label("", "small", "formula")
        self._general.setWordWrap(True)
        self.body.addLayout(self._home)
        self.body.addWidget(self._general)

    @property
    def rows(self) -> list[FigureRow]:
        """Those that show, from top to bottom."""
        return self._rows[: len(self._said)]

    def show_figures(self, heading: str, said: Sequence[Explained], general: str) -> None:
        """`heading` names the layer where the figures are copied to; `general` is its kind's formula in words."""
        self._heading, self._said = heading, said
        while len(self._rows) < len(said):
            self._rows.append(FigureRow(self._theme))
            self._home.addWidget(self._rows[-1])
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(said))
            if number < len(said):
                row.show_figure(said[number])
        self._general.setText(general)
        self._general.setVisible(bool(general))
        self.copy.setVisible(bool(said))
        self.setVisible(bool(said or general))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join((self._heading, *(each.text for each in self._said))))
