"""The workspace Train."""

from __future__ import annotations

from cnnstudio.gui.actions import Actions
from cnnstudio.gui.theme import Theme
from cnnstudio.gui.trainer.workspace import TrainerWorkspace
from cnnstudio.gui.undo import Editor
from cnnstudio.session import Studio

__all__ = ["TrainerWorkspace", "create_trainer"]


def create_trainer(studio: Studio, editor: Editor, theme: Theme, actions: Actions) -> TrainerWorkspace:
    """The workspace, wired to the session; not shown."""
    return TrainerWorkspace(studio, editor, theme, actions)
