"""Whole runs of `train` beside the same loop written with PyTorch: settings work together, in PyTorch's order."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cnnstudio.engine import LayerSettings, Network, NetworkNode, RunDone, TrainingConfig, train
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.layers import BatchNorm, Conv2d, Flatten, Input, Linear, Tanh

pytestmark = pytest.mark.oracle

EPOCHS, BATCH = 3, 30
STEPS = EPOCHS * 3
LAYERS = {
    "conv": LayerSettings(frozen=True),
    "norm": LayerSettings(frozen=True),
    "hidden": LayerSettings(learning_rate_factor=0.3, l2=0.05),
}


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")


def network() -> Network:
    rng = np.random.default_rng(0)
    layers = [
        ("image", Input((2, 6, 6))),
        ("conv", Conv2d(2, 3, Window((3, 3)), generator=rng, dtype="float64")),
        ("norm", BatchNorm(3, dtype="float64")),
        ("tanh", Tanh()),
        ("flat", Flatten()),
        ("hidden", Linear(48, 8, generator=rng, dtype="float64")),
        ("second", Tanh()),
        ("scores", Linear(8, 3, generator=rng, dtype="float64")),
    ]
    nodes, before = [], ()
    for name, layer in layers:
        nodes.append(NetworkNode(name, name, layer, before))
        before = (name,)
    net = Network(nodes, "scores", dtype="float64")
    running = {"norm.running_mean": [0.1, -0.2, 0.3], "norm.running_var": [0.5, 1.5, 0.2]}
    net.load_state_dict(running, strict=False)
    return net


def module_of(torch: Any, net: Network) -> Any:
    nn = torch.nn
    module = nn.Sequential()
    for name, layer in (
        ("conv", nn.Conv2d(2, 3, 3)),
        ("norm", nn.BatchNorm2d(3)),
        ("tanh", nn.Tanh()),
        ("flat", nn.Flatten()),
        ("hidden", nn.Linear(48, 8)),
        ("second", nn.Tanh()),
        ("scores", nn.Linear(8, 3)),
    ):
        module.add_module(name, layer)
    module.double()
    module.load_state_dict({key: torch.tensor(each) for key, each in net.state_dict().items()}, strict=False)
    module.norm.eval()  # frozen: it works by its running statistics
    for each in (*module.conv.parameters(), *module.norm.parameters()):
        each.requires_grad = False
    return module


OPTIMIZERS = {
    "sgd": lambda optim, groups: optim.SGD(groups, 0.05, momentum=0.9, weight_decay=0.01),
    "adagrad": lambda optim, groups: optim.Adagrad(groups, 0.05, weight_decay=0.01),
    "rmsprop": lambda optim, groups: optim.RMSprop(groups, 0.05, weight_decay=0.01),
    "adam": lambda optim, groups: optim.Adam(groups, 0.05, weight_decay=0.01),
    "adamw": lambda optim, groups: optim.AdamW(groups, 0.05, weight_decay=0.01),
}


@pytest.mark.filterwarnings("ignore:The epoch parameter in `scheduler.step:UserWarning")  # SequentialLR's own call
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_with_everything_ends_with_pytorchs_weights(torch, stripes, optimizer):
    """Smoothed and weighted loss, clipping, decay, rates by layer, frozen layers, warm-up and cosine."""
    config = TrainingConfig(
        EPOCHS,
        BATCH,
        optimizer,
        0.05,
        weight_decay=0.01,
        seed=5,
        label_smoothing=0.1,
        class_weights=(0.5, 1, 2),
        schedule="cosine",
        warmup=2,
        clip_norm=0.5,
        clip_value=0.2,
        layers=LAYERS,
    )
    net = network()
    module = module_of(torch, net)
    *_, done = train(net, stripes, config)
    assert isinstance(done, RunDone)

    groups = [
        {"params": list(module.hidden.parameters()), "lr": 0.05 * 0.3, "weight_decay": 0.05},
        {"params": list(module.scores.parameters())},
    ]
    lr = torch.optim.lr_scheduler
    theirs = OPTIMIZERS[optimizer](torch.optim, groups)
    warmup, cosine = lr.LinearLR(theirs, 1 / 3, total_iters=2), lr.CosineAnnealingLR(theirs, STEPS - 2)
    scheduler = lr.SequentialLR(theirs, [warmup, cosine], [2])
    loss = torch.nn.CrossEntropyLoss(torch.tensor([0.5, 1.0, 2.0]).double(), label_smoothing=0.1)
    learning = [*module.hidden.parameters(), *module.scores.parameters()]
    order = np.random.default_rng(np.random.SeedSequence(5).spawn(2)[0])
    for _ in range(EPOCHS):
        shuffled = order.permutation(90)
        for first in range(0, 90, BATCH):
            images, labels = batch(torch, stripes.train, shuffled[first : first + BATCH])
            theirs.zero_grad()
            loss(module(images), labels).backward()
            torch.nn.utils.clip_grad_value_(learning, 0.2)
            torch.nn.utils.clip_grad_norm_(learning, 0.5)
            theirs.step()
            scheduler.step()
    expected = module.state_dict()
    for key, array in net.state_dict().items():
        np.testing.assert_allclose(array, expected[key].numpy(), rtol=1e-8, atol=1e-10, err_msg=key)
    with torch.no_grad():
        images, labels = batch(torch, stripes.test, np.arange(130))
        assert done.test_loss == pytest.approx(loss(module(images), labels).item(), rel=1e-9)


def batch(torch: Any, split: SimpleNamespace, chosen: np.ndarray) -> tuple[Any, Any]:
    return torch.tensor(split.images[chosen] / 255), torch.tensor(split.labels[chosen])
