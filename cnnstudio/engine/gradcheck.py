"""Is the derivative right? Compares what backward says with what small steps of the input show.

Central differences in float64, step 1e-6. CS231n's reading of the relative error |a - n| / max(|a|, |n|): above
1e-2 the gradient is wrong, 1e-4 is fine where there are kinks (ReLU, max-pool), 1e-7 is good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.checks import whole
from cnnstudio.engine.layers import Layer, Mode
from cnnstudio.engine.losses import Loss
from cnnstudio.engine.network import Network

STEP = 1e-6
ABSOLUTE = 1e-5
RELATIVE = 1e-3


@dataclass(frozen=True, slots=True)
class Entry:
    """One derivative: of which array ("conv2d_1.weight", "input"), at which index, in PyTorch's layout.

    In the check of a single layer its inputs are channels last, as they were given.
    """

    array: str
    index: tuple[int, ...]
    analytic: float
    numeric: float

    @property
    def error(self) -> float:
        return abs(self.analytic - self.numeric)

    @property
    def relative_error(self) -> float:
        """|a - n| / max(|a|, |n|), 0 when both are 0."""
        largest = max(abs(self.analytic), abs(self.numeric))
        return self.error / largest if largest else 0.0

    @property
    def passed(self) -> bool:
        """Close enough absolutely or relatively; false for anything that is not finite."""
        return self.error <= ABSOLUTE + RELATIVE * abs(self.numeric)


@dataclass(frozen=True, slots=True)
class GradientReport:
    """Outcome of a gradient check.

    Attributes:
        checked: number of derivatives compared.
        worst: the entry whose error is largest beside what is allowed for it.
        failures: entries that did not pass.
    """

    checked: int
    worst: Entry
    failures: tuple[Entry, ...]

    @property
    def passed(self) -> bool:
        return not self.failures

    def __str__(self) -> str:
        worst = self.worst
        return (
            f"{self.checked - len(self.failures)} of {self.checked} derivatives agree; worst: {worst.array}"
            f"{list(worst.index)}, backward says {worst.analytic:.8g}, differences say {worst.numeric:.8g}"
        )


def gradcheck(
    net: Network,
    images: npt.ArrayLike,
    labels: npt.ArrayLike,
    loss: str | Loss = "cross_entropy",
    *,
    entries: int = 20,
    seed: int = 0,
) -> GradientReport:
    """Check d loss / d parameter and d loss / d picture of a network, on a float64 copy, in training mode.

    images (N, C, H, W), labels (N,). At most `entries` derivatives of each array are tried, chosen by `seed`.
    Dropout draws the same numbers at every try. At a kink the differences show the mean of two slopes: where a
    max-pool's window is flat, as on the black border of a digit, so that noise checks such networks better than
    pictures do. Raises InputError when images or labels do not fit, ConfigError unless `entries` is at least 1.
    """
    entries = whole("entries", entries, 1)
    copy = net.snapshot(np.float64)
    copy.read(images)  # refuses what does not fit
    picture = np.array(images, np.float64) / (255 if np.asarray(images).dtype == np.uint8 else 1)

    def mode() -> Mode:
        return Mode(training=True, generator=np.random.default_rng(seed))

    found = copy.run_loss(picture, labels, loss, mode(), input_gradient=True).derivatives
    assert found.input is not None
    d_picture = found.input.transpose(0, 3, 1, 2) if found.input.ndim == 4 else found.input
    arrays: list[tuple[str, Array, Array]] = [("input", picture, d_picture)]
    for (node_id, name), gradient in found.parameters.items():
        node = copy.node(node_id)
        arrays.append((f"{node.name}.{name}", *_as_in_torch(node.layer, name, gradient)))
    return _compare(lambda: copy.run_loss(picture, labels, loss, mode()).loss, arrays, entries, seed)


def gradcheck_layer(
    layer: Layer, inputs: Sequence[Array], *, training: bool = True, entries: int = 50, seed: int = 0
) -> GradientReport:
    """Check one layer by itself: the scalar is a random weighting of its output.

    inputs: in the engine's layout; they and the layer are checked as float64 copies. Raises ConfigError unless
    `entries` is at least 1.
    """
    entries = whole("entries", entries, 1)
    inputs = [np.array(x, np.float64, order="C") for x in inputs]

    def run() -> tuple[Array, object]:
        return layer.copy(np.float64).forward(inputs, Mode(training, np.random.default_rng(seed)))

    layer = layer.copy(np.float64)
    output, _ = run()
    weighting = np.random.default_rng(seed).standard_normal(output.shape)
    _, saved = layer.copy().forward(inputs, Mode(training, np.random.default_rng(seed)))
    d_inputs, d_parameters = layer.backward(weighting, saved)
    arrays = [(f"input {port}", x, _given(d_x)) for port, (x, d_x) in enumerate(zip(inputs, d_inputs, strict=True))]
    arrays += [(name, *_as_in_torch(layer, name, gradient)) for name, gradient in d_parameters.items()]
    return _compare(lambda: float(np.sum(run()[0] * weighting)), arrays, entries, seed)


def _as_in_torch(layer: Layer, name: str, gradient: Array) -> tuple[Array, Array]:
    """A parameter and its gradient in PyTorch's layout; the parameter is a view, for it is to be changed."""
    parameter = layer.to_torch(name, layer.parameters[name])
    assert np.shares_memory(parameter, layer.parameters[name])
    return parameter, layer.to_torch(name, gradient)


def _given(gradient: Array | None) -> Array:
    assert gradient is not None
    return gradient


def _compare(
    scalar: Callable[[], float], arrays: Sequence[tuple[str, Array, Array]], entries: int, seed: int
) -> GradientReport:
    """Compare each (name, array, gradient) with differences of `scalar`, which depends on the arrays in place."""
    generator = np.random.default_rng(seed)
    found = [
        Entry(name, index, float(gradient[index]), _difference(scalar, array, index))
        for name, array, gradient in arrays
        for index in _chosen(array.shape, entries, generator)
    ]
    worst = max(found, key=lambda entry: _badness(entry))
    return GradientReport(len(found), worst, tuple(entry for entry in found if not entry.passed))


def _badness(entry: Entry) -> float:
    ratio = entry.error / (ABSOLUTE + RELATIVE * abs(entry.numeric))
    return ratio if np.isfinite(ratio) else np.inf


def _chosen(shape: tuple[int, ...], entries: int, generator: np.random.Generator) -> Iterator[tuple[int, ...]]:
    size = int(np.prod(shape))
    for place in generator.permutation(size)[:entries]:
        yield tuple(int(each) for each in np.unravel_index(place, shape))


def _difference(scalar: Callable[[], float], array: Array, index: tuple[int, ...]) -> float:
    value = array[index]
    array[index] = value + STEP
    above = scalar()
    array[index] = value - STEP
    below = scalar()
    array[index] = value
    return (above - below) / (2 * STEP)
