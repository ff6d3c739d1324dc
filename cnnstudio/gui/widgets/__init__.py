"""Parts that the workspaces are built of. None of them knows the application."""

from __future__ import annotations
