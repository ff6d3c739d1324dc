"""All layers of an inspected picture on one sheet, drawn with Pillow: what the Inspect workspace shows, on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from cnnstudio.explain import Inspection, MosaicLayout, assemble
from cnnstudio.explain.text import percent_text, shape_text, value_text
from cnnstudio.graph import Graph, Report, Row

Colour = tuple[int, int, int]
Pixels = NDArray[np.uint8]

WIDTH = 1200
MARGIN = 24
INSET = 16
LABELS = 208
"""Width of the column with a layer's name, beside its maps."""
CELL = 48
"""Wanted edge of one map in pixels; maps are enlarged by whole numbers, so that every value stays a square."""
LARGEST_CELL = 224
DOT = 14
MOST_MAPS = 1024
PICTURE = 224
MOST_SCORES = 10

_BACKGROUND: Colour = (0xF5, 0xF6, 0xF8)
_SURFACE: Colour = (0xFF, 0xFF, 0xFF)
_RAISED: Colour = (0xED, 0xF0, 0xF4)
_BORDER: Colour = (0xD8, 0xDD, 0xE4)
_TEXT: Colour = (0x1B, 0x20, 0x27)
_MUTED: Colour = (0x5C, 0x66, 0x73)
_ACCENT: Colour = (0x25, 0x63, 0xD9)
_NEGATIVE: Colour = (0x00, 0x64, 0xB6)
_ZERO: Colour = _RAISED
_POSITIVE: Colour = (0xC2, 0x4F, 0x00)

# Common sans-serifs by the names of their files; Pillow's own face, which has few signs, is the last resort.
_FACES = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
)
_PLAIN_SIGNS: Mapping[int, str] = MappingProxyType(str.maketrans({"×": "x", "−": "-", "–": "-", "∞": "inf"}))

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Type:
    """The faces of a sheet. `poor`: the face lacks signs beyond ASCII, which are then written with letters."""

    title: Font
    name: Font
    text: Font
    poor: bool

    def spell(self, text: str) -> str:
        return text.translate(_PLAIN_SIGNS).encode("ascii", "replace").decode() if self.poor else text


@dataclass(frozen=True, slots=True)
class _Card:
    """One layer, ready to be pasted. `limit`: what the ends of its scale stand for; None for the picture itself."""

    row: Row
    summary: str
    mosaic: Image.Image
    limit: float | None
    note: str

    @property
    def height(self) -> int:
        return max(self.mosaic.height, 84) + 2 * INSET


def draw_sheet(title: str, graph: Graph, report: Report, inspection: Inspection) -> Image.Image:
    """The picture, its scores, and every layer as a mosaic with its name, shape and colour key."""
    faces = _load_faces()
    cards = [
        _card(report[node_id], graph.spec(node_id).summary(graph.node(node_id).params), values)
        for node_id, values in inspection.activations.items()
    ]
    top = MARGIN + 40 + PICTURE + MARGIN
    height = top + sum(card.height + INSET for card in cards) + MARGIN - INSET
    sheet = Image.new("RGB", (WIDTH, height), _BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, MARGIN), faces.spell(title), _TEXT, faces.title)
    _draw_picture(sheet, inspection.picture)
    _draw_scores(draw, inspection, faces)
    for card in cards:
        _draw_card(sheet, draw, top, card, faces)
        top += card.height + INSET
    return sheet


def _card(row: Row, summary: str, values: NDArray[Any]) -> _Card:
    count = len(values)
    note = f"first {MOST_MAPS:,} of {count:,}" if count > MOST_MAPS else ""
    shown = values[:MOST_MAPS]
    if not row.input_shapes and values.ndim == 3 and count in (1, 3):
        return _Card(row, summary, _enlarged(_bytes_of(values)), None, note)
    finite = np.abs(shown[np.isfinite(shown)])
    limit = float(finite.max()) if finite.size else 0.0
    if not np.isfinite(shown).all():
        note = "not all values are finite"
    maps = shown[:, np.newaxis, np.newaxis] if shown.ndim == 1 else shown
    return _Card(row, summary, _mosaic(_coloured(maps, limit)), limit, note)


def _coloured(values: NDArray[Any], limit: float) -> Pixels:
    """Values (...) as colours (..., 3): blue below zero, orange above, evenly on both sides."""
    share = np.nan_to_num(values / (limit or 1.0), nan=0.0, posinf=1.0, neginf=-1.0)[..., np.newaxis]
    ends = np.where(share < 0, np.array(_NEGATIVE, np.float32), np.array(_POSITIVE, np.float32))
    zero = np.array(_ZERO, np.float32)
    colours: Pixels = np.rint(zero + np.abs(share) * (ends - zero)).astype(np.uint8)
    return colours


