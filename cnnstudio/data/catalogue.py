"""The data sets known by name: what they are, under which licence, and where their files come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a data set as it is published. size: bytes. sha256: 64 hexadecimal digits."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """A data set known by name.

    shape: (channels, height, width) of one image. train, test: how many images; test is 0 where the set has
    no test images of its own. classes: names by label. mirrors: base addresses, tried in
    order; empty, as is `files`, for a set that ships with the studio.
    """

    name: str
    title: str
    shape: tuple[int, int, int]
    train: int
    test: int
    classes: tuple[str, ...]
    licence: str
    credit: str
    files: tuple[RemoteFile, ...] = ()
    mirrors: tuple[str, ...] = ()

    @property
    def bundled(self) -> bool:
        """True when no download is needed."""
        return not self.files

    @property
    def size(self) -> int:
        """Bytes to download, all files together."""
        return sum(file.size for file in self.files)


def find_name(text: str, registry: Mapping[str, DatasetInfo]) -> str | None:
    """The name that `text` means, forgiving case, blanks, dashes and underscores; None where there is
    none."""
    names = {_letters(name): name for name in registry}
    return names.get(_letters(text)) if _letters(text) else None


def nearest_names(text: str, registry: Mapping[str, DatasetInfo]) -> list[str]:
    """The names that look most like `text`, best first; empty where none does."""
    names = {_letters(name): name for name in registry}
    return [names[close] for close in get_close_matches(_letters(text), names, n=2, cutoff=0.6)]


def _letters(text: str) -> str:
    return re.sub(r"[\s_-]", "", text.lower())


_DIGITS: Final = tuple("0123456789")

DATASETS: Final[Mapping[str, DatasetInfo]] = MappingProxyType(
    {
        info.name: info
        for info in (
            DatasetInfo(
                name="digits",
                title="Handwritten digits 8 × 8",
                shape=(1, 8, 8),
                train=1797,
                test=0,
                classes=_DIGITS,
                licence="CC BY 4.0",
                credit="Optical Recognition of Handwritten Digits, E. Alpaydin, C. Kaynak, UCI, 1998",
            ),
            DatasetInfo(
                name="mnist",
                title="MNIST",
                shape=(1, 28, 28),
                train=60_000,
                test=10_000,
                classes=_DIGITS,
                licence="CC BY-SA 3.0, as Keras' documentation states",
                credit="The MNIST database of handwritten digits, Y. LeCun, C. Cortes, C. Burges, 1998",
                files=(
                    RemoteFile(
                        "train-images-idx3-ubyte.gz",
                        9_912_422,
                        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                    ),
                    RemoteFile(
                        "train-labels-idx1-ubyte.gz",
                        28_881,
                        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                    ),
                    RemoteFile(
                        "t10k-images-idx3-ubyte.gz",
                        1_648_877,
                        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                    ),
                    RemoteFile(
                        "t10k-labels-idx1-ubyte.gz",
                        4_542,
                        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                    ),
                ),
                mirrors=(
                    "https://ossci-datasets.s3.amazonaws.com/mnist/",
                    "https://storage.googleapis.com/cvdf-datasets/mnist/",
                ),
            ),
            DatasetInfo(
                name="fashion-mnist",
                title="Fashion-MNIST",
                shape=(1, 28, 28),
                train=60_000,
                test=10_000,
                classes=(
                    "T-shirt/top",
                    "trouser",
                    "pullover",
                    "dress",
                    "coat",
                    "sandal",
                    "shirt",
                    "sneaker",
                    "bag",
                    "ankle boot",
                ),
                licence="MIT",
                credit="Fashion-MNIST, H. Xiao, K. Rasul, R. Vollgraf, Zalando Research, 2017",
                files=(
                    RemoteFile(
                        "train-images-idx3-ubyte.gz",
                        26_421_880,
                        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                    ),
                    RemoteFile(
                        "train-labels-idx1-ubyte.gz",
                        29_515,
                        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                    ),
                    RemoteFile(
                        "t10k-images-idx3-ubyte.gz",
                        4_422_102,
                        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                    ),
                    RemoteFile(
                        "t10k-labels-idx1-ubyte.gz",
                        5_148,
                        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                    ),
                ),
                mirrors=(
                    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
                    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
                ),
            ),
            DatasetInfo(
                name="cifar10",
                title="CIFAR-10",
                shape=(3, 32, 32),
                train=50_000,
                test=10_000,
                classes=(
                    "airplane",
                    "automobile",
                    "bird",
                    "cat",
                    "deer",
                    "dog",
                    "frog",
                    "horse",
                    "ship",
                    "truck",
                ),
                licence="none stated; cite A. Krizhevsky, 2009",
                credit="Learning Multiple Layers of Features from Tiny Images, A. Krizhevsky, 2009",
                files=(
                    RemoteFile(
                        "cifar-10-binary.tar.gz",
                        170_052_171,
                        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                    ),
                ),
                mirrors=("https://www.cs.toronto.edu/~kriz/",),
            ),
        )
    }
)
