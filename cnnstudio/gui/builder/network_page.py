"""The property panel while no layer is selected: the network as a whole; and for several layers, their sums."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnnstudio.graph import Graph, Report
from cnnstudio.graph.shapes import BYTES_PER_VALUE
from cnnstudio.gui.builder.memory_card import MemoryCard
from cnnstudio.gui.builder.problem_box import ProblemList
from cnnstudio.gui.builder.stories import story_of
from cnnstudio.gui.canvas.notes import unbroken
from cnnstudio.gui.theme import Theme, bytes_text, count_text, shape_text
from cnnstudio.gui.widgets.basics import Card, SectionLabel, button, label


class Figures(QWidget):
    """Pairs of a word and a figure, one below the other; the figures stand at the right.

    choices: words that are buttons, because the figure may be shown in another way; `chosen` carries their key.
    """

    chosen = Signal(str)

    def __init__(self, words: dict[str, str], parent: QWidget | None = None, *, choices: tuple[str, ...] = ()) -> None:
        super().__init__(parent)
        self._labels = {key: label("", "number", f"figure.{key}") for key in words}
        self._words: dict[str, QLabel | QPushButton] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(0, 1)
        for line, (key, text) in enumerate(words.items()):
            self._words[key] = self._choice(key, text) if key in choices else label(text, "muted")
            grid.addWidget(self._words[key], line, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(self._labels[key], line, 1, Qt.AlignmentFlag.AlignRight)

    def set(self, key: str, text: str, tip: str = "") -> None:
        self._labels[key].setText(text)
        self._labels[key].setToolTip(tip)

    def rename(self, key: str, word: str, tip: str) -> None:
        """Another word for a figure that may be shown in several ways."""
        self._words[key].setText(word)
        self._words[key].setToolTip(tip)

    def _choice(self, key: str, text: str) -> QPushButton:
        made = button(text, "choice", f"figureChoice.{key}")
        made.clicked.connect(lambda: self.chosen.emit(key))
        return made


class NetworkPage(QWidget):
    """Totals, memory, story and all problems of the network, and what can be done with it as a whole."""

    fix_wanted = Signal(object)
    node_wanted = Signal(str)
    action_wanted = Signal(str)

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
                "memory": self.tr("Outputs, one picture"),
            },
            choices=("macs",),
        )
        self.flops = False
        self.figures.chosen.connect(self._choose)
        self._macs, self._rest = 0, ""
        self.memory = MemoryCard(theme)
        self.memory.node_wanted.connect(self.node_wanted)
        self.tools = _tools(theme, self.action_wanted)
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
        column.addWidget(self.tools)
        column.addWidget(self.memory)
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
        weights = (report.parameters + report.buffers) * BYTES_PER_VALUE
        for key, size in (("weights", weights), ("memory", report.activation_bytes)):
            exact = self.tr("{count} bytes").format(count=count_text(size))
            self.figures.set(key, bytes_text(size) + rest, exact)
        self._macs, self._rest = report.macs, rest
        self.show_flops(self.flops)
        self.tools.setVisible(len(report) > 0)
        self.memory.show_network(graph)
        self.problems.show_problems(report.problems if len(report) else ())
        self.story.setVisible(preset is not None)
        if preset is not None:
            self._story_text.setText(unbroken(preset.story))
            self._story_source.setText(unbroken(preset.source))

    def show_flops(self, flops: bool) -> None:
        """Count a multiplication and its addition as two operations, or as the one that they are on most chips."""
        self.flops = flops
        self.figures.rename(
            "macs",
            self.tr("FLOPs a picture") if flops else self.tr("MACs a picture"),
            self.tr(
                "One MAC is a multiplication and the addition that follows it; FLOPs = 2 × MACs counts both. "
                "Convolutions and full connections only, without bias, for one picture. Click to change the count."
            ),
        )
        self.figures.set("macs", count_text(self._macs * (2 if flops else 1)) + self._rest)

    def _choose(self, _key: str) -> None:
        self.show_flops(not self.flops)


def _tools(theme: Theme, wanted: SignalInstance) -> QWidget:
    """What can be done with the network as a whole, each by the id of its action."""
    translate = QCoreApplication.translate
    rows = (
        ("network.profile", "measure", translate("NetworkPage", "Measure time…")),
        ("network.compare", "compare", translate("NetworkPage", "Compare with…")),
        ("file.export_report", "report", translate("NetworkPage", "Export report…")),
    )
    home = QWidget()
    column = QVBoxLayout(home)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    for action_id, icon, text in rows:
        made = button(text, "link", f"networkPage.{action_id}")
        made.setIcon(theme.icons.icon(icon, "accent"))
        made.clicked.connect(lambda _checked=False, chosen=action_id: wanted.emit(chosen))
        column.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
    return home


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
                "memory": self.tr("Outputs, one picture"),
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
