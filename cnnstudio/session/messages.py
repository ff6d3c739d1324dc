"""What the session has to say to the user, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence for the user, to be shown where messages are shown.

    action: the word on a button beside it, if there is something to be done about it; `act` does that.
    """

    level: Level
    text: str
    action: str = ""
    act: Callable[[], object] | None = field(default=None, compare=False)


class SessionError(ValueError):
    """Something that cannot be done now; the message is one sentence that says why and what to do."""
