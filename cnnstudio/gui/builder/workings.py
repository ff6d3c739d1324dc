"""How a layer's figures come about, worked out with its own numbers.

Only what the declarations themselves tell is used (windows, weights, shapes), and a line is left out when it does not
end in the figure that the report gives: a wrong explanation is worse than none.
"""

from __future__ import annotations

from math import prod

from PySide6.QtCore import QCoreApplication

from cnnstudio.explain.text import MINUS
from cnnstudio.graph import Graph, Report, Row
from cnnstudio.graph.geometry import Window
from cnnstudio.gui.theme import count_text


def workings(graph: Graph, report: Report, node_id: str) -> list[str]:
    """Lines such as `params 50 × (20·5·5 + 1) = 25,050`; none while the figures are not known."""
    if node_id not in report:
        return []
    row = report[node_id]
    shape = row.input_shapes[0] if row.input_shapes else None
    if row.output_shape is None or shape is None:
        return []
    lines = []
    if len(row.output_shape) == 3 and len(shape) == 3:
        lines += _sizes(graph, node_id, shape, row.output_shape)
    if len(row.output_shape) == 1 and len(shape) == 3 and prod(shape) == row.output_shape[0]:
        label = QCoreApplication.translate("Workings", "features")
        lines.append(f"{label} {'·'.join(map(str, shape))} = {count_text(prod(shape))}")
    lines += _parameters(row)
    lines += _macs(row)
    return lines


def _sizes(graph: Graph, node_id: str, shape: tuple[int, ...], output: tuple[int, ...]) -> list[str]:
    node, spec = graph.node(node_id), graph.spec(node_id)
    step = spec.step(node.params, shape)
    if not isinstance(step, tuple) or all(window == Window() for window in step):
        return []
    ceil = bool(node.params.get("ceil_mode", False))
    labels = (
        QCoreApplication.translate("Workings", "height"),
        QCoreApplication.translate("Workings", "width"),
    )
    alike = step[0] == step[1] and shape[1] == shape[2]
    lines = []
    for axis, window in enumerate(step[:1] if alike else step):
        size = shape[1 + axis]
        if min(window.before, window.after) < 0:  # a transposed convolution that takes away more than it paints
            continue
        if window.positions(size, ceil_mode=ceil) == output[1 + axis]:
            label = QCoreApplication.translate("Workings", "size") if alike else labels[axis]
            lines.append(f"{label} {_window_text(size, window, ceil)} = {output[1 + axis]}")
    return lines


def _window_text(size: int, window: Window, ceil: bool) -> str:
    padding = window.before + window.after
    if padding == 0:
        padded = ""
    elif window.before == window.after:
        padded = f" + 2·{window.before}"
    else:
        padded = f" + {window.before} + {window.after}"
    extent = str(window.kernel) if window.dilation == 1 else f"{window.dilation}·({window.kernel} {MINUS} 1) {MINUS} 1"
    opening, closing = ("⌈", "⌉") if ceil else ("⌊", "⌋")
    return f"{opening}({size}{padded} {MINUS} {extent}) / {window.stride}{closing} + 1"


def _parameters(row: Row) -> list[str]:
    weights = list(row.weights.values())
    if not weights or not row.parameters:
        return []
    label = QCoreApplication.translate("Workings", "params")
    first, total = weights[0], count_text(row.parameters)
    bias = len(weights) == 2 and weights[1] == first[:1]
    if len(first) > 1 and (bias or len(weights) == 1):
        inner = "·".join(map(str, first[1:]))
        text = f"{first[0]} × ({inner} + 1)" if bias else f"{first[0]} × {inner}"
        count = first[0] * (prod(first[1:]) + bias)
    elif len(set(weights)) == 1:
        text, count = f"{len(weights)} × {'·'.join(map(str, first))}", len(weights) * prod(first)
    else:
        text = " + ".join("·".join(map(str, shape)) for shape in weights)
        count = sum(prod(shape) for shape in weights)
    return [f"{label} {text} = {total}"] if count == row.parameters else []


def _macs(row: Row) -> list[str]:
    weight = row.weights.get("weight")
    if not row.macs or weight is None or row.output_shape is None:
        return []
    for shape in (row.output_shape, row.input_shapes[0] or ()):
        factors = (*shape[1:], *weight)
        if prod(factors) == row.macs:
            return [f"MACs {'·'.join(map(str, factors))} = {count_text(row.macs)}"]
    return []
