"""Where the time goes: milliseconds and bytes of every node, forward and backward, beside its multiply-adds.

A profile runs a batch node by node through the network and back, the clock read before and after each: the same
layers, on the same kernels, as a training step, but with all threads on one layer, where a step gives each thread a
block of images of its own. The sum is therefore near the time of a step, mostly a tenth or two above it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from statistics import median
from time import perf_counter

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.checks import whole
from cnnstudio.engine.errors import InputError, Interrupted
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.blas import one_blas_thread
from cnnstudio.engine.layers import Conv2d, ConvTranspose2d, Layer, Linear, Mode, Saved
from cnnstudio.engine.network import Network
from cnnstudio.engine.passes import Flow, Step, plan
from cnnstudio.engine.wiring import NetworkNode

LOSS = "cross_entropy"

NOTICEABLE = 0.1
"""Share of the time below which no node is called out of proportion."""

OUT_OF_PROPORTION = 3.0
"""How many times its share of the work a node's share of the time has to be."""


class ProfileControl:
    """What another thread may see and do while a profile runs.

    Attributes:
        done, total: layers timed so far, and in all; each counts once for each way and each repeat. 0 before it begins.
    """

    def __init__(self) -> None:
        self.done = self.total = 0
        self._interrupted = False

    def interrupt(self) -> None:
        """Call the profile off before its next layer; `profile` then raises Interrupted."""
        self._interrupted = True

    def checkpoint(self) -> None:
        """Raises Interrupted once `interrupt` has been called."""
        if self._interrupted:
            raise Interrupted


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One node, for the whole batch; times are medians over the repeats.

    Attributes:
        kind: of the layer in the engine.
        forward_ms, backward_ms: milliseconds; backward 0 where nothing at or before the node learns.
        forward_bytes: its output; 0 where that lies in its input's memory.
        backward_bytes: what it holds for backward, without what a node before it holds already.
        macs: multiply-adds for one image, from the layer's own weights.
        time_share, macs_share, traffic_share: of the network's time, of its multiply-adds, and of the bytes that its
            layers read (inputs and weights) and write; 0 to 1.
    """

    id: str
    name: str
    kind: str
    forward_ms: float
    backward_ms: float
    forward_bytes: int
    backward_bytes: int
    macs: int
    time_share: float
    macs_share: float
    traffic_share: float

    @property
    def milliseconds(self) -> float:
        """Forward and backward."""
        return self.forward_ms + self.backward_ms

    @property
    def work_share(self) -> float:
        """What its share of the time is to be held against: that of the multiply-adds or of the memory traffic.

        The larger one counts: a layer is bound by the one or by the other.
        """
        return max(self.macs_share, self.traffic_share)


@dataclass(frozen=True, slots=True)
class Profile:
    """The rows in the order in which the nodes run; those that do not lead to the output do not.

    Attributes:
        images: in the batch that was timed.
        slowest: the row that takes most time.
        out_of_proportion: the row with NOTICEABLE time, at least OUT_OF_PROPORTION times its share of the work; of
            several the one that takes most beyond that share; None where there is none.
        remark: a sentence that names it, or says that there is none.
    """

    rows: tuple[ProfileRow, ...]
    images: int
    slowest: ProfileRow
    out_of_proportion: ProfileRow | None
    remark: str

    def __getitem__(self, node_id: str) -> ProfileRow:
        """Raises KeyError when that node was not run."""
        for row in self.rows:
            if row.id == node_id:
                return row
        raise KeyError(node_id)

    @property
    def forward_ms(self) -> float:
        return sum(row.forward_ms for row in self.rows)

    @property
    def backward_ms(self) -> float:
        return sum(row.backward_ms for row in self.rows)


def profile(
    net: Network,
    images: npt.ArrayLike,
    labels: npt.ArrayLike | None = None,
    repeats: int = 5,
    control: ProfileControl | None = None,
    *,
    clock: Callable[[], float] = perf_counter,
) -> Profile:
    """Time and memory of each node of `net` for one batch, in training mode: a warm-up, then `repeats` timed passes.

    images (N, C, H, W) as `predict` takes them. labels (N,): backward starts from the cross-entropy; without them
    from a gradient of ones, which takes any output, maps too. control: for progress, and to call it off. clock: gives
    seconds. Reading the pictures counts as the Input's time. The network stays as it is: weights, running statistics
    and its stream of chance.

    Raises InputError when images or labels do not fit, LayerError for a batch too small for BatchNorm, ConfigError
    for less than one repeat, Interrupted when called off.
    """
    repeats = whole("repeats", repeats, 1)
    control = control or ProfileControl()
    run = _Run(net, images, labels, control, clock)
    control.done, control.total = 0, (repeats + 1) * run.length
    try:
        with one_blas_thread(), np.errstate(all="ignore"):
            run.once(measure=True)
            times = [run.once() for _ in range(repeats)]
    finally:
        memory.release()
    return _profile(run, times)


@dataclass(slots=True)
class _Sizes:
    """Bytes of one node: its own output, what it alone holds, and what it reads and writes; and its multiply-adds."""

    output: int
    held: int
    traffic: int
    macs: int


Times = Mapping[tuple[str, bool], float]
"""Seconds by (node id, whether on the way back)."""


class _Run:
    """A batch on its way through a twin of the network: weights are shared, running statistics are its own."""

    def __init__(
        self,
        net: Network,
        images: npt.ArrayLike,
        labels: npt.ArrayLike | None,
        control: ProfileControl,
        clock: Callable[[], float],
    ) -> None:
        self._net = _twin(net)
        self._images, self._control, self._clock = images, control, clock
        self._labels = None if labels is None else np.asarray(labels)
        self._end = net.scored_node(LOSS)
        path = net.path_to(net.output)
        mode = Mode(training=True)
        order = [node for node in self._net.nodes if node.id in path]
        phases = plan(order, mode, many=False, kept=frozenset((self._end, net.output)))
        self.steps = tuple(step for phase in phases for step in phase.steps if not step.surveys)
        self._learning = self._net.learning(input_gradient=False) & net.path_to(self._end)
        self._back = tuple(step.node for step in reversed(self.steps) if step.node.id in self._learning)
        self.images = len(net.read(images))
        if not self.images:
            raise InputError("A profile needs at least one picture; none arrived.")
        self.sizes: dict[str, _Sizes] = {}

    @property
    def length(self) -> int:
        """Layers that one pass times, there and back."""
        return len(self.steps) + len(self._back)

    def once(self, *, measure: bool = False) -> Times:
        """One pass; with `measure` the sizes are taken, without the times being of use."""
        mode = Mode(training=True, generator=np.random.default_rng(0))
        times: dict[tuple[str, bool], float] = {}
        values: dict[str, Array] = {}
        saved: dict[str, Saved] = {}
        roots: set[int] = set()
        for step in self.steps:
            self._control.checkpoint()
            node = step.node
            begin = self._clock()
            inputs = [values[source] for source in node.inputs] or [self._net.read(self._images)]
            if step.writes_over:
                output, held = node.layer.forward_over(inputs[0])
            else:
                output, held = node.layer.forward(inputs, mode)
            times[node.id, False] = self._clock() - begin
            values[node.id], saved[node.id] = output, held
            if measure:
                self.sizes[node.id] = _sizes(step, inputs, output, held, roots)
            for source in step.releases:
                del values[source]
            self._control.done += 1
            del inputs, output, held
        self._backward(values[self._end], saved, times)
        return times

    def _backward(self, scores: Array, saved: dict[str, Saved], times: dict[tuple[str, bool], float]) -> None:
        flow = Flow(((0, self.images),), frozenset())
        if self._back:
            flow.give(self._end, 0, self._first_gradient(scores))
        for node in self._back:
            self._control.checkpoint()
            gradient, held = flow.take(node.id, 0), saved.pop(node.id)
            wanted = any(source in self._learning for source in node.inputs)
            begin = self._clock()
            d_inputs, _ = node.layer.backward(gradient, held, input_gradient=wanted)
            for source, d_source in zip(node.inputs, d_inputs, strict=True):
                if d_source is not None and source in self._learning:
                    flow.give(source, 0, d_source)
            times[node.id, True] = self._clock() - begin
            self._control.done += 1
            del gradient, held, d_inputs

    def _first_gradient(self, scores: Array) -> Array:
        if self._labels is None:
            return np.ones_like(scores)
        return self._net.take_loss(scores, self._labels, LOSS)[1].reshape(scores.shape)


def _twin(net: Network) -> Network:
    """The same weights; BatchNorm puts new running statistics in its own place for them."""

    def layer(each: Layer) -> Layer:
        other = copy.copy(each)
        other.buffers = dict(each.buffers)
        return other

    nodes = [NetworkNode(node.id, node.name, layer(node.layer), node.inputs) for node in net.nodes]
    return Network(nodes, net.output, seed=net.seed, dtype=net.dtype)


def _sizes(step: Step, inputs: list[Array], output: Array, held: Saved, roots: set[int]) -> _Sizes:
    """What a node takes; `roots` are arrays that nodes before it hold, to which its own are added."""
    layer = step.node.layer
    shared = bool(step.node.inputs) and id(_root(output)) in {id(_root(each)) for each in inputs}
    fresh = {id(root): root.nbytes for root in map(_root, held_arrays(held)) if id(root) not in roots}
    roots.update(fresh)
    weights = sum(array.nbytes for array in layer.parameters.values())
    traffic = output.nbytes + weights + sum(each.nbytes for each in inputs)
    return _Sizes(0 if shared else output.nbytes, sum(fresh.values()), traffic, macs(layer, inputs[0], output))


def macs(layer: Layer, x: Array, y: Array) -> int:
    """Multiply-adds of a layer for one image, from its own weight: each number of it works once at each place.

    Places are those of the output, for ConvTranspose2d of the input. Kinds without a matrix of weights count none.
    """
    match layer:
        case Conv2d():
            places: int = y.shape[1] * y.shape[2]
        case ConvTranspose2d():
            places = x.shape[1] * x.shape[2]
        case Linear():
            places = 1
        case _:
            places = 0
    return places * layer.parameters["weight"].size if places else 0


def held_arrays(saved: Saved) -> Iterator[Array]:
    """The arrays in what a layer's forward has handed out for backward."""
    if isinstance(saved, np.ndarray):
        yield saved
    elif isinstance(saved, (tuple, list)):
        for each in saved:
            yield from held_arrays(each)
    elif is_dataclass(saved) and not isinstance(saved, type):
        for field in fields(saved):
            yield from held_arrays(getattr(saved, field.name))


