"""How a batch goes through a network: in blocks of images, one a thread.

A thread takes its block from layer to layer for as long as it can do without the rest of the batch; that far goes a
phase. Batch normalization ends one, since every image waits for the whole batch's statistics, and so does a layer
that takes the batch as a whole. Within a phase the threads do not wait for each other: handing work out and waiting
for it costs as much as a small layer. Which images make a block depends on the batch and the number of cores alone,
so every number is the same in each run on one machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from cnnstudio.engine.arrays import Array
from cnnstudio.engine.errors import LayerError
from cnnstudio.engine.kernels import memory
from cnnstudio.engine.kernels.parallel import spans, split, worker_count
from cnnstudio.engine.layers import Mode, Surveyor
from cnnstudio.engine.wiring import NetworkNode

ParameterKey: TypeAlias = tuple[str, str]
"""(node id, parameter name)."""

Blocks: TypeAlias = list[Any]
"""One entry for each block of images; a single one where the batch is whole."""

LEAST_IMAGES = 4
"""Images that a block has at least: with fewer, weights are read too often."""


def block_count(images: int) -> int:
    """Blocks that a batch is cut into: one a thread. In more of them the interpreter's work outweighs the cache's."""
    return max(1, min(worker_count(), images // LEAST_IMAGES))


@dataclass(frozen=True, slots=True)
class Step:
    """One layer's work within a phase.

    Attributes:
        surveys: the layer only looks at its input, to hear from the whole batch before it computes.
        releases: ids of the nodes whose outputs nobody needs afterwards.
        writes_over: the output may take the input's place in memory.
    """

    node: NetworkNode
    surveys: bool = False
    releases: tuple[str, ...] = ()
    writes_over: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """`steps` are done for each block by itself, then `whole` ones, in order, for the batch."""

    steps: tuple[Step, ...]
    whole: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """What a forward pass leaves: the node it ran to and its output, what backward needs, outputs where asked for.

    Arrays are in the engine's layout, channels last.
    """

    end: str
    output: Array
    mode: Mode
    outputs: dict[str, Array] = field(default_factory=dict)
    phases: tuple[Phase, ...] = ()
    saved: dict[str, Blocks] = field(default_factory=dict)
    agreed: dict[str, Any] = field(default_factory=dict)
    edges: tuple[tuple[int, int], ...] = ()


def plan(order: Sequence[NetworkNode], mode: Mode, *, many: bool, kept: AbstractSet[str]) -> tuple[Phase, ...]:
    """The phases that run `order`, for a batch of many blocks or of one. Outputs of `kept` nodes are never released."""
    steps: list[list[Step]] = [[]]
    whole: list[list[Step]] = [[]]
    level: dict[str, int] = {}
    in_blocks: set[str] = set()
    for node in order:
        at = max((level[source] for source in node.inputs), default=0)
        if not many or (node.layer.by_image and all(source in in_blocks for source in node.inputs)):
            in_blocks.add(node.id)
            if _surveying(node, mode):
                steps[at].append(Step(node, surveys=True))
                at += 1
            while len(steps) <= at:
                steps.append([])
                whole.append([])
            steps[at].append(Step(node))
        else:
            whole[at].append(Step(node))
        level[node.id] = at
    _release_early(steps, whole, kept)
    _write_over(steps, order)
    return tuple(Phase(tuple(some), tuple(rest)) for some, rest in zip(steps, whole, strict=True))


def forward(order: Sequence[NetworkNode], x: Array, mode: Mode, end: str, *, save: bool, keep: bool) -> Trace:
    """Run x through `order`. See Network.forward."""
    return _Forward(order, x, mode, end, save=save, keep=keep).run()


def backward(
    trace: Trace, d_output: Array, learning: AbstractSet[str]
) -> tuple[dict[ParameterKey, Array], Array | None]:
    """(gradients by parameters, gradient by the input where it is among `learning`). Consumes what is saved."""
    return _Backward(trace, learning).run(d_output)


class _Forward:
    def __init__(self, order: Sequence[NetworkNode], x: Array, mode: Mode, end: str, *, save: bool, keep: bool) -> None:
        self._order, self._x, self._mode, self._end, self._save, self._keep = order, x, mode, end, save, keep
        self._edges = tuple(spans(len(x), block_count(len(x))))
        kept = frozenset(node.id for node in order) if keep else frozenset((end,))
        self._phases = plan(order, mode, many=len(self._edges) > 1, kept=kept)
        self._modes = _modes(mode, order, len(self._edges))
        self._values = {step.node.id: self._blank() for phase in self._phases for step in phase.steps}
        self._saved = {node_id: self._blank() for node_id in self._values}
        self._surveys: dict[str, Blocks] = {}
        self._agreed: dict[str, Any] = {}

    def run(self) -> Trace:
        for phase in self._phases:
            self._surveys = {step.node.id: self._blank() for step in phase.steps if step.surveys}
            split(partial(self._some, phase), len(self._edges))
            for node in (step.node for step in phase.steps if step.surveys):
                with _named(node):
                    self._agreed[node.id] = _surveyor(node).agree(self._surveys[node.id])
            for step in phase.whole:
                self._whole(step)
        outputs = {node.id: _merged(self._values[node.id]) for node in self._order} if self._keep else {}
        output = outputs[self._end] if self._keep else _merged(self._values[self._end])
        saved = self._saved if self._save else {}
        return Trace(self._end, output, self._mode, outputs, self._phases, saved, self._agreed, self._edges)

    def _some(self, phase: Phase, start: int, stop: int) -> None:
        for block in range(start, stop):
            for step in phase.steps:
                _check(self._mode)
                with _named(step.node):
                    self._step(step, block)

    def _step(self, step: Step, block: int) -> None:
        node = step.node
        inputs = [self._values[source][block] for source in node.inputs] or [self._x[slice(*self._edges[block])]]
        if step.surveys:
            self._surveys[node.id][block] = _surveyor(node).survey(inputs[0])
            return
        if node.id in self._agreed:
            output, saved = _surveyor(node).forward_agreed(inputs[0], self._agreed[node.id])
        elif step.writes_over:
            output, saved = node.layer.forward_over(inputs[0])
        else:
            output, saved = node.layer.forward(inputs, self._modes[block])
        self._values[node.id][block] = output
        if self._save:
            self._saved[node.id][block] = saved
        for source in step.releases:
            self._values[source][block] = None

    def _whole(self, step: Step) -> None:
        _check(self._mode)
        node = step.node
        with _named(node):
            output, saved = node.layer.forward([_merged(self._values[source]) for source in node.inputs], self._mode)
        self._values[node.id], self._saved[node.id] = [output], [saved]
        for source in step.releases:
            self._values[source] = []

    def _blank(self) -> Blocks:
        return [None] * len(self._edges)


class _Backward:
    def __init__(self, trace: Trace, learning: AbstractSet[str]) -> None:
        self._trace, self._learning = trace, learning
        self._flow = Flow(trace.edges, frozenset(step.node.id for phase in trace.phases for step in phase.whole))
        self._surveys: dict[str, Blocks] = {}
        self._agreed: dict[str, Any] = {}
        self._d_input: Blocks = self._blank()

    def run(self, d_output: Array) -> tuple[dict[ParameterKey, Array], Array | None]:
        parameters: dict[ParameterKey, Array] = {}
        self._flow.give_whole(self._trace.end, d_output)
        for phase in reversed(self._trace.phases):
            for step in reversed(phase.whole):
                if step.node.id in self._learning:
                    self._whole(step.node, parameters)
            steps = [step for step in reversed(phase.steps) if step.node.id in self._learning]
            if not steps:
                continue
            surveyed = [step.node for step in steps if not step.surveys and step.node.id in self._trace.agreed]
            self._surveys = {node.id: self._blank() for node in surveyed}
            for found in split(partial(self._some, steps), len(self._trace.edges)):
                for key, array in found.items():
                    _add(parameters, key, array)
            for node in surveyed:
                surveys, agreed = self._surveys[node.id], self._trace.agreed[node.id]
                gradients, self._agreed[node.id] = _surveyor(node).agree_gradient(surveys, agreed)
                parameters.update(((node.id, name), array) for name, array in gradients.items())
        return parameters, None if self._d_input[0] is None else _merged(self._d_input)

    def _some(self, steps: Sequence[Step], start: int, stop: int) -> dict[ParameterKey, Array]:
        found: dict[ParameterKey, Array] = {}
        for block in range(start, stop):
            for step in steps:
                _check(self._trace.mode)
                self._step(step, block, found)
        return found

    def _step(self, step: Step, block: int, found: dict[ParameterKey, Array]) -> None:
        node, trails = step.node, self._trace.saved[step.node.id]
        if node.id in self._surveys:
            gradient = self._flow.look(node.id, block)
            self._surveys[node.id][block] = _surveyor(node).survey_gradient(gradient, trails[block])
            return
        gradient, trail, trails[block] = self._flow.take(node.id, block), trails[block], None
        if not node.inputs:
            self._d_input[block] = gradient
            return
        if step.surveys:
            if self._wanted(node):
                d_x = _surveyor(node).backward_agreed(gradient, trail, self._agreed[node.id])
                self._flow.give(node.inputs[0], block, d_x)
            return
        d_inputs, gradients = node.layer.backward(gradient, trail, input_gradient=self._wanted(node))
        for name, array in gradients.items():
            _add(found, (node.id, name), array)
        for source, d_source in zip(node.inputs, d_inputs, strict=True):
            if d_source is not None and source in self._learning:
                self._flow.give(source, block, d_source)

    def _whole(self, node: NetworkNode, parameters: dict[ParameterKey, Array]) -> None:
        _check(self._trace.mode)
        gradient, (trail,) = self._flow.take(node.id, 0), self._trace.saved.pop(node.id)
        d_inputs, gradients = node.layer.backward(gradient, trail, input_gradient=self._wanted(node))
        parameters.update(((node.id, name), array) for name, array in gradients.items())
        for source, d_source in zip(node.inputs, d_inputs, strict=True):
            if d_source is not None and source in self._learning:
                self._flow.give_whole(source, d_source)

    def _wanted(self, node: NetworkNode) -> bool:
        return any(source in self._learning for source in node.inputs)

    def _blank(self) -> Blocks:
        return [None] * len(self._trace.edges)


class Flow:
    """Gradients on their way back: what the consumers of a node's output have sent it so far, block by block."""

    def __init__(self, edges: Sequence[tuple[int, int]], whole: AbstractSet[str]) -> None:
        self._edges, self._whole = edges, whole
        self._pending: dict[tuple[str, int], Array] = {}
        self._own: set[tuple[str, int]] = set()

    def give(self, node_id: str, block: int, gradient: Array) -> None:
        """Add to a node's gradient. The first one may be shared with another node; a sum is our own to add to."""
        key = node_id, block
        if key not in self._pending:
            self._pending[key] = gradient
        elif key in self._own:
            self._pending[key] += gradient
        else:
            self._pending[key] = np.add(self._pending[key], gradient, out=memory.empty_like(gradient))
            self._own.add(key)

    def give_whole(self, node_id: str, gradient: Array) -> None:
        """`give` for the whole batch, whether the node works in blocks or not."""
        if node_id in self._whole or len(self._edges) == 1:
            self.give(node_id, 0, gradient)
            return
        for block, (start, stop) in enumerate(self._edges):
            self.give(node_id, block, gradient[start:stop])

    def look(self, node_id: str, block: int) -> Array:
        return self._pending[node_id, block]

    def take(self, node_id: str, block: int) -> Array:
        return self._pending.pop((node_id, block))


