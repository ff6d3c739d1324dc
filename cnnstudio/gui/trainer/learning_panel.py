"""How the network learns: the settings of the next run, and the learning rate of the present one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnstudio.engine import ConfigError, TrainingConfig
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.widgets import GRID, BoolField, ChoiceField, Field, FloatField, Form, IntField, SectionLabel
from cnnstudio.session.recipes import with_optimizer

MOST = 1_000_000
"""Largest number of epochs and largest seed that the fields take."""


class LearningPanel(QWidget):
    """`edited` carries the whole new TrainingConfig, once for each value that was changed.

    Settings that have no field here stay as they are. With another optimizer comes its usual learning rate, unless the
    former one's has been changed.
    """

    edited = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("learningPanel")
        self._config = TrainingConfig()
        self._running = False
        self._fields: dict[str, Field] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(SectionLabel(self.tr("Learning")))
        self._form = Form()
        column.addWidget(self._form)
        self._add_fields(theme)
        self.set_config(self._config)

    def _add_fields(self, theme: Theme) -> None:
        losses = (
            ("cross_entropy", self.tr("Cross-entropy")),
            ("svm", self.tr("SVM, margin 1")),
            ("mse", self.tr("Squared error")),
        )
        optimizers = (
            ("sgd", self.tr("SGD")),
            ("adagrad", self.tr("AdaGrad")),
            ("rmsprop", self.tr("RMSprop")),
            ("adam", self.tr("Adam")),
            ("adamw", self.tr("AdamW")),
        )
        self._add("loss", self.tr("Loss"), ChoiceField(theme, losses), self.tr("What training makes small"))
        self._add(
            "optimizer",
            self.tr("Optimizer"),
            ChoiceField(theme, optimizers),
            self.tr("How a gradient becomes a step"),
        )
        self._add(
            "learning_rate",
            self.tr("Learning rate"),
            FloatField(theme, 0.0, above=True, scale=True),
            self.tr("Length of a step; may be changed while training runs"),
        )
        self._add(
            "momentum",
            self.tr("Momentum"),
            FloatField(theme, 0.0, 1.0, below=True),
            self.tr("Share of the last step that SGD keeps"),
        )
        self._add("nesterov", self.tr("Nesterov"), BoolField(theme), self.tr("SGD looks ahead along its momentum"))
        self._add(
            "weight_decay",
            self.tr("Weight decay"),
            FloatField(theme, 0.0, scale=True),
            self.tr("Pull of every weight towards 0 (L2)"),
        )
        self._add("batch_size", self.tr("Batch size"), IntField(theme, 1, 65536), self.tr("Pictures in one step"))
        self._add("epochs", self.tr("Epochs"), IntField(theme, 1, MOST), self.tr("How often every picture is seen"))
        self._add(
            "seed", self.tr("Seed"), IntField(theme, 0, MOST), self.tr("Of the order of the pictures and of dropout")
        )

    def _add(self, name: str, text: str, field: Field, tip: str) -> None:
        field.setObjectName(f"learning.{name}")
        self._form.add(text, field, tip)
        self._fields[name] = field
        field.committed.connect(lambda value: self._commit(name, value))

    def field(self, name: str) -> Field:
        return self._fields[name]

    @property
    def config(self) -> TrainingConfig:
        return self._config

    def set_config(self, config: TrainingConfig) -> None:
        """Show settings; emits nothing."""
        self._config = config
        for name, field in self._fields.items():
            if field.value() != getattr(config, name):
                field.set_value(getattr(config, name))
        self._enable()

    def set_running(self, running: bool) -> None:
        """While a run is under way only its learning rate can be changed."""
        if running != self._running:
            self._running = running
            self._enable()

    def _enable(self) -> None:
        for name, field in self._fields.items():
            field.setEnabled(not self._running or name == "learning_rate")
        sgd = self._config.optimizer == "sgd"
        self._fields["momentum"].setEnabled(sgd and not self._running)
        self._fields["nesterov"].setEnabled(sgd and not self._running and self._config.momentum > 0)

    def _commit(self, name: str, value: object) -> None:
        try:
            config = self._changed(name, value)
        except ConfigError as error:
            self.set_config(self._config)
            self._fields[name].set_error(str(error))
            return
        self.set_config(config)
        self.edited.emit(config)

    def _changed(self, name: str, value: object) -> TrainingConfig:
        if isinstance(value, str) and name == "optimizer":
            return with_optimizer(self._config, value)
        changes: dict[str, Any] = {name: value}
        if name == "momentum" and value == 0:
            changes["nesterov"] = False  # its step is made of momentum
        return replace(self._config, **changes)
