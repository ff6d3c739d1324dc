"""What the session has to say to the user, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence for the user, to be shown where messages are shown."""

    level: Level
    text: str


class SessionError(ValueError):
    """Something that cannot be done now; the message is one sentence that says why and what to do."""
