"""What a block is to be like, asked before it is drawn: its parameters, what it adds, and whether it fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.explain.glyphs import BLOCK_FAMILY
from cnnstudio.graph import Block, Graph, GraphError, analyze
from cnnstudio.gui.builder.popover import Popover
from cnnstudio.gui.canvas.notes import unbroken
from cnnstudio.gui.canvas.spots import Spot, block_command
from cnnstudio.gui.theme import Theme, count_text
from cnnstudio.gui.widgets.basics import Badge, button, label
from cnnstudio.gui.widgets.fields import Field, TextField
from cnnstudio.gui.widgets.forms import Form, field_for

WIDTH = 344

OWN_KEYS = tuple(QKeySequence(each) for each in ("Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y", "Del", "Ctrl+A"))
"""Here they mean what is typed, if anything, and never the drawing beneath."""

Add = Callable[[Mapping[str, object]], str]
"""Adds the block with these parameters; the answer is why it was refused, empty when it was not."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a block brings. Sums are None where the block's shapes cannot be known."""

    layers: int
    parameters: int | None
    macs: int | None
    fault: str = ""
    """The first problem that the drawing would have and has not now."""


def price_of(graph: Graph, spot: Spot, name: str, params: Mapping[str, object]) -> Price:
    """Tried on a copy. Raises GraphError where the edit would be refused."""
    trial = graph.copy()
    before = {each.message for each in analyze(graph).problems}
    edit = block_command(trial, spot, name, params)
    edit.command.do(trial)
    report = analyze(trial)
    rows = [report[each] for each in edit.block.node_ids]
    known = all(row.output_shape is not None for row in rows)
    free = spot.after is None and spot.link is None
    faults = [each.message for each in report.errors if each.message not in before and not free]
    return Price(
        len(rows),
        sum(row.parameters or 0 for row in rows) if known else None,
        sum(row.macs or 0 for row in rows) if known else None,
        faults[0] if faults else "",
    )


class BlockForm(Popover):
    """Enter adds the block as its fields say, from any of them; Escape leaves the drawing as it is."""

    def __init__(self, theme: Theme, block: Block, graph: Graph, spot: Spot, add: Add, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("blockForm")
        self._block, self._graph, self._spot, self._add = block, graph, spot, add
        self._fields: dict[str, Field] = {}
        self._badge = Badge(theme, block.name, BLOCK_FAMILY, size=28)
        self._title = label(block.title, "heading", "blockTitle")
        self._place = label(unbroken(self._place_text()), "small", "blockPlace")
        self.price = label("", "small", "blockPrice")
        self.fault = label("", "danger", "blockFault")
        for each in (self._place, self.price, self.fault):
            each.setWordWrap(True)
        self.form = Form()
        self.form.setObjectName("blockParams")
        values = block.first_params()
        for param in block.params:
            field = field_for(theme, param)
            field.set_value(values[param.name])
            field.committed.connect(self._refresh)
            if isinstance(field, TextField):
                field.edit.cancelled.connect(self.close)  # Escape in a line would only take the typing back
            self.form.add(param.label, field, param.help)
            self._fields[param.name] = field
        self.button = button(self.tr("Add block"), "primary", "blockAdd")
        self.button.clicked.connect(self._take)
        self._lay_out()
        self._refresh()

    def open_by(self, corner: QPoint) -> None:
        """Show near a place of the workspace, ready to type."""
        self.panel.ensurePolished()
        layout = self.panel.layout()
        assert layout is not None
        self.open_at(corner, QSize(WIDTH, layout.totalHeightForWidth(WIDTH)))
        first = next(iter(self._fields.values()), None)
        (first or self.button).setFocus(Qt.FocusReason.TabFocusReason)

    @property
    def params(self) -> dict[str, object]:
        """What the fields say."""
        return {name: field.value() for name, field in self._fields.items()}

    def event(self, event: QEvent) -> bool:
        overrides = event.type() == QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and QKeySequence(event.keyCombination()) in OWN_KEYS:
            event.accept()  # a field that has nothing to take back hands it on to the form, which keeps it
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round within the form."""
        around = [*self._fields.values(), self.button]
        at = next((place for place, each in enumerate(around) if each.hasFocus() or _within(each)), 0)
        around[(at + (1 if forward else -1)) % len(around)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(self._title)
        names.addWidget(self._place)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(names, 1)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.price, 1)
        foot.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self.panel)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.form)
        column.addWidget(self.fault)
        column.addStretch(1)
        column.addLayout(foot)
        # Room for what a fault says, so that nothing moves when there is one.
        self.fault.setMinimumHeight(3 * self.fault.fontMetrics().lineSpacing())
        self.fault.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.price.setMinimumHeight(2 * self.price.fontMetrics().lineSpacing())

    def _place_text(self) -> str:
        spot, graph = self._spot, self._graph
        if spot.link is not None:
            names = {"source": graph.node(spot.link.source).name, "target": graph.node(spot.link.target).name}
            return self.tr("between {source} and {target}").format(**names)
        if spot.after is not None:
            return self.tr("after {name}").format(name=graph.node(spot.after).name)
        return self.tr("not connected yet")

    def _refresh(self) -> None:
        try:
            price = price_of(self._graph, self._spot, self._block.name, self.params)
        except GraphError as refusal:
            self._tell("", str(refusal))
            return
        text = self.tr("{layers} layers").format(layers=price.layers)
        if price.parameters is not None and price.macs is not None:
            text = self.tr("{layers} layers, {parameters} parameters, {macs} MACs").format(
                layers=price.layers, parameters=count_text(price.parameters), macs=count_text(price.macs)
            )
        self._tell(text, price.fault)

    def _tell(self, price: str, fault: str) -> None:
        self.price.setText(price)
        self.fault.setText(unbroken(fault))

    def _take(self) -> None:
        for field in self._fields.values():
            if isinstance(field, TextField) and not field.commit():
                field.setFocus(Qt.FocusReason.OtherFocusReason)
                return
        refusal = self._add(self.params)
        if refusal:
            self._tell("", refusal)
        else:
            self.close()


def _within(field: QWidget) -> bool:
    """Whether the keyboard is in a part of it."""
    focus = field.window().focusWidget()
    return focus is not None and field.isAncestorOf(focus)
