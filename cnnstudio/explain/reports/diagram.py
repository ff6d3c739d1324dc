"""The network as a picture: an SVG that needs nothing beside it.

Top to bottom, a card a layer, branches side by side; a tall network in several columns. A card tells its glyph, name,
output shape, kind and main parameters, receptive field and number of parameters; pointing at it tells all figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnnstudio.explain.glyphs import kind_icon
from cnnstudio.explain.reports.cards import BODY, Card, badge, card_of, common_width, drawn
from cnnstudio.explain.reports.ink import FONT, Ink, arrow, fitted, path, spelt, text, text_width
from cnnstudio.explain.reports.placing import Plan, plan
from cnnstudio.explain.text import UNKNOWN, bytes_text, count_text
from cnnstudio.graph import Graph, Report

MARGIN = 40.0
LEAST_WIDTH = 560.0
LINE = 18.0
TITLE = 20

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


def diagram(graph: Graph, report: Report, title: str, look: str = "auto") -> str:
    """The network as SVG 1.1. look: "light", "dark", or "auto", which is light and follows a system that is dark."""
    ink = Ink(look)
    cards = {row.id: card_of(graph, report, row) for row in report}
    card_width = common_width(cards.values())
    layout = plan(graph, {each: card.height(card_width) for each, card in cards.items()}, card_width)
    left, top, right, bottom = layout.extent
    width = max(LEAST_WIDTH, right - left + 2 * MARGIN)
    totals = _wrapped(_totals(report), width - 2 * MARGIN)
    key = _wrapped(_KEY, width - 2 * MARGIN)
    head = MARGIN + 24 + LINE * len(totals) + 20
    legend, foot = _legend(ink, cards.values(), width, head + bottom - top + 32)
    height = foot + LINE * len(key) + MARGIN - 2
    name = title or "Network"
    body = [
        f'<rect width="{width:g}" height="{height:g}" {ink.paint("background")}/>',
        _title(ink, name, width),
        *_lines(ink, totals, MARGIN + 38),
        f'<g transform="translate({(width - right + left) / 2 - left:g} {head - top:g})">',
        *_wires(ink, layout),
        *(drawn(ink, card, layout.corners[each], card_width) for each, card in cards.items()),
        "</g>",
        *legend,
        *_lines(ink, key, foot + 16),
    ]
    glyphs = {(card.glyph, card.tint) for card in cards.values()}
    glyphs |= {(_glyph_of(tint), tint) for _, tint in glyphs}
    definitions = "".join(ink.glyph(*each) for each in sorted(glyphs))
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'font-family="{FONT}" font-size="{BODY}" style="font-variant-numeric: tabular-nums">'
    )
    front = [opening, f"<title>{spelt(name)}</title>", f"<desc>{spelt(_totals(report))}</desc>", ink.style()]
    return "\n".join(each for each in (*front, f"<defs>{definitions}</defs>", *body, "</svg>") if each)


def _totals(report: Report) -> str:
    """The network in one line."""
    open_end = "" if report.complete else f" + {UNKNOWN}"
    parts = [
        "1 layer" if len(report) == 1 else f"{len(report):,} layers",
        f"{count_text(report.parameters)}{open_end} parameters",
        f"{count_text(report.macs)}{open_end} MACs",
        f"{bytes_text(report.activation_bytes)}{open_end} of activations for one image",
    ]
    if report.buffers:
        parts.insert(2, f"{count_text(report.buffers)}{open_end} running statistics")
    if report.errors:
        parts.append("1 fault" if len(report.errors) == 1 else f"{len(report.errors)} faults")
    return " · ".join(parts)


def _title(ink: Ink, name: str, width: float) -> str:
    shown = fitted(name, TITLE, width - 2 * MARGIN, bold=True)
    return text((MARGIN, MARGIN + 14), shown, f'font-size="{TITLE}" font-weight="bold" {ink.paint("text")}')


def _wires(ink: Ink, layout: Plan) -> Iterator[str]:
    """All wires as one mark, since they look alike: the ways and the arrow heads."""
    ways = "".join(path(wire.points) for wire in layout.wires)
    heads = "".join(arrow(wire.points[-1]) for wire in layout.wires if wire.arrives)
    if ways:
        yield (
            f'<path d="{ways}{heads}" {ink.paint("none", "muted")} stroke-width="1.5" stroke-opacity="0.85" '
            f'stroke-linecap="round" stroke-linejoin="round"/>'
        )


def _legend(ink: Ink, cards: Iterable[Card], width: float, top: float) -> tuple[list[str], float]:
    """A badge and a word for each family that there is, in as many lines as it takes, and where they end."""
    found = {card.tint for card in cards}
    marks: list[str] = []
    x, y = MARGIN, top
    for tint, label in _FAMILIES.items():
        if tint not in found:
            continue
        wide = 24 + text_width(label, BODY)
        if x > MARGIN and x + wide > width - MARGIN:
            x, y = MARGIN, y + 26
        marks.append(badge(ink, _glyph_of(tint), tint, (x, y), 18))
        marks.append(text((x + 24, y + 13), label, ink.paint("muted")))
        x += wide + 18
    return marks, y + 18


def _glyph_of(tint: str) -> str:
    return kind_icon("Linear") if tint == "linear" else kind_icon("", tint)


def _lines(ink: Ink, lines: Iterable[str], top: float) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield text((MARGIN, top + LINE * number), line, ink.paint("muted"))


def _wrapped(words: str, width: float) -> list[str]:
    """The text in lines of at most `width`, broken at blanks."""
    lines = [""]
    for word in words.split(" "):
        if lines[-1] and text_width(f"{lines[-1]} {word}", BODY) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines
