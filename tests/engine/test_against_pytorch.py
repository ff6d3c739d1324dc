"""Whole networks trained beside PyTorch: from the same weights and batches to the same weights.

The networks are PyTorch's own modules, written out by hand. `tests/conformance/test_training_beside_pytorch.py` has
every optimizer, by its usual settings and with cross-entropy; what is left to this file is SGD without momentum and
with Nesterov's, and the SVM's loss.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cnnstudio.engine import Network, NetworkNode, TrainingConfig
from cnnstudio.engine.kernels.window import Window
from cnnstudio.engine.layers import (
    ELU,
    GELU,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    Add,
    AvgPool2d,
    BatchNorm,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    GroupNorm,
    Input,
    InstanceNorm,
    Layer,
    LayerNorm,
    LeakyReLU,
    Linear,
    LocalResponseNorm,
    MaxPool2d,
    Mode,
    Pad2d,
    PReLU,
    ReLU,
    SiLU,
    Tanh,
    Upsample,
)

pytestmark = pytest.mark.oracle
STEPS = 8
BATCH = 16


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")


class Sketch:
    """Draws a network node by node; each call returns the new node's id."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.nodes = [NetworkNode("image", "image", Input(shape))]
        self.generator = np.random.default_rng(0)

    def __call__(self, name: str, layer: Layer, *inputs: str) -> str:
        self.nodes.append(NetworkNode(name, name, layer, inputs or (self.nodes[-1].id,)))
        return name

    def conv(self, name: str, inside: int, outside: int, kernel: int, *inputs: str, **window: Any) -> str:
        bias = window.pop("bias", True)
        layer = Conv2d(inside, outside, Window((kernel, kernel), **window), bias=bias, generator=self.generator)
        return self(name, layer, *inputs)

    def linear(self, name: str, inside: int, outside: int) -> str:
        return self(name, Linear(inside, outside, generator=self.generator))

    def network(self) -> Network:
        return Network(self.nodes, self.nodes[-1].id)


HALVE = Window((2, 2), (2, 2))


def lenet() -> Network:
    draw = Sketch((1, 12, 12))
    draw.conv("c1", 1, 6, 5, padding=(2, 2, 2, 2))
    draw("r1", ReLU())
    draw("p1", MaxPool2d(HALVE))
    draw.conv("c2", 6, 8, 3)
    draw("r2", ReLU())
    draw("p2", MaxPool2d(HALVE))
    draw("flat", Flatten())
    draw.linear("f1", 32, 20)
    draw("r3", ReLU())
    draw.linear("f2", 20, 4)
    return draw.network()


def torch_lenet(torch: Any) -> Any:
    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.c1, self.c2 = torch.nn.Conv2d(1, 6, 5, padding=2), torch.nn.Conv2d(6, 8, 3)
            self.f1, self.f2 = torch.nn.Linear(32, 20), torch.nn.Linear(20, 4)

        def forward(self, x: Any) -> Any:
            pool = torch.nn.functional.max_pool2d
            x = pool(self.c1(x).relu(), 2)
            x = pool(self.c2(x).relu(), 2)
            return self.f2(self.f1(x.flatten(1)).relu())

    return Net()


def resnet() -> Network:
    """Two residual blocks; the second halves the maps and takes its shortcut through a 1×1 convolution."""
    draw = Sketch((1, 12, 12))
    same = {"padding": (1, 1, 1, 1), "bias": False}
    draw.conv("c0", 1, 4, 3, **same)
    draw("b0", BatchNorm(4))
    start = draw("r0", ReLU())
    draw.conv("c1", 4, 4, 3, **same)
    draw("b1", BatchNorm(4))
    draw("r1", ReLU())
    draw.conv("c2", 4, 4, 3, **same)
    end = draw("b2", BatchNorm(4))
    draw("a1", Add(), start, end)
    start = draw("r2", ReLU())
    draw.conv("c3", 4, 8, 3, stride=(2, 2), **same)
    draw("b3", BatchNorm(8))
    draw("r3", ReLU())
    draw.conv("c4", 8, 8, 3, **same)
    end = draw("b4", BatchNorm(8))
    draw.conv("c5", 4, 8, 1, start, stride=(2, 2), bias=False)
    shortcut = draw("b5", BatchNorm(8))
    draw("a2", Add(), end, shortcut)
    draw("r4", ReLU())
    draw("mean", AdaptiveAvgPool2d((1, 1)))
    draw("flat", Flatten())
    draw.linear("f", 8, 4)
    return draw.network()


