"""The property panel while no layer is selected: the network as a whole; and for several layers, their sums."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from cnnstudio.graph import Graph, Report
from cnnstudio.graph.shapes import BYTES_PER_VALUE
from cnnstudio.gui.builder.problem_box import ProblemList
from cnnstudio.gui.builder.stories import story_of
from cnnstudio.gui.canvas.notes import unbroken
from cnnstudio.gui.theme import Theme, bytes_text, count_text, shape_text
from cnnstudio.gui.widgets.basics import Card, SectionLabel, button, label


class Figures(QWidget):
    """Pairs of a word and a figure, one below the other; the figures stand at the right."""

    def __init__(self, words: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = {key: label("", "number", f"figure.{key}") for key in words}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for line, (key, text) in enumerate(words.items()):
            grid.addWidget(label(text, "muted"), line, 0)
            grid.addWidget(self._labels[key], line, 1, Qt.AlignmentFlag.AlignRight)

    def set(self, key: str, text: str) -> None:
        self._labels[key].setText(text)


class NetworkPage(QWidget):
    """Totals, story and all problems of the network."""

    fix_wanted = Signal(object)
    node_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label(self.tr("Network"), "title", "networkTitle")
        self.title.setWordWrap(True)
        self.subtitle = label("", "small", "networkSubtitle")
        self.subtitle.setWordWrap(True)
        self.figures = Figures(
            {
                "layers": self.tr("Layers"),
                "input": self.tr("Input"),
                "output": self.tr("Output"),
                "parameters": self.tr("Parameters"),
                "weights": self.tr("Memory of weights"),
                "macs": self.tr("MACs a picture"),
                "memory": self.tr("Memory of outputs"),
            }
        )
        self.problems = ProblemList(theme, elsewhere=True)
        self.problems.fix_wanted.connect(self.fix_wanted)
        self.problems.node_wanted.connect(self.node_wanted)
        self.story = Card(inset=True)
        self._story_text = label("", "", "networkStory")
        self._story_source = label("", "small", "networkSource")
        self.story.body.addWidget(SectionLabel(self.tr("Story")))
        for each in (self._story_text, self._story_source):
            each.setWordWrap(True)
            self.story.body.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(14)
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(self.title)
        names.addWidget(self.subtitle)
        column.addLayout(names)
        column.addWidget(self.problems)
        column.addWidget(self.figures)
        column.addWidget(self.story)
        column.addStretch(1)

    def show_network(self, graph: Graph, report: Report) -> None:
        rest = "" if report.complete else " + ?"
        preset = story_of(graph)
        self.title.setText(preset.title if preset is not None else self.tr("Network"))
        self.subtitle.setText(
            str(preset.year) if preset is not None else self.tr("Select a layer to see and change it.")
        )
        first = next(iter(report), None)
        output = report.output
        self.figures.set("layers", str(len(report)))
        self.figures.set("input", shape_text(first.output_shape) if first is not None else "\u2013")
        self.figures.set("output", shape_text(report[output].output_shape) if output is not None else "\u2013")
        self.figures.set("parameters", count_text(report.parameters) + rest)
        self.figures.set("weights", bytes_text((report.parameters + report.buffers) * BYTES_PER_VALUE) + rest)
        self.figures.set("macs", count_text(report.macs) + rest)
        self.figures.set("memory", bytes_text(report.activation_bytes) + rest)
        self.problems.show_problems(report.problems if len(report) else ())
        self.story.setVisible(preset is not None)
        if preset is not None:
            self._story_text.setText(unbroken(preset.story))
            self._story_source.setText(unbroken(preset.source))


class SelectionPage(QWidget):
    """Several layers at once: how many, their sums, and what can be done with them together."""

    delete_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label("", "title", "selectionTitle")
        self.names = label("", "small", "selectionNames")
        self.names.setWordWrap(True)
        self.figures = Figures(
            {
                "parameters": self.tr("Parameters"),
                "share": self.tr("Share of the network"),
                "macs": self.tr("MACs a picture"),
                "memory": self.tr("Memory of outputs"),
            }
        )
        self.delete = button(self.tr("Delete these layers"), "danger", "deleteSelection")
        self.delete.setIcon(theme.icons.icon("delete", "danger"))
        self.delete.clicked.connect(self.delete_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 16)
        column.setSpacing(14)
        column.addWidget(self.title)
        column.addWidget(self.names)
        column.addWidget(self.figures)
        column.addWidget(self.delete, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def show_nodes(self, report: Report, node_ids: tuple[str, ...]) -> None:
        rows = [report[each] for each in node_ids if each in report]
        rest = "" if all(row.output_shape is not None for row in rows) else " + ?"
        self.title.setText(self.tr("{count} layers selected").format(count=len(node_ids)))
        names = ", ".join(row.name for row in rows[:12])
        self.names.setText(names + (", \u2026" if len(rows) > 12 else ""))
        parameters = sum(row.parameters or 0 for row in rows)
        self.figures.set("parameters", count_text(parameters) + rest)
        self.figures.set("share", f"{100 * parameters / max(1, report.parameters):.1f} %")
        self.figures.set("macs", count_text(sum(row.macs or 0 for row in rows)) + rest)
        self.figures.set("memory", bytes_text(sum(row.activation_bytes or 0 for row in rows)) + rest)
