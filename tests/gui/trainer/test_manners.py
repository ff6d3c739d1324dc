"""What both workspaces owe every user: names, a way by keyboard, words that fit."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QScrollBar, QWidget

from cnnstudio.graph.commands import SetParams
from cnnstudio.gui.main_window import MainWindow
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.trainer import TrainerWorkspace
from cnnstudio.gui.widgets import MosaicView, ThumbnailGrid
from cnnstudio.gui.widgets.elided import ElidedLabel
from cnnstudio.session import building

INTERACTIVE = (QAbstractButton, QLineEdit, QComboBox, MosaicView, ThumbnailGrid)


def interactive(workspace: QWidget) -> list[QWidget]:
    return [each for each in workspace.findChildren(QWidget) if isinstance(each, INTERACTIVE)]


@pytest.mark.parametrize("place", ["train", "inspect"])
def test_everything_one_can_use_has_a_name_and_takes_the_keyboard(window: MainWindow, place: str) -> None:
    window.show_workspace(place)
    parts = interactive(window.workspaces[place])
    assert len(parts) > 10
    for part in parts:
        assert part.objectName(), f"{type(part).__name__} in {part.parent().objectName()!r} has no name"
        assert part.focusPolicy() & Qt.FocusPolicy.TabFocus, f"{part.objectName()} cannot be reached by Tab"


@pytest.mark.parametrize("place", ["train", "inspect"])
@pytest.mark.parametrize("size", [(900, 600), (1280, 800), (1920, 1080)])
def test_nothing_is_cut_off_or_overlaps(window: MainWindow, place: str, size: tuple[int, int], qtbot) -> None:
    window.show_workspace(place)
    window.resize(*size)
    workspace = window.workspaces[place]
    qtbot.waitUntil(lambda: workspace.width() == size[0] - window.rail.width())
    QApplication.processEvents()  # what gave way to the others is gone, and they have its room
    for part in interactive(workspace):
        if part.isVisible() and not part.visibleRegion().isEmpty():
            assert part.width() >= min(part.minimumSizeHint().width(), 300), part.objectName()
    bars = [bar for bar in workspace.findChildren(QScrollBar) if bar.orientation() == Qt.Orientation.Horizontal]
    assert not any(bar.isVisible() for bar in bars)


def test_both_looks_are_taken_up_while_it_is_open(window: MainWindow, trainer: TrainerWorkspace, theme: Theme) -> None:
    light = trainer.grab().toImage()
    window.theme.set_mode("dark")
    dark = trainer.grab().toImage()
    corner = (trainer.width() - 4, 4)
    assert dark.pixelColor(*corner).lightness() < 60 < light.pixelColor(*corner).lightness()


def test_long_words_are_shortened_and_told_by_the_tip(qtbot, theme: Theme) -> None:
    label = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(label)
    label.setText("/a/very/long/path/to/a/folder/of/pictures")
    label.resize(120, 20)
    label.grab()
    assert "…" in label.shown
    assert label.toolTip() == label.text()
    label.resize(900, 20)
    label.grab()
    assert label.shown == label.text()
    assert label.toolTip() == ""


def test_while_one_draws_nothing_is_compiled_for_filters_that_nobody_sees(
    window: MainWindow, trainer: TrainerWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio, compiled = window.studio, []
    compile_graph = building.compile_graph
    monkeypatch.setattr(building, "compile_graph", lambda *at, **how: compiled.append(at) or compile_graph(*at, **how))
    window.show_workspace("build")
    conv = next(node.id for node in studio.graph.nodes.values() if node.kind == "Conv2d")
    assert window.editor.run(SetParams(conv, out_channels=5))
    assert compiled == []
    window.show_workspace("train")
    assert compiled
    assert trainer.filters.kernels.grid.count == 5


def test_the_legend_of_a_narrow_card_is_shortened_not_cut(window: MainWindow, trainer: TrainerWorkspace, until) -> None:
    trainer.pages.setCurrentIndex(1)
    assert trainer.loss.legend.names == ["training", "smoothed", "validation"]
    window.resize(window.minimumSize())
    until(lambda: window.width() == window.minimumWidth())
    card, legend = trainer.loss, trainer.loss.legend
    assert card.rect().contains(QRect(legend.mapTo(card, QPoint(0, 0)), legend.size()))
    assert "smoothed" not in legend.names
    assert all(not name or len(name) > 3 for name in legend.names)
    assert "validation" in legend.toolTip()


def test_in_a_small_window_the_legend_has_its_words_and_no_two_choices_overlap(
    window: MainWindow, trainer: TrainerWorkspace, until
) -> None:
    trainer.pages.setCurrentIndex(1)
    window.resize(1000, 640)
    until(lambda: trainer.loss.legend.names == ["training", "smoothed", "validation"])
    until(lambda: trainer.accuracy.legend.names == ["training", "epoch", "validation"])
    trainer.filters.set_weight(np.zeros((4, 3, 3, 3), np.float32))
    until(lambda: trainer.filters.input.isVisible())
    until(lambda: not trainer.filters.layer.geometry().intersects(trainer.filters.input.geometry()))
