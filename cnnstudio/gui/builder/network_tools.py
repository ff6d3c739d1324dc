"""What is done with the network as a whole, each in a window beside the main one: measured, compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from cnnstudio.gui.builder.compare_dialog import CompareDialog
from cnnstudio.gui.builder.profile_dialog import ProfileDialog
from cnnstudio.gui.theme import Theme
from cnnstudio.session import Studio


class NetworkTools(QObject):
    """Makes each window when it is first asked for, and keeps it: its figures are there when it is opened again."""

    node_wanted = Signal(str)

    def __init__(self, studio: Studio, theme: Theme, home: QWidget) -> None:
        super().__init__(home)
        self._studio, self._theme, self._home = studio, theme, home
        self._profile: ProfileDialog | None = None
        self._compare: CompareDialog | None = None

    def handlers(self) -> Mapping[str, Callable[[], object]]:
        """Who answers the actions of the menu Network."""
        return {"network.profile": self.open_profile, "network.compare": self.open_compare}

    def open_profile(self) -> None:
        if self._profile is None:
            self._profile = ProfileDialog(self._studio, self._theme, self._home)
            self._profile.node_wanted.connect(self._show_node)
        self._profile.present()

    def open_compare(self) -> None:
        if self._compare is None:
            self._compare = CompareDialog(self._studio, self._theme, self._home)
            self._compare.node_wanted.connect(self._show_node)
        self._compare.present()
        self._compare.choose()

    def _show_node(self, node_id: str) -> None:
        if node_id in self._studio.graph:
            self.node_wanted.emit(node_id)
