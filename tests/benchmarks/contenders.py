"""Who takes part in the engine's benchmark: steps of training and predictions, ours and PyTorch's, proved equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from looping import Looping

from cnnstudio.engine import Network, TrainingConfig
from cnnstudio.engine.layers import Dropout, Mode
from cnnstudio.graph import Graph

BATCH = 64
FORMS = ("contiguous", "channels-last")
EXACT = 1e-9
"""Of the gradients' norm, in float64. In float32 it cannot be small: a value that rounding moves across ReLU's corner
or past a pool's rival switches a whole path of gradient, which is 3e-3 of resnet20's norm (PyTorch's own: 1e-3)."""

ROUNDED = 2e-2
"""Of the gradients' norm, in float32."""

PREDICTED = 1e-5
"""Of the largest score, in float32: Winograd's convolutions lose a digit."""

Array = np.ndarray[Any, np.dtype[Any]]
Step = Callable[[], object]


def batch(net: Network, count: int = BATCH) -> tuple[Array, Array]:
    """Random pictures in the network's precision, and labels."""
    generator = np.random.default_rng(1)
    images = generator.standard_normal((count, *net.input_shape)).astype(np.float32)
    return images.astype(net.dtype), generator.integers(0, 10, count)


def our_step(net: Network) -> Step:
    """Forward, cross-entropy, backward, Adam."""
    images, labels = batch(net)
    config = TrainingConfig(batch_size=BATCH)
    optimizer = config.make_optimizer()
    mode = Mode(training=True, generator=np.random.default_rng(0))

    def step() -> float:
        result = net.run_loss(images, labels, config.loss, mode)
        optimizer.step(net.parameters, result.derivatives.parameters, config.learning_rate)
        return result.loss

    return step


def torch_step(net: Network, module: Any, form: str) -> Step:
    """The same by PyTorch, on a module with the network's weights."""
    import torch

    images, labels = (torch.tensor(each) for each in batch(net))
    module, images = _formed(form, module, images)
    optimizer = torch.optim.Adam(module.parameters(), TrainingConfig(batch_size=BATCH).learning_rate)

    def step() -> float:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(module(images), labels)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


def our_prediction(net: Network) -> Callable[[], Array]:
    images, _ = batch(net, 1)
    return lambda: net.predict(images)


def torch_prediction(shape: tuple[int, ...], module: Any, form: str) -> Callable[[], Array]:
    import torch

    images = torch.tensor(np.random.default_rng(1).standard_normal((1, *shape)).astype(np.float32))
    module, images = _formed(form, module.eval(), images)

    def predict() -> Array:
        with torch.inference_mode():
            return np.asarray(module(images))

    return predict


def _formed(form: str, module: Any, images: Any) -> tuple[Any, Any]:
    import torch

    if form == "contiguous":
        return module, images
    return module.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)


# The proofs; dropout is off in them, since chance differs


def check_step(graph: Graph, net: Network) -> None:
    """PyTorch finds the same loss and gradients: to rounding in float64, to the corners' toll in float32."""
    import torch
    from torch_networks import torch_module

    for dtype, tolerance in ((np.float64, EXACT), (np.float32, ROUNDED)):
        copy = _without_dropout(net.snapshot(dtype))
        images, labels = batch(copy)
        module = torch_module(graph, net.state_dict()).to(torch.tensor(images).dtype)
        for each in module.modules():
            if isinstance(each, torch.nn.Dropout):
                each.p = 0.0
        expected = torch.nn.functional.cross_entropy(module(torch.tensor(images)), torch.tensor(labels))
        expected.backward()
        theirs = {key: parameter.grad.numpy() for key, parameter in module.named_parameters()}
        _compare(copy.loss_and_gradients(images, labels), (expected.item(), theirs), tolerance)


def check_looping(graph: Graph, net: Network, count: int) -> None:
    """The lecture's layers find the same loss and gradients in float64."""
    copy = _without_dropout(net.snapshot(np.float64))
    images, labels = batch(copy, count)
    looping = Looping(graph, copy.state_dict(), dropout=False)
    _compare(copy.loss_and_gradients(images, labels), looping.loss_and_gradients(images, labels), EXACT)


def check_predictions(ours: Array, others: Iterable[Array]) -> None:
    """The same scores, to PREDICTED of the largest."""
    for each in others:
        assert np.abs(ours - each).max() <= PREDICTED * np.abs(each).max()


def _compare(ours: tuple[float, dict[str, Array]], theirs: tuple[float, dict[str, Array]], tolerance: float) -> None:
    assert abs(ours[0] - theirs[0]) <= max(tolerance * 1e-2, EXACT), (ours[0], theirs[0])
    assert ours[1].keys() == theirs[1].keys()
    difference = _norm(ours[1][key] - theirs[1][key] for key in theirs[1])
    assert difference <= tolerance * _norm(theirs[1].values()), (difference, _norm(theirs[1].values()))


def _norm(arrays: Iterable[Array]) -> float:
    return float(np.sqrt(sum(np.square(each, dtype=np.float64).sum() for each in arrays)))


def _without_dropout(net: Network) -> Network:
    for node in net.nodes:
        if isinstance(node.layer, Dropout):
            node.layer.p = 0.0
    return net