def torch_resnet(torch: Any) -> Any:
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            sizes = [(1, 4, 1), (4, 4, 1), (4, 4, 1), (4, 8, 2), (8, 8, 1)]
            for index, (inside, outside, stride) in enumerate(sizes):
                setattr(self, f"c{index}", nn.Conv2d(inside, outside, 3, stride, 1, bias=False))
                setattr(self, f"b{index}", nn.BatchNorm2d(outside))
            self.c5, self.b5 = nn.Conv2d(4, 8, 1, 2, bias=False), nn.BatchNorm2d(8)
            self.f = nn.Linear(8, 4)

        def forward(self, x: Any) -> Any:
            x = self.b0(self.c0(x)).relu()
            x = (x + self.b2(self.c2(self.b1(self.c1(x)).relu()))).relu()
            x = (self.b4(self.c4(self.b3(self.c3(x)).relu())) + self.b5(self.c5(x))).relu()
            return self.f(x.mean((2, 3)))

    return Net()


def inception() -> Network:
    """Three branches side by side: grouped, dilated and pooled; tanh and a leaky slope."""
    draw = Sketch((1, 12, 12))
    draw.conv("c0", 1, 4, 3, padding=(0, 1, 1, 0))
    start = draw("t0", Tanh())
    layer = Conv2d(4, 4, Window((3, 3), padding=(1, 1, 1, 1)), groups=2, generator=draw.generator)
    draw("c1", layer, start)
    one = draw("l1", LeakyReLU(0.1))
    two = draw.conv("c2", 4, 2, 3, start, padding=(2, 2, 2, 2), dilation=(2, 2))
    three = draw("p", AvgPool2d(Window((3, 3), (1, 1), (1, 1, 1, 1))), start)
    draw("join", Concat(), one, two, three)
    draw("m", MaxPool2d(Window((3, 3), (2, 2)), ceil_mode=True))
    draw("flat", Flatten())
    draw.linear("f", 250, 4)
    return draw.network()


def torch_inception(torch: Any) -> Any:
    nn, functional = torch.nn, torch.nn.functional

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.c0 = nn.Conv2d(1, 4, 3)
            self.c1 = nn.Conv2d(4, 4, 3, padding=1, groups=2)
            self.c2 = nn.Conv2d(4, 2, 3, padding=2, dilation=2)
            self.f = nn.Linear(250, 4)

        def forward(self, x: Any) -> Any:
            x = self.c0(functional.pad(x, (1, 0, 0, 1))).tanh()
            one = functional.leaky_relu(self.c1(x), 0.1)
            three = functional.avg_pool2d(x, 3, 1, 1)
            x = torch.cat([one, self.c2(x), three], 1)
            return self.f(functional.max_pool2d(x, 3, 2, ceil_mode=True).flatten(1))

    return Net()


def hourglass() -> Network:
    """Down and up again, past every normalization of single images and most of the smooth activations."""
    draw = Sketch((1, 12, 12))
    draw("p0", Pad2d((1, 1, 2, 0), "reflect"))
    # A bias would have no gradient but rounding there, which Adam blows up.
    draw.conv("c0", 1, 6, 3, bias=False)
    draw("i0", InstanceNorm(6, affine=True))
    draw("a0", PReLU())
    draw.conv("c1", 6, 8, 3, stride=(2, 2), padding=(1, 1, 1, 1))
    draw("g1", GroupNorm(4, 8))
    draw("s1", SiLU())
    window = Window((3, 3), (2, 2), (1, 1, 1, 1))
    draw("t2", ConvTranspose2d(8, 4, window, output_padding=(1, 1), generator=draw.generator))
    draw("n2", LayerNorm((4, 12, 12)))
    draw("e2", ELU())
    draw("l2", LocalResponseNorm(3, alpha=0.5))
    draw("m3", AdaptiveMaxPool2d((5, 4)))
    draw("u3", Upsample((1, 2), bilinear=True))
    draw("q3", GELU())
    draw("flat", Flatten())
    draw.linear("f", 160, 4)
    return draw.network()


