"""The settings of a run, and the card with the filters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from cnnstudio.engine import LOSSES, OPTIMIZERS, LayerSettings, TrainingConfig
from cnnstudio.graph import Graph, analyze, presets
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.trainer.filters_card import FiltersCard
from cnnstudio.gui.trainer.learning_panel import LearningPanel
from cnnstudio.gui.trainer.result_card import LEAST_FIRST, ResultCard


@pytest.fixture
def panel(theme: Theme, qtbot) -> LearningPanel:
    panel = LearningPanel(theme)
    qtbot.addWidget(panel)
    panel.resize(260, 400)
    panel.show()
    return panel


@pytest.fixture
def card(theme: Theme, qtbot) -> Iterator[FiltersCard]:
    card = FiltersCard(theme, "Filters")
    qtbot.addWidget(card)
    card.resize(640, 320)
    card.show()
    qtbot.waitExposed(card)
    return card


def choose(field, text: str) -> None:
    """Open the box with the keyboard and take the entry whose text begins so."""
    field.box.setFocus()
    QTest.keyClicks(field.box, text)
    field.box.activated.emit(field.box.currentIndex())


FIELDS = (
    "epochs",
    "batch_size",
    "optimizer",
    "learning_rate",
    "momentum",
    "nesterov",
    "weight_decay",
    "loss",
    "seed",
)


def test_the_usual_settings_of_the_engine_are_offered(panel: LearningPanel) -> None:
    for name in FIELDS:
        assert panel.field(name).objectName() == f"learning.{name}"
        assert panel.field(name).value() == getattr(TrainingConfig(), name)
    for loss in LOSSES:
        panel.field("loss").set_value(loss)
    for optimizer in OPTIMIZERS:
        panel.field("optimizer").set_value(optimizer)


def test_settings_without_a_field_are_never_lost(panel: LearningPanel, qtbot) -> None:
    more = {
        "label_smoothing": 0.1,
        "class_weights": (1.0, 2.0),
        "schedule": "cosine",
        "warmup": 5,
        "clip_norm": 1.0,
        "l1": 1e-4,
        "layers": {"conv2d_1": LayerSettings(frozen=True)},
    }
    panel.set_config(TrainingConfig(**more))
    with qtbot.waitSignal(panel.edited) as edited:
        choose(panel.field("loss"), "SVM")
    assert edited.args[0] == TrainingConfig(loss="svm", **more)


def test_momentum_belongs_to_sgd(panel: LearningPanel, qtbot) -> None:
    assert not panel.field("momentum").isEnabled()
    with qtbot.waitSignal(panel.edited) as edited:
        choose(panel.field("optimizer"), "SGD")
    assert edited.args[0].optimizer == "sgd"
    assert panel.field("momentum").isEnabled()
    assert panel.field("nesterov").isEnabled()


def test_without_momentum_there_is_no_nesterov(panel: LearningPanel) -> None:
    panel.set_config(TrainingConfig(optimizer="sgd", nesterov=True))
    edit = panel.field("momentum").edit
    edit.selectAll()
    QTest.keyClicks(edit, "0")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert panel.config == TrainingConfig(optimizer="sgd", momentum=0.0, nesterov=False)
    assert not panel.field("nesterov").isEnabled()


def test_sgd_can_be_chosen_whatever_the_settings_were(panel: LearningPanel, qtbot) -> None:
    """A file may ask for Nesterov's step without momentum as long as another optimizer ignores both."""
    panel.set_config(TrainingConfig(optimizer="adam", momentum=0.0, nesterov=True))
    with qtbot.waitSignal(panel.edited) as edited:
        choose(panel.field("optimizer"), "SGD")
    assert edited.args[0] == TrainingConfig(optimizer="sgd", learning_rate=0.02, momentum=0.0, nesterov=False)
    assert panel.field("nesterov").value() is False


def test_a_value_that_the_settings_refuse_is_told_and_taken_back(panel: LearningPanel, qtbot) -> None:
    before = panel.config
    with qtbot.assertNotEmitted(panel.edited):
        panel.field("batch_size").committed.emit(0)
    assert panel.config == before
    assert panel.field("batch_size").error == "batch_size is 0; it takes a whole number of at least 1."


def test_another_optimizer_brings_its_usual_learning_rate(panel: LearningPanel, qtbot) -> None:
    box = panel.field("optimizer").box
    for name, rate in (("SGD", 0.02), ("RMSprop", 1e-3), ("AdaGrad", 1e-2), ("AdamW", 1e-3), ("SGD", 0.02)):
        box.setCurrentIndex(box.findText(name))
        with qtbot.waitSignal(panel.edited) as edited:
            box.activated.emit(box.currentIndex())
        assert edited.args[0].learning_rate == panel.field("learning_rate").value() == rate


def test_a_learning_rate_that_was_chosen_stays_with_another_optimizer(panel: LearningPanel) -> None:
    edit = panel.field("learning_rate").edit
    edit.selectAll()
    QTest.keyClicks(edit, "5e-4")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    choose(panel.field("optimizer"), "SGD")
    assert (panel.config.optimizer, panel.config.learning_rate) == ("sgd", 5e-4)


