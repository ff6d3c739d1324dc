"""The Build workspace."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cnnstudio.gui.actions import Actions
from cnnstudio.gui.builder.workspace import BuildWorkspace
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.undo import Editor
from cnnstudio.session import Studio

__all__ = ["BuildWorkspace", "create_builder"]


def create_builder(studio: Studio, editor: Editor, theme: Theme, actions: Actions) -> QWidget:
    """The workspace, wired to the session; it answers actions by its `handlers()`."""
    return BuildWorkspace(studio, editor, theme, actions)