def torch_hourglass(torch: Any) -> Any:
    nn, functional = torch.nn, torch.nn.functional

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.c0, self.i0 = nn.Conv2d(1, 6, 3, bias=False), nn.InstanceNorm2d(6, affine=True)
            self.a0 = nn.PReLU()
            self.c1, self.g1 = nn.Conv2d(6, 8, 3, 2, 1), nn.GroupNorm(4, 8)
            self.t2, self.n2 = nn.ConvTranspose2d(8, 4, 3, 2, 1, 1), nn.LayerNorm((4, 12, 12))
            self.l2, self.f = nn.LocalResponseNorm(3, alpha=0.5), nn.Linear(160, 4)

        def forward(self, x: Any) -> Any:
            x = self.a0(self.i0(self.c0(functional.pad(x, (2, 0, 1, 1), mode="reflect"))))
            x = functional.silu(self.g1(self.c1(x)))
            x = self.l2(functional.elu(self.n2(self.t2(x))))
            x = functional.adaptive_max_pool2d(x, (5, 4))
            return self.f(functional.gelu(functional.interpolate(x, scale_factor=(1, 2), mode="bilinear")).flatten(1))

    return Net()


NETWORKS = {
    "lenet": (lenet, torch_lenet),
    "resnet": (resnet, torch_resnet),
    "inception": (inception, torch_inception),
    "hourglass": (hourglass, torch_hourglass),
}
CONFIGS = {
    "sgd": TrainingConfig(optimizer="sgd", learning_rate=0.05, momentum=0.0),
    "nesterov": TrainingConfig(optimizer="sgd", learning_rate=0.02, nesterov=True, weight_decay=1e-3),
    "adamw": TrainingConfig(optimizer="adamw", weight_decay=1e-2, loss="svm"),
}


def torch_optimizer(torch: Any, config: TrainingConfig, parameters: Any) -> Any:
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimizer == "sgd":
        return torch.optim.SGD(parameters, rate, config.momentum, nesterov=config.nesterov, weight_decay=decay)
    return torch.optim.AdamW(parameters, rate, weight_decay=decay)


def torch_loss(torch: Any, name: str) -> Callable[[Any, Any], Any]:
    functional = torch.nn.functional
    if name == "svm":
        return lambda scores, labels: functional.multi_margin_loss(scores, labels) * scores.shape[1]
    return functional.cross_entropy


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
@pytest.mark.parametrize(("ours", "theirs"), NETWORKS.values(), ids=NETWORKS)
def test_some_steps_of_training_end_with_pytorchs_weights(torch, ours, theirs, config):
    net, module = ours(), theirs(torch)
    state = {key: torch.tensor(each) for key, each in net.state_dict().items()}
    missing = module.load_state_dict(state, strict=False).missing_keys
    assert all(key.endswith("num_batches_tracked") for key in missing)
    optimizer = config.make_optimizer()
    their_optimizer = torch_optimizer(torch, config, module.parameters())
    their_loss = torch_loss(torch, config.loss)
    generator = np.random.default_rng(1)
    for _ in range(STEPS):
        images = generator.standard_normal((BATCH, 1, 12, 12)).astype(np.float32)
        labels = generator.integers(0, 4, BATCH)
        step = net.run_loss(images, labels, config.loss, Mode(training=True))
        optimizer.step(net.parameters, step.derivatives.parameters, config.learning_rate)
        their_optimizer.zero_grad()
        expected = their_loss(module(torch.tensor(images)), torch.tensor(labels))
        expected.backward()
        their_optimizer.step()
        assert step.loss == pytest.approx(expected.item(), abs=1e-4)
    theirs_now = module.state_dict()
    for key, array in net.state_dict().items():
        np.testing.assert_allclose(array, theirs_now[key].numpy(), atol=1e-4, err_msg=key)
    module.eval()
    with torch.no_grad():
        np.testing.assert_allclose(net.predict(images), module(torch.tensor(images)).numpy(), atol=1e-3)


def test_pytorchs_whole_state_can_be_loaded(torch):
    """num_batches_tracked included, as `torch.save` would have it."""
    net, module = resnet(), torch_resnet(torch)
    net.load_state_dict({key: each.numpy() for key, each in module.state_dict().items()})
    module.eval()
    images = np.random.default_rng(0).standard_normal((3, 1, 12, 12)).astype(np.float32)
    with torch.no_grad():
        np.testing.assert_allclose(net.predict(images), module(torch.tensor(images)).numpy(), atol=1e-5)
