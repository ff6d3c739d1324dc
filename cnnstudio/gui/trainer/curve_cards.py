"""The two cards with a run's curves: loss and accuracy over iterations.

`follow` costs little and may come at each frame: curves take the history's own arrays, averages grow by what is new,
and the axes move in steps.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.engine import EpochDone
from cnnstudio.gui.theme import Theme, percent_text, value_text
from cnnstudio.gui.trainer import scales
from cnnstudio.gui.trainer.legend import Entry, Legend
from cnnstudio.gui.trainer.plot import Plot, Rows, nearest
from cnnstudio.gui.trainer.smoothing import Smoother, span_for
from cnnstudio.gui.widgets import Card, button
from cnnstudio.session import History

LEGEND_BELOW = 200
"""Least height of a card whose legend may take a line from the plot."""

Points = tuple[NDArray[np.float64], NDArray[np.float64]]


class CurveCard(Card):
    """A title, a legend and a plot, and what both cards know of a history."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        legend: tuple[Entry, ...],
        describe: Callable[[int], tuple[str, Rows]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(title, parent)
        self.history: History | None = None
        self.smoother = Smoother()
        self.plot = Plot(theme, describe, self)
        self.legend = Legend(theme, legend, self)
        self.header.addWidget(self.legend)
        self._below = False
        self.title.setMinimumHeight(28)
        self.body.addWidget(self.plot, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a card too narrow for it beside the title, the legend has a line of its own, unless it is low as well."""
        super().resizeEvent(event)
        gap, room = self.header.spacing(), self.body.contentsRect().width() - self.legend.sizeHint().width()
        items = (self.header.itemAt(index) for index in range(self.header.count()))
        others = [item.widget() for item in items if item is not None]
        taken = sum(each.sizeHint().width() + gap for each in others if each is not None and each is not self.legend)
        below = taken + gap > room and self.height() >= LEGEND_BELOW
        if below is not self._below:
            self._below = below
            (self.header if below else self.body).removeWidget(self.legend)
            if below:
                self.body.insertWidget(0, self.legend, 0, Qt.AlignmentFlag.AlignLeft)
            else:
                self.header.addWidget(self.legend)

    def begin(self, history: History, total: int) -> None:
        """Forget the averages of another run."""
        if history is not self.history:
            self.history = history
            self.smoother = Smoother(span_for(total))
            self.plot.set_cursor(None)

    def end(self, history: History, total: int) -> int:
        """Where the axis ends now."""
        return scales.horizon(int(history.iterations[-1]) if len(history) else 0, total)

    def index_at(self, iteration: int) -> int | None:
        """Index into the history of what stands within the cursor's reach."""
        if self.history is None:
            return None
        index = nearest(self.history.iterations, iteration)
        reach = max(1.0, self.plot.total / 50)
        if index is None or abs(self.history.iterations[index] - iteration) > reach:
            return None
        return index

    def epoch_at(self, iteration: int) -> EpochDone | None:
        """The epoch whose dot stands within the cursor's reach."""
        if self.history is None:
            return None
        ends = np.array([epoch.iteration for epoch in self.history.epochs], float)
        index = nearest(ends, iteration)
        if index is None or abs(ends[index] - iteration) > max(0.5, self.plot.total / 80):
            return None
        return self.history.epochs[index]

    def caption_at(self, index: int) -> str:
        assert self.history is not None
        number = f"{int(self.history.iterations[index]):,}"
        return QCoreApplication.translate("Curves", "Iteration {number}").format(number=number)


class LossCard(CurveCard):
    """Loss of each batch, its average, and the validation loss after each epoch; linear or logarithmic."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        translate = QCoreApplication.translate
        legend = (
            Entry(translate("Curves", "training"), "convolution", "thin"),
            Entry(translate("Curves", "smoothed"), "accent"),
            Entry(translate("Curves", "validation"), "linear", "dots"),
        )
        super().__init__(theme, translate("Curves", "Loss"), legend, self.describe, parent)
        self.setObjectName("lossCard")
        self.plot.setObjectName("lossPlot")
        self.plot.setAccessibleName(self.tr("Loss over iterations"))
        self.batches = self.plot.add_curve("convolution", alpha=0.55)
        self.smoothed = self.plot.add_curve("accent", width=2)
        self.validation = self.plot.add_dots("linear", joined=True)
        self._ends: Points = (np.empty(0), np.empty(0))
        self._span = (0, 0)
        self.logarithmic = button(self.tr("Log"), "", "lossLogScale")
        self.logarithmic.setCheckable(True)
        self.logarithmic.setToolTip(self.tr("Logarithmic scale: late progress becomes visible"))
        self.logarithmic.setAccessibleName(self.tr("Logarithmic scale of the loss"))
        self.logarithmic.toggled.connect(self._rescale)
        self.header.insertWidget(1, self.logarithmic)

    def follow(self, history: History, per_epoch: int, total: int) -> None:
        """Show a run of `total` iterations, as far as it has come."""
        self.begin(history, total)
        self._span = (per_epoch, total)
        self._ends = points(history, "validation_loss")
        self.plot.set_series(self.batches, history.iterations, history.losses)
        self.plot.set_series(self.smoothed, history.iterations, self.smoother.follow(history.losses))
        self.plot.show_dots(self.validation, *self._ends)
        self._set_range(history)
        self.plot.refresh_cursor()

    def describe(self, iteration: int) -> tuple[str, Rows]:
        index = self.index_at(iteration)
        if self.history is None or index is None:
            return "", ()
        rows: Rows = ((self.tr("this batch"), value_text(float(self.history.losses[index]))),)
        if index < len(self.smoother):
            rows += ((self.tr("smoothed"), value_text(float(self.smoother.values[index]))),)
        epoch = self.epoch_at(iteration)
        if epoch is not None and epoch.validation_loss is not None:
            name = self.tr("validation, epoch {number}").format(number=epoch.epoch)
            rows += ((name, value_text(epoch.validation_loss)),)
        return self.caption_at(index), rows

    def _rescale(self, logarithmic: bool) -> None:
        for curve in (self.batches, self.smoothed, self.validation):
            curve.setLogMode(False, logarithmic)
        if self.history is not None:
            self._set_range(self.history)

    def _set_range(self, history: History) -> None:
        per_epoch, end = self._span[0], self.end(history, self._span[1])
        x_ticks = scales.iteration_ticks(per_epoch, end)
        if self.logarithmic.isChecked():
            low, high = scales.power_range(np.concatenate([history.losses, self._ends[1]]))
            self.plot.set_range(end, low, high, x_ticks, scales.power_ticks(low, high))
        else:
            top = scales.ceiling(history.losses, self._ends[1])
            self.plot.set_range(end, 0, top, x_ticks, scales.value_ticks(top))


class AccuracyCard(CurveCard):
    """Share of right answers: of the batches, averaged; of training and validation images after each epoch."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        translate = QCoreApplication.translate
        legend = (
            Entry(translate("Curves", "training"), "convolution"),
            Entry(translate("Curves", "epoch"), "convolution", "dots"),
            Entry(translate("Curves", "validation"), "linear", "dots"),
        )
        super().__init__(theme, translate("Curves", "Accuracy"), legend, self.describe, parent)
        self.setObjectName("accuracyCard")
        self.plot.setObjectName("accuracyPlot")
        self.plot.setAccessibleName(self.tr("Accuracy over iterations"))
        self.smoothed = self.plot.add_curve("convolution", width=2)
        self.training = self.plot.add_dots("convolution")
        self.validation = self.plot.add_dots("linear", joined=True)
        self.column = self.plot.add_column()
        self.best = self.plot.add_label()

    def follow(self, history: History, per_epoch: int, total: int) -> None:
        """Show a run of `total` iterations, as far as it has come."""
        self.begin(history, total)
        self.plot.set_series(self.smoothed, history.iterations, self.smoother.follow(history.accuracies))
        self.plot.show_dots(self.training, *points(history, "training_accuracy"))
        ends, values = points(history, "validation_accuracy")
        self.plot.show_dots(self.validation, ends, values)
        end = self.end(history, total)
        self._mark_best(ends, values, end)
        self.plot.set_range(end, 0.0, 1.0, scales.iteration_ticks(per_epoch, end), scales.share_ticks())
        self.plot.refresh_cursor()

    def describe(self, iteration: int) -> tuple[str, Rows]:
        index = self.index_at(iteration)
        if self.history is None or index is None:
            return "", ()
        rows: Rows = ((self.tr("this batch"), percent_text(float(self.history.accuracies[index]))),)
        if index < len(self.smoother):
            rows += ((self.tr("smoothed"), percent_text(float(self.smoother.values[index]))),)
        epoch = self.epoch_at(iteration)
        if epoch is not None:
            name = self.tr("training, epoch {number}").format(number=epoch.epoch)
            rows += ((name, percent_text(epoch.training_accuracy)),)
            if epoch.validation_accuracy is not None:
                name = self.tr("validation, epoch {number}").format(number=epoch.epoch)
                rows += ((name, percent_text(epoch.validation_accuracy)),)
        return self.caption_at(index), rows

    def _mark_best(self, ends: NDArray[np.float64], values: NDArray[np.float64], end: int) -> None:
        for mark in (self.best, self.column):
            mark.setVisible(bool(len(values)))
        if not len(values):
            return
        best = int(np.argmax(values))
        self.best.setText(self.tr("{accuracy}, best").format(accuracy=percent_text(float(values[best]))))
        # In its dot's column, at the far end, where no curve is in the way; held inside the picture at both ends.
        across = 1.0 if ends[best] > 0.85 * end else 0.0 if ends[best] < 0.15 * end else 0.5
        far = 1.0 if values[best] < 0.5 else 0.0
        self.best.setAnchor((across, 1.0 - far))
        self.best.setPos(float(ends[best]), far)
        self.column.setPos(float(ends[best]))


def points(history: History, name: str) -> Points:
    """(n,) iterations at which epochs ended and (n,) of a figure of theirs; epochs without it are left out."""
    found = [(epoch.iteration, getattr(epoch, name)) for epoch in history.epochs if getattr(epoch, name) is not None]
    table = np.array(found, float).reshape(-1, 2)
    return table[:, 0].copy(), table[:, 1].copy()
