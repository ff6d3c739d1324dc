"""The classic networks once more, written with torch.nn from the papers and from the frameworks' own files.

They share nothing with `cnnstudio.graph`. Branches run in the order in which the presets draw them, so that layers can
be compared one by one; a module is built on whatever device is the default, "meta" included, where nothing is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is the oracle here; pip install -e '.[oracle]'")
nn = torch.nn
Module = Any


class Shortcut(nn.Module):  # type: ignore[misc,name-defined]
    """relu(body(x) + way(x)); no `way` is the identity."""

    def __init__(self, body: Module, way: Module | None) -> None:
        super().__init__()
        self.body, self.way = body, way

    def forward(self, x: Any) -> Any:
        body = self.body(x)
        return (body + (x if self.way is None else self.way(x))).relu()


class Branches(nn.Module):  # type: ignore[misc,name-defined]
    """The outputs of all branches, joined by channels in the order of `joined`."""

    def __init__(self, branches: Mapping[str, Module], joined: str) -> None:
        super().__init__()
        self.branches, self.joined = nn.ModuleDict(branches), joined

    def forward(self, x: Any) -> Any:
        outputs = {name: branch(x) for name, branch in self.branches.items()}
        return torch.cat([outputs[name] for name in self.joined], dim=1)


def chain(*parts: Module) -> Module:
    return nn.Sequential(*parts)


def conv_relu(before: int, after: int, kernel: int, **options: Any) -> Module:
    return chain(nn.Conv2d(before, after, kernel, **options), nn.ReLU())


def lenet(
    first: int, second: int, features: int, act: Callable[[], Module], pool: Module, pad: int, *hidden: int
) -> Module:
    widths = (features, *hidden)
    full = [part for before, after in zip(widths, hidden, strict=False) for part in (nn.Linear(before, after), act())]
    return chain(
        nn.Conv2d(1, first, 5, padding=pad), act(), pool(2), nn.Conv2d(first, second, 5), act(), pool(2),
        nn.Flatten(), *full, nn.Linear(widths[-1], 10),
    )  # fmt: skip


def lenet_cs231n() -> Module:
    return chain(
        conv_relu(1, 20, 5, padding=2), nn.MaxPool2d(2, 2), conv_relu(20, 50, 5, padding=2), nn.MaxPool2d(2, 2),
        nn.Flatten(), nn.Linear(7 * 7 * 50, 500), nn.ReLU(), nn.Linear(500, 10),
    )  # fmt: skip


def lenet_caffe() -> Module:
    return chain(
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2, 2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2, 2),
        nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10),
    )  # fmt: skip


def digits() -> Module:
    return chain(
        conv_relu(1, 16, 3, padding=1), conv_relu(16, 32, 3, padding=1), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


def notes_cifar10() -> Module:
    convs = [
        part
        for before, after in ((3, 10), (10, 20), (20, 10))
        for part in (nn.Conv2d(before, after, 3, 1, 1), nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(2))
    ]
    full = [
        part for before in (160, 20) for part in (nn.Linear(before, 20), nn.BatchNorm1d(20), nn.Dropout(), nn.ReLU())
    ]
    return chain(*convs, nn.Flatten(), *full, nn.Linear(20, 10))


def notes_mnist() -> Module:
    def stage(before: int, after: int, kernel: int, pad: int) -> Module:
        return chain(nn.Conv2d(before, after, kernel, 2, pad), nn.BatchNorm2d(after), nn.ReLU())

    convs = [stage(1, 16, 3, 1), stage(16, 32, 3, 1), stage(32, 64, 3, 1), stage(64, 64, 2, 0)]
    return chain(*convs, nn.Flatten(), nn.Linear(2 * 2 * 64, 100), nn.Linear(100, 10))


def tiny_vgg() -> Module:
    def stage(before: int) -> Module:
        return chain(conv_relu(before, 10, 3), conv_relu(10, 10, 3), nn.MaxPool2d(2))

    return chain(stage(3), stage(10), nn.Flatten(), nn.Linear(13 * 13 * 10, 10))


def cifar10_quick() -> Module:
    return chain(
        nn.Conv2d(3, 32, 5, 1, 2), nn.MaxPool2d(3, 2, ceil_mode=True), nn.ReLU(),
        conv_relu(32, 32, 5, padding=2), nn.AvgPool2d(3, 2, ceil_mode=True),
        conv_relu(32, 64, 5, padding=2), nn.AvgPool2d(3, 2, ceil_mode=True),
        nn.Flatten(), nn.Linear(64 * 4 * 4, 64), nn.Linear(64, 10),
    )  # fmt: skip


def three_layer() -> Module:
    return chain(
        conv_relu(3, 32, 7, padding=3), nn.MaxPool2d(2, 2),
        nn.Flatten(), nn.Linear(32 * 16 * 16, 100), nn.ReLU(), nn.Linear(100, 10),
    )  # fmt: skip


def keras() -> Module:
    def stage(before: int, after: int) -> Module:
        same, valid = conv_relu(before, after, 3, padding="same"), conv_relu(after, after, 3)
        return chain(same, valid, nn.MaxPool2d(2), nn.Dropout(0.25))

    head = nn.Linear(64 * 6 * 6, 512), nn.ReLU(), nn.Dropout(0.5), nn.Linear(512, 10)
    return chain(stage(3, 32), stage(32, 64), nn.Flatten(), *head)


def alexnet_2012() -> Module:
    """The paper's α multiplies a sum over 5 channels, PyTorch's their mean."""
    norm = partial(nn.LocalResponseNorm, 5, alpha=5e-4, beta=0.75, k=2.0)
    return chain(
        conv_relu(3, 96, 11, stride=4), norm(), nn.MaxPool2d(3, 2),
        conv_relu(96, 256, 5, padding=2, groups=2), norm(), nn.MaxPool2d(3, 2),
        conv_relu(256, 384, 3, padding=1), conv_relu(384, 384, 3, padding=1, groups=2),
        conv_relu(384, 256, 3, padding=1, groups=2), nn.MaxPool2d(3, 2), nn.Flatten(),
        nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(),
        nn.Linear(4096, 1000),
    )  # fmt: skip


def alexnet() -> Module:
    return chain(
        conv_relu(3, 64, 11, stride=4, padding=2), nn.MaxPool2d(3, 2),
        conv_relu(64, 192, 5, padding=2), nn.MaxPool2d(3, 2),
        conv_relu(192, 384, 3, padding=1), conv_relu(384, 256, 3, padding=1), conv_relu(256, 256, 3, padding=1),
        nn.MaxPool2d(3, 2), nn.AdaptiveAvgPool2d(6), nn.Flatten(),
        nn.Dropout(), nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(),
        nn.Linear(4096, 1000),
    )  # fmt: skip


def vgg(recipe: str) -> Module:
    """`recipe` as configurations are written: channels, and M for a pool."""
    parts, before = [], 3
    for word in recipe.split():
        if word == "M":
            parts.append(nn.MaxPool2d(2, 2))
        else:
            parts.append(conv_relu(before, int(word), 3, padding=1))
            before = int(word)
    head = [nn.Linear(25_088, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout()]
    return chain(*parts, nn.Flatten(), *head, nn.Linear(4096, 1000))


def mlpconv(before: int, *widths: int, **options: Any) -> Module:
    first, second, third = widths
    return chain(conv_relu(before, first, **options), conv_relu(first, second, 1), conv_relu(second, third, 1))


def nin_cifar10() -> Module:
    return chain(
        mlpconv(3, 192, 160, 96, kernel=5, padding=2), nn.MaxPool2d(3, 2, ceil_mode=True), nn.Dropout(),
        mlpconv(96, 192, 192, 192, kernel=5, padding=2), nn.AvgPool2d(3, 2, ceil_mode=True), nn.Dropout(),
        mlpconv(192, 192, 192, 10, kernel=3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip


def nin_imagenet() -> Module:
    return chain(
        mlpconv(3, 96, 96, 96, kernel=11, stride=4), nn.MaxPool2d(3, 2),
        mlpconv(96, 256, 256, 256, kernel=5, padding=2), nn.MaxPool2d(3, 2),
        mlpconv(256, 384, 384, 384, kernel=3, padding=1), nn.MaxPool2d(3, 2), nn.Dropout(),
        mlpconv(384, 1024, 1024, 1000, kernel=3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip


def inception(before: int, a: int, b: int, c: int, d: int, e: int, f: int) -> Module:
    return Branches(
        {
            "1": conv_relu(before, a, 1),
            "3": chain(conv_relu(before, b, 1), conv_relu(b, c, 3, padding=1)),
            "p": chain(nn.MaxPool2d(3, 1, 1), conv_relu(before, f, 1)),
            "5": chain(conv_relu(before, d, 1), conv_relu(d, e, 5, padding=2)),
        },
        joined="135p",
    )


def googlenet() -> Module:
    """bvlc_googlenet's deploy file; Caffe divides α by the size as PyTorch does."""
    pool, norm = partial(nn.MaxPool2d, 3, 2, ceil_mode=True), partial(nn.LocalResponseNorm, 5, alpha=1e-4)
    return chain(
        conv_relu(3, 64, 7, stride=2, padding=3), pool(), norm(),
        conv_relu(64, 64, 1), conv_relu(64, 192, 3, padding=1), norm(), pool(),
        inception(192, 64, 96, 128, 16, 32, 32), inception(256, 128, 128, 192, 32, 96, 64), pool(),
        inception(480, 192, 96, 208, 16, 48, 64), inception(512, 160, 112, 224, 24, 64, 64),
        inception(512, 128, 128, 256, 24, 64, 64), inception(512, 112, 144, 288, 32, 64, 64),
        inception(528, 256, 160, 320, 32, 128, 128), pool(),
        inception(832, 256, 160, 320, 32, 128, 128), inception(832, 384, 192, 384, 48, 128, 128),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4), nn.Linear(1024, 1000),
    )  # fmt: skip


