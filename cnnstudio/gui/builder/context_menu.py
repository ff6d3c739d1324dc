"""The menus of the canvas: what can be done with the thing under the pointer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.graph import families
from cnnstudio.gui.actions import Actions
from cnnstudio.gui.builder.words import family_text
from cnnstudio.gui.theme import Theme

Add = Callable[[str], object]
"""Adds a layer of a kind."""


class CanvasMenu(QMenu):
    """A menu that goes when it is closed."""

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._actions = theme, actions
        self.setObjectName("canvasMenu")
        self.aboutToHide.connect(self.deleteLater)

    def add_kinds(self, title: str, add: Add) -> None:
        """A submenu of all layer kinds, by family."""
        menu = self.addMenu(self._theme.icons.icon("append", "muted"), title)
        menu.setObjectName("canvasMenu.kinds")
        for family, specs in families().items():
            if not specs:
                continue
            nested = menu.addMenu(family_text(family))
            for spec in specs:
                action = nested.addAction(spec.kind)
                action.setObjectName(f"canvasMenu.add.{spec.kind}")
                action.setToolTip(spec.help)
                action.triggered.connect(lambda _checked=False, kind=spec.kind: add(kind))

    def add_actions(self, *action_ids: str) -> None:
        """Actions of the window; an empty id is a line."""
        for action_id in action_ids:
            if action_id:
                self.addAction(self._actions[action_id])
            else:
                self.addSeparator()

    def add_own(self, icon: str, text: str, run: Callable[[], object], name: str) -> None:
        action = self.addAction(self._theme.icons.icon(icon, "muted"), text)
        action.setObjectName(name)
        action.triggered.connect(lambda _checked=False: run())
