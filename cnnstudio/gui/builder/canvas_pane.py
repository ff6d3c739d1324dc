"""The canvas with all that floats over it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.gui.builder.overlays import MARGIN, FocusRing, HintLine, ZoomControls
from cnnstudio.gui.builder.overview import Overview
from cnnstudio.gui.canvas import Canvas
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets.basics import Glyph, button, label

REFUSAL_SHOWN = 4000
"""Milliseconds that a refusal can be read after the gesture has ended."""

BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class EmptyCanvas(QWidget):
    """What to do with an empty sheet, and the two ways to begin."""

    presets_wanted = Signal()
    input_wanted = Signal()

    def __init__(self, theme: Theme, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.setObjectName("emptyCanvas")
        title = label(self.tr("An empty canvas"), "heading")
        text = label(
            self.tr("Begin with the picture that comes in, then append layers from the list at the left."), "muted"
        )
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setFixedWidth(320)
        self.preset = button(self.tr("Load a classic network…"), "primary", "emptyPresets")
        self.input = button(self.tr("Add an Input layer"), "", "emptyInput")
        self.preset.clicked.connect(self.presets_wanted)
        self.input.clicked.connect(self.input_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.preset)
        buttons.addWidget(self.input)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(Glyph(theme, "build", 40, "muted"), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(text, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        column.addLayout(buttons)
        self.setAcceptDrops(True)
        self._canvas = canvas

    # A layer that is carried over the words is for the canvas below.

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        place, canvas = self._below(event).toPoint(), self._canvas
        passed = QDragEnterEvent(place, event.possibleActions(), event.mimeData(), event.buttons(), event.modifiers())
        canvas.dragEnterEvent(passed)
        event.setAccepted(passed.isAccepted())

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        place, canvas = self._below(event).toPoint(), self._canvas
        passed = QDragMoveEvent(place, event.possibleActions(), event.mimeData(), event.buttons(), event.modifiers())
        canvas.dragMoveEvent(passed)
        event.setAccepted(passed.isAccepted())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._canvas.dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        place, canvas = self._below(event), self._canvas
        passed = QDropEvent(place, event.possibleActions(), event.mimeData(), event.buttons(), event.modifiers())
        canvas.dropEvent(passed)
        event.setAccepted(passed.isAccepted())

    def _below(self, event: QDropEvent) -> QPointF:
        """The event's place in the canvas."""
        return self._canvas.viewport().mapFromGlobal(self.mapToGlobal(event.position()))


class CanvasPane(QObject):
    """Keeps zoom controls, overview, hints and the empty state in their places over a canvas."""

    def __init__(self, theme: Theme, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.zoom = ZoomControls(theme, canvas)
        self.overview = Overview(theme, canvas)
        self.hint = HintLine(theme, canvas)
        self.empty = EmptyCanvas(theme, canvas)
        self.ring = FocusRing(theme, canvas)
        self._fading = QTimer(self)
        self._fading.setSingleShot(True)
        self._fading.setInterval(REFUSAL_SHOWN)
        self._fading.timeout.connect(lambda: self.hint.show_hint("", False))
        canvas.installEventFilter(self)
        canvas.viewport().installEventFilter(self)
        canvas.hinted.connect(self._show_hint)
        canvas.mirror.content_changed.connect(self._refresh)
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        elif kind == QEvent.Type.KeyPress or (isinstance(event, QFocusEvent) and event.reason() in BY_KEY):
            self.ring.setVisible(self._canvas.hasFocus())
        elif kind in (QEvent.Type.MouseButtonPress, QEvent.Type.FocusOut):
            self.ring.hide()
        return super().eventFilter(watched, event)

    def _show_hint(self, text: str, refused: bool) -> None:
        self.hint.show_hint(text, refused)
        if refused and text:
            self._fading.start()
        else:
            self._fading.stop()

    def _refresh(self) -> None:
        empty = not self._canvas.mirror.cards
        self.empty.setVisible(empty)
        self.zoom.setVisible(not empty)
        self.overview.refresh()
        self._place()

    def _place(self) -> None:
        home: QSize = self._canvas.size()
        self.zoom.move(MARGIN, home.height() - self.zoom.height() - MARGIN)
        self.empty.adjustSize()
        self.empty.move((home.width() - self.empty.width()) // 2, (home.height() - self.empty.height()) // 2)
        self.overview.place()
        self.ring.resize(home)
        if self.hint.isVisible():
            self.hint.place()
