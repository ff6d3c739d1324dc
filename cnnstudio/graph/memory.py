"""How much memory a network takes: to hold it, to run it, and to train it, for a batch of a given size.

All figures are bytes and exact by their convention, which `CONVENTIONS` says in a sentence for each. What a layer keeps
for backward is declared with its kind (`LayerSpec.keeps`, `LayerSpec.place`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from cnnstudio.graph.analysis import analyze
from cnnstudio.graph.document import Graph
from cnnstudio.graph.errors import ParameterError
from cnnstudio.graph.keeping import Kept, Place
from cnnstudio.graph.params import quoted
from cnnstudio.graph.report import Report, Row
from cnnstudio.graph.shapes import BYTES_PER_VALUE

OPTIMIZER_ARRAYS: Mapping[str, int] = MappingProxyType({"sgd": 1, "adagrad": 1, "rmsprop": 1, "adam": 2, "adamw": 2})
"""Numbers that an optimizer remembers of each parameter; SGD without momentum remembers none."""

CONVENTIONS: Mapping[str, str] = MappingProxyType(
    {
        "sum": "Every layer's output is counted by itself, as if nothing were freed or shared; the picture counts too.",
        "sum_in_place": (
            "The sum of all outputs, but a layer that works value by value (ReLU and its kin, Dropout in evaluation, "
            "Flatten, Identity) takes the place of its input where that serves nobody else, and the two count once: "
            "the way in which CS231n counts. Its own rows for VGG-16 add up to 15.2 million values, which are 61 MB; "
            "the 24 million and 93 MB that it gives are a slip in the sum."
        ),
        "inference_peak": (
            "Layers run in order; an output is freed after the last layer that reads it, and a layer that works value "
            "by value takes the place of its input where that serves nobody else. The most that exists at a time."
        ),
        "kept": (
            "What the forward pass holds for the backward pass, each array once however many layers need it; one that "
            "two layers need counts at the first."
        ),
        "gradient_peak": "The most that gradients by activations take at a time on the way back.",
        "training_peak": (
            "The most that exists at a time, forward or backward, of outputs still to be read, arrays kept for "
            "backward, and gradients by activations; what is kept is freed once its layer's gradient is computed."
        ),
        "inference_total": "Weights, running statistics and the peak of a forward pass.",
        "training_total": (
            "Weights, running statistics, the gradient of every weight, what the optimizer remembers, and the peak of "
            "a training step."
        ),
    }
)
"""What each figure counts. None counts a kernel's workspace, the loss, or the few statistics of batch normalization."""


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """Bytes of one layer, for the whole batch; None where they cannot be known.

    Attributes:
        weight_bytes, buffer_bytes: learned numbers, and running statistics; they do not grow with the batch.
        output_bytes: its output.
        in_place: in inference the output takes the place of the input, and needs no memory of its own.
        live_bytes: in inference, all outputs that exist while the layer works; None where it does not lead to the
            network's output, and so does not run.
        kept_bytes: in training, what it holds for backward and no layer before it holds already.
        gradient_bytes: gradients by activations that exist while it goes back; 0 where nothing before it learns.
    """

    id: str
    name: str
    kind: str
    weight_bytes: int | None
    buffer_bytes: int | None
    output_bytes: int | None
    in_place: bool
    live_bytes: int | None
    kept_bytes: int | None
    gradient_bytes: int | None


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of a network in bytes of float32, by layer and in total. `CONVENTIONS` says what each figure counts.

    Attributes:
        complete: whether every layer's figures are known; otherwise totals are sums of those that are.
        weights, buffers: learned numbers, running statistics; the same for every batch size.
        sum, sum_in_place: all outputs, each by itself; and with value-by-value layers in place (CS231n's count).
        inference_peak, inference_peak_at: most that a forward pass holds at a time, and the id of the layer at work.
        kept: what a forward pass holds for backward.
        gradient_peak: most that gradients by activations take at a time.
        training_peak, training_peak_at: most that a training step holds at a time besides weights, and where.
        training_peak_backward: whether that is on the way back.
        weight_gradients, optimizer_state: as large as the weights, and as many times that as the optimizer remembers.
    """

    rows: tuple[MemoryRow, ...]
    batch_size: int
    optimizer: str
    complete: bool
    weights: int
    buffers: int
    sum: int
    sum_in_place: int
    inference_peak: int
    inference_peak_at: str | None
    kept: int
    gradient_peak: int
    training_peak: int
    training_peak_at: str | None
    training_peak_backward: bool
    weight_gradients: int
    optimizer_state: int

    def row(self, node_id: str) -> MemoryRow:
        """Raises KeyError when there is no such layer."""
        for each in self.rows:
            if each.id == node_id:
                return each
        raise KeyError(node_id)

    @property
    def inference_total(self) -> int:
        return self.weights + self.buffers + self.inference_peak

    @property
    def training_total(self) -> int:
        return self.weights + self.buffers + self.weight_gradients + self.optimizer_state + self.training_peak

    @property
    def convention(self) -> str:
        """In a few sentences, what is counted and what is not."""
        return (
            "Float32, 4 bytes a value. In inference an output is freed after its last use, and a layer that works "
            "value by value takes the place of its input. In training every array that backward needs is counted "
            "once. A kernel's workspace and the loss are not counted."
        )


def memory(graph: Graph, batch_size: int = 1, optimizer: str = "sgd", momentum: float = 0.9) -> Memory:
    """What `graph` takes with batches of `batch_size` images and this optimizer. Never raises on a faulty drawing.

    Raises ParameterError for a batch size below 1 or an unknown optimizer.
    """
    if type(batch_size) is not int or batch_size < 1:
        raise ParameterError(f"The batch size is {quoted(batch_size)}; it takes a whole number from 1.")
    if optimizer not in OPTIMIZER_ARRAYS:
        raise ParameterError(f"There is no optimizer {quoted(optimizer)}; there are {', '.join(OPTIMIZER_ARRAYS)}.")
    report = analyze(graph)
    sites = _sites(graph, report, batch_size)
    forward = _inference(sites)
    training = _Training(sites)
    training.run()
    rows = tuple(_row(row, batch_size, forward, training) for row in report)
    remembered = 0 if optimizer == "sgd" and not momentum else OPTIMIZER_ARRAYS[optimizer]
    return Memory(
        rows=rows,
        batch_size=batch_size,
        optimizer=optimizer,
        complete=report.complete,
        weights=BYTES_PER_VALUE * report.parameters,
        buffers=BYTES_PER_VALUE * report.buffers,
        sum=batch_size * report.activation_bytes,
        sum_in_place=forward.made,
        inference_peak=forward.peak.bytes,
        inference_peak_at=forward.peak.node,
        kept=sum(training.kept.values()),
        gradient_peak=max(training.gradients.values(), default=0),
        training_peak=training.peak.bytes,
        training_peak_at=training.peak.node,
        training_peak_backward=training.peak.backward,
        weight_gradients=BYTES_PER_VALUE * report.trainable,
        optimizer_state=BYTES_PER_VALUE * remembered * report.trainable,
    )


@dataclass(frozen=True, slots=True)
class _Site:
    """A layer that runs: bytes of its output for the batch, who feeds and who reads it, and how it uses memory."""

    id: str
    bytes: int
    sources: tuple[str, ...]
    readers: int
    place: Place
    kept: Kept
    own: int
    learns: bool


@dataclass(slots=True)
class _Array:
    """Memory that one or several outputs lie in, readers still to come, and layers that keep it for backward."""

    bytes: int
    readers: int = 0
    keepers: int = 0


@dataclass(frozen=True, slots=True)
class _Peak:
    bytes: int = 0
    node: str | None = None
    backward: bool = False

    def with_(self, size: int, node: str, *, backward: bool = False) -> _Peak:
        return _Peak(size, node, backward) if size > self.bytes else self


@dataclass(slots=True)
class _Forward:
    """What a forward pass that keeps nothing comes to."""

    made: int = 0
    peak: _Peak = field(default_factory=_Peak)
    live: dict[str, int] = field(default_factory=dict)
    in_place: set[str] = field(default_factory=set)


def _sites(graph: Graph, report: Report, batch_size: int) -> tuple[_Site, ...]:
    """The layers that lead to the network's output and whose shapes are known, in order."""
    used = set() if report.output is None else {report.output}
    for row in reversed(tuple(report)):
        if row.id in used:
            used.update(each for each in graph.inputs_of(row.id) if each is not None)
    rows = [row for row in report if row.id in used and row.output_shape is not None]
    readers = dict.fromkeys((row.id for row in rows), 0)
    for row in rows:
        for source in _sources(graph, row):
            readers[source] += 1
    if report.output in readers:
        readers[report.output] += 1  # whoever asked for the answer
    sites: dict[str, _Site] = {}
    for row in rows:
        spec, params, sources = graph.spec(row.id), graph.node(row.id).params, _sources(graph, row)
        shapes = tuple(shape for shape in row.input_shapes if shape is not None)
        assert row.output_shape is not None
        kept = spec.keeps(params, shapes, row.output_shape)
        learns = bool(row.parameters) or any(sites[source].learns for source in sources)
        size, own = batch_size * (row.activation_bytes or 0), batch_size * kept.own
        sites[row.id] = _Site(row.id, size, sources, readers[row.id], spec.place, kept, own, learns)
    return tuple(sites.values())


def _sources(graph: Graph, row: Row) -> tuple[str, ...]:
    return tuple(each for each in graph.inputs_of(row.id) if each is not None)


def _settle(site: _Site, place: Place, arrays: dict[str, _Array], *, free: bool = True) -> _Array:
    """The array that a layer's output lies in: its input's or a new one. free: the layer itself lets the input go."""
    if site.sources:
        before = arrays[site.sources[0]]
        over = place is Place.OVER and free and before.readers == 1 and not before.keepers
        if over or place is Place.SAME:
            arrays[site.id] = before
            before.readers += site.readers
            return before
    arrays[site.id] = _Array(site.bytes, site.readers)
    return arrays[site.id]


def _let_go(sources: Iterable[str], arrays: Mapping[str, _Array]) -> int:
    """Note that a layer has read its inputs; bytes of those that nobody needs any more."""
    freed = 0
    for source in sources:
        array = arrays[source]
        array.readers -= 1
        freed += 0 if array.readers or array.keepers else array.bytes
    return freed


def _inference(sites: Sequence[_Site]) -> _Forward:
    found, arrays, live = _Forward(), dict[str, _Array](), 0
    for site in sites:
        array = _settle(site, site.place, arrays)
        if site.sources and array is arrays[site.sources[0]]:
            found.in_place.add(site.id)
        else:
            live += array.bytes
            found.made += array.bytes
        found.live[site.id] = live
        found.peak = found.peak.with_(live, site.id)
        live -= _let_go(site.sources, arrays)
    return found


class _Training:
    """A training step: the forward pass, which fills what is kept, and the backward pass, which empties it.

    Attributes:
        kept: by layer, bytes that it keeps and none before it does.
        gradients: by layer, bytes of gradients by activations while it goes back.
    """

    def __init__(self, sites: Sequence[_Site]) -> None:
        self._sites = sites
        self._by_id = {site.id: site for site in sites}
        self._arrays: dict[str, _Array] = {}
        self._held: dict[str, list[_Array]] = {}
        self._live = 0
        self.kept: dict[str, int] = {}
        self.gradients: dict[str, int] = {}
        self.peak = _Peak()

    def run(self) -> None:
        for site in self._sites:
            self._forward(site)
        self._backward()

    def _forward(self, site: _Site) -> None:
        array = _settle(site, self._place(site), self._arrays, free=not site.kept.input)
        if not site.sources or array is not self._arrays[site.sources[0]]:
            self._live += array.bytes
        held = [self._arrays[source] for source in site.sources] if site.kept.input else []
        held += [array] if site.kept.output else []
        self._held[site.id] = held
        self.kept[site.id] = site.own
        for each in held:
            self.kept[site.id] += 0 if each.keepers else each.bytes
            each.keepers += 1
        self._live += site.own
        self.peak = self.peak.with_(self._live, site.id)
        self._live -= _let_go(site.sources, self._arrays)

    def _place(self, site: _Site) -> Place:
        # What hands its input on in evaluation, as Dropout does, changes it in training if it has drawn factors.
        return Place.OVER if site.place is Place.SAME and site.own else site.place

    def _backward(self) -> None:
        """Layer by layer as the engine goes; a gradient by an output exists once the first reader has sent it."""
        pending = {site.id: site.bytes for site in self._sites[-1:] if site.learns}
        total = sum(pending.values())
        for site in reversed(self._sites):
            if site.id not in pending:
                self.gradients[site.id] = 0
                continue
            handed_on = False
            for source in dict.fromkeys(site.sources):
                if self._by_id[source].learns and source not in pending:
                    pending[source] = self._by_id[source].bytes
                    handed_on = self._place(site) is Place.SAME
                    total += 0 if handed_on else pending[source]
            self.gradients[site.id] = total
            self.peak = self.peak.with_(self._live + total, site.id, backward=True)
            total -= 0 if handed_on else pending[site.id]
            self._live -= site.own + self._freed(site)

    def _freed(self, site: _Site) -> int:
        freed = 0
        for array in self._held[site.id]:
            array.keepers -= 1
            freed += 0 if array.readers or array.keepers else array.bytes
        return freed


def _row(row: Row, batch_size: int, forward: _Forward, training: _Training) -> MemoryRow:
    known = row.output_shape is not None
    return MemoryRow(
        id=row.id,
        name=row.name,
        kind=row.kind,
        weight_bytes=None if row.parameters is None else BYTES_PER_VALUE * row.parameters,
        buffer_bytes=None if row.buffers is None else BYTES_PER_VALUE * row.buffers,
        output_bytes=None if row.activation_bytes is None else batch_size * row.activation_bytes,
        in_place=row.id in forward.in_place,
        live_bytes=forward.live.get(row.id) if known else None,
        kept_bytes=training.kept.get(row.id) if known else None,
        gradient_bytes=training.gradients.get(row.id) if known else None,
    )
