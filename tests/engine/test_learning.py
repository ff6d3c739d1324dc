"""Real handwriting, learned: the figures that the reference sheet asks for, with the settings it names."""

from __future__ import annotations

import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.data import load_dataset
from cnnstudio.engine import EpochDone, RunDone, TrainingConfig, train
from cnnstudio.graph import presets


@pytest.mark.slow
def test_digits_are_learned():
    data = load_dataset("digits", seed=0)
    net = compile_graph(presets.load("digits-small"))
    *_, done = train(net, data, TrainingConfig(epochs=20, batch_size=32))
    assert isinstance(done, RunDone)
    assert done.test_accuracy >= 0.97


@pytest.mark.slow
def test_mnist_is_learned_within_three_epochs(shared_data):
    """9,000 of the 10,000 pictures at hand teach, 1,000 examine."""
    data = load_dataset(shared_data / "mnist", seed=0, validation=0)
    assert (len(data.train.images), len(data.test.images)) == (9000, 1000)
    net = compile_graph(presets.load("lenet5-cs231n"))
    *events, done = train(net, data, TrainingConfig(epochs=3, batch_size=32))
    losses = [event.training_loss for event in events if isinstance(event, EpochDone)]
    assert losses == sorted(losses, reverse=True)
    assert done.test_accuracy >= 0.97