def test_a_learning_rate_is_typed_as_one_writes_it_and_stepped_along_the_scale(panel: LearningPanel) -> None:
    edit = panel.field("learning_rate").edit
    edit.selectAll()
    QTest.keyClicks(edit, "2e-3")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert panel.config.learning_rate == 0.002
    QTest.keyClick(edit, Qt.Key.Key_Up)
    assert panel.config.learning_rate == 0.005
    edit.selectAll()
    QTest.keyClicks(edit, "0")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert panel.config.learning_rate == 0.005
    assert panel.field("learning_rate").error.startswith("Enter a number above 0")


def test_all_layers_with_weights_are_on_offer(card: FiltersCard) -> None:
    card.set_report(analyze(presets.load("lenet5-cs231n")))
    assert [card.layer.itemText(index) for index in range(card.layer.count())] == ["conv1", "conv2", "fc1", "fc2"]
    assert card.node == "conv2d_1"


def test_the_chosen_layer_stays_while_it_is_there(card: FiltersCard, qtbot) -> None:
    graph = presets.load("lenet5-cs231n")
    card.set_report(analyze(graph))
    card.select("linear_1")
    conv = graph.add("Conv2d", "input_1", out_channels=4, kernel_size=3)
    card.set_report(analyze(graph))
    assert card.node == "linear_1"
    graph.remove(conv)
    graph.remove("linear_1")
    with qtbot.waitSignal(card.watch) as watched:
        card.set_report(analyze(graph))
    assert watched.args == ["conv2d_1"]


def test_one_kernel_of_each_filter_and_a_choice_of_which(card: FiltersCard) -> None:
    card.set_report(analyze(presets.load("lenet5-cs231n")))
    card.select("conv2d_2")
    weight = np.random.default_rng(0).normal(size=(50, 20, 5, 5)).astype(np.float32)
    card.set_weight(weight)
    assert card.input.isVisible()
    assert card.input.count() == 20
    assert np.array_equal(card.kernels._maps, weight[:, 0])
    card.input.setCurrentIndex(7)
    card.input.activated.emit(7)
    assert np.array_equal(card.kernels._maps, weight[:, 7])


def test_colour_pictures_have_their_channels_named(card: FiltersCard) -> None:
    card.set_report(analyze(presets.load("resnet20-cifar10")))
    card.set_weight(np.zeros((16, 3, 3, 3), np.float32))
    assert [card.input.itemText(index) for index in range(3)] == [
        "looking at red",
        "looking at green",
        "looking at blue",
    ]


def test_the_scale_is_symmetric_round_and_holds_for_every_kernel(card: FiltersCard) -> None:
    weight = np.zeros((4, 2, 3, 3), np.float32)
    weight[3, 1, 0, 0] = -0.37
    card.set_weight(weight)
    assert card.kernels.limits == pytest.approx((-0.4, 0.4))
    assert card.key.texts() == ("−0.400", "0", "0.400")


def test_the_value_under_the_cursor(card: FiltersCard) -> None:
    weight = np.arange(36, dtype=np.float32).reshape(4, 1, 3, 3) / 100
    card.set_weight(weight)
    view = card.kernels
    view.set_probe(2, 1, 0)
    place = view.cell_rect(view.probe).center().toPoint()
    view.clear_probe()
    QTest.mouseMove(view, place)
    assert card.caption.text() == "filter 2, row 1, column 0 = 0.2100"


def test_a_linear_layer_is_a_matrix(card: FiltersCard) -> None:
    weight = np.random.default_rng(0).normal(size=(10, 64)).astype(np.float32)
    card.set_weight(weight)
    assert card.pages.currentIndex() == 1
    assert np.array_equal(card.matrix._maps[0], weight)
    card.matrix.set_probe(0, 3, 8)
    assert card.caption.text().startswith("output 3, input 8 = ")
    assert not card.input.isVisible()


def test_a_network_without_weights_says_so(card: FiltersCard) -> None:
    graph = Graph()
    graph.add("Input", shape=(1, 8, 8))
    card.set_report(analyze(graph))
    card.set_weight(None)
    assert card.pages.currentIndex() == 2
    assert card.nothing.text().startswith("No layer of this network has weights")
    assert not card.layer.isEnabled()


def test_a_broken_network_is_not_said_to_have_no_weights(card: FiltersCard) -> None:
    graph = presets.load("digits-small")
    graph.disconnect(graph.links()[0])
    card.set_report(analyze(graph))
    card.set_weight(None)
    assert card.nothing.text() == "The filters stand here again once the network is whole."


def test_a_low_result_card_drops_rows_and_cuts_none(theme: Theme, qtbot) -> None:
    card = ResultCard(theme, "Result")
    qtbot.addWidget(card)
    card.resize(240, 320)
    card.show()
    shown = [name for name in LEAST_FIRST if card.findChild(QLabel, f"result.{name}").isVisible()]
    assert set(shown) == set(LEAST_FIRST)
    card.resize(240, 210)
    left = [card.findChild(QLabel, f"result.{name}") for name in LEAST_FIRST]
    left = [label for label in left if label.isVisible()]
    assert 0 < len(left) < len(LEAST_FIRST)
    assert all(label.height() >= label.sizeHint().height() for label in left)
    assert all(label.geometry().bottom() < card.height() for label in left)
    assert card.findChild(QLabel, "result.validation").isVisible()


def test_few_kernels_are_large_and_many_still_fit(card: FiltersCard) -> None:
    card.set_weight(np.zeros((4, 1, 3, 3), np.float32))
    large = card.kernels.grid.width
    card.set_weight(np.zeros((64, 1, 3, 3), np.float32))
    assert card.kernels.grid.width < large