def _surveying(node: NetworkNode, mode: Mode) -> bool:
    return mode.training and isinstance(node.layer, Surveyor)


def _release_early(steps: Sequence[list[Step]], whole: Sequence[list[Step]], kept: AbstractSet[str]) -> None:
    """Let each output go with the last step that reads it."""
    seen: set[str] = set(kept)
    for row in (row for pair in zip(reversed(whole), reversed(steps), strict=True) for row in pair):
        for place in reversed(range(len(row))):
            if not row[place].surveys:
                mine = tuple(dict.fromkeys(source for source in row[place].node.inputs if source not in seen))
                row[place] = replace(row[place], releases=mine)
                seen.update(mine)


def _write_over(steps: Sequence[list[Step]], order: Sequence[NetworkNode]) -> None:
    """Let a layer that can do so write over its input, where that is a fresh array which serves it alone."""
    uses = Counter(source for node in order for source in node.inputs)
    given_away = {node.id for node in order if node.layer.gives_away and uses[node.id] == 1}
    for row in steps:
        for place, step in enumerate(row):
            if step.node.layer.writes_over and step.releases == step.node.inputs and given_away >= set(step.releases):
                row[place] = replace(step, writes_over=True)


def _modes(mode: Mode, order: Sequence[NetworkNode], count: int) -> list[Mode]:
    """A mode for each block: with a stream of chance of its own, so that the order of blocks does not matter."""
    if count == 1 or mode.generator is None or not any(node.layer.draws for node in order):
        return [mode] * count
    seed = int(mode.generator.integers(1 << 62))
    return [replace(mode, generator=np.random.default_rng([seed, block])) for block in range(count)]


def _merged(blocks: Blocks) -> Array:
    if len(blocks) == 1:
        return blocks[0]  # type: ignore[no-any-return]
    merged = memory.empty((sum(map(len, blocks)), *blocks[0].shape[1:]), blocks[0].dtype)
    return np.concatenate(blocks, out=merged)


def _add(sums: dict[ParameterKey, Array], key: ParameterKey, array: Array) -> None:
    if key in sums:
        sums[key] += array
    else:
        sums[key] = array


def _check(mode: Mode) -> None:
    if mode.checkpoint is not None:
        mode.checkpoint()


class _named:  # noqa: N801 - it stands where a function would; a generator's context would cost more than some layers
    """Errors of a layer say which one it is."""

    __slots__ = ("_node",)

    def __init__(self, node: NetworkNode) -> None:
        self._node = node

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, LayerError):
            raise LayerError(f"{self._node.name}: {error}") from None


def _surveyor(node: NetworkNode) -> Surveyor:
    assert isinstance(node.layer, Surveyor)
    return node.layer
