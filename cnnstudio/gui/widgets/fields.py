"""Fields for one value each. They commit on Enter, on leaving, and on a step; Escape takes the typing back.

A value that does not fit is never emitted: the field turns red and a note below it says in words what would fit.
The note floats, so that nothing moves. All have one width.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QWidget,
)

from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets import parsing
from cnnstudio.gui.widgets.basics import label, look

WIDTH, LEAST_WIDTH = 152, 112
NOTE_ROOM = 44


class Field(QWidget):
    """One value on screen. `committed` carries a new, valid value; setting one by program emits nothing."""

    committed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bubble: QLabel | None = None
        self._value: object = None
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # handed on to its proxy; without it Tab has no order for it
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)

    def sizeHint(self) -> QSize:
        return QSize(min(WIDTH, self.maximumWidth()), super().sizeHint().height())

    def value(self) -> object:
        return self._value

    def set_value(self, value: object) -> None:
        self._value = value

    @property
    def error(self) -> str:
        """What is wrong with the text in the field; empty when nothing is."""
        return self._bubble.text() if self._bubble is not None else ""

    def set_error(self, text: str) -> None:
        """Show a note below the field; an empty text takes it away."""
        if self._bubble is not None:
            self._bubble.hide()
            self._bubble.deleteLater()
            self._bubble = None
        home = self._roomy_ancestor()
        if text and home is not None:
            self._bubble = label(text, "bubble", "fieldError", home)
            self._bubble.setWordWrap(True)
            self._place_bubble()
            self._bubble.show()
        self.setAccessibleDescription(text)

    def _roomy_ancestor(self) -> QWidget | None:
        """The nearest one with room for a note below the field, but none beyond a scrolled page: it scrolls along."""
        home = self.parentWidget()
        while home is not None and not home.isWindow():
            above = home.parentWidget()
            below = self.mapTo(home, self.rect().bottomLeft()).y()
            page = above is not None and isinstance(above.parentWidget(), QAbstractScrollArea)
            if below + NOTE_ROOM <= home.height() or page:
                break
            home = above
        return home

    def _place_bubble(self) -> None:
        """Below the field, right edges aligned; above it when there is no room below."""
        home = self._bubble.parentWidget() if self._bubble is not None else None
        if self._bubble is None or home is None:
            return
        self._bubble.setFixedWidth(min(280, max(WIDTH, home.width() - 8)))
        self._bubble.adjustSize()
        field = QRect(self.mapTo(home, QPoint(0, 0)), self.size())
        left = max(0, field.right() + 1 - self._bubble.width())
        below = field.bottom() + 4
        fits = below + self._bubble.height() <= home.height()
        self._bubble.move(left, below if fits else max(0, field.top() - 4 - self._bubble.height()))
        self._bubble.raise_()

    def moveEvent(self, event) -> None:
        super().moveEvent(event)
        self._place_bubble()

    def hideEvent(self, event) -> None:
        super().hideEvent(event)
        self.set_error("")


class TextField(Field):
    """A typed value: `read` makes one of the text, `check` takes or refuses it, `show_as` writes it, `step` moves."""

    def __init__(
        self,
        theme: Theme,
        check: parsing.Check,
        read: Callable[[str], object],
        show_as: Callable[[object], str],
        step: Callable[[object, int], object] | None = None,
        *,
        optional: bool = False,
        placeholder: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._check, self._read, self._show, self._step = check, read, show_as, step
        self._optional = optional
        self.edit = _StepEdit(theme, self.step_by if step else None)
        self.edit.setPlaceholderText(placeholder)
        self.edit.editingFinished.connect(self.commit)
        self.edit.cancelled.connect(self.revert)
        self.edit.textEdited.connect(self._typed)
        self.setFocusProxy(self.edit)
        self._row.addWidget(self.edit)

    def setObjectName(self, name: str) -> None:
        super().setObjectName(name)
        self.edit.setObjectName(f"{name}.edit")

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.edit.setAccessibleName(name)

    def set_value(self, value: object) -> None:
        super().set_value(value)
        text = self._show(value)
        if text != self.edit.text():
            self.edit.setText(text)
            self.edit.setCursorPosition(0)
        self.edit.setModified(False)
        self._mark("")

    def commit(self) -> bool:
        """Take the text as the value; False when it does not fit."""
        text = self.edit.text()
        if text == self._show(self._value):
            self._mark("")
            return True
        return self._accept(None if self._optional and not text.strip() else self._read(text))

    def revert(self) -> None:
        self.set_value(self._value)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange and not self.isEnabled() and self.error:
            self.revert()  # nobody can mend it now, and what counts is the value

    def step_by(self, direction: int) -> None:
        if self._step is not None and self.commit():
            self._accept(self._step(self._value, direction), quiet=True)

    def _accept(self, value: object, *, quiet: bool = False) -> bool:
        try:
            value = value if value is None and self._optional else self._check(value)
        except ValueError as problem:
            if not quiet:  # a step beyond the range simply stays
                self._mark(str(problem))
            return False
        changed = value != self._value
        self.set_value(value)
        if changed:
            self.committed.emit(value)
        return True

    def _typed(self, _text: str) -> None:
        self._mark("")

    def _mark(self, problem: str) -> None:
        if problem != self.error:
            self.set_error(problem)
            look(self.edit, "number", wrong=bool(problem))


class _StepEdit(QLineEdit):
    """A line with two small arrows at its right end while the mouse or the keyboard is there."""

    cancelled = Signal()

    def __init__(self, theme: Theme, step: Callable[[int], None] | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._step = theme, step
        self.setProperty("look", "number")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        directions = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        direction = directions.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif direction and self._step:
            faster = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and abs(direction) == 1 else 1
            self._step(direction * faster)
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._step and self.hasFocus() and event.angleDelta().y():
            self._step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()  # the panel scrolls: a wheel never changes what has not been clicked

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._step and self._arrows().contains(event.position()):
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self._step(1 if event.position().y() < self.height() / 2 else -1)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._step is not None and self._arrows().contains(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if over else Qt.CursorShape.IBeamCursor)
        super().mouseMoveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and not self.isModified():
            history = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
            if any(event.matches(key) for key in history):
                event.ignore()  # nothing typed here to take back: undo means the network's last edit
                return False
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._step and self.isEnabled() and (self.underMouse() or self.hasFocus()):
            painter = QPainter(self)
            area = self._arrows()
            for icon, centre in (("chevron-up", 0.3), ("chevron-down", 0.7)):
                box = QRectF(area.center().x() - 4.5, area.height() * centre - 4.5, 9, 9)
                self._theme.icons.paint(painter, icon, box, "muted")

    def _arrows(self) -> QRectF:
        return QRectF(self.width() - 20, 0, 18, self.height())


class IntField(TextField):
    def __init__(self, theme: Theme, minimum: int = 0, maximum: int = 65536, parent: QWidget | None = None) -> None:
        super().__init__(
            theme,
            parsing.whole(minimum, maximum),
            parsing.read_int,
            parsing.show_int,
            parsing.step_int,
            parent=parent,
        )


class FloatField(TextField):
    """A number, typed as `0.02` or `2e-2`. `scale` steps along 1, 2, 5, 10 as suits a learning rate."""

    def __init__(
        self,
        theme: Theme,
        minimum: float = 0.0,
        maximum: float = float("inf"),
        *,
        above: bool = False,
        below: bool = False,
        scale: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            theme,
            parsing.real(minimum, maximum, above=above, below=below),
            parsing.read_float,
            parsing.show_float,
            parsing.step_scale if scale else parsing.step_plain,
            parent=parent,
        )
