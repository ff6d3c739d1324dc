"""How quickly a drawing is analyzed: from nothing, after one edit, and as it grows to 10,000 layers.

Run it as `python tests/benchmarks/analysis.py`; it writes its table into README.md beside it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

from report import Table, machine, write_section

from cnnstudio.graph import Graph, analyze, blocks, presets

PRESET = "resnet152"
SIZES = (500, 1000, 2500, 5000, 10_000)
TURNS = 15


def milliseconds(work: Callable[[], object], turns: int = TURNS) -> float:
    """The median of several turns."""
    taken = []
    for _ in range(turns):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return statistics.median(taken)


def from_nothing(graph: Graph, turns: int = TURNS) -> float:
    """An analysis by a graph that remembers nothing."""
    taken = []
    for _ in range(turns):
        fresh = Graph.from_state(graph.state)
        taken.append(milliseconds(lambda fresh=fresh: analyze(fresh), turns=1))
    return statistics.median(taken)


def after_edits(graph: Graph) -> Sequence[float]:
    """Edit and analysis, for another kernel in each convolution; the size of the maps stays."""
    taken = []
    analyze(graph)
    for node in [each for each in graph.nodes.values() if each.kind == "Conv2d"]:
        kernel, padding = node.params["kernel_size"], node.params["padding"]
        assert isinstance(kernel, int)
        assert isinstance(padding, int)

        def edit(node_id: str, kernel: int, padding: int) -> None:
            graph.set_params(node_id, kernel_size=kernel, padding=padding)
            analyze(graph)

        for size, rim in ((kernel + 2, padding + 1), (kernel, padding)) * 3:
            taken.append(milliseconds(lambda each=node.id, size=size, rim=rim: edit(each, size, rim), turns=1))
    return taken


def residual(layers: int) -> Graph:
    """Basic blocks, one behind the other."""
    graph = Graph()
    with graph.batch():
        pencil = blocks.Pencil(graph)
        pencil.input(16, 32, 32)
        while len(graph) < layers:
            blocks.BLOCKS["residual"].draw(pencil, {"out_channels": 16, "stride": 1})
    return graph


def main() -> None:
    graph = presets.load(PRESET)
    whole, edits = from_nothing(graph), sorted(after_edits(graph))
    table = Table("What", "Figure", "Aim")
    table.row(f"{PRESET}, {len(graph)} layers: from nothing", f"{whole:.1f} ms", "≤ 20 ms")
    table.row("  after another kernel in one of its convolutions: median", f"{statistics.median(edits):.2f} ms", "")
    table.row("  95 in 100 are below", f"{edits[int(0.95 * len(edits))]:.2f} ms", "≤ 2 ms")
    table.row("  in the first convolution, which all the others stand behind", f"{first_edit(graph):.2f} ms", "≤ 2 ms")
    table.row("  nothing changed", f"{milliseconds(lambda: analyze(graph)):.2f} ms", "")
    growth = Table("Layers", "From nothing", "A layer", "Compared with the first row")
    base = 0.0
    for size in SIZES:
        drawn = residual(size)
        each = 1000 * from_nothing(drawn, turns=5) / len(drawn)
        base = base or each
        growth.row(f"{len(drawn):,}", f"{each * len(drawn) / 1000:.1f} ms", f"{each:.1f} µs", f"{each / base:.2f}")
    write_section(
        "The analysis",
        f"`tests/benchmarks/analysis.py`, on {machine()}. Medians of {TURNS} turns.",
        table,
        "Growth: residual blocks, one behind the other. What is left of a rise is Python's garbage collector, which "
        "looks through all that is alive from time to time; without it a layer takes as long in 10,000 as in 500.",
        growth,
    )


def first_edit(graph: Graph) -> float:
    first = next(each for each in graph.nodes.values() if each.kind == "Conv2d").id
    sizes = iter([(9, 4), (7, 3)] * TURNS)

    def edit() -> None:
        kernel, padding = next(sizes)
        graph.set_params(first, kernel_size=kernel, padding=padding)
        analyze(graph)

    return milliseconds(edit)


if __name__ == "__main__":
    main()
