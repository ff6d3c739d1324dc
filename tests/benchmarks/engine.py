"""One training step of several networks, ours beside PyTorch's on the same processor.

Run it on a quiet machine (`python tests/benchmarks/engine.py`); it writes its table into README.md beside it. Each
network is timed in a process of its own, in which the contenders take turns, and each peak of memory in another.
Same weights, batch and optimizer; that both find the same loss and the same weights after a step is checked first.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cnnstudio  # noqa: F401 - before NumPy, so that it can choose the BLAS kernels

# isort: split
import numpy as np
from networks import NETWORKS, torch_module
from report import Table, machine, write_section

from cnnstudio.compile import compile_graph
from cnnstudio.engine import Network, TrainingConfig
from cnnstudio.engine.kernels.parallel import worker_count
from cnnstudio.engine.layers import Dropout, Mode

BATCH = 64
CONFIG = TrainingConfig(batch_size=BATCH)
FORMS = ("contiguous", "channels-last")
TOLERANCE = 2e-3
GEMM = 1536
"""Side of the square matrices whose product tells the processor's peak."""

Step = Callable[[], float]


def batch(net: Network) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(1)
    images = generator.standard_normal((BATCH, *net.input_shape)).astype(np.float32)
    return images, generator.integers(0, 10, BATCH)


def our_step(net: Network) -> Step:
    images, labels = batch(net)
    optimizer = CONFIG.make_optimizer()
    mode = Mode(training=True, generator=np.random.default_rng(0))

    def step() -> float:
        result = net.run_loss(images, labels, CONFIG.loss, mode)
        optimizer.step(net.parameters, result.derivatives.parameters, CONFIG.learning_rate)
        return result.loss

    return step


