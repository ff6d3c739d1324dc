"""The cards of a printed diagram: what one says, how much room that takes, and its marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from cnnstudio.explain.glyphs import kind_icon
from cnnstudio.explain.reports.ink import Ink, fitted, glyph_id, spelt, text, text_width
from cnnstudio.explain.reports.wording import FIGURE_LABELS, field_text, kind_text
from cnnstudio.explain.text import count_text, shape_text
from cnnstudio.graph import Graph, Report, Row, Severity, workings
from cnnstudio.graph.shapes import size_text

NARROWEST, WIDEST = 264.0, 344.0
"""All cards of a diagram are as wide as the fullest of them needs, within these."""
TEXT_LEFT, INSET, APART = 46.0, 12.0, 12.0
NAME, BODY = 13, 12
"""Sizes of text."""
BADGE = 24.0


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a card. share: how full its bar is; None: it has none. fault: takes the figures' place."""

    row: Row
    tint: str
    glyph: str
    kind: str
    shape: str
    sees: str
    parameters: str
    share: float | None
    fault: str
    told: str

    def height(self, width: float) -> float:
        """Two lines where they hold it all, else three, and a bar below the parameters."""
        return 47.0 if self.short(width) else (64.0 if self.share is None else 71.0)

    def short(self, width: float) -> bool:
        return not self.parameters and not self.fault and _side_by_side(self.kind, self.sees) <= _room(width)


def card_of(graph: Graph, report: Report, row: Row) -> Card:
    """The card of one layer."""
    faults = [each.message for each in row.problems if each.severity is Severity.ERROR]
    field = row.receptive_field
    sees = ""
    if field is not None and row.input_shapes:
        sees = field_text(row) if field.whole_input else f"sees {size_text(field.size)}"
    elif row.field_note:
        sees = "no single field"
    kind = kind_text(graph, row.id)
    return Card(
        row=row,
        tint=graph.spec(row.id).colour,
        glyph=kind_icon(row.kind, row.family.value if graph.knows(row.id) else ""),
        kind=kind,
        shape=shape_text(row.output_shape),
        sees="" if faults else sees,
        parameters=f"{count_text(row.parameters)} params" if row.parameters else "",
        share=row.parameters / report.parameters if row.parameters else None,
        fault=faults[0].removeprefix(f"{row.name}: ") if faults else "",
        told="\n".join(_told(graph, report, row, kind)),
    )


def common_width(cards: Iterable[Card]) -> float:
    """The width that all cards of a diagram get."""
    needs = (
        max(
            text_width(card.row.name, NAME, bold=True) + APART + text_width(card.shape, BODY),
            text_width(card.kind, BODY),
            _side_by_side(card.sees, card.parameters),
        )
        for card in cards
    )
    return min(WIDEST, max(NARROWEST, 8 * ceil((TEXT_LEFT + max(needs, default=0.0) + INSET) / 8)))


def drawn(ink: Ink, card: Card, place: tuple[float, float], width: float) -> str:
    """The marks of a card with its corner at `place`. Its title is what a pointer is told."""
    height, right, room = card.height(width), width - INSET, _room(width)
    name = fitted(card.row.name, NAME, room - text_width(card.shape, BODY) - APART, bold=True)
    muted, plain = ink.paint("muted"), ink.paint("text")
    edge = "danger" if card.fault else "border"
    marks = [
        f'<g transform="translate({place[0]:g} {place[1]:g})"><title>{spelt(card.told)}</title>',
        f'<rect width="{width:g}" height="{height:g}" rx="8" {ink.paint("surface", edge)}/>',
        f'<rect x="0" y="10" width="3" height="{height - 20:g}" rx="1.5" {ink.paint(card.tint)}/>',
        badge(ink, card.glyph, card.tint, (12, 11)),
        text((TEXT_LEFT, 21), name, f'font-size="{NAME}" font-weight="bold" {plain}'),
        text((right, 21), card.shape, ink.paint("text" if card.row.output_shape else "danger"), end=True),
        text((TEXT_LEFT, 38), fitted(card.kind, BODY, room), muted),
    ]
    if card.fault:
        marks.append(text((TEXT_LEFT, 55), fitted(card.fault, BODY, room), ink.paint("danger")))
    elif card.sees:
        short = card.short(width)
        marks.append(text((right, 38) if short else (TEXT_LEFT, 55), card.sees, muted, end=short))
    if card.share is not None:
        marks.append(text((right, 55), card.parameters, plain, end=True))
        bar = f'<rect x="{TEXT_LEFT:g}" y="61" height="3" rx="1.5"'
        filled = max(2.0, round(room * card.share, 1))
        marks.append(f'{bar} width="{room:g}" {ink.paint("raised")}/>{bar} width="{filled:g}" {ink.paint(card.tint)}/>')
    return "".join(marks) + "</g>"


def badge(ink: Ink, glyph: str, tint: str, place: tuple[float, float], size: float = BADGE) -> str:
    """A glyph on its tinted rounded square, as on the canvas."""
    x, y = place
    inset, scale = size / 6, size / 36
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{size:g}" height="{size:g}" rx="4" fill-opacity="0.17" {ink.paint(tint)}/>'
        f'<use xlink:href="#{glyph_id(glyph, tint)}" '
        f'transform="translate({round(x + inset, 2):g} {round(y + inset, 2):g}) scale({scale:.4g})"/>'
    )


def _told(graph: Graph, report: Report, row: Row, kind: str) -> list[str]:
    """All figures of a layer and how they come about, a line each."""
    lines = [f"{row.name}: {kind}", f"output {shape_text(row.output_shape)}"]
    figures = [each for each in workings(graph, row.id, report) if getattr(row, each.figure, None) != 0]
    lines += [f"{FIGURE_LABELS[each.figure]}: {each.text}" for each in figures]
    if row.receptive_field is not None and not row.receptive_field.aligned:
        lines.append("Its branches look at different centres of the picture.")
    if row.field_note:
        lines.append(row.field_note)
    return lines + [problem.message for problem in row.problems]


def _side_by_side(left: str, right: str) -> float:
    return text_width(left, BODY) + text_width(right, BODY) + (APART if left and right else 0)


def _room(width: float) -> float:
    return width - TEXT_LEFT - INSET
