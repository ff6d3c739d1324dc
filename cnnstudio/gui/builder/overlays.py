"""What floats over the canvas: zoom, the ring of the keyboard, and what a gesture would do."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from cnnstudio.gui.canvas import Canvas
from cnnstudio.gui.canvas.camera import STEP
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import button, icon_button

MARGIN = 12


class ZoomControls(QFrame):
    """Larger, how large, smaller, all of it: a narrow column, so that it stands beside the cards."""

    def __init__(self, theme: Theme, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setObjectName("zoomControls")
        self.setProperty("look", "toast")
        smaller = icon_button(theme, "zoom-out", self.tr("Zoom out"), "zoomOut")
        larger = icon_button(theme, "zoom-in", self.tr("Zoom in"), "zoomIn")
        fit = icon_button(theme, "zoom-fit", self.tr("Show all of the network"), "zoomFit")
        self.percent = button("100 %", "flat", "zoomPercent")
        self.percent.setToolTip(self.tr("Back to 100 %"))
        # The figure may change while the buttons stay where they are.
        self.percent.setFont(theme.text_font(-1))
        width = round(QFontMetricsF(theme.text_font(-1)).horizontalAdvance("000 %")) + 12
        column = QVBoxLayout(self)
        column.setContentsMargins(3, 3, 3, 3)
        column.setSpacing(0)
        for each in (larger, self.percent, smaller, fit):
            each.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the same stands in the View menu, with shortcuts
            each.setFixedSize(width, 28)
            column.addWidget(each)
        smaller.clicked.connect(lambda: canvas.camera.zoom_by(1 / STEP))
        larger.clicked.connect(lambda: canvas.camera.zoom_by(STEP))
        fit.clicked.connect(canvas.camera.fit)
        self.percent.clicked.connect(canvas.zoom_to_full_size)
        canvas.camera.moved.connect(self._refresh)
        self._refresh()
        self.adjustSize()

    def _refresh(self) -> None:
        text = f"{100 * self._canvas.zoom:.0f} %"
        if text != self.percent.text():
            self.percent.setText(text)


class FocusRing(QWidget):
    """A line around the canvas while the keyboard is at work there."""

    def __init__(self, theme: Theme, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._theme = theme
        self.setObjectName("focusRing")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)
        self.hide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._theme.color("accent"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class HintLine(QWidget):
    """One line at the top of the canvas: what letting go would do, or why it would be refused."""

    def __init__(self, theme: Theme, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._theme, self._canvas = theme, canvas
        self.text, self.refused = "", False
        self.setObjectName("canvasHint")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_hint(self, text: str, refused: bool) -> None:
        self.text, self.refused = text, refused
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.place()

    def place(self) -> None:
        words = QFontMetricsF(self._theme.text_font()).horizontalAdvance(self.text)
        width = min(self._canvas.width() - 2 * MARGIN, round(words) + 32)
        self.setGeometry((self._canvas.width() - width) // 2, MARGIN, max(0, width), 30)
        self.raise_()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        token = "danger" if self.refused else "accent"
        painter.setPen(theme.color(token))
        painter.setBrush(theme.color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 15, 15)
        font = theme.text_font()
        painter.setFont(font)
        painter.setPen(theme.color("danger" if self.refused else "text"))
        text = QFontMetricsF(font).elidedText(self.text, Qt.TextElideMode.ElideRight, self.width() - 24)
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), text)
