"""How a layer's figures come about, as the panel shows it: the graph's own workings with labels and real signs."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from cnnstudio.explain.text import MINUS
from cnnstudio.graph import Graph, Report, workings

BRACKETS = {"floor(": ("\u230a", "\u230b"), "ceil(": ("\u2308", "\u2309")}


def worked_lines(graph: Graph, report: Report, node_id: str) -> list[str]:
    """Lines such as `params 50 × (20·5·5 + 1) = 25,050`; none while the figures are not known.

    Only what is worked out: that a layer learns nothing, or passes a shape on, is seen without a formula.
    """
    if node_id not in report:
        return []
    labels = {
        "output_shape": QCoreApplication.translate("Workings", "size"),
        "parameters": QCoreApplication.translate("Workings", "params"),
        "buffers": QCoreApplication.translate("Workings", "buffers"),
        "macs": QCoreApplication.translate("Workings", "MACs"),
        "receptive_field": QCoreApplication.translate("Workings", "sees"),
    }
    lines = []
    for each in workings(graph, node_id, report):
        if each.figure in labels and " = " in each.text:
            speaks_for_itself = each.figure == "output_shape" and each.text.startswith("height ")
            lines.append(typeset(each.text if speaks_for_itself else f"{labels[each.figure]} {each.text}"))
    return lines


def typeset(text: str) -> str:
    """⌊…⌋ and ⌈…⌉ for floor(...) and ceil(...), and a real minus sign."""
    for word, (opening, closing) in BRACKETS.items():
        while word in text:
            start = text.index(word)
            depth, end = 1, start + len(word)
            while depth:
                depth += {"(": 1, ")": -1}.get(text[end], 0)
                end += 1
            text = f"{text[:start]}{opening}{text[start + len(word) : end - 1]}{closing}{text[end:]}"
    return text.replace(" - ", f" {MINUS} ").replace("(-", f"({MINUS}").replace("pixel -", f"pixel {MINUS}")
