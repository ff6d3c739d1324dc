"""Trains a network of every common layer for some thousand steps and tells, as JSON, what memory it held on the way.

A process of its own, so that nothing else moves the numbers: `python memory_of_training.py WARM_UP STEPS TRACED`.
"""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from cnnstudio.compile import compile_graph
from cnnstudio.engine import IterationDone, TrainingConfig, train
from cnnstudio.graph import Graph

BATCH = 8
SHAPE = (2, 12, 12)
COUNT = 10 * BATCH


def network() -> Graph:
    graph = Graph()
    node = graph.add("Conv2d", graph.add("Input", shape=SHAPE), out_channels=8, kernel_size=3, padding=1)
    node = graph.add("ReLU", graph.add("BatchNorm", node))
    branch = graph.add("Conv2d", node, out_channels=8, kernel_size=3, padding=1, groups=8)
    branch = graph.add("DropPath", graph.add("SiLU", graph.add("GroupNorm", branch, num_groups=2)))
    node = graph.add("MaxPool2d", graph.add("Add", node, branch), kernel_size=2)
    wide = graph.add("Conv2d", node, out_channels=8, kernel_size=5, padding="same", padding_mode="reflect")
    small = graph.add("GELU", graph.add("Conv2d", node, out_channels=4, kernel_size=1))
    node = graph.add("AvgPool2d", graph.add("Concat", wide, small), kernel_size=3, stride=2, padding=1)
    up = graph.add("ConvTranspose2d", node, out_channels=4, kernel_size=2, stride=2)
    node = graph.add("LeakyReLU", graph.add("Upsample", graph.add("LayerNorm", up), scale_factor=2))
    node = graph.add("StochasticPool2d", graph.add("SpatialDropout", node), kernel_size=2)
    node = graph.add("Dropout", graph.add("Flatten", graph.add("AdaptiveAvgPool2d", node, output_size=3)))
    node = graph.add("Tanh", graph.add("Linear", node, out_features=32))
    graph.add("Softmax", graph.add("Linear", node, out_features=10))
    return graph


def resident() -> int:
    """Bytes of this process that lie in memory, as Linux tells."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmRSS in /proc/self/status")


def main(warm_up: int, steps: int, traced: int) -> None:
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (COUNT, *SHAPE), dtype=np.uint8)
    whole = SimpleNamespace(images=images, labels=generator.integers(0, 10, COUNT))
    none = SimpleNamespace(images=images[:0], labels=whole.labels[:0])
    data = SimpleNamespace(train=whole, validation=none, test=none, classes=tuple("0123456789"))
    epochs = (warm_up + steps + 2 * traced) * BATCH // COUNT
    figures: dict[str, int] = {}
    for event in train(compile_graph(network(), seed=0), data, TrainingConfig(epochs=epochs, batch_size=BATCH)):
        if not isinstance(event, IterationDone):
            continue
        if event.iteration == warm_up:
            figures["resident_before"] = resident()
        elif event.iteration == warm_up + steps:
            figures["resident_after"] = resident()
            tracemalloc.start()
        elif event.iteration == warm_up + steps + traced:
            gc.collect()
            figures["traced_before"] = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
        elif event.iteration == warm_up + steps + 2 * traced - COUNT // BATCH:
            gc.collect()
            figures["traced_after"], figures["traced_peak"] = tracemalloc.get_traced_memory()
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