def conv_norm(before: int, after: int, kernel: int, stride: int = 1) -> tuple[Module, Module]:
    return nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(after)


def basic(before: int, width: int, stride: int) -> Module:
    body = chain(*conv_norm(before, width, 3, stride), nn.ReLU(), *conv_norm(width, width, 3))
    return Shortcut(body, None if (before, stride) == (width, 1) else chain(*conv_norm(before, width, 1, stride)))


def bottleneck(before: int, width: int, stride: int) -> Module:
    after = 4 * width
    body = chain(
        *conv_norm(before, width, 1), nn.ReLU(), *conv_norm(width, width, 3, stride), nn.ReLU(),
        *conv_norm(width, after, 1),
    )  # fmt: skip
    return Shortcut(body, None if (before, stride) == (after, 1) else chain(*conv_norm(before, after, 1, stride)))


def stages(
    make: Callable[[int, int, int], Module], expansion: int, before: int, widths: list[int], counts: list[int]
) -> list[Module]:
    blocks = []
    for stage, (width, count) in enumerate(zip(widths, counts, strict=True)):
        for number in range(count):
            blocks.append(make(before, width, 2 if stage and not number else 1))
            before = expansion * width
    return blocks


def resnet(make: Callable[[int, int, int], Module], expansion: int, *counts: int) -> Module:
    blocks = stages(make, expansion, 64, [64, 128, 256, 512], list(counts))
    return chain(
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512 * expansion, 1000),
    )  # fmt: skip


