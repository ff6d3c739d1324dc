"""What a diagram is written with: colours for light and dark, texts that fit, glyphs, and the marks of SVG 1.1.

Every mark has the light colours as plain attributes, which any reader understands, and a class by which a style sheet
gives it the dark ones where the reader's system is dark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import hypot
from types import MappingProxyType
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from cnnstudio.graph.routing import Point
from cnnstudio.resources import resource_path

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
RADIUS = 10.0
ARROW = 5.0

_UNSPEAKABLE = re.compile("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ADVANCES = (("ijlI.,:;'| ", 0.33), ('frt()[]/-"·', 0.42), ("cksvxyzJL", 0.58), ("mwMW@%×+=<>~…", 0.96))
"""Characters that are narrower or wider than most, and how wide."""

Colours = Mapping[str, str]

LIGHT: Colours = MappingProxyType(
    {
        "background": "#F5F6F8",
        "surface": "#FFFFFF",
        "raised": "#EDF0F4",
        "border": "#D8DDE4",
        "text": "#1B2027",
        "muted": "#5C6673",
        "danger": "#BE2A45",
        "source": "#6E7A89",
        "convolution": "#0072B2",
        "linear": "#C24F00",
        "pooling": "#008F68",
        "normalization": "#A8568A",
        "activation": "#B97A00",
        "regularization": "#7D7400",
        "shape": "#3F6FA8",
    }
)
DARK: Colours = MappingProxyType(
    {
        "background": "#13161B",
        "surface": "#1B1F26",
        "raised": "#242A33",
        "border": "#323A46",
        "text": "#E7EAEF",
        "muted": "#98A2B0",
        "danger": "#FF7086",
        "source": "#94A0AF",
        "convolution": "#56A9E3",
        "linear": "#FF8A4C",
        "pooling": "#3CC79E",
        "normalization": "#DB93BD",
        "activation": "#F0B23D",
        "regularization": "#D6C94A",
        "shape": "#8FB8E8",
    }
)


class Ink:
    """One choice of colours. `look`: "light", "dark", or "auto", which is light and turns dark with the system."""

    def __init__(self, look: str = "auto") -> None:
        self._colours = DARK if look == "dark" else LIGHT
        self._follows = look == "auto"
        self._used: set[str] = set()

    def paint(self, fill: str = "", stroke: str = "") -> str:
        """Attributes that give an element its colours, by token; "none" is a colour as well."""
        classes, attributes = [], []
        for letter, attribute, token in (("f", "fill", fill), ("s", "stroke", stroke)):
            if token in self._colours:
                classes.append(f"{letter}-{token}")
                attributes.append(f'{attribute}="{self._colours[token]}"')
            elif token:
                attributes.append(f'{attribute}="{token}"')
        if self._follows and classes:
            self._used.update(classes)
            attributes.append(f'class="{" ".join(classes)}"')
        return " ".join(attributes)

    def style(self) -> str:
        """The style sheet for dark systems, of all colours that `paint` has given so far; empty for a fixed look."""
        if not self._follows:
            return ""
        names = {"f": "fill", "s": "stroke"}
        rules = (f".{each}{{{names[each[0]]}:{DARK[each[2:]]}}}" for each in sorted(self._used))
        return f"<style>@media (prefers-color-scheme: dark){{{''.join(rules)}}}</style>"

    def glyph(self, name: str, token: str) -> str:
        """A glyph of the program, 24 × 24, as a group to be used by `glyph_id(name, token)`."""
        root = ElementTree.fromstring(resource_path("icons", f"{name}.svg").read_text(encoding="utf-8"))
        marks = "".join(self._mark(child, token) for child in root)
        return (
            f'<g id="{glyph_id(name, token)}" {self.paint("none", token)} stroke-width="{root.get("stroke-width")}" '
            f'stroke-linecap="round" stroke-linejoin="round">{marks}</g>'
        )

    def _mark(self, element: ElementTree.Element, token: str) -> str:
        """One element of a glyph; what has the current colour gets the token's."""
        own = {name: token if value == "currentColor" else value for name, value in element.attrib.items()}
        painted = self.paint(own.pop("fill", ""), own.pop("stroke", ""))
        rest = " ".join(f'{name}="{value}"' for name, value in own.items())
        return f"<{element.tag.rpartition('}')[2]} {painted} {rest}/>"


def glyph_id(name: str, token: str) -> str:
    return f"glyph-{name}-{token}"


def text(place: Point, words: str, attributes: str = "", *, end: bool = False) -> str:
    """A line of text that begins at `place`, or ends there."""
    anchor = ' text-anchor="end"' if end else ""
    return f'<text x="{place[0]:g}" y="{place[1]:g}"{anchor} {attributes}>{spelt(words)}</text>'


def spelt(words: str) -> str:
    """Text as XML holds it: escaped, and without characters that XML 1.0 has no way to write."""
    return escape(_UNSPEAKABLE.sub("\ufffd", words))


def path(points: Sequence[Point]) -> str:
    """The way through corner points, each corner rounded as far as its legs allow."""
    corners = [point for index, point in enumerate(points) if index == 0 or point != points[index - 1]]
    parts = [f"M{_at(corners[0])}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        lengths = [hypot(each[0] - corner[0], each[1] - corner[1]) for each in (before, after)]
        radius = min(RADIUS, *(length / 2 for length in lengths))
        first, last = (
            (corner[0] + (each[0] - corner[0]) * radius / length, corner[1] + (each[1] - corner[1]) * radius / length)
            for each, length in zip((before, after), lengths, strict=True)
        )
        parts.append(f"L{_at(first)}Q{_at(corner)} {_at(last)}")
    return "".join(parts) + f"L{_at(corners[-1])}"


def arrow(tip: Point) -> str:
    """An open arrowhead that points down at `tip`."""
    x, y = tip
    return f"M{_at((x - ARROW + 0.5, y - ARROW - 1))}L{_at((x, y - 1))}L{_at((x + ARROW - 0.5, y - ARROW - 1))}"


def fitted(words: str, size: float, width: float, *, bold: bool = False) -> str:
    """The text, with an ellipsis at its end where it would be wider than `width`."""
    if text_width(words, size, bold=bold) <= width:
        return words
    while words and text_width(words + "…", size, bold=bold) > width:
        words = words[:-1]
    return words.rstrip() + "…"


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text of `size` pixels becomes; the reader's font is not known, so it is that of a wide one."""
    return size * sum(map(_advance, words)) * (1.09 if bold else 1.0)


def _advance(character: str) -> float:
    """Width of a character in DejaVu Sans, the widest of the usual fonts, of its size; kinds of letters suffice."""
    for letters, width in _ADVANCES:
        if character in letters:
            return width
    return 1.0 if character >= "\u2e80" else (0.72 if character.isupper() else 0.63)  # ideographs fill a square


def _at(point: Point) -> str:
    return f"{round(point[0], 2):g} {round(point[1], 2):g}"
