"""The memory that a batch takes, as lines to read and as JSON."""

from __future__ import annotations

from cnnstudio.explain.reports.tables import Table
from cnnstudio.explain.text import bytes_text
from cnnstudio.graph import Graph, Memory


def footprint(graph: Graph, memory: Memory) -> Table:
    """What it takes to run and to train the network, in parts and in all, and at which layer it takes most."""
    open_end = "" if memory.complete else " + ?"
    remembered = memory.optimizer_state // memory.weight_gradients if memory.weight_gradients else 0

    def line(what: str, size: int, note: str = "") -> tuple[str, str, str]:
        return what, bytes_text(size) + open_end, note

    rows = (
        line("Weights", memory.weights),
        line("Running statistics", memory.buffers),
        line("Outputs of all layers", memory.sum, "if none were freed"),
        line("Most at a time, running it", memory.inference_peak, _at(graph, memory.inference_peak_at)),
        line("To run it, in all", memory.inference_total),
        line("Gradients of the weights", memory.weight_gradients),
        line(f"What {memory.optimizer} remembers", memory.optimizer_state, f"{remembered} × the weights"),
        line("Kept for the way back", memory.kept),
        line(
            "Most at a time, training it",
            memory.training_peak,
            _at(graph, memory.training_peak_at) + (", on the way back" if memory.training_peak_backward else ""),
        ),
        line("To train it, in all", memory.training_total),
    )
    images = "1 image" if memory.batch_size == 1 else f"batches of {memory.batch_size:,} images"
    return Table((f"Memory for {images}", "", ""), rows, frozenset({1}))


def footprint_json(graph: Graph, memory: Memory) -> dict[str, object]:
    """The same in bytes, under the names of the Python interface."""
    return {
        "batch_size": memory.batch_size,
        "optimizer": memory.optimizer,
        "complete": memory.complete,
        "weights": memory.weights,
        "buffers": memory.buffers,
        "sum": memory.sum,
        "sum_in_place": memory.sum_in_place,
        "inference_peak": memory.inference_peak,
        "inference_peak_at": _name(graph, memory.inference_peak_at),
        "inference_total": memory.inference_total,
        "kept": memory.kept,
        "gradient_peak": memory.gradient_peak,
        "weight_gradients": memory.weight_gradients,
        "optimizer_state": memory.optimizer_state,
        "training_peak": memory.training_peak,
        "training_peak_at": _name(graph, memory.training_peak_at),
        "training_peak_backward": memory.training_peak_backward,
        "training_total": memory.training_total,
        "convention": memory.convention,
    }


def _name(graph: Graph, node_id: str | None) -> str | None:
    return None if node_id is None else graph.node(node_id).name


def _at(graph: Graph, node_id: str | None) -> str:
    return "" if node_id is None else f"at {graph.node(node_id).name}"