def _mosaic(maps: Pixels) -> Image.Image:
    """Colour maps (count, height, width, 3), enlarged or shrunk to cells, in as many columns as there is room for."""
    count, height, width = maps.shape[:3]
    room = WIDTH - 2 * MARGIN - 2 * INSET - LABELS
    edge = max(height, width)
    if edge > LARGEST_CELL:
        scale = LARGEST_CELL / edge
        size = max(1, round(width * scale)), max(1, round(height * scale))
        maps = np.stack([np.asarray(Image.fromarray(each).resize(size, Image.Resampling.BOX)) for each in maps])
    else:
        factor = DOT if edge == 1 else max(1, CELL // edge)
        maps = maps.repeat(factor, axis=1).repeat(factor, axis=2)
    height, width = maps.shape[1:3]
    gutter = 2 if edge == 1 else 4
    columns = max(1, min(count, (room + gutter) // (width + gutter)))
    layout = MosaicLayout(count, height, width, columns, gutter)
    mosaic = Image.new("RGB", (layout.size[1], layout.size[0]), _SURFACE)
    mosaic.paste(Image.fromarray(assemble(maps, layout, np.uint8(0xFF))))
    return mosaic


def _bytes_of(picture: NDArray[Any]) -> Pixels:
    """A picture (1 or 3, H, W), uint8 or float from 0 to 1, as (H, W, 3) bytes."""
    if picture.dtype != np.uint8:
        picture = np.rint(np.clip(np.nan_to_num(picture), 0, 1) * 255).astype(np.uint8)
    return np.broadcast_to(picture.transpose(1, 2, 0), (*picture.shape[1:], 3)).copy()


def _enlarged(pixels: Pixels, edge: int = 2 * CELL) -> Image.Image:
    """A picture (H, W, 3) near `edge` pixels: enlarged by a whole number, or shrunk."""
    image = Image.fromarray(pixels)
    longest = max(image.size)
    if longest > edge:
        image.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        return image
    factor = edge // longest
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def _draw_picture(sheet: Image.Image, picture: NDArray[Any]) -> None:
    place = (MARGIN, MARGIN + 40)
    if picture.ndim == 3 and len(picture) in (1, 3):
        sheet.paste(_enlarged(_bytes_of(picture), PICTURE), place)


def _draw_scores(draw: ImageDraw.ImageDraw, inspection: Inspection, faces: Type) -> None:
    left, top = MARGIN + PICTURE + 2 * INSET, MARGIN + 40
    if inspection.predicted is None:
        draw.text((left, top), faces.spell("The network gives no scores for this picture."), _MUTED, faces.text)
        return
    ranked = inspection.ranking[:MOST_SCORES]
    names = [faces.spell(_clipped(inspection.classes[index], 20)) for index in ranked]
    bar_left = left + 16 + max(round(draw.textlength(name, faces.name)) for name in names)
    bar_width = 480
    for rank, (index, name) in enumerate(zip(ranked, names, strict=True)):
        y = top + rank * 22
        share = float(inspection.probabilities[index])
        best = index == inspection.predicted
        draw.text((left, y), name, _TEXT, faces.name if best else faces.text)
        draw.rounded_rectangle((bar_left, y + 3, bar_left + bar_width, y + 15), 3, _RAISED)
        if share > 0:
            end = bar_left + max(2, round(bar_width * min(share, 1.0)))
            draw.rounded_rectangle((bar_left, y + 3, end, y + 15), 3, _ACCENT if best else _BORDER)
        figures = f"{percent_text(share)}   score {value_text(float(inspection.scores[index]))}"
        draw.text((bar_left + bar_width + 12, y), faces.spell(figures), _MUTED, faces.text)


def _draw_card(sheet: Image.Image, draw: ImageDraw.ImageDraw, top: int, card: _Card, faces: Type) -> None:
    left = MARGIN + INSET
    box = (MARGIN, top, WIDTH - MARGIN, top + card.height)
    draw.rounded_rectangle(box, 6, _SURFACE, _BORDER)
    y = top + INSET
    draw.text((left, y), faces.spell(_clipped(card.row.name, 24)), _TEXT, faces.name)
    draw.text((left, y + 20), faces.spell(shape_text(card.row.output_shape)), _TEXT, faces.text)
    kind = f"{card.row.kind} {card.summary}" if card.row.input_shapes else "the picture as computed"
    draw.text((left, y + 38), faces.spell(_clipped(card.note or kind, 30)), _MUTED, faces.text)
    if card.limit is not None:
        _draw_key(sheet, draw, (left, y + 60), card.limit, faces)
    sheet.paste(card.mosaic, (left + LABELS, y))


def _draw_key(sheet: Image.Image, draw: ImageDraw.ImageDraw, place: tuple[int, int], limit: float, faces: Type) -> None:
    """The scale from -limit to limit, with its ends."""
    left, top = place
    width = 72
    low, high = (faces.spell(value_text(end, 3)) for end in (-limit, limit))
    draw.text((left, top), low, _MUTED, faces.text)
    left += round(draw.textlength(low, faces.text)) + 6
    ramp = _coloured(np.linspace(-1, 1, width, dtype=np.float32)[np.newaxis], 1.0).repeat(10, axis=0)
    sheet.paste(Image.fromarray(ramp), (left, top + 3))
    draw.text((left + width + 6, top), high, _MUTED, faces.text)


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _load_faces() -> Type:
    for regular, bold in _FACES:
        try:
            return Type(
                ImageFont.truetype(bold, 20),
                ImageFont.truetype(bold, 13),
                ImageFont.truetype(regular, 12),
                poor=False,
            )
        except OSError:
            continue
    title, name, text = (ImageFont.load_default(size) for size in (20, 14, 13))
    return Type(title, name, text, poor=True)
