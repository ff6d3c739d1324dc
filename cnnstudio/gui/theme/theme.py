"""The look of the whole application, light or dark, and the signal that says it changed."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from cnnstudio.gui.icons import Icons
from cnnstudio.gui.theme.fonts import Fonts, pick_fonts
from cnnstudio.gui.theme.palette import DARK, LIGHT, Palette
from cnnstudio.gui.theme.stylesheet import style_sheet

MODES = ("system", "light", "dark")


class Theme(QObject):
    """Owner of palette, fonts and icons. Widgets that paint take it and update at `changed`."""

    changed = Signal()

    def __init__(self, mode: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mode = mode if mode in MODES else "system"
        self._application: QApplication | None = None
        self.fonts: Fonts = pick_fonts()
        self.palette = self._wanted()
        self.icons = Icons(self.hex)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._refresh)

    @property
    def mode(self) -> str:
        return self._mode

    @property
    def dark(self) -> bool:
        return self.palette.dark

    def set_mode(self, mode: str) -> None:
        """Follow the system, or stay light or dark.

        Raises:
            ValueError: not one of `MODES`.
        """
        if mode not in MODES:
            raise ValueError(f"The theme is one of {', '.join(MODES)}; {mode!r} is none of them.")
        self._mode = mode
        self._refresh()

    def toggle(self) -> None:
        """The other look than the one on screen."""
        self.set_mode("light" if self.dark else "dark")

    def hex(self, token: str) -> str:
        """`#RRGGBB` of a token; `convolution` and the other families are tokens too."""
        return self.palette[token]

    def color(self, token: str, alpha: float = 1.0) -> QColor:
        return self.palette.color(token, alpha)

    def text_font(self, step: int = 0, bold: bool = False) -> QFont:
        """Font to read, `step` pixels larger or smaller than body text."""
        return self.fonts.text(step, bold)

    def number_font(self, step: int = 0, bold: bool = False) -> QFont:
        """Font for figures: all of one width."""
        return self.fonts.number(step, bold)

    def apply(self, application: QApplication) -> None:
        """Dress the application, now and at each later change."""
        self._application = application
        application.setStyle(QStyleFactory.create("Fusion"))
        self._dress(application)

    def _refresh(self) -> None:
        palette = self._wanted()
        if palette is self.palette:
            return
        self.palette = palette
        if self._application is not None:
            self._dress(self._application)
        self.changed.emit()

    def _wanted(self) -> Palette:
        if self._mode == "system":
            scheme = QGuiApplication.styleHints().colorScheme()
            return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._mode == "dark" else LIGHT

    def _dress(self, application: QApplication) -> None:
        application.setFont(self.text_font())
        application.setPalette(qt_palette(self.palette))
        application.setStyleSheet(style_sheet(self.palette, self.fonts))
        pg.setConfigOptions(
            imageAxisOrder="row-major",
            antialias=True,
            background=self.palette.surface,
            foreground=self.palette.muted,
        )


def qt_palette(palette: Palette) -> QPalette:
    """Fusion's palette from our tokens, disabled colours included."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    colors = {
        role.Window: palette.surface,
        role.WindowText: palette.text,
        role.Base: palette.surface,
        role.AlternateBase: palette.background,
        role.Text: palette.text,
        role.Button: palette.raised,
        role.ButtonText: palette.text,
        role.BrightText: palette.danger,
        role.ToolTipBase: palette.raised,
        role.ToolTipText: palette.text,
        role.PlaceholderText: palette.muted,
        role.Highlight: palette.accent,
        role.HighlightedText: palette.on_accent,
        role.Link: palette.accent,
        role.LinkVisited: palette.accent,
        role.Accent: palette.accent,
        role.Light: palette.blend("text", 0.10, "raised"),
        role.Midlight: palette.raised,
        role.Mid: palette.border,
        role.Dark: palette.blend("text", 0.25, "border"),
        role.Shadow: palette.blend("background", 0.3, "text") if not palette.dark else "#000000",
    }
    result = QPalette()
    for key, value in colors.items():
        result.setColor(key, QColor(value))
    faint = QColor(palette.blend("muted", 0.55))
    for key in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        result.setColor(group.Disabled, key, faint)
    result.setColor(group.Disabled, role.Highlight, QColor(palette.border))
    return result
