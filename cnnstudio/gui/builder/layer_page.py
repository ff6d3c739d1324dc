"""The property panel of one layer: its name and parameters, its faults, why its figures are so, and what it sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.graph import Answer, Graph, Report
from cnnstudio.graph.commands import AppendCopies, Command, Rename, SetParams
from cnnstudio.graph.specs import LayerSpec
from cnnstudio.gui.builder.field_picture import FieldPanel, Sample
from cnnstudio.gui.builder.problem_box import ProblemList
from cnnstudio.gui.builder.solve_card import SolveCard
from cnnstudio.gui.builder.why_card import WhyCard
from cnnstudio.gui.builder.workings import explained
from cnnstudio.gui.canvas.notes import unbroken
from cnnstudio.gui.theme import Theme, shape_text, size_text
from cnnstudio.gui.widgets.basics import Badge, elided, label
from cnnstudio.gui.widgets.fields import Field, TextField
from cnnstudio.gui.widgets.forms import Form, field_for
from cnnstudio.gui.widgets.tabs import tab_through
from cnnstudio.session import SolvingSession

MOST_INPUTS = 6
"""So many shapes that arrive are named one by one where they differ."""
Run = Callable[[Command], str]
"""Does a command; the answer is why it was refused, empty when it was not."""


class LayerPage(QWidget):
    """Shows one node at a time. Edits are commands; the page is told of every change like everybody else."""

    fix_wanted = Signal(object)
    node_wanted = Signal(str)

    def __init__(
        self, theme: Theme, run: Run, sample: Sample, solving: SolvingSession, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._run = theme, run
        self._graph: Graph | None = None
        self._node = ""
        self._kind = ""
        self._fields: dict[str, Field] = {}
        self._badge = Badge(theme, size=28)
        self.title = label("", "title", "layerTitle")
        self.subtitle = label("", "small", "layerSubtitle")
        self.subtitle.setWordWrap(True)
        self.subtitle.setMinimumWidth(1)
        self._name = TextField(theme, self._check_name, str, str, parent=self)
        self._name.setObjectName("field.name")
        self._name.edit.setMaxLength(64)
        self._name.committed.connect(self._rename)
        self.problems = ProblemList(theme, elsewhere=False)
        self.problems.fix_wanted.connect(self.fix_wanted)
        self._form_home = QVBoxLayout()
        self._form: Form | None = None
        self.solve = SolveCard(theme, solving, run)
        self.solve.done.connect(self._solved)
        self.why = WhyCard(theme)
        self.field = FieldPanel(theme, sample)
        self._lay_out()

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(self.title)
        names.addWidget(self.subtitle)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self._badge, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(names, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(14)
        column.addLayout(head)
        column.addWidget(self.problems)
        column.addLayout(self._form_home)
        column.addWidget(self.solve)
        column.addWidget(self.why)
        column.addWidget(self.field)
        column.addStretch(1)

    @property
    def node(self) -> str:
        """Id of the layer that is shown."""
        return self._node

    def show_node(self, graph: Graph, report: Report, node_id: str) -> None:
        """Show a layer, or the same one after an edit; what is being typed is left alone unless its value changed."""
        other = node_id != self._node or graph is not self._graph
        self._graph, self._node = graph, node_id
        node, spec = graph.node(node_id), graph.spec(node_id)
        row = report[node_id]
        if node.kind != self._kind or self._form is None:
            self._make_form(spec)
        self._badge.set_kind(node.kind, spec.family.value)
        self.title.setText(elided(node.name, QFontMetricsF(self.title.font()), 210))
        self.title.setToolTip(node.name)
        self.subtitle.setText(unbroken(f"{node.kind} \u00b7 {self._arrival(spec, row.input_shapes)}"))
        self._set(self._name, node.name, other)
        for name, field in self._fields.items():
            if name in node.params:
                self._set(field, node.params[name], other)
        self._say_default_stride(node.params)
        self.problems.show_problems(row.problems)
        self.solve.show_layer(graph, node_id)
        said = explained(graph, report, node_id)
        self.why.show_figures(f"{node.name} ({node.kind})", said, spec.formula)
        whole = row.receptive_field is not None and row.receptive_field.whole_input
        because = next((each.remark for each in said if whole and each.figure == "receptive_field"), "")
        self.field.show_layer(graph, report, node_id, because)

    def focus_first(self) -> None:
        """To the first parameter, or the name of a layer that has none."""
        first = next(iter(self._fields.values()), self._name)
        first.setFocus(Qt.FocusReason.TabFocusReason)

    def focus_name(self) -> None:
        self._name.setFocus(Qt.FocusReason.TabFocusReason)

    # -- inside

    def _make_form(self, spec: LayerSpec) -> None:
        if self._form is not None:
            self._name.setParent(self)
            self._form.hide()
            self._form.setParent(None)
            self._form.deleteLater()
        self._kind = spec.kind
        self._form = Form()
        self._form.setObjectName("layerForm")
        self._form.add(self.tr("Name"), self._name)
        self._name.show()
        self._fields = {}
        for param in spec.params:
            field = field_for(self._theme, param)
            field.committed.connect(lambda value, name=param.name: self._set_param(name, value))
            self._form.add(param.label, field, param.help)
            self._fields[param.name] = field
        self._form_home.addWidget(self._form)
        self._form.show()
        tab_through(self, [self._name, *self._fields.values()])

    def _set(self, field: Field, value: object, other: bool) -> None:
        """A new value from outside; a text that is being typed stays, unless the layer is another one."""
        if other or field.value() != value:
            field.set_value(value)

    def _say_default_stride(self, params: Mapping[str, object]) -> None:
        """A pool's stride that is left open is its kernel's size."""
        stride, kernel = self._fields.get("stride"), params.get("kernel_size")
        if isinstance(stride, TextField) and kernel is not None:
            words = self.tr("as kernel ({size})").format(size=size_text(kernel))
            stride.edit.setPlaceholderText(words if params.get("stride", 1) is None else "")

    def _set_param(self, name: str, value: object) -> None:
        refusal = self._run(SetParams(self._node, **{name: value}))
        if refusal:
            self._fields[name].set_error(refusal)

    def _check_name(self, value: object) -> object:
        """Asks the graph, on a copy; its refusal is the message below the field."""
        assert self._graph is not None
        self._graph.copy().rename(self._node, str(value))
        return value

    def _rename(self, name: object) -> None:
        refusal = self._run(Rename(self._node, str(name)))
        if refusal:
            self._name.set_error(refusal)

    def _solved(self, answer: object) -> None:
        """Go to the layer that has what was wanted, where the answer was to add layers."""
        assert isinstance(answer, Answer)
        if isinstance(answer.command, AppendCopies):
            self.node_wanted.emit(answer.command.node_ids[-1])

    def _arrival(self, spec: LayerSpec, shapes: tuple[tuple[int, ...] | None, ...]) -> str:
        if not shapes:
            return spec.help
        known = [each for each in shapes if each is not None]
        if len(known) < len(shapes):
            return self.tr("input not known")
        if len(known) == 1:
            return self.tr("{shape} in").format(shape=shape_text(known[0]))
        count = len(known)
        if len(set(known)) == 1:
            return self.tr("{count} inputs of {shape}").format(count=count, shape=shape_text(known[0]))
        if count > MOST_INPUTS:
            return self.tr("{count} inputs").format(count=count)
        if len(known[0]) == 3 and len({each[1:] for each in known}) == 1:
            maps = " + ".join(str(each[0]) for each in known)
            words = self.tr("{count} inputs of {size}: {maps}")
            return words.format(count=count, size=size_text(known[0][1:]), maps=maps)
        named = ", ".join(shape_text(each) for each in known)
        return self.tr("{count} inputs: {shapes}").format(count=count, shapes=named)
