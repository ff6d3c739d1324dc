"""What the engine's benchmark measures, each in a fresh process: `python probes.py times resnet20-cifar10 30`.

The one JSON object that a probe prints goes to engine.py.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cnnstudio  # noqa: F401 - before NumPy, so that it can choose the BLAS kernels

# isort: split
import numpy as np
from contenders import (
    FORMS,
    Step,
    batch,
    check_looping,
    check_predictions,
    check_step,
    our_prediction,
    our_step,
    torch_prediction,
    torch_step,
)
from looping import Looping
from networks import IMAGENET, NETWORKS

from cnnstudio.compile import compile_graph
from cnnstudio.engine.kernels.parallel import worker_count

GEMM = 1536
"""Side of the square matrices whose product tells the processor's peak."""

PRODUCTS = 25
STEPS = 3
"""Measured calls a turn."""

LOOPED = 2
"""Images of the looping layers' batch; BatchNorm on vectors needs two."""

Found = dict[str, Any]


def times(name: str, rounds: str) -> Found:
    """Milliseconds a step, by contender, then gigaflops of a large product in the same process."""
    torch_module = _torch()
    graph = NETWORKS[name]()
    net = compile_graph(graph, seed=0)
    check_step(graph, net)
    state = net.state_dict()
    theirs = {form: torch_step(net, torch_module(graph, state), form) for form in FORMS}
    found = _alternate(our_step(net), theirs, int(rounds))
    return found | {"peak": _peak()}


def looping(name: str) -> Found:
    """Milliseconds an image of one step of the lecture's layers, once."""
    graph = NETWORKS[name]()
    net = compile_graph(graph, seed=0)
    check_looping(graph, net, LOOPED)
    images, labels = batch(net, LOOPED)
    looped = Looping(graph, net.state_dict())
    return {"looping": 1000 * _seconds(lambda: looped.step(images, labels, 1e-3)) / LOOPED}


def prediction(name: str, rounds: str) -> Found:
    """Milliseconds to predict one picture, by contender."""
    torch_module = _torch()
    graph = IMAGENET[name]()
    net = compile_graph(graph, seed=0)
    state = net.state_dict()
    ours = our_prediction(net)
    theirs = {form: torch_prediction(net.input_shape, torch_module(graph, state), form) for form in FORMS}
    check_predictions(ours(), [each() for each in theirs.values()])
    return _alternate(ours, theirs, int(rounds))


def step_memory(name: str, contender: str) -> Found:
    """Peak resident megabytes of 20 steps beyond what the process held before the network was made."""
    torch_module = _torch()  # for ours too, so that both begin alike
    graph = NETWORKS[name]()
    before = _resident("VmRSS")
    net = compile_graph(graph, seed=0)
    module = torch_module(graph, net.state_dict()) if contender in FORMS else None
    step = our_step(net) if module is None else torch_step(net, module, contender)
    del net  # PyTorch's does without
    return {"megabytes": _peak_resident(step, 20) - before}


def prediction_memory(name: str, contender: str) -> Found:
    """Peak resident megabytes of predicting one picture, all that the process holds: Python, libraries, weights."""
    graph = IMAGENET[name]()
    net = compile_graph(graph, seed=0)
    predict = our_prediction(net)
    if contender in FORMS:
        module = _torch()(graph, net.state_dict())
        predict = torch_prediction(net.input_shape, module, contender)
    del net
    return {"megabytes": _peak_resident(predict, 5)}


def _torch() -> Callable[..., Any]:
    """PyTorch with as many threads as we have; gives `torch_module`."""
    import torch
    from torch_networks import torch_module

    torch.set_num_threads(worker_count())
    return torch_module


def _alternate(ours: Step, theirs: Mapping[str, Step], rounds: int) -> Found:
    """Medians in milliseconds over rounds in which each takes a turn, and the quartiles of the turns' ratios."""
    taken: dict[str, list[float]] = {each: [] for each in ("ours", *theirs)}
    for turn in range(rounds + 1):
        for each, step in {"ours": ours, **theirs}.items():
            step()  # unmeasured: the threads of the one before may still be spinning
            seconds = _seconds(step, STEPS)
            if turn:
                taken[each].append(1000 * seconds)
    faster = [min(turn) for turn in zip(*(taken[form] for form in theirs), strict=True)]
    ratios = sorted(own / other for own, other in zip(taken["ours"], faster, strict=True))
    middle = {each: statistics.median(values) for each, values in taken.items()}
    return middle | {"quartiles": [ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]]}


def _peak() -> float:
    """Apart from the turns: OpenBLAS's threads spin for some 0.1 s after a product and would slow the next step."""
    matrix = np.random.default_rng(0).standard_normal((GEMM, GEMM)).astype(np.float32)
    out = np.empty_like(matrix)
    taken = [_seconds(lambda: np.matmul(matrix, matrix, out=out)) for _ in range(PRODUCTS)]
    return 2e-9 * GEMM**3 / statistics.median(taken)


def _seconds(work: Step, count: int = 1) -> float:
    begun = time.perf_counter()
    for _ in range(count):
        work()
    return (time.perf_counter() - begun) / count


def _peak_resident(work: Step, count: int) -> float:
    """Megabytes; the peak of what went before is forgotten first (Linux)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    for _ in range(count):
        work()
    return _resident("VmHWM")


def _resident(field: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


PROBES: dict[str, Callable[..., Found]] = {
    each.__name__: each for each in (times, looping, prediction, step_memory, prediction_memory)
}

if __name__ == "__main__":
    print(json.dumps(PROBES[sys.argv[1]](*sys.argv[2:])))
