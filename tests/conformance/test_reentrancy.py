"""Predictions run in other threads while a network trains, and neither side shows any trace of the other.

Threads meet at a barrier before each step, so that passes truly overlap; equal means bit for bit.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from cnnstudio.compile import compile_graph
from cnnstudio.engine import Network, TrainingConfig, train
from tests.conformance.networks import CLASSES, EVERY, NETWORKS, SHAPE, with_chance

READERS = 2
ROUNDS = 6
COUNT = 48


NETWORK = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)


@pytest.fixture
def data() -> SimpleNamespace:
    generator = np.random.default_rng(4)

    def split(count: int) -> SimpleNamespace:
        images = generator.integers(0, 256, (count, *SHAPE), dtype=np.uint8)
        return SimpleNamespace(images=images, labels=generator.integers(0, CLASSES, count))

    return SimpleNamespace(train=split(COUNT), validation=split(8), test=split(8), classes=tuple("abcd"))


def run(net: Network, data: SimpleNamespace, barrier: threading.Barrier | None = None) -> list[object]:
    """Train `net`; its events. With a barrier, readers are let in before each one is asked for."""
    config = TrainingConfig(epochs=ROUNDS // 3, batch_size=COUNT // 3, learning_rate=1e-2, seed=5)
    events = train(net, data, config)
    seen: list[object] = []
    while True:
        if barrier is not None:
            barrier.wait(timeout=60)
        event = next(events, None)
        seen.append(event)
        if event is None:
            return seen


@NETWORK
def test_predictions_on_a_snapshot_and_training_do_not_disturb_each_other(make, data):
    images = data.test.images
    alone = compile_graph(make(), seed=1)
    snapshot = alone.snapshot()
    expected = snapshot.predict(images)
    expected_events = run(alone, data)

    net = compile_graph(make(), seed=1)
    snapshot = net.snapshot()
    barrier = threading.Barrier(READERS + 1)

    def read() -> list[np.ndarray]:
        """Predict once for each event of the training, and its two last calls."""
        found = []
        for _ in expected_events:
            barrier.wait(timeout=60)
            found.append(snapshot.predict(images))
        return found

    with ThreadPoolExecutor(READERS) as pool:
        readers: list[Future[list[np.ndarray]]] = [pool.submit(read) for _ in range(READERS)]
        events = run(net, data, barrier)
        predictions = [each for reader in readers for each in reader.result()]

    assert events == expected_events
    assert all(np.array_equal(each, expected) for each in predictions)
    ours, theirs = net.state_dict(), alone.state_dict()
    assert all(np.array_equal(ours[key], theirs[key]) for key in theirs)
    assert len(predictions) == READERS * len(expected_events)


@NETWORK
def test_one_network_serves_several_threads_at_once(make, data):
    """Evaluation keeps no trace of what passes through: scores, every activation."""
    net, barrier = compile_graph(make(), seed=1), threading.Barrier(3)
    parts = [data.train.images[start::3] for start in range(3)]
    expected = [net.activations(part) for part in parts]

    def read(part: np.ndarray) -> list[dict[str, np.ndarray]]:
        found = []
        for _ in range(ROUNDS):
            barrier.wait(timeout=60)
            found.append(net.activations(part))
        return found

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(read, parts))
    for wanted, rounds in zip(expected, found, strict=True):
        for activations in rounds:
            assert all(np.array_equal(activations[node], each) for node, each in wanted.items())


def test_two_networks_train_side_by_side_as_each_does_alone(data):
    makes = [NETWORKS["residual"], with_chance]
    alone = [compile_graph(make(), seed=1) for make in makes]
    expected = [run(net, data) for net in alone]
    nets, barrier = [compile_graph(make(), seed=1) for make in makes], threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda net: run(net, data, barrier), nets))
    assert found == expected
    for net, other in zip(nets, alone, strict=True):
        ours, theirs = net.state_dict(), other.state_dict()
        assert all(np.array_equal(ours[key], theirs[key]) for key in theirs)