def resnet_cifar(count: int) -> Module:
    blocks = stages(basic, 1, 16, [16, 32, 64], [count] * 3)
    return chain(*conv_norm(3, 16, 3), nn.ReLU(), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


TWINS: Mapping[str, Callable[[], Module]] = {
    "linear": lambda: chain(nn.Flatten(), nn.Linear(3072, 10)),
    "digits-small": digits,
    "lenet5-1998": lambda: lenet(6, 16, 400, nn.Tanh, nn.AvgPool2d, 0, 120, 84),
    "lenet5-d2l": lambda: lenet(6, 16, 400, nn.Sigmoid, nn.AvgPool2d, 2, 120, 84),
    "lenet5-caffe": lenet_caffe,
    "lenet5-cs231n": lenet_cs231n,
    "notes-cifar10": notes_cifar10,
    "notes-pytorch-mnist": notes_mnist,
    "tiny-vgg": tiny_vgg,
    "cifar10-quick": cifar10_quick,
    "cs231n-threelayer": three_layer,
    "keras-cifar10": keras,
    "alexnet-2012": alexnet_2012,
    "alexnet": alexnet,
    "vgg11": lambda: vgg("64 M 128 M 256 256 M 512 512 M 512 512 M"),
    "vgg13": lambda: vgg("64 64 M 128 128 M 256 256 M 512 512 M 512 512 M"),
    "vgg16": lambda: vgg("64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M"),
    "vgg19": lambda: vgg("64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M"),
    "nin-cifar10": nin_cifar10,
    "nin-imagenet": nin_imagenet,
    "googlenet": googlenet,
    "resnet18": lambda: resnet(basic, 1, 2, 2, 2, 2),
    "resnet34": lambda: resnet(basic, 1, 3, 4, 6, 3),
    "resnet50": lambda: resnet(bottleneck, 4, 3, 4, 6, 3),
    "resnet101": lambda: resnet(bottleneck, 4, 3, 4, 23, 3),
    "resnet152": lambda: resnet(bottleneck, 4, 3, 8, 36, 3),
    "resnet20-cifar10": lambda: resnet_cifar(3),
    "resnet32-cifar10": lambda: resnet_cifar(5),
    "resnet44-cifar10": lambda: resnet_cifar(7),
    "resnet56-cifar10": lambda: resnet_cifar(9),
    "resnet110-cifar10": lambda: resnet_cifar(18),
}