def torch_step(net: Network, module: Any, form: str) -> Step:
    import torch

    images, labels = (torch.tensor(each) for each in batch(net))
    if form == "channels-last":
        module, images = module.to(memory_format=torch.channels_last), images.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(module.parameters(), CONFIG.learning_rate)

    def step() -> float:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(module(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def peak_product() -> Step:
    matrix = np.random.default_rng(0).standard_normal((GEMM, GEMM)).astype(np.float32)
    out = np.empty_like(matrix)

    def step() -> float:
        np.matmul(matrix, matrix, out=out)
        return 0.0

    return step


# The probes: each runs in a process of its own and prints one JSON object


def check(name: str) -> None:
    """Both find the same loss, and the same weights after one step. Dropout is off: chance differs."""
    graph = NETWORKS[name]()
    net = compile_graph(graph, seed=0)
    module = torch_module(graph, net.state_dict())
    for node in net.nodes:
        if isinstance(node.layer, Dropout):
            node.layer.p = module.get_submodule(node.name).p = 0.0
    images, labels = batch(net)
    loss, gradients = net.loss_and_gradients(images, labels)
    expected = torch_step(net, module, FORMS[0])()
    assert math.isclose(loss, expected, abs_tol=1e-4), (name, loss, expected)
    for key, parameter in module.named_parameters():
        scale = float(parameter.grad.abs().max())
        difference = np.abs(gradients[key] - parameter.grad.numpy()).max()
        assert difference <= TOLERANCE * max(scale, 1e-2), (name, key, difference, scale)


def probe_times(name: str, rounds: int) -> dict[str, Any]:
    """Milliseconds a step, by contender: medians over rounds in which each takes a turn."""
    import torch

    torch.set_num_threads(worker_count())
    check(name)
    graph = NETWORKS[name]()
    net = compile_graph(graph, seed=0)
    state = net.state_dict()
    contenders = {form: torch_step(net, torch_module(graph, state), form) for form in FORMS}
    contenders = {"ours": our_step(net), **contenders, "product": peak_product()}
    times: dict[str, list[float]] = {each: [] for each in contenders}
    for turn in range(rounds + 1):
        for each, step in contenders.items():
            step()  # the threads of the one before may still be spinning
            begun = time.perf_counter()
            step()
            step()
            if turn:
                times[each].append(500 * (time.perf_counter() - begun))
    theirs = [min(pair) for pair in zip(*(times[form] for form in FORMS), strict=True)]
    ratios = sorted(own / other for own, other in zip(times["ours"], theirs, strict=True))
    middle = {each: statistics.median(values) for each, values in times.items()}
    return middle | {"quartiles": [ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]], "machine": machine()}


def probe_memory(name: str, contender: str) -> dict[str, Any]:
    """Peak resident megabytes of 20 steps beyond what the process held before the network was made."""
    import torch  # by ours too, so that both begin alike

    torch.set_num_threads(worker_count())
    graph = NETWORKS[name]()
    net = compile_graph(graph, seed=0)
    before = _resident("VmRSS")
    module = torch_module(graph, net.state_dict()) if contender in FORMS else None
    step = our_step(net) if module is None else torch_step(net, module, contender)
    for _ in range(20):
        step()
    return {"megabytes": _resident("VmHWM") - before}


def _resident(field: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


# The measurement


def run(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--probe", *arguments]
    output = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if output.returncode:
        raise SystemExit(f"The probe {arguments} failed:\n{output.stderr}")
    result: dict[str, Any] = json.loads(output.stdout.splitlines()[-1])
    return result


def measure(names: list[str], rounds: int) -> None:
    table = Table("Network", "Ours", "PyTorch", "Ratio", "Middle half", "Multiply-adds of the peak", "Memory, ratio")
    ratios, peaks, described = [], [], ""
    for name in names:
        found = run("times", name, str(rounds))
        form = min(FORMS, key=lambda each: found[each])
        ratio = found["ours"] / found[form]
        peak = 2 * GEMM**3 / found["product"] / 1e6
        ours, theirs = (run("memory", name, each)["megabytes"] for each in ("ours", form))
        low, high = found["quartiles"]
        table.row(
            name,
            f"{found['ours']:.1f} ms",
            f"{found[form]:.1f} ms ({form})",
            f"{ratio:.2f}",
            f"{low:.2f} to {high:.2f}",
            f"{100 * _operations(name) / found['ours'] / 1e6 / peak:.0f} %",
            f"{ours:.0f} MB, {ours / theirs:.2f}",
        )
        ratios.append(ratio)
        peaks.append(peak)
        described = found["machine"]
        print(f"{name}: {ratio:.2f}  {found}", file=sys.stderr)
    mean = math.exp(statistics.fmean(math.log(each) for each in ratios))
    table.row("geometric mean", "", "", f"{mean:.2f}", "", "", "")
    introduction = (
        f"`tests/benchmarks/engine.py`, on {described}. One step is forward, cross-entropy, backward and Adam, batch "
        f"{BATCH}, float32, beside the faster of PyTorch's contiguous and channels-last forms with as many threads as "
        f"cores; the contenders take turns, and the figures are medians of {rounds} turns (middle half: of the ratios "
        f"of single turns). The peak is a product of {GEMM} × {GEMM} matrices in the same process, "
        f"{statistics.median(peaks):.0f} GFLOP/s; a step counts three times its forward multiply-adds. Memory is the "
        "peak resident beyond the imports over 20 steps, and its ratio to PyTorch's. BatchNorm and dropout train."
    )
    write_section("The engine", introduction, table)


def _operations(name: str) -> float:
    """Floating-point operations of a step: forward, and twice as many backward."""
    from cnnstudio.graph import analyze

    return 3 * 2 * BATCH * (analyze(NETWORKS[name]()).macs or 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--probe", nargs="+")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    if not arguments.probe:
        measure(arguments.networks, arguments.rounds)
        return
    kind, name, last = arguments.probe
    print(json.dumps(probe_times(name, int(last)) if kind == "times" else probe_memory(name, last)))


if __name__ == "__main__":
    main()
