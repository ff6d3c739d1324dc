"""A network: layers as nodes of a directed acyclic graph, run forward, and backward."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cnnstudio.engine import passes, state
from cnnstudio.engine.arrays import Array, Integers, channels_first, shape_text, tuple_text
from cnnstudio.engine.errors import InputError, NetworkError, StateError
from cnnstudio.engine.kernels.blas import one_blas_thread
from cnnstudio.engine.layers import EVALUATION, Flatten, Identity, Input, Mode, Softmax
from cnnstudio.engine.losses import CrossEntropy, Loss, find_loss
from cnnstudio.engine.passes import ParameterKey as ParameterKey
from cnnstudio.engine.passes import Trace
from cnnstudio.engine.wiring import NetworkNode, only_input, ordered

CHUNK_BYTES = 1 << 26
"""About how much the widest step of a prediction may hold at a time."""

MAX_CHUNK = 512


@dataclass(frozen=True, slots=True)
class Derivatives:
    """What a backward pass finds, in the engine's layout.

    Attributes:
        parameters: gradient of every parameter that took part.
        input: gradient by the pictures, where asked for.
    """

    parameters: dict[ParameterKey, Array]
    input: Array | None = None


@dataclass(frozen=True, slots=True)
class LossPass:
    """A batch run forward and backward: mean loss, scores (N, classes) it was taken on, and the gradients.

    outputs: of every node, in the engine's layout, where they were to be kept.
    """

    loss: float
    scores: Array
    derivatives: Derivatives
    outputs: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Measures:
    """What sending one black picture through a network tells.

    Attributes:
        output_shape: for one picture, in the border's layout.
        widest: bytes that the largest layer reads and writes.
        spread: ids of the nodes that give maps larger than a pixel.
    """

    output_shape: tuple[int, ...]
    widest: int
    spread: frozenset[str]


class Network:
    """Layers wired up, with PyTorch's layouts and names at its border and channels last inside.

    A network that ends in Softmax gives probabilities; its cross-entropy is taken on what goes into that Softmax,
    since the loss contains a softmax already (two of them would flatten every gradient).

    Attributes:
        nodes: in topological order.
        output: id of the node whose output counts.
        dtype: float32 or float64.
        seed: of the chance that dropout draws from in `loss_and_gradients`.
    """

    def __init__(
        self,
        nodes: Iterable[NetworkNode],
        output: str,
        *,
        seed: int = 0,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        """Raises NetworkError when the nodes do not form a network."""
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise NetworkError(f"A network computes in float32 or float64, not in {self.dtype}.")
        self.nodes = ordered(tuple(nodes))
        self.output = output
        self.seed = seed
        self._by_id = {node.id: node for node in self.nodes}
        if output not in self._by_id:
            raise NetworkError(f"There is no node {output!r} to be the output.")
        self._input = only_input(self.nodes)
        self._mode = Mode(training=True, generator=np.random.default_rng(seed))
        self._measured: _Measures | None = None

    # What it is

    def node(self, node_id: str) -> NetworkNode:
        """Raises NetworkError when there is none."""
        try:
            return self._by_id[node_id]
        except KeyError:
            raise NetworkError(f"There is no node {node_id!r} in this network.") from None

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(channels, height, width) of one picture, or (features,)."""
        return self._source.shape

    @property
    def output_shape(self) -> tuple[int, ...]:
        """What leaves for one picture: (classes,), or (channels, height, width) of maps larger than a pixel."""
        return self._measure().output_shape

    @property
    def parameter_count(self) -> int:
        """Learned numbers; running statistics are not among them."""
        return sum(array.size for array in self.parameters.values())

    @property
    def parameters(self) -> dict[ParameterKey, Array]:
        """The learned arrays themselves, in the engine's layout."""
        return {(node.id, name): array for node in self.nodes for name, array in node.layer.parameters.items()}

    # The public face

    def predict(self, images: npt.ArrayLike) -> Array:
        """Class scores (N, classes) as the last layer gives them, in evaluation mode.

        images: (N, C, H, W), uint8 (read as value / 255) or float. They are worked through in chunks, so that
        memory stays bounded. An output of maps comes as (N, C, H, W). Raises InputError when images do not fit.
        """
        array = self._source.check(images)
        chunk = min(max(CHUNK_BYTES // self._measure().widest, 1), MAX_CHUNK)
        scores = np.empty((len(array), *self.output_shape), self.dtype)
        for first in range(0, len(array), chunk):
            part = slice(first, first + chunk)
            scores[part] = _outside(self.forward(self.read(array[part]), save=False).output)
        return scores

    def activations(self, images: npt.ArrayLike) -> dict[str, Array]:
        """What every node gives in evaluation mode: {node id: (N, C, H, W) or (N, F)}."""
        trace = self.forward(self._source.read(images, self.dtype), save=False, keep=True)
        return {node_id: channels_first(output) for node_id, output in trace.outputs.items()}

    def loss_and_gradients(
        self, images: npt.ArrayLike, labels: npt.ArrayLike, loss: str | Loss = "cross_entropy"
    ) -> tuple[float, dict[str, Array]]:
        """Mean loss over the batch and {"name.weight": gradient} in PyTorch's layout, in training mode.

        labels: (N,) whole numbers from 0; loss: a name, or one of `losses` with settings of its own. Running
        statistics move, as they do in PyTorch. Raises InputError.
        """
        result = self.run_loss(images, labels, loss, self._mode)
        gradients = {
            f"{self.node(node_id).name}.{name}": np.array(self.node(node_id).layer.to_torch(name, gradient), order="C")
            for (node_id, name), gradient in result.derivatives.parameters.items()
        }
        return result.loss, gradients

    def state_dict(self) -> dict[str, Array]:
        """Copies of all parameters and buffers in PyTorch's layout: {"name.weight": ..., "name.running_mean": ...}."""
        return {entry.key: entry.read() for entry in state.entries(self.nodes)}

    def array(self, key: str) -> Array:
        """A copy of one entry of state_dict. Raises StateError when there is none."""
        for entry in state.entries(self.nodes):
            if entry.key == key:
                return entry.read()
        raise StateError(f"There is no array {key!r} in this network.")

    def load_state_dict(self, arrays: Mapping[str, npt.ArrayLike], *, strict: bool = True) -> None:
        """Take over arrays in PyTorch's layout and names. All of them or, when they do not fit, none.

        Raises StateError: a name is missing or unknown (unless not `strict`), or a shape differs.
        """
        state.load(self.nodes, arrays, strict=strict)

    def snapshot(self, dtype: npt.DTypeLike | None = None) -> Network:
        """An independent copy, with arrays of its own; in another precision if `dtype` says so."""
        dtype = dtype or self.dtype
        nodes = [NetworkNode(node.id, node.name, node.layer.copy(dtype), node.inputs) for node in self.nodes]
        return Network(nodes, self.output, seed=self.seed, dtype=dtype)

    # The passes, in the engine's layout

    def read(self, images: npt.ArrayLike) -> Array:
        """Pictures (N, C, H, W) in the engine's layout and precision. Raises InputError when they do not fit."""
        return self._source.read(images, self.dtype)

    def forward(
        self, x: Array, mode: Mode = EVALUATION, *, end: str | None = None, save: bool = True, keep: bool = False
    ) -> Trace:
        """Run x, as `read` gives it, through the network up to node `end` (the output unless said).

        save: hold on to what backward needs. keep: hold on to every node's output, also of those off the path.
        """
        end = end or self.output
        path = self._by_id.keys() if keep else self.path_to(end)
        order = [node for node in self.nodes if node.id in path]
        with _computing():
            return passes.forward(order, x, mode, end, save=save, keep=keep)

    def backward(self, trace: Trace, d_output: Array, *, input_gradient: bool = False) -> Derivatives:
        """Gradients of a scalar whose gradient by trace.output is d_output. Consumes what the trace has saved."""
        learning = self.learning(input_gradient=input_gradient) & self.path_to(trace.end)
        with _computing():
            return Derivatives(*passes.backward(trace, d_output, learning))

    def run_loss(
        self,
        images: npt.ArrayLike,
        labels: npt.ArrayLike,
        loss: str | Loss,
        mode: Mode,
        *,
        input_gradient: bool = False,
        keep: bool = False,
    ) -> LossPass:
        """Forward, loss and backward of one batch. Raises InputError when images or labels do not fit.

        input_gradient: by the pictures too. keep: hold on to every node's output, also of those off the path.
        """
        x, y = self._read_some(images), np.asarray(labels)
        trace = self.forward(x, mode, end=self.scored_node(loss), keep=keep)
        value, d_scores = self.take_loss(trace.output, y, loss)
        derivatives = self.backward(trace, d_scores.reshape(trace.output.shape), input_gradient=input_gradient)
        return LossPass(value, trace.output.reshape(len(x), -1), derivatives, trace.outputs)

    def evaluate(
        self, images: npt.ArrayLike, labels: npt.ArrayLike, loss: str | Loss, mode: Mode = EVALUATION
    ) -> tuple[float, Array]:
        """(mean loss, scores (N, classes) it was taken on) of one batch, forward only. Raises InputError."""
        x, y = self._read_some(images), np.asarray(labels)
        output = self.forward(x, mode, end=self.scored_node(loss), save=False).output
        return self.take_loss(output, y, loss)[0], output.reshape(len(x), -1)

    def scored_node(self, loss: str | Loss) -> str:
        """The node whose output the loss is taken on: the last, but for cross-entropy after a Softmax its input.

        Identity and Flatten behind the Softmax change no number and do not count. A Softmax at every pixel of maps
        is not that of the classes, and stays a layer like others.
        """
        node = self._by_id[self.output]
        while isinstance(node.layer, (Identity, Flatten)):
            node = self._by_id[node.inputs[0]]
        softmax = isinstance(node.layer, Softmax) and node.id not in self._measure().spread
        if not softmax or not isinstance(find_loss(loss), CrossEntropy):
            return self.output
        return node.inputs[0]

    def path_to(self, end: str) -> frozenset[str]:
        """Ids of the nodes that take part in computing node `end`, itself included."""
        found = {end}
        for node in reversed(self.nodes):
            if node.id in found:
                found.update(node.inputs)
        return frozenset(found)

    def take_loss(self, output: Array, labels: Integers, loss: str | Loss) -> tuple[float, Array]:
        """(mean loss, its gradient by the scores (N, classes)) of what `scored_node` gives. Raises InputError."""
        if output.ndim == 4 and output.shape[1:3] != (1, 1):
            shape = shape_text((output.shape[3], *output.shape[1:3]))
            raise InputError(
                f"A loss needs one score for each class; {self._by_id[self.output].name} gives maps of {shape}: "
                "end with Flatten and Linear, or with a global average pool."
            )
        scores = output.reshape(len(output), -1)
        check_labels(labels, len(scores), scores.shape[1])
        with _computing():
            return find_loss(loss)(scores, labels)

    def learning(self, *, input_gradient: bool) -> set[str]:
        """Nodes whose output depends on a parameter (or on the input, if its gradient is wanted)."""
        found = {self._input.id} if input_gradient else set()
        for node in self.nodes:
            if node.layer.parameters or any(source in found for source in node.inputs):
                found.add(node.id)
        return found

    # Inside

    @property
    def _source(self) -> Input:
        layer = self._input.layer
        assert isinstance(layer, Input)
        return layer

    def _read_some(self, images: npt.ArrayLike) -> Array:
        x = self.read(images)
        if not len(x):
            raise InputError("A loss is a mean over pictures; none arrived.")
        return x

    def _measure(self) -> _Measures:
        if self._measured is None:
            black = np.zeros((1, *self.input_shape), self.dtype)
            trace = self.forward(self._source.read(black, self.dtype), save=False, keep=True)
            outputs = trace.outputs
            widest = max(
                outputs[node.id].nbytes + sum(outputs[source].nbytes for source in node.inputs) for node in self.nodes
            )
            spread = frozenset(each for each, output in outputs.items() if output.shape[1:-1] not in ((), (1, 1)))
            self._measured = _Measures(_outside(outputs[self.output]).shape[1:], widest, spread)
        return self._measured


def check_labels(labels: Integers, count: int, classes: int) -> None:
    """Raises InputError unless labels are `count` whole numbers from 0 to classes - 1."""
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise InputError(
            f"Labels are whole numbers, one for each of {count} pictures; {labels.dtype} of shape "
            f"{tuple_text(labels.shape)} arrived."
        )
    if count and (labels.min() < 0 or labels.max() >= classes):
        raise InputError(
            f"The network has {classes} outputs, so labels go from 0 to {classes - 1}; "
            f"they go from {labels.min()} to {labels.max()}."
        )


@contextmanager
def _computing() -> Iterator[None]:
    """One BLAS thread for each of ours, and no warnings: what is not finite is looked for and reported."""
    with one_blas_thread(), np.errstate(all="ignore"):
        yield


def _outside(output: Array) -> Array:
    """In the border's layout; maps of one pixel are vectors."""
    if output.ndim == 4 and output.shape[1:3] == (1, 1):
        return output.reshape(len(output), -1)
    return output.transpose(0, 3, 1, 2) if output.ndim == 4 else output
