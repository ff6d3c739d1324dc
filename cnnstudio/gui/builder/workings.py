"""How a layer's figures come about, as the window says it: the graph's own workings, with titles and real signs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from cnnstudio.explain.text import MINUS
from cnnstudio.graph import Graph, ReceptiveField, Report, Row, why, workings
from cnnstudio.gui.theme import bytes_text, count_text, shape_text, size_text

BRACKETS = {"floor(": ("\u230a", "\u230b"), "ceil(": ("\u2308", "\u2309")}
_BRACKETED = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
"""What stands in brackets, up to brackets in brackets."""
LONGEST_WHOLE = 24
"""Characters of what is not broken at the end of a line."""
_NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True)
class Explained:
    """One figure of a layer: what it is called, what it is, and why: formulas, or a remark where there is none."""

    figure: str
    title: str
    value: str
    formulas: tuple[str, ...] = ()
    remark: str = ""

    @property
    def text(self) -> str:
        """All of it in one line, as it is copied: `Parameters 25,050: 50 × (20·5·5 + 1) = 25,050`."""
        reasons = "; ".join(filter(None, (*self.formulas, self.remark)))
        return f"{self.title} {self.value}: {reasons}" if reasons else f"{self.title} {self.value}"


def explained(graph: Graph, report: Report, node_id: str) -> list[Explained]:
    """All that can be said of a layer's figures, in the order of the table; nothing while they are not known."""
    if node_id not in report or report[node_id].output_shape is None:
        return []
    row = report[node_id]
    field = row.receptive_field
    empty = () if row.buffers else ("buffers",)
    if field is not None and field.whole_input:
        empty = (*empty, "stride", "padding")  # there is one place only
    said: dict[str, Explained] = {}
    for each in workings(graph, node_id, report):
        if each.figure == "channels":
            said["output_shape"] = _with_channels(said["output_shape"], typeset(each.text))
        elif each.figure not in empty:
            said[each.figure] = _explained(row, each.figure, each.text)
    if field is not None and not field.whole_input:
        said["alignment"] = _alignment(field, row.field_note)
    return list(said.values())


def reason(graph: Graph, report: Report, node_id: str, figure: str) -> str:
    """Why one figure is what it is, in one sentence; empty where there is nothing to say."""
    if node_id not in report:
        return ""
    row = report[node_id]
    if figure == "alignment":
        field = row.receptive_field
        if field is None or field.whole_input:
            return row.field_note
        said = _alignment(field, row.field_note)
        return f"{said.value}, {said.remark}" if field.aligned else f"{said.value}: {said.remark}"
    text = typeset(why(graph, node_id, figure, report))
    if figure == "output_shape" and row.output_shape is not None and len(row.output_shape) == 3:
        channels = typeset(why(graph, node_id, "channels", report))
        if channels != text:
            return f"{text}; {_channels_text(channels)}"
    return text


def title_of(figure: str) -> str:
    """What a figure is called."""
    titles = {
        "output_shape": QCoreApplication.translate("Workings", "Output"),
        "parameters": QCoreApplication.translate("Workings", "Parameters"),
        "buffers": QCoreApplication.translate("Workings", "Running statistics"),
        "macs": QCoreApplication.translate("Workings", "MACs"),
        "activation_bytes": QCoreApplication.translate("Workings", "Memory"),
        "receptive_field": QCoreApplication.translate("Workings", "Receptive field"),
        "stride": QCoreApplication.translate("Workings", "Effective stride"),
        "padding": QCoreApplication.translate("Workings", "Effective padding"),
        "alignment": QCoreApplication.translate("Workings", "Alignment"),
    }
    return titles[figure]


def centre_text(field: ReceptiveField) -> str:
    """Where value u looks: `2u + 0.5`; `2u + 0.5, u − 1` where rows and columns differ."""
    axes = [_along(field.rows.scale, field.rows.low + field.rows.high)]
    axes.append(_along(field.columns.scale, field.columns.low + field.columns.high))
    return axes[0] if axes[0] == axes[1] else ", ".join(axes)


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


def wrapping(text: str) -> str:
    """A formula that breaks, where a line is too short for it, between its parts and before the result only."""

    def whole(found: re.Match[str]) -> str:
        return found[0].replace(" ", _NO_BREAK) if len(found[0]) <= LONGEST_WHOLE else inside(found[0])

    def inside(bracketed: str) -> str:
        return f"({_BRACKETED.sub(whole, bracketed[1:-1])})"

    text = _BRACKETED.sub(whole, text)
    for sign in ("=", "\u00d7", "/", "+", MINUS):
        text = text.replace(f" {sign} ", f" {sign}{_NO_BREAK}")
    return text


def _explained(row: Row, figure: str, text: str) -> Explained:
    title, value, text = title_of(figure), _value(row, figure), typeset(text)
    if " = " in text:
        return Explained(figure, title, value, tuple(_axes(text)))
    remarks = [_remark(each) for each in _axes(text)]
    return Explained(figure, title, value, remark=", ".join(dict.fromkeys(remarks)))


def _with_channels(shape: Explained, text: str) -> Explained:
    """The shape's lines with the reason for its channels."""
    said = _channels_text(text)
    return replace(shape, formulas=(*shape.formulas, said)) if " = " in text else replace(shape, remark=said)


def _channels_text(text: str) -> str:
    """`channels = out_channels = 10`; `channels 16, one map out of each that arrives`."""
    worked_out = QCoreApplication.translate("Workings", "channels = {working}")
    remark = QCoreApplication.translate("Workings", "channels {working}")
    return (worked_out if " = " in text else remark).format(working=text)


def _axes(text: str) -> list[str]:
    """A line for the height and one for the width, where they are worked out apart."""
    height, comma, width = text.partition(", width ")
    return [height, f"width {width}"] if comma and height.startswith("height ") else [text]


def _remark(text: str) -> str:
    """What is said of a plain figure: `nothing is learned` of `0, nothing is learned`."""
    remark = text.partition(", ")[2]
    _whole, colon, cause = remark.partition("the whole picture: ")
    return cause if colon else remark.removeprefix("the whole picture, ")


def _value(row: Row, figure: str) -> str:
    field = row.receptive_field
    match figure:
        case "output_shape":
            return shape_text(row.output_shape)
        case "activation_bytes":
            return bytes_text(row.activation_bytes)
        case "receptive_field" if field is not None:
            whole = QCoreApplication.translate("Workings", "whole picture")
            return whole if field.whole_input else size_text(field.size)
        case "stride" if field is not None:
            return size_text(field.stride)
        case "padding" if field is not None:
            return size_text(field.padding).replace("-", MINUS)
        case _:
            return count_text(getattr(row, figure))


def _alignment(field: ReceptiveField, note: str) -> Explained:
    title = title_of("alignment")
    if field.aligned:
        words = QCoreApplication.translate("Workings", "value u is centred on pixel {place}")
        value = QCoreApplication.translate("Workings", "aligned")
        return Explained("alignment", title, value, remark=words.format(place=centre_text(field)))
    words = QCoreApplication.translate("Workings", "branches in front of it look at different centres")
    return Explained("alignment", title, QCoreApplication.translate("Workings", "not aligned"), remark=note or words)


def _along(scale: int, twice: int) -> str:
    offset = "" if twice == 0 else f" + {twice / 2:g}" if twice > 0 else f" {MINUS} {-twice / 2:g}"
    return f"{scale if scale > 1 else ''}u{offset}"
