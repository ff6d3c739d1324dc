"""The drawing as a network, made by whoever needs it first, in whichever thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cnnstudio.compile import compile_graph
from cnnstudio.engine import Network
from cnnstudio.graph import Graph
from cnnstudio.project import Weights
from cnnstudio.session.weights import WeightStore, fill
from cnnstudio.session.worker import LatestWorker


class NetworkBuild:
    """A drawing and its weights as they are at one moment, and the network that they give; it is made but once.

    Large networks take seconds to be drawn by chance (VGG-16: 138 million numbers), so that the screen's thread asks
    for `made` and lets another one wait for `network`.
    """

    def __init__(self, graph: Graph, seed: int, weights: Weights) -> None:
        """graph: an independent copy. weights: arrays that are never changed."""
        self._graph, self._seed, self._weights = graph, seed, weights
        self._lock = threading.Lock()
        self._made: Network | None = None

    @property
    def made(self) -> Network | None:
        """The network if it is there already; never waits."""
        return self._made

    def network(self) -> Network:
        """The network, not to be changed; waits until it is made. Raises CompileError for a faulty drawing."""
        with self._lock:
            if self._made is None:
                network = compile_graph(self._graph, seed=self._seed)
                fill(network, self._weights)
                self._made = network
            return self._made

    def copy(self) -> Network:
        """A network of one's own, to be trained. Raises CompileError."""
        return self.network().snapshot()


class Builder:
    """Holds the build of the present drawing, until it is out of date. To be used from one thread, which polls.

    made: called in `poll` when a network that was made in the background is there, if it is still wanted.
    """

    def __init__(self, made: Callable[[], None]) -> None:
        self._made = made
        self._build: NetworkBuild | None = None
        self._asked: NetworkBuild | None = None
        self._worker: LatestWorker[NetworkBuild] = LatestWorker("building")

    def renew(self) -> None:
        """Drawing or weights have changed. The former network is let go: a large one takes half a gigabyte."""
        self._build = self._asked = None

    def build(self, graph: Graph, seed: int, store: WeightStore) -> NetworkBuild:
        """The build of the present drawing; the same object until `renew`."""
        if self._build is None:
            self._build = NetworkBuild(graph.copy(), seed, store.weights or {})
        return self._build

    def make_in_background(self) -> None:
        """Begin to make the present build's network, if that has not been asked for."""
        build = self._build
        if build is not None and build is not self._asked:
            self._asked = build
            self._worker.submit(lambda: _make(build))

    def poll(self) -> None:
        """Tell when the network asked for is there. One that cannot be made says so to whoever needs it."""
        if isinstance(build := self._worker.results.take(), NetworkBuild) and build is self._build:
            self._made()

    def close(self, timeout: float) -> bool:
        """Join the worker; False when it did not end within `timeout` seconds."""
        return self._worker.close(timeout)


def _make(build: NetworkBuild) -> NetworkBuild:
    build.network()
    return build
