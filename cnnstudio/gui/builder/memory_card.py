"""What the network takes to be run and to be trained, for a batch that one may try out."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from cnnstudio.engine import TrainingConfig
from cnnstudio.graph import Graph, Memory, memory
from cnnstudio.graph.memory import CONVENTIONS
from cnnstudio.gui.theme import Theme, bytes_text, count_text
from cnnstudio.gui.widgets.basics import Card, SectionLabel, button, label
from cnnstudio.gui.widgets.elided import ElidedLabel
from cnnstudio.gui.widgets.fields import IntField
from cnnstudio.gui.widgets.stack import StackBar, Swatch

LARGEST_BATCH = 65536


@dataclass(frozen=True, slots=True)
class _Part:
    """A line of the key; the figure's tool tip has it to the byte, and says what counts."""

    token: str
    word: QLabel
    figure: QLabel


def _word(text: str) -> ElidedLabel:
    made = ElidedLabel("muted")
    made.setText(text)
    return made


class MemoryCard(Card):
    """The batch is the training run's until another one is typed; nothing here changes the project."""

    node_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, inset=True)
        self.setObjectName("memoryCard")
        self._theme = theme
        self._config = TrainingConfig()
        self._graph: Graph | None = None
        self._own: int | None = None
        self._peak_at = self._peak_name = ""
        self.batch = IntField(theme, 1, LARGEST_BATCH)
        self.batch.setObjectName("memory.batch")
        self.batch.setAccessibleName(self.tr("Pictures in a batch"))
        self.batch.setFixedWidth(84)
        self.batch.set_value(self._config.batch_size)
        self.batch.committed.connect(self._try)
        self.trial = label("", "small", "memory.trial")
        self.trial.hide()
        self.run_total, self.train_total = label("", "number", "memory.run"), label("", "number", "memory.train")
        self.run_bar, self.train_bar = StackBar(theme), StackBar(theme)
        self.peak = button("", "link", "memory.peak")
        self.peak.clicked.connect(lambda: self.node_wanted.emit(self._peak_at))
        self.convention = label("", "small", "memory.convention")
        self.convention.setWordWrap(True)
        self._parts = self._make_parts()
        self._lay_out()

    def set_config(self, config: TrainingConfig) -> None:
        """The training run's batch and optimizer."""
        if config != self._config:
            self._config = config
            self._refresh()

    def forget(self) -> None:
        """Another project: the batch is its own again."""
        self._own = None

    def show_network(self, graph: Graph) -> None:
        self._graph = graph
        self.setVisible(len(graph) > 0)
        self._refresh()

    @property
    def batch_size(self) -> int:
        return self._config.batch_size if self._own is None else self._own

    # -- building

    def _make_parts(self) -> dict[str, _Part]:
        words = {
            "run.weights": ("convolution", self.tr("Weights")),
            "run.outputs": ("activation", self.tr("Outputs, at most")),
            "train.weights": ("convolution", self.tr("Weights")),
            "train.gradients": ("linear", self.tr("Gradients of weights")),
            "train.optimizer": ("normalization", self.tr("Optimizer")),
            "train.kept": ("pooling", self.tr("Kept for backward")),
            "train.passing": ("activation", self.tr("Passing through")),
        }
        return {
            key: _Part(token, _word(word), label("", "number", f"memory.{key}")) for key, (token, word) in words.items()
        }

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        name = label(self.tr("Batch"), "muted")
        name.setBuddy(self.batch)
        for each in (name, self.batch):
            top.addWidget(each)
        top.addWidget(self.trial)
        top.addStretch(1)
        self.body.addWidget(SectionLabel(self.tr("Memory")))
        self.body.addLayout(top)
        self.body.addLayout(self._section(self.tr("To run"), self.run_total, self.run_bar, "run."))
        self.body.addWidget(self.peak, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(self._section(self.tr("To train"), self.train_total, self.train_bar, "train."))
        self.body.addWidget(self.convention)

    def _section(self, title: str, total: QLabel, bar: StackBar, prefix: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        grid.addWidget(label(title, "strong"), 0, 0, 1, 2)
        grid.addWidget(total, 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(bar, 1, 0, 1, 3)
        for line, part in enumerate(self._of(prefix), start=2):
            grid.addWidget(Swatch(self._theme, part.token), line, 0)
            grid.addWidget(part.word, line, 1)
            grid.addWidget(part.figure, line, 2, Qt.AlignmentFlag.AlignRight)
        return grid

    def _of(self, prefix: str) -> list[_Part]:
        return [part for key, part in self._parts.items() if key.startswith(prefix)]

    # -- figures

    def _try(self, value: object) -> None:
        assert isinstance(value, int)
        self._own = None if value == self._config.batch_size else value
        self._refresh()

    def _refresh(self) -> None:
        """Worked out only while somebody sees it."""
        if self._graph is None or not len(self._graph) or not self.isVisible():
            return
        if self.batch.value() != self.batch_size:
            self.batch.set_value(self.batch_size)
        config = self._config
        self.trial.setText(self.tr("Training uses {count}").format(count=count_text(config.batch_size)))
        self.trial.setVisible(self._own is not None)
        self.batch.setToolTip(
            self.tr("Pictures at once; the training run takes {count}. Type another number to try it out.").format(
                count=count_text(config.batch_size)
            )
        )
        momentum = config.optimizer == "sgd" and config.momentum
        keeper = self.tr("momentum") if momentum else self._optimizer_text()
        self._parts["train.optimizer"].word.setText(self.tr("Kept by {optimizer}").format(optimizer=keeper))
        self._show(memory(self._graph, self.batch_size, config.optimizer, config.momentum))

    def _show(self, found: Memory) -> None:
        sizes = {
            "run.weights": found.weights + found.buffers,
            "run.outputs": found.inference_peak,
            "train.weights": found.weights + found.buffers,
            "train.gradients": found.weight_gradients,
            "train.optimizer": found.optimizer_state,
            "train.kept": found.kept,
            "train.passing": max(0, found.training_peak - found.kept),
        }
        rest = "" if found.complete else " + ?"
        for key, size in sizes.items():
            part = self._parts[key]
            part.figure.setText(bytes_text(size))
            part.figure.setToolTip(self._exact(size, self._explanations()[key.partition(".")[2]]))
        for total, size, tip in (
            (self.run_total, found.inference_total, CONVENTIONS["inference_total"]),
            (self.train_total, found.training_total, CONVENTIONS["training_total"]),
        ):
            total.setText(bytes_text(size) + rest)
            total.setToolTip(self._exact(size, tip))
        whole = max(found.training_total, found.inference_total)
        for bar, prefix in ((self.run_bar, "run."), (self.train_bar, "train.")):
            bar.set_parts([(self._parts[key].token, sizes[key]) for key in sizes if key.startswith(prefix)], whole)
        for bar, text in ((self.run_bar, self.run_total.text()), (self.train_bar, self.train_total.text())):
            bar.setAccessibleName(text)
        self.convention.setText(found.convention)
        self._show_peak(found)

    def _show_peak(self, found: Memory) -> None:
        here = found.inference_peak_at
        self._peak_at = here or ""
        assert self._graph is not None
        self._peak_name = self._graph.node(here).name if here is not None and here in self._graph else ""
        self.peak.setEnabled(bool(self._peak_name))
        self.peak.setToolTip(self.tr("The layer at work when most outputs exist at a time: select it"))
        self._elide_peak()

    def _elide_peak(self) -> None:
        text = self.tr("Most at {name}").format(name=self._peak_name or "\u2013")
        room = max(80, self.width() - 48)
        self.peak.setText(self.peak.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide_peak()

    def _exact(self, size: int, explanation: str) -> str:
        return self.tr("{count} bytes. {explanation}").format(count=count_text(size), explanation=explanation)

    def _explanations(self) -> dict[str, str]:
        return {
            "weights": self.tr("Learned numbers and running statistics; they do not grow with the batch."),
            "outputs": CONVENTIONS["inference_peak"],
            "kept": CONVENTIONS["kept"],
            "passing": self.tr(
                "What exists besides when a training step takes most: outputs still to be read, and gradients by them."
            ),
            "gradients": self.tr("One number for each weight that learns."),
            "optimizer": self.tr("What {optimizer} remembers of each weight that learns.").format(
                optimizer=self._optimizer_text()
            ),
        }

    def _optimizer_text(self) -> str:
        config = self._config
        if config.optimizer == "sgd":
            return self.tr("SGD with momentum") if config.momentum else self.tr("SGD")
        return {
            "adagrad": self.tr("AdaGrad"),
            "rmsprop": self.tr("RMSprop"),
            "adam": self.tr("Adam"),
            "adamw": self.tr("AdamW"),
        }.get(config.optimizer, config.optimizer)
