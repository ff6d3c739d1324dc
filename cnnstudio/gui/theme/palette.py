"""The colours of the window: one frozen table for light, one for dark. Nothing else names a colour."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor


@dataclass(frozen=True, slots=True)
class Palette:
    """Colour tokens as `#RRGGBB`; what they are for is their name."""

    dark: bool
    background: str
    surface: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    ok: str
    warning: str
    danger: str
    source: str
    convolution: str
    linear: str
    pooling: str
    normalization: str
    activation: str
    regularization: str
    shape: str
    on_accent: str
    """Text that stands on the accent colour."""
    negative: str
    """End of the diverging map below zero; its middle is `surface`, so that zero leaves no mark on a card."""
    positive: str

    def __getitem__(self, token: str) -> str:
        """Colour of a token by name; a literal `#RRGGBB` passes through.

        Raises:
            KeyError: no such token.
        """
        if token.startswith("#"):
            return token
        value = getattr(self, token, None)
        if not isinstance(value, str) or not value.startswith("#"):
            raise KeyError(token)
        return value

    def family(self, family: str, kind: str = "") -> str:
        """Colour of a layer family. `Linear` is in the convolutions' family and still has its own colour."""
        return self.linear if kind == "Linear" else getattr(self, str(family), self.shape)

    def color(self, token: str, alpha: float = 1.0) -> QColor:
        """The token as a QColor, `alpha` from 0 to 1."""
        color = QColor(self[token])
        color.setAlphaF(alpha)
        return color

    def blend(self, token: str, amount: float, onto: str = "surface") -> str:
        """`#RRGGBB` of `amount` (0 to 1) of one token over another: opaque tints."""
        over, under = QColor(self[token]), QColor(self[onto])

        def mix(above: float, below: float) -> float:
            return amount * above + (1 - amount) * below

        red = mix(over.redF(), under.redF())
        green = mix(over.greenF(), under.greenF())
        return QColor.fromRgbF(red, green, mix(over.blueF(), under.blueF())).name()


LIGHT = Palette(
    dark=False,
    background="#F5F6F8",
    surface="#FFFFFF",
    raised="#EDF0F4",
    border="#D8DDE4",
    text="#1B2027",
    muted="#5C6673",
    accent="#2563D9",
    ok="#15794A",
    warning="#A86200",
    danger="#BE2A45",
    source="#6E7A89",
    convolution="#0072B2",
    linear="#C24F00",
    pooling="#008F68",
    normalization="#A8568A",
    activation="#B97A00",
    regularization="#7D7400",
    shape="#3F6FA8",
    on_accent="#FFFFFF",
    negative="#0064B6",
    positive="#C24F00",
)

DARK = Palette(
    dark=True,
    background="#13161B",
    surface="#1B1F26",
    raised="#242A33",
    border="#323A46",
    text="#E7EAEF",
    muted="#98A2B0",
    accent="#6AA2FF",
    ok="#4CC38A",
    warning="#F0B04F",
    danger="#FF7086",
    source="#94A0AF",
    convolution="#56A9E3",
    linear="#FF8A4C",
    pooling="#3CC79E",
    normalization="#DB93BD",
    activation="#F0B23D",
    regularization="#D6C94A",
    shape="#8FB8E8",
    on_accent="#0E1420",
    negative="#4DA3FA",
    positive="#F79A3E",
)
