"""The look: tokens, and a theme that changes while widgets live."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from itertools import combinations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QLabel

from cnnstudio.explain.reports import ink
from cnnstudio.gui.theme import (
    DARK,
    LIGHT,
    Palette,
    Theme,
)

FAMILIES = (
    "source",
    "convolution",
    "linear",
    "pooling",
    "normalization",
    "activation",
    "regularization",
    "shape",
)


def luminance(color: str) -> float:
    def channel(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (channel(value) for value in QColor(color).getRgbF()[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("palette", "printed"), [(LIGHT, ink.LIGHT), (DARK, ink.DARK)], ids=["light", "dark"])
def test_a_printed_diagram_wears_the_windows_colours(palette: Palette, printed: ink.Colours) -> None:
    assert {token: palette[token] for token in printed} == dict(printed)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
class TestPalette:
    def test_is_frozen(self, palette: Palette) -> None:
        with pytest.raises(FrozenInstanceError):
            palette.accent = "#000000"  # type: ignore[misc]

    def test_every_token_is_a_colour(self, palette: Palette) -> None:
        names = [field.name for field in fields(palette) if field.name != "dark"]
        assert all(QColor(palette[name]).isValid() for name in names)

    @pytest.mark.parametrize("token", ["text", "muted", "accent", "danger", "ok", "warning"])
    def test_text_colours_can_be_read_on_a_surface(self, palette: Palette, token: str) -> None:
        assert contrast(palette[token], palette.surface) >= 4.5

    def test_text_on_the_accent_can_be_read(self, palette: Palette) -> None:
        assert contrast(palette.on_accent, palette.accent) >= 4.5

    def test_families_are_all_different(self, palette: Palette) -> None:
        assert all(one != two for one, two in combinations([palette[name] for name in FAMILIES], 2))

    def test_linear_has_its_own_colour_in_the_convolution_family(self, palette: Palette) -> None:
        assert palette.family("convolution", "Linear") == palette.linear
        assert palette.family("convolution", "Conv2d") == palette.convolution
        assert palette.family("never heard of") == palette.shape

    def test_unknown_token_is_refused(self, palette: Palette) -> None:
        with pytest.raises(KeyError):
            palette["dark"]

    def test_blend_ends_at_both_colours(self, palette: Palette) -> None:
        assert palette.blend("accent", 1).upper() == palette.accent
        assert palette.blend("accent", 0).upper() == palette.surface


def test_light_tokens_are_the_designs() -> None:
    assert (LIGHT.background, LIGHT.surface, LIGHT.accent, LIGHT.linear) == (
        "#F5F6F8",
        "#FFFFFF",
        "#2563D9",
        "#C24F00",
    )
    assert (DARK.background, DARK.surface, DARK.accent, DARK.linear) == (
        "#13161B",
        "#1B1F26",
        "#6AA2FF",
        "#FF8A4C",
    )


class TestTheme:
    def test_mode_decides_without_any_help_from_the_platform(self, qapp) -> None:
        assert not Theme("light").dark
        assert Theme("dark").dark

    def test_system_follows_the_platforms_scheme(self, qapp) -> None:
        dark = qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark
        assert Theme("system").dark == dark

    def test_unknown_mode_falls_back_at_start_and_is_refused_later(self, qapp) -> None:
        theme = Theme("sepia")
        assert theme.mode == "system"
        with pytest.raises(ValueError, match="system, light, dark"):
            theme.set_mode("sepia")

    def test_changed_is_emitted_once_and_only_for_a_change(self, qapp, qtbot) -> None:
        theme = Theme("light")
        with qtbot.waitSignal(theme.changed):
            theme.set_mode("dark")
        with qtbot.assertNotEmitted(theme.changed):
            theme.set_mode("dark")

    def test_applying_dresses_every_widget(self, qapp, qtbot) -> None:
        theme = Theme("dark")
        theme.apply(qapp)
        label = QLabel("text")
        qtbot.addWidget(label)
        assert label.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.surface
        theme.toggle()
        assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == LIGHT.surface
        assert LIGHT.accent in qapp.styleSheet()
        assert DARK.accent not in qapp.styleSheet()

    def test_figures_all_have_one_width(self, qapp) -> None:
        font = Theme("light").number_font()
        assert QFontInfo(font).pixelSize() >= 11
        metrics = QFontMetricsF(font)
        assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1
