"""The project's own icons: SVG files drawn in one line colour, tinted from the palette when they are painted.

An icon made here follows the theme and the screen's pixel ratio by itself; nobody has to renew it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from cnnstudio.explain.glyphs import FAMILY_ICONS, kind_icon
from cnnstudio.resources import resource_path


class Icons:
    """Icons by name, tinted with a colour token (`text`, `accent`, `convolution`, ...) or `#RRGGBB`."""

    def __init__(self, tint: Callable[[str], str]) -> None:
        self._tint = tint
        self._sources: dict[str, str] = {}
        self._renderers: dict[tuple[str, str], QSvgRenderer] = {}
        self._pixmaps: dict[tuple[str, str, int, int], QPixmap] = {}

    def icon(self, name: str, token: str = "text") -> QIcon:
        """Icon for buttons and menus. Raises FileNotFoundError at once when there is no such icon."""
        self._source(name)
        return QIcon(_TintedEngine(self, name, token))

    def pixmap(self, name: str, size: int, token: str = "text", ratio: float = 1.0) -> QPixmap:
        """The icon at `size` logical pixels on a screen of device pixel ratio `ratio`."""
        device = QSize(round(size * ratio), round(size * ratio))
        pixmap = QPixmap(self.device_pixmap(name, device, self._tint(token)))
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def paint(self, painter: QPainter, name: str, rect: QRectF, token: str = "text") -> None:
        """Draw as vectors, sharp at any zoom of the painter."""
        self._renderer(name, self._tint(token)).render(painter, rect)

    def paint_badge(self, painter: QPainter, kind: str, family: str, rect: QRectF) -> None:
        """The glyph of a layer kind on its tinted rounded square, as on cards and in the palette."""
        color = QColor(self._tint("linear" if kind == "Linear" else _family_token(family)))
        tint = QColor(color)
        tint.setAlphaF(0.17)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tint)
        painter.drawRoundedRect(rect, 4, 4)
        painter.restore()
        inset = rect.width() / 6
        glyph = rect.adjusted(inset, inset, -inset, -inset)
        self._renderer(kind_icon(kind, family), color.name()).render(painter, glyph)

    def badge(self, kind: str, family: str, size: int = 24, ratio: float = 1.0) -> QPixmap:
        """`paint_badge` as a pixmap of `size` logical pixels."""
        pixmap = QPixmap(round(size * ratio), round(size * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint_badge(painter, kind, family, QRectF(0, 0, size, size))
        painter.end()
        return pixmap

    def color(self, token: str) -> str:
        return self._tint(token)

    def device_pixmap(self, name: str, size: QSize, color: str) -> QPixmap:
        """The icon centred in `size` device pixels; cached."""
        key = (name, color, size.width(), size.height())
        found = self._pixmaps.get(key)
        if found is None:
            found = QPixmap(size)
            found.fill(Qt.GlobalColor.transparent)
            painter = QPainter(found)
            self._renderer(name, color).render(painter, _square(QRectF(0, 0, size.width(), size.height())))
            painter.end()
            self._pixmaps[key] = found
        return found

    def _renderer(self, name: str, color: str) -> QSvgRenderer:
        key = (name, color)
        if key not in self._renderers:
            source = self._source(name).replace("currentColor", color)
            self._renderers[key] = QSvgRenderer(QByteArray(source.encode()))
        return self._renderers[key]

    def _source(self, name: str) -> str:
        if name not in self._sources:
            self._sources[name] = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
        return self._sources[name]


class _TintedEngine(QIconEngine):
    """Asks for the palette's colour at the moment of painting."""

    def __init__(self, icons: Icons, name: str, token: str) -> None:
        super().__init__()
        self._icons, self._name, self._token = icons, name, token

    def clone(self) -> QIconEngine:
        return _TintedEngine(self._icons, self._name, self._token)

    def pixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State) -> QPixmap:
        return self._icons.device_pixmap(self._name, size, self._color(mode))

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        self._icons.paint(painter, self._name, _square(QRectF(rect)), self._color(mode))

    def _color(self, mode: QIcon.Mode) -> str:
        if mode != QIcon.Mode.Disabled:
            return self._icons.color(self._token)
        return _halfway(QColor(self._icons.color("muted")), QColor(self._icons.color("surface")))


def _halfway(color: QColor, other: QColor) -> str:
    pairs = ((color.red(), other.red()), (color.green(), other.green()), (color.blue(), other.blue()))
    return QColor(*(sum(pair) // 2 for pair in pairs)).name()


def _square(rect: QRectF) -> QRectF:
    side = min(rect.width(), rect.height())
    return QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)


def _family_token(family: str) -> str:
    return str(family) if str(family) in FAMILY_ICONS else "shape"