def _root(array: Array) -> Array:
    """The array whose memory a view looks at."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _profile(run: _Run, times: list[Times]) -> Profile:
    found = {key: 1e3 * median(each[key] for each in times) for key in times[0]}
    time = sum(found.values())
    traffic = sum(size.traffic for size in run.sizes.values())
    products = sum(size.macs for size in run.sizes.values())
    rows = []
    for step in run.steps:
        node, sizes = step.node, run.sizes[step.node.id]
        there, back = found[node.id, False], found.get((node.id, True), 0.0)
        rows.append(
            ProfileRow(
                id=node.id,
                name=node.name,
                kind=type(node.layer).__name__,
                forward_ms=there,
                backward_ms=back,
                forward_bytes=sizes.output,
                backward_bytes=sizes.held,
                macs=sizes.macs,
                time_share=_share(there + back, time),
                macs_share=_share(sizes.macs, products),
                traffic_share=_share(sizes.traffic, traffic),
            )
        )
    slowest = max(rows, key=lambda row: row.milliseconds)
    odd = _out_of_proportion(rows)
    return Profile(tuple(rows), run.images, slowest, odd, _remark(slowest, odd))


def _share(part: float, whole_: float) -> float:
    return part / whole_ if whole_ else 0.0


def _out_of_proportion(rows: list[ProfileRow]) -> ProfileRow | None:
    odd = [row for row in rows if row.time_share >= NOTICEABLE and row.time_share >= OUT_OF_PROPORTION * row.work_share]
    return max(odd, key=lambda row: row.time_share - row.work_share, default=None)


def _remark(slowest: ProfileRow, odd: ProfileRow | None) -> str:
    if odd is None:
        return (
            f"No layer is out of proportion to its multiply-adds or its memory traffic; {slowest.name} takes most, "
            f"{slowest.time_share:.0%} of the time."
        )
    return (
        f"{odd.name} is out of proportion: it takes {odd.time_share:.0%} of the time for {odd.macs_share:.0%} of the "
        f"multiply-adds and {odd.traffic_share:.0%} of the memory traffic."
    )
