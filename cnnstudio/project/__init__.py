"""The user's work on disk: project files, copies against a crash, settings. Nothing here is ever executed from a file.

project = open_project("digits.cnnstudio")
save_project(project, "copy.cnnstudio")
"""

from __future__ import annotations

from cnnstudio.project.autosave import Autosave, Recovery
from cnnstudio.project.errors import ProjectError
from cnnstudio.project.files import SUFFIX, open_project, save_project, to_parts
from cnnstudio.project.model import UNTITLED, DataChoice, Project, TrainingHistory, Weights, expected_shapes
from cnnstudio.project.settings import Settings, SettingsStore, default_settings_folder

__all__ = [
    "SUFFIX",
    "UNTITLED",
    "Autosave",
    "DataChoice",
    "Project",
    "ProjectError",
    "Recovery",
    "Settings",
    "SettingsStore",
    "TrainingHistory",
    "Weights",
    "default_settings_folder",
    "expected_shapes",
    "open_project",
    "save_project",
    "to_parts",
]
