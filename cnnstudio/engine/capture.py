"""What passes through a network: any node's activation, and the slope of the loss at it. No layer is touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnstudio.engine.arrays import Array, channels_first
from cnnstudio.engine.layers import EVALUATION, Gradients, Identity, Mode, Saved
from cnnstudio.engine.losses import Loss
from cnnstudio.engine.network import Network
from cnnstudio.engine.wiring import NetworkNode


@dataclass(frozen=True, slots=True)
class Capture:
    """One batch, as its loss saw it.

    Attributes:
        loss: mean over the batch.
        activations: what each node gave, (N, C, H, W) or (N, F), by id.
        gradients: d loss / d activation, of the same shape, by id; without the nodes that the loss does not depend
            on, such as a last Softmax, before which cross-entropy is taken.
    """

    loss: float
    activations: Mapping[str, Array]
    gradients: Mapping[str, Array]


class Probe(Identity):
    """Notes the gradient that passes, and hands everything on. Made for one pass of a whole batch, unlike others."""

    by_image = False

    def __init__(self) -> None:
        super().__init__()
        self.gradient: Array | None = None

    def forward(self, inputs: Sequence[Array], mode: Mode) -> tuple[Array, Saved]:
        return inputs[0], None

    def backward(
        self, d_output: Array, saved: Saved, *, input_gradient: bool = True
    ) -> tuple[Sequence[Array | None], Gradients]:
        self.gradient = channels_first(d_output)
        return (d_output,), {}


def capture(
    net: Network,
    images: npt.ArrayLike,
    labels: npt.ArrayLike,
    loss: str | Loss = "cross_entropy",
    *,
    nodes: Iterable[str] | None = None,
    training: bool = False,
    seed: int = 0,
) -> Capture:
    """Activations, and gradients of the loss by them, of the nodes with these ids (None: of all) for one batch.

    images (N, C, H, W), labels (N,). In evaluation mode, or in training mode on a copy: dropout draws from `seed`,
    and running statistics stay. Raises NetworkError for an unknown node, InputError when images or labels do not fit.
    """
    wanted = [node.id for node in net.nodes] if nodes is None else [net.node(each).id for each in nodes]
    if training:
        net = net.snapshot()
    mode = Mode(training=True, generator=np.random.default_rng(seed)) if training else EVALUATION
    probes = {node_id: Probe() for node_id in wanted}
    found = _probed(net, probes).run_loss(images, labels, loss, mode, input_gradient=True, keep=True)
    activations = {each: channels_first(found.outputs[each]) for each in wanted}
    gradients = {each: probe.gradient for each, probe in probes.items() if probe.gradient is not None}
    return Capture(found.loss, activations, gradients)


def _probed(net: Network, probes: Mapping[str, Probe]) -> Network:
    """The same network, layers shared, with a probe behind each of these nodes that stands in for it."""
    taps = {node_id: f"{node_id}\0probe" for node_id in probes}  # a name that no layer can have
    nodes = []
    for node in net.nodes:
        inputs = tuple(taps.get(source, source) for source in node.inputs)
        nodes.append(NetworkNode(node.id, node.name, node.layer, inputs))
        if node.id in taps:
            nodes.append(NetworkNode(taps[node.id], taps[node.id], probes[node.id], (node.id,)))
    return Network(nodes, taps.get(net.output, net.output), seed=net.seed, dtype=net.dtype)
