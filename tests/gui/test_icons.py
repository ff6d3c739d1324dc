"""One family of icons, tinted from the palette at the moment of painting."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtSvg import QSvgRenderer

from cnnstudio.explain.glyphs import FAMILY_ICONS, KIND_ICONS, kind_icon
from cnnstudio.gui.theme import DARK, LIGHT, Theme
from cnnstudio.resources import resource_path

FILES = sorted(resource_path("icons").glob("*.svg"))


def ink(image: QImage) -> set[str]:
    """Names of the fully opaque colours."""
    image = image.convertToFormat(QImage.Format.Format_ARGB32)
    colors = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {color.name().upper() for color in colors if color.alpha() == 255}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_drawn_without_a_complaint(path: Path, qapp) -> None:
    assert QSvgRenderer(str(path)).isValid()


@pytest.mark.parametrize("path", [path for path in FILES if path.stem != "app"], ids=lambda path: path.stem)
def test_the_family_shares_one_box_and_one_colour(path: Path) -> None:
    root = ET.parse(path).getroot()
    assert root.get("viewBox") == "0 0 24 24"
    colors = {node.get(name) for node in root.iter() for name in ("fill", "stroke") if node.get(name)}
    assert colors <= {"none", "currentColor"}


def test_every_kind_has_a_glyph_that_exists() -> None:
    names = {path.stem for path in FILES}
    assert set(KIND_ICONS.values()) <= names
    assert set(FAMILY_ICONS.values()) <= names
    assert kind_icon("Conv2d") == "conv"
    assert kind_icon("HexPool", "pooling") == "pool-max"
    assert kind_icon("HexPool") == "unknown"


def test_an_icon_follows_the_theme_without_being_renewed(qapp) -> None:
    theme = Theme("light")
    icon = theme.icons.icon("stop", "accent")
    assert ink(icon.pixmap(24, 24).toImage()) == {LIGHT.accent}
    theme.set_mode("dark")
    assert ink(icon.pixmap(24, 24).toImage()) == {DARK.accent}


def test_a_disabled_icon_is_faint(qapp) -> None:
    theme = Theme("light")
    icon = theme.icons.icon("stop")
    (color,) = ink(icon.pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage())
    assert QColor(LIGHT.muted).lightness() < QColor(color).lightness() < QColor(LIGHT.surface).lightness()


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_icons_are_drawn_at_the_screens_own_resolution(ratio: float, qapp) -> None:
    icons = Theme("light").icons
    pixmap = icons.pixmap("train", 20, "text", ratio)
    assert (pixmap.width(), pixmap.deviceIndependentSize().width()) == (round(20 * ratio), 20)
    scaled = icons.icon("train").pixmap(QSize(20, 20), ratio)
    assert scaled.width() == round(20 * ratio)


def test_a_pixmap_is_drawn_once(qapp) -> None:
    icons = Theme("light").icons
    assert icons.pixmap("conv", 24).cacheKey() != icons.pixmap("conv", 16).cacheKey()
    assert icons.device_pixmap("conv", QSize(24, 24), "#000000") is icons.device_pixmap(
        "conv", QSize(24, 24), "#000000"
    )


def test_badges_carry_the_family_colour(qapp) -> None:
    theme = Theme("light")
    assert LIGHT.linear in ink(theme.icons.badge("Linear", "convolution", 48).toImage())
    assert LIGHT.pooling in ink(theme.icons.badge("MaxPool2d", "pooling", 48).toImage())


def test_a_missing_icon_is_an_error_at_once(qapp) -> None:
    with pytest.raises(FileNotFoundError):
        Theme("light").icons.icon("no-such-icon")
