"""The network as a picture: an SVG that needs nothing beside it.

Top to bottom, a card a layer, branches side by side; a tall network in several columns. A card tells its glyph, name,
output shape, kind and main parameters, receptive field and number of parameters; pointing at it tells all figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cnnstudio.explain.glyphs import kind_icon
from cnnstudio.explain.reports.ink import FONT, Ink, arrow, fitted, glyph_id, path, spelt, text, text_width
from cnnstudio.explain.reports.placing import CARD_WIDTH, Plan, plan
from cnnstudio.explain.reports.wording import field_text, kind_text, local_field
from cnnstudio.explain.text import UNKNOWN, bytes_text, count_text, shape_text
from cnnstudio.graph import Graph, Report, Row, Severity
from cnnstudio.graph.specs import size_text

MARGIN = 40.0
LEAST_WIDTH = 560.0
LINE = 18.0
TEXT_LEFT, TEXT_RIGHT = 46.0, CARD_WIDTH - 12
BADGE = 24.0

_FAMILIES = {
    "source": "Input",
    "convolution": "Convolution",
    "linear": "Linear",
    "pooling": "Pooling",
    "normalization": "Normalization",
    "activation": "Activation",
    "regularization": "Regularization",
    "shape": "Shape and merge",
}
_KEY = (
    "“sees” is the receptive field of one value, in pixels of the input. The bar is a layer's share of the parameters. "
    "MACs are the multiplies of convolution and Linear layers for one image."
)


@dataclass(frozen=True, slots=True)
class _Card:
    """What stands on a card: its lines, and how full its bar is; None: it has none."""

    row: Row
    tint: str
    glyph: str
    kind: str
    sees: str
    parameters: str
    share: float | None
    fault: str

    @property
    def short(self) -> bool:
        """Whether two lines hold it all."""
        room = TEXT_RIGHT - TEXT_LEFT - 12
        roomy = text_width(self.kind, 12) + text_width(self.sees, 12) <= room
        return not self.parameters and not self.fault and roomy

    @property
    def height(self) -> float:
        return 47.0 if self.short else (64.0 if self.share is None else 71.0)


def diagram(graph: Graph, report: Report, title: str, look: str = "auto") -> str:
    """The network as SVG 1.1. look: "light", "dark", or "auto", which is light and follows a system that is dark."""
    ink = Ink(look)
    cards = {row.id: _card(graph, report, row) for row in report}
    layout = plan(graph, {each: card.height for each, card in cards.items()})
    left, top, right, bottom = layout.extent
    width = max(LEAST_WIDTH, right - left + 2 * MARGIN)
    totals = _wrapped(_totals(report), width - 2 * MARGIN)
    head = MARGIN + 24 + LINE * len(totals) + 20
    legend, legend_bottom = _legend(ink, cards.values(), width, head + bottom - top + 32)
    key = _wrapped(_KEY, width - 2 * MARGIN)
    height = legend_bottom + LINE * len(key) + MARGIN - 2
    name = title or "Network"
    body = [
        f'<rect width="{width:g}" height="{height:g}" {ink.paint("background")}/>',
        text((MARGIN, MARGIN + 14), fitted(name, 20, width - 2 * MARGIN, bold=True), _bold(ink, 20)),
        *_lines(ink, totals, MARGIN + 38),
        f'<g transform="translate({(width - right + left) / 2 - left:g} {head - top:g})">',
        *_wires(ink, layout),
        *(_drawn(ink, card, *layout.corners[each]) for each, card in cards.items()),
        "</g>",
        *legend,
        *_lines(ink, key, legend_bottom + 16),
    ]
    glyphs = sorted(
        {(card.glyph, card.tint) for card in cards.values()} | {(_glyph_of(each), each) for each in _FAMILIES}
    )
    definitions = [ink.glyph(*each) for each in glyphs if f'#{glyph_id(*each)}"' in "".join(body)]
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'font-family="{FONT}" font-size="12" style="font-variant-numeric: tabular-nums">'
    )
    front = [
        opening,
        f"<title>{spelt(name)}</title>",
        f"<desc>{spelt(_totals(report))}</desc>",
        ink.style(),
        f"<defs>{''.join(definitions)}</defs>",
    ]
    return "\n".join(each for each in (*front, *body, "</svg>") if each)


def _card(graph: Graph, report: Report, row: Row) -> _Card:
    faults = [each.message for each in row.problems if each.severity is Severity.ERROR]
    field = row.receptive_field
    sees = ""
    if field is not None and row.input_shapes:
        sees = field_text(row) if field.whole_input else f"sees {size_text(field.size)}"
    elif row.field_note:
        sees = "no single field"
    return _Card(
        row=row,
        tint=graph.spec(row.id).colour,
        glyph=kind_icon(row.kind, row.family.value if graph.knows(row.id) else ""),
        kind=kind_text(graph, row.id),
        sees="" if faults else sees,
        parameters=_parameters(row.parameters, sees) if row.parameters else "",
        share=row.parameters / report.parameters if row.parameters else None,
        fault=faults[0].removeprefix(f"{row.name}: ") if faults else "",
    )


def _parameters(count: int, sees: str) -> str:
    """The number with its word, as far as there is room beside what the layer sees."""
    words = f"{count_text(count)} params"
    return words if text_width(words + sees, 12) < TEXT_RIGHT - TEXT_LEFT - 6 else count_text(count)


def _totals(report: Report) -> str:
    """The network in one line."""
    open_end = "" if report.complete else f" + {UNKNOWN}"
    layers = "1 layer" if len(report) == 1 else f"{len(report):,} layers"
    parts = [
        layers,
        f"{count_text(report.parameters)}{open_end} parameters",
        f"{count_text(report.macs)}{open_end} MACs",
        f"{bytes_text(report.activation_bytes)}{open_end} of activations for one image",
    ]
    if report.buffers:
        parts.insert(2, f"{count_text(report.buffers)} running statistics")
    if report.errors:
        parts.append("1 fault" if len(report.errors) == 1 else f"{len(report.errors)} faults")
    return " · ".join(parts)


def _drawn(ink: Ink, card: _Card, x: float, y: float) -> str:
    """One card. Its title is what a pointer is told."""
    row, height = card.row, card.height
    shape = shape_text(row.output_shape)
    name = fitted(row.name, 13, TEXT_RIGHT - TEXT_LEFT - text_width(shape, 12) - 12, bold=True)
    muted, plain = ink.paint("muted"), ink.paint("text")
    edge = "danger" if card.fault else "border"
    marks = [
        f'<g transform="translate({x:g} {y:g})"><title>{spelt(_told(card))}</title>',
        f'<rect width="{CARD_WIDTH:g}" height="{height:g}" rx="8" {ink.paint("surface", edge)}/>',
        f'<rect x="0" y="10" width="3" height="{height - 20:g}" rx="1.5" {ink.paint(card.tint)}/>',
        _badge(ink, card.glyph, card.tint, 12, 11),
        text((TEXT_LEFT, 21), name, _bold(ink, 13)),
        text((TEXT_RIGHT, 21), shape, ink.paint("text" if row.output_shape else "danger"), end=True),
        text((TEXT_LEFT, 38), fitted(card.kind, 12, TEXT_RIGHT - TEXT_LEFT), muted),
    ]
    if card.fault:
        marks.append(text((TEXT_LEFT, 55), fitted(card.fault, 12, TEXT_RIGHT - TEXT_LEFT), ink.paint("danger")))
    elif card.short:
        marks += [text((TEXT_RIGHT, 38), card.sees, muted, end=True)] if card.sees else []
    else:
        marks += [text((TEXT_LEFT, 55), card.sees, muted)] if card.sees else []
        marks += [text((TEXT_RIGHT, 55), card.parameters, plain, end=True)] if card.parameters else []
    if card.share is not None:
        room = TEXT_RIGHT - TEXT_LEFT
        bar = f'<rect x="{TEXT_LEFT:g}" y="61" height="3" rx="1.5"'
        filled = max(2.0, round(room * card.share, 1))
        marks.append(f'{bar} width="{room:g}" {ink.paint("raised")}/>{bar} width="{filled:g}" {ink.paint(card.tint)}/>')
    return "".join(marks) + "</g>"


def _told(card: _Card) -> str:
    """All figures of a layer, a line each."""
    row = card.row
    lines = [f"{row.name}: {card.kind}", f"output {shape_text(row.output_shape)}"]
    if row.parameters:
        lines.append(f"{count_text(row.parameters)} parameters")
    if row.buffers:
        lines.append(f"{count_text(row.buffers)} running statistics")
    if row.macs:
        lines.append(f"{count_text(row.macs)} MACs")
    if row.activation_bytes is not None:
        lines.append(f"{bytes_text(row.activation_bytes)} of output for one image")
    field = local_field(row)
    if field is not None:
        lines.append(
            f"receptive field {size_text(field.size)}, stride {size_text(field.stride)}, "
            f"padding {size_text(field.padding)}{'' if field.aligned else ', branches not aligned'}"
        )
    elif row.receptive_field is not None:
        lines.append(f"receptive field: {field_text(row)}")
    notes = [row.field_note] if row.field_note else []
    return "\n".join(lines + notes + [problem.message for problem in row.problems])


def _wires(ink: Ink, layout: Plan) -> Iterator[str]:
    """All wires as two marks, since they look alike: the ways and the arrow heads."""
    ways = "".join(path(wire.points) for wire in layout.wires)
    heads = "".join(arrow(wire.points[-1]) for wire in layout.wires if wire.arrives)
    if ways:
        yield (
            f'<path d="{ways}{heads}" {ink.paint("none", "muted")} stroke-width="1.5" stroke-opacity="0.85" '
            f'stroke-linecap="round" stroke-linejoin="round"/>'
        )


def _legend(ink: Ink, cards: Iterable[_Card], width: float, top: float) -> tuple[list[str], float]:
    """A badge and a word for each family that there is, in as many lines as it takes, and where they end."""
    found = {card.tint for card in cards}
    marks: list[str] = []
    x, y = MARGIN, top
    for tint, label in _FAMILIES.items():
        if tint not in found:
            continue
        wide = 24 + text_width(label, 12)
        if x > MARGIN and x + wide > width - MARGIN:
            x, y = MARGIN, y + 26
        marks.append(_badge(ink, _glyph_of(tint), tint, x, y, 18) + text((x + 24, y + 13), label, ink.paint("muted")))
        x += wide + 18
    return marks, y + 18


def _glyph_of(tint: str) -> str:
    return kind_icon("Linear") if tint == "linear" else kind_icon("", tint)


def _badge(ink: Ink, glyph: str, tint: str, x: float, y: float, size: float = BADGE) -> str:
    """A glyph on its tinted rounded square, as on the canvas."""
    inset, scale = size / 6, size / 36
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{size:g}" height="{size:g}" rx="4" fill-opacity="0.17" {ink.paint(tint)}/>'
        f'<use xlink:href="#{glyph_id(glyph, tint)}" '
        f'transform="translate({round(x + inset, 2):g} {round(y + inset, 2):g}) scale({scale:.4g})"/>'
    )


def _bold(ink: Ink, size: int) -> str:
    return f'font-size="{size}" font-weight="bold" {ink.paint("text")}'


def _lines(ink: Ink, lines: Iterable[str], top: float) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield text((MARGIN, top + LINE * number), line, ink.paint("muted"))


def _wrapped(words: str, width: float) -> list[str]:
    """The text in lines of at most `width`, broken at blanks."""
    lines = [""]
    for word in words.split(" "):
        if lines[-1] and text_width(f"{lines[-1]} {word}", 12) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines
