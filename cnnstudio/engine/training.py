"""Training as a generator of events: whoever iterates sets the pace, and stops by closing it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, Integers, shape_text
from cnnstudio.engine.config import TrainingConfig, TrainingControl
from cnnstudio.engine.diagnosis import Fault, find_fault
from cnnstudio.engine.errors import InputError, Interrupted
from cnnstudio.engine.events import (
    EpochDone,
    Evaluating,
    IterationDone,
    RunDone,
    RunFailed,
    RunStarted,
    SplitName,
    TrainingEvent,
)
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.layers import Mode
from cnnstudio.engine.learner import Learner
from cnnstudio.engine.network import Network, ParameterKey, check_labels
from cnnstudio.engine.regularization import settings_by_node

EVALUATION_BATCH = 64
"""Pictures that an evaluation takes at least between two events."""


class Split(Protocol):
    """Pictures (N, C, H, W), uint8 or float, and their labels (N,)."""

    @property
    def images(self) -> npt.NDArray[Any]: ...
    @property
    def labels(self) -> Integers: ...


class Dataset(Protocol):
    @property
    def train(self) -> Split: ...
    @property
    def validation(self) -> Split: ...
    @property
    def test(self) -> Split: ...
    @property
    def classes(self) -> Sequence[str]: ...


def train(
    net: Network, data: Dataset, config: TrainingConfig, control: TrainingControl | None = None
) -> Iterator[TrainingEvent]:
    """Train `net` in place; nothing happens but when the returned generator is asked for its next event.

    The same network, data, configuration and control give the same events, bit for bit, on one machine. A batch of
    one left over at the end of an epoch is skipped (no statistics can be taken of it); the next epoch's order
    is another. A reported loss is that of `config.make_loss()`, without penalties; the learning rate of an iteration
    is the control's where it has one, otherwise the schedule's.

    Raises InputError at once, before the first event, when data, network and configuration do not fit.
    """
    check_fit(net, data, config)
    return _run(net, data, config, control or TrainingControl())


def check_fit(net: Network, data: Dataset, config: TrainingConfig) -> None:
    """Raises InputError, in one sentence, unless `data` can train `net` in that way."""
    splits: Mapping[str, Split] = {"training": data.train, "validation": data.validation, "test": data.test}
    if len(data.train.images) == 0:
        raise InputError("There are no training pictures; choose another data set or another split.")
    if not net.parameters:
        raise InputError("The network has nothing to learn: add a layer with weights, such as Conv2d or Linear.")
    layers = settings_by_node(net, config.layers)
    if all(node_id in layers and layers[node_id].frozen for node_id, _ in net.parameters):
        raise InputError("Every layer that learns is frozen; let at least one of them learn.")
    for name, split in splits.items():
        if split.images.shape[1:] != net.input_shape:
            raise InputError(
                f"The network takes pictures of {shape_text(net.input_shape)}; "
                f"the {name} pictures are {shape_text(split.images.shape[1:])}."
            )
    _, scores = net.evaluate(data.train.images[:1], data.train.labels[:1] * 0, config.make_loss())
    classes = scores.shape[1]
    if classes != len(data.classes):
        raise InputError(
            f"The network has {classes} outputs, but the data has {len(data.classes)} classes; "
            f"the last Linear (or convolution) should have {len(data.classes)}."
        )
    for split in splits.values():
        check_labels(split.labels, len(split.images), classes)


def _run(
    net: Network, data: Dataset, config: TrainingConfig, control: TrainingControl
) -> Generator[TrainingEvent, None, None]:
    try:
        with suppress(Interrupted):
            yield from _events(net, data, config, control)
    finally:
        memory.release()


def _events(
    net: Network, data: Dataset, config: TrainingConfig, control: TrainingControl
) -> Generator[TrainingEvent, None, None]:
    count = len(data.train.images)
    batches = _batch_slices(count, config.batch_size)
    order, chance = (np.random.default_rng(seed) for seed in np.random.SeedSequence(config.seed).spawn(2))
    mode = Mode(training=True, generator=chance, checkpoint=control.checkpoint)
    evaluation = Mode(training=False, checkpoint=control.checkpoint)
    loss = config.make_loss()
    learner = Learner(net, config)
    schedule = config.make_schedule(len(batches))
    gradients: dict[ParameterKey, Array] = {}
    yield RunStarted(len(batches), config.epochs, count, len(data.validation.images))

    iteration = 0
    for epoch in range(1, config.epochs + 1):
        shuffled = order.permutation(count)
        losses, accuracies = [], []
        for batch in batches:
            images, labels = data.train.images[shuffled[batch]], data.train.labels[shuffled[batch]]
            rate = schedule(iteration) if control.learning_rate is None else control.learning_rate
            iteration += 1
            chance_before = chance.bit_generator.state
            step = learner.net.run_loss(images, labels, loss, mode)
            if not np.isfinite(step.loss):
                chance.bit_generator.state = chance_before
                fault = find_fault(learner.net, images, loss, mode, gradients)
                yield _failure(fault, iteration, epoch)
                return
            gradients = step.derivatives.parameters
            ratios = learner.learn(gradients, rate, measure=control.measure_updates)
            losses.append(step.loss)
            accuracies.append(_accuracy(step.scores, labels))
            yield IterationDone(iteration, epoch, losses[-1], accuracies[-1], rate, ratios)
        validation = yield from _evaluate(learner.net, data.validation, "validation", config, evaluation, gradients)
        if isinstance(validation, Fault):
            yield _failure(validation, iteration, epoch)
            return
        training_loss = _mean(losses)
        schedule.observe(training_loss if validation[0] is None else validation[0])
        yield EpochDone(epoch, iteration, training_loss, _mean(accuracies), *validation)
    test = yield from _evaluate(learner.net, data.test, "test", config, evaluation, gradients)
    if isinstance(test, Fault):
        yield _failure(test, iteration, config.epochs)
        return
    yield RunDone(config.epochs, iteration, *test)


def _batch_slices(count: int, size: int) -> list[slice]:
    slices = [slice(first, min(first + size, count)) for first in range(0, count, size)]
    return slices[:-1] if len(slices) > 1 and count % size == 1 else slices


def _evaluate(
    net: Network,
    split: Split,
    name: SplitName,
    config: TrainingConfig,
    mode: Mode,
    gradients: Mapping[ParameterKey, Array],
) -> Generator[TrainingEvent, None, tuple[float | None, float | None] | Fault]:
    """(loss, accuracy) over a split in evaluation mode, or two times None when it is empty.

    A Fault where the loss is not finite: the last step, whose gradients these are, or a large running mean may have
    spoilt what the batch before it did not show.
    """
    total = len(split.images)
    if total == 0:
        return None, None
    size = max(config.batch_size, EVALUATION_BATCH)
    loss = config.make_loss()
    losses = weights = correct = 0.0
    for first in range(0, total, size):
        part = slice(first, min(first + size, total))
        labels = split.labels[part]
        chunk_loss, scores = net.evaluate(split.images[part], labels, loss, mode)
        if not np.isfinite(chunk_loss):
            return find_fault(net, split.images[part], loss, mode, gradients)
        weight = loss.weight(labels)
        losses += chunk_loss * weight
        weights += weight
        correct += _accuracy(scores, labels) * len(labels)
        yield Evaluating(name, part.stop, total)
    return losses / weights, round(correct) / total


def _accuracy(scores: Array, labels: Integers) -> float:
    return float(np.mean(scores.argmax(axis=1) == labels))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _failure(fault: Fault, iteration: int, epoch: int) -> RunFailed:
    where = {"activation": f"in the output of {fault.name}", "loss": f"in the loss, taken on {fault.name}"}
    place = where.get(fault.what, f"in the {fault.what} of {fault.name}")
    message = (
        f"Training stopped at iteration {iteration}: the loss is no longer a finite number; the first value to go was "
        f"{place}. Try a smaller learning rate, or normalized input."
    )
    return RunFailed(iteration, epoch, fault.node, fault.name, fault.what, message)
