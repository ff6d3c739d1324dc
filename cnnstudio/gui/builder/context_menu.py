"""The menus of the canvas: what can be done with the thing under the pointer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from cnnstudio.graph import BLOCKS, Fix, Problem, families
from cnnstudio.gui.actions import Actions
from cnnstudio.gui.builder.words import blocks_text, family_text
from cnnstudio.gui.canvas import Cargo
from cnnstudio.gui.theme import Theme

Add = Callable[[Cargo], object]
"""Adds a layer or block."""


class CanvasMenu(QMenu):
    """A menu that goes when it is closed."""

    def __init__(self, theme: Theme, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._actions = theme, actions
        self.setObjectName("canvasMenu")
        self.aboutToHide.connect(self.deleteLater)

    def add_fixes(self, problems: Iterable[Problem], take: Callable[[Fix], object]) -> None:
        """What mends the problems of a layer, and a line below it."""
        fixes = [fix for problem in problems for fix in problem.fixes]
        for number, fix in enumerate(fixes):
            self.add_own("mend", fix.text, partial(take, fix), f"canvasMenu.fix.{number}")
        if fixes:
            self.addSeparator()

    def add_entries(self, title: str, add: Add) -> None:
        """A submenu of all layer kinds, by family, and of the blocks."""
        menu = self.addMenu(self._theme.icons.icon("append", "muted"), title)
        menu.setObjectName("canvasMenu.kinds")
        for family, specs in families().items():
            if not specs:
                continue
            nested = menu.addMenu(family_text(family))
            for spec in specs:
                self._add_entry(nested, Cargo(spec.kind), spec.help, add)
        menu.addSeparator()
        nested = menu.addMenu(blocks_text())
        for block in BLOCKS.values():
            self._add_entry(nested, Cargo(block.name, is_block=True), block.help, add)

    def _add_entry(self, menu: QMenu, cargo: Cargo, help_text: str, add: Add) -> None:
        # A block asks for its parameters first.
        action = menu.addAction(f"{cargo.title}\u2026" if cargo.is_block else cargo.title)
        action.setObjectName(f"canvasMenu.add.{cargo.name}")
        action.setToolTip(help_text)
        action.triggered.connect(lambda: add(cargo))

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
