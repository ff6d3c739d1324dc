"""The answers to a wish, one below the other, each with what it leads to and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.explain.text import MINUS
from cnnstudio.graph import Answer, Severity
from cnnstudio.gui.canvas.notes import unbroken
from cnnstudio.gui.theme import Theme, count_text, shape_text, size_text
from cnnstudio.gui.widgets.basics import button, label, look

MOVES = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -5, Qt.Key.Key_PageDown: 5}


class AnswerRow(QWidget):
    """One answer: what it changes, what then leaves, the price, and what it would break."""

    pressed = Signal(int)
    opened = Signal(int)
    hovered = Signal(int, bool)

    def __init__(self, theme: Theme, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._number = theme, number
        self._current = self._hot = self._ring = False
        self.setObjectName(f"solve.answer{number}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.text = label("", "strong")
        self.apply = button(self.tr("Apply"), "link", f"solve.apply{number}")
        self.apply.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard's way is Enter in the list
        self.apply.clicked.connect(lambda: self.opened.emit(number))
        keep = self.apply.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.apply.setSizePolicy(keep)
        self.outcome = label("")
        self.outcome.setFont(theme.number_font(-1))
        self.price = label("", "small")
        self.trouble = label("", "danger")
        self.trouble.setFont(theme.text_font(-1))
        first = QHBoxLayout()
        first.setSpacing(4)
        first.addWidget(self.text, 1)
        first.addWidget(self.apply, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 5, 4, 7)
        column.setSpacing(1)
        column.addLayout(first)
        for each in (self.outcome, self.price, self.trouble):
            column.addWidget(each)
        for each in (self.text, self.outcome, self.price, self.trouble):
            each.setWordWrap(True)
        self._show_button()
        theme.changed.connect(self.update)

    def show_answer(self, answer: Answer) -> None:
        self.text.setText(unbroken(answer.text))
        self.outcome.setText(outcome_text(answer))
        self.price.setText(price_text(answer))
        self.trouble.setText(unbroken("\n".join(each.message for each in answer.new_problems)))
        self.trouble.setVisible(bool(answer.new_problems))
        look(self.trouble, "danger" if breaks(answer) else "warning")
        said = (self.text, self.outcome, self.price, self.trouble)
        self.setAccessibleName(". ".join(each.text() for each in said if each.text()))

    def set_current(self, current: bool, ring: bool) -> None:
        if (current, ring) != (self._current, self._ring):
            self._current, self._ring = current, ring
            self._show_button()

    def _show_button(self) -> None:
        self.apply.setVisible(self._current or self._hot)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(self._number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(self._number)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._hot = True
        self.hovered.emit(self._number, True)
        self._show_button()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hot = False
        self.hovered.emit(self._number, False)
        self._show_button()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not (self._current or self._hot):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color("accent") if self._ring else Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent", 0.14 if self._current else 0.06))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


class AnswerList(QWidget):
    """One of the answers is the current one; the arrow keys and the mouse choose it, Enter or a double click does it.

    The rows are kept and filled anew, so that nothing flickers.
    """

    chosen = Signal(object)  # Answer
    looked_at = Signal(object)
    """The answer under the cursor, or else the current one; None when there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._answers: Sequence[Answer] = ()
        self._rows: list[AnswerRow] = []
        self._current = 0
        self._hot: int | None = None
        self.setObjectName("solve.answers")
        self.setAccessibleName(self.tr("Answers"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)

    @property
    def answers(self) -> Sequence[Answer]:
        return self._answers

    @property
    def current(self) -> Answer | None:
        return self._answers[self._current] if self._answers else None

    @property
    def rows(self) -> list[AnswerRow]:
        """Those that show, from top to bottom."""
        return self._rows[: len(self._answers)]

    def show_answers(self, answers: Sequence[Answer]) -> None:
        """The current answer stays if it is still one of them; otherwise the first is."""
        kept = self.current
        texts = [each.text for each in answers]
        self._current = texts.index(kept.text) if kept is not None and kept.text in texts else 0
        self._answers, self._hot = answers, None
        while len(self._rows) < len(answers):
            self._rows.append(self._make_row(len(self._rows)))
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(answers))
            if number < len(answers):
                row.show_answer(answers[number])
        self.setVisible(bool(answers))
        self._mark()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        last = len(self._answers) - 1
        if last < 0:
            super().keyPressEvent(event)
        elif key in MOVES:
            self._go(min(max(self._current + MOVES[key], 0), last))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go(0 if key == Qt.Key.Key_Home else last)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self._current)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._mark()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._mark()

    def _make_row(self, number: int) -> AnswerRow:
        row = AnswerRow(self._theme, number, self)
        row.pressed.connect(self._press)
        row.opened.connect(self._choose)
        row.hovered.connect(self._hover)
        self._column.addWidget(row)
        return row

    def _press(self, number: int) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._go(number)

    def _go(self, number: int) -> None:
        self._current, self._hot = number, None
        self._mark()

    def _hover(self, number: int, inside: bool) -> None:
        self._hot = number if inside else None
        self._tell()

    def _choose(self, number: int) -> None:
        if number < len(self._answers):
            self.chosen.emit(self._answers[number])

    def _mark(self) -> None:
        for number, row in enumerate(self._rows):
            here = number == self._current
            row.set_current(here, here and self.hasFocus())
        self.setAccessibleDescription(self._rows[self._current].accessibleName() if self._answers else "")
        self._tell()

    def _tell(self) -> None:
        number = self._current if self._hot is None else self._hot
        self.looked_at.emit(self._answers[number] if number < len(self._answers) else None)


def outcome_text(answer: Answer) -> str:
    """`50 × 16 × 16, sees 14 × 14`: what then leaves, and what it sees."""
    shape = unbroken(shape_text(answer.output_shape))
    field = answer.receptive_field
    if field is None:
        return shape
    return f"{shape}, {sees_text(answer)}"


def sees_text(answer: Answer) -> str:
    field = answer.receptive_field
    if field is None:
        return ""
    if field.whole_input:
        return QCoreApplication.translate("AnswerList", "sees the whole picture")
    return QCoreApplication.translate("AnswerList", "sees {size}").format(size=unbroken(size_text(field.size)))


def breaks(answer: Answer) -> bool:
    """Whether the network cannot be computed afterwards, so that its totals are not known."""
    return any(each.severity is Severity.ERROR for each in answer.new_problems)


def price_text(answer: Answer) -> str:
    """`+12,800 parameters, ±0 MACs`: how much more the network learns and multiplies."""
    if breaks(answer):
        return QCoreApplication.translate("AnswerList", "Its price is known once this is mended:")
    words = QCoreApplication.translate("AnswerList", "{parameters} parameters, {macs} MACs")
    return words.format(parameters=signed(answer.parameters_added), macs=signed(answer.macs_added))


def signed(count: int) -> str:
    """`+1,200`, `−300`, `±0`."""
    return "\u00b10" if count == 0 else f"+{count:,}" if count > 0 else count_text(count).replace("-", MINUS)
