"""The workspace Inspect."""

from __future__ import annotations

from cnnstudio.gui.actions import Actions
from cnnstudio.gui.inspector.workspace import InspectorWorkspace
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.undo import Editor
from cnnstudio.session import Studio

__all__ = ["InspectorWorkspace", "create_inspector"]


def create_inspector(studio: Studio, editor: Editor, theme: Theme, actions: Actions) -> InspectorWorkspace:
    """The workspace, wired to the session; not shown."""
    return InspectorWorkspace(studio, editor, theme, actions)
