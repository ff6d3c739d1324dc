"""The engine beside PyTorch on the same processor: training steps, predictions, memory, and the time of its import.

Run it on a quiet machine (`python tests/benchmarks/engine.py`, `--quick` for a first look); it writes its tables into
README.md beside it. Each figure comes from a process of its own (probes.py), in which the contenders take turns, with
the same weights, batch and optimizer. That they find the same numbers is checked there first (contenders.py).
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cnnstudio  # noqa: F401 - before NumPy, so that it can choose the BLAS kernels

# isort: split
from contenders import BATCH, FORMS, PREDICTED
from networks import IMAGENET, NETWORKS
from probes import GEMM, LOOPED, STEPS
from report import Table, environment, machine, write_section

from cnnstudio.graph import analyze

IMPORTS = 15
PROBES = Path(__file__).with_name("probes.py")


def run(*arguments: str) -> dict[str, Any]:
    """What a probe finds."""
    command = [sys.executable, str(PROBES), *arguments]
    output = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False, env=environment())
    if output.returncode:
        raise SystemExit(f"The probe {arguments} failed:\n{output.stderr}")
    result: dict[str, Any] = json.loads(output.stdout.splitlines()[-1])
    print(*arguments, result, file=sys.stderr)
    return result


def training(names: list[str], rounds: int) -> tuple[Table, float]:
    """The table, and the gigaflops of a large product, the middle of the processes'."""
    table = Table(
        "Training step", "Ours", "PyTorch", "Ratio", "Middle half", "Of the peak", "Memory", "Ratio", "Looping layers"
    )
    ratios, peaks, hastes = [], [], []
    for name in names:
        found = run("times", name, str(rounds))
        form = _faster(found)
        ours, theirs = (run("step_memory", name, each)["megabytes"] for each in ("ours", form))
        looping = run("looping", name)["looping"]
        ratios.append(found["ours"] / found[form])
        peaks.append(found["peak"])
        hastes.append(looping * BATCH / found["ours"])
        table.row(
            name,
            *_duel(found, form),
            f"{100 * _operations(name) / found['ours'] / 1e6 / found['peak']:.0f} %",
            f"{ours:.0f} MB",
            f"{ours / theirs:.2f}",
            f"{looping:.0f} ms an image, {hastes[-1]:.0f} ×",
        )
    table.row("geometric mean", "", "", f"{_mean(ratios):.2f}", "", "", "", "", f"{_mean(hastes):.0f} ×")
    return table, statistics.median(peaks)


def prediction(rounds: int) -> Table:
    table = Table("One picture", "Ours", "PyTorch", "Ratio", "Middle half", "Resident", "PyTorch's", "Ratio")
    for name in IMAGENET:
        found = run("prediction", name, str(rounds))
        form = _faster(found)
        ours, theirs = (run("prediction_memory", name, each)["megabytes"] for each in ("ours", form))
        table.row(name, *_duel(found, form), f"{ours:.0f} MB", f"{theirs:.0f} MB", f"{ours / theirs:.2f}")
    return table


def import_milliseconds(count: int) -> float:
    """What `import cnnstudio.engine` takes longer than `import numpy`, fresh processes taking turns."""
    taken: dict[str, list[float]] = {"numpy": [], "cnnstudio.engine": []}
    for turn in range(count + 1):
        for name, values in taken.items():
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {name}"], check=True, env=environment())
            if turn:
                values.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken["cnnstudio.engine"]) - statistics.median(taken["numpy"])


def measure(names: list[str], rounds: int, imports: int) -> None:
    steps, peak = training(names, rounds)
    pictures = prediction(_fewer(rounds))
    milliseconds = import_milliseconds(imports)
    introduction = (
        f"`tests/benchmarks/engine.py`, on {machine()}. PyTorch is the faster of its contiguous and channels-last "
        f"forms, with as many threads as cores. The contenders take turns of {STEPS} calls after an unmeasured one; "
        f"figures are medians of {rounds} turns (of pictures: {_fewer(rounds)}), and the middle half is that of the "
        "ratios of single turns.\n\n"
        f"A step is forward, cross-entropy, backward and Adam, batch {BATCH}, float32; BatchNorm and dropout train. "
        "Loss and gradients are first proved equal, in float64 too. The peak is that of a product of "
        f"{GEMM} × {GEMM} matrices in the same process, {peak:.0f} GFLOP/s, measured apart after the turns, since "
        "OpenBLAS's threads go on spinning after it; a step counts three times its forward multiply-adds, of which "
        "Winograd's convolutions save some. Memory is the peak resident in 20 steps beyond the imports, and its ratio "
        "to PyTorch's. The looping layers are the lecture notes' (`looping.py`): one step of "
        f"{LOOPED} images with plain gradient descent, once, and how many times faster ours is an image."
    )
    between = (
        "One picture of 224 × 224 is predicted in evaluation mode, PyTorch's in `inference_mode`; the scores agree to "
        f"{PREDICTED:.0e} of the largest. Resident is the peak meanwhile of a process of its own, all included: "
        "Python, libraries, weights."
    )
    ending = f"Importing `cnnstudio.engine` takes {milliseconds:.0f} ms beyond NumPy (median of {imports} processes)."
    write_section("The engine", introduction, steps, between, pictures, ending)


def _fewer(rounds: int) -> int:
    return max(rounds // 2, 3)


def _faster(found: dict[str, Any]) -> str:
    return min(FORMS, key=lambda form: float(found[form]))


def _duel(found: dict[str, Any], form: str) -> tuple[str, str, str, str]:
    low, high = found["quartiles"]
    ours, theirs = found["ours"], found[form]
    return f"{ours:.1f} ms", f"{theirs:.1f} ms ({form})", f"{ours / theirs:.2f}", f"{low:.2f} to {high:.2f}"


def _mean(ratios: list[float]) -> float:
    return math.exp(statistics.fmean(math.log(each) for each in ratios))


def _operations(name: str) -> float:
    """Floating-point operations of a step: forward, and twice as many backward."""
    return 3 * 2 * BATCH * (analyze(NETWORKS[name]()).macs or 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--quick", action="store_true", help="3 rounds: a first look")
    arguments = parser.parse_args()
    rounds = 3 if arguments.quick else arguments.rounds
    measure(arguments.networks, rounds, min(IMPORTS, max(rounds, 3)))


if __name__ == "__main__":
    main()
