"""What the program remembers for its user from one start to the next."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import platformdirs

from cnnstudio.data.errors import quoted, reason
from cnnstudio.project.atomic import write_bytes_atomically
from cnnstudio.project.errors import ProjectError
from cnnstudio.project.model import DataChoice

MAX_RECENT = 10
_MAX_BYTES = 1024**2


class Settings(msgspec.Struct, omit_defaults=True):
    """All of them have a default, so that a first start and a damaged file are nothing special.

    Attributes:
        theme: "system" follows the desktop.
        geometry, state: the window's own bytes (QMainWindow's saveGeometry and saveState).
        splitters: sizes in pixels by the splitter's object name.
        recent: paths of projects, newest first.
        download_folder: where data sets go; None: the system's cache folder.
    """

    theme: Literal["system", "light", "dark"] = "system"
    language: str = ""
    geometry: bytes = b""
    state: bytes = b""
    workspace: Literal["build", "train", "inspect"] = "build"
    splitters: dict[str, list[Annotated[int, msgspec.Meta(ge=0, le=2**20)]]] = {}
    recent: list[str] = []
    data: DataChoice | None = None
    download_folder: str | None = None

    def remember(self, path: Path) -> None:
        """Put a project first among the recent ones."""
        text = str(path.absolute())
        self.recent = [text, *(each for each in self.recent if each != text)][:MAX_RECENT]

    def forget(self, path: Path) -> None:
        """Take a project from the recent ones, as when it is no longer there."""
        text = str(path.absolute())
        self.recent = [each for each in self.recent if each != text]


def default_settings_folder() -> Path:
    """Where this system keeps a user's settings of this program."""
    return Path(platformdirs.user_config_dir("cnnstudio", appauthor=False))


@dataclass(frozen=True, slots=True)
class SettingsStore:
    """The folder in which settings and recovery copies lie."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "settings.json"

    @property
    def recovery_folder(self) -> Path:
        return self.folder / "recovery"

    def load(self) -> Settings:
        """The settings; defaults at the first start and where the file is damaged, which is then set aside."""
        try:
            with self.path.open("rb") as file:
                content = file.read(_MAX_BYTES + 1)
        except OSError:
            return Settings()
        try:
            if len(content) > _MAX_BYTES:
                raise ValueError("too large")
            return msgspec.json.decode(content, type=Settings)
        except (ValueError, RecursionError):
            with contextlib.suppress(OSError):
                self.path.replace(self.folder / "settings.damaged.json")
            return Settings()

    def save(self, settings: Settings) -> None:
        """Raises ProjectError when they cannot be written; the old ones then stand."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            content = msgspec.json.format(msgspec.json.encode(settings), indent=1)
            write_bytes_atomically(self.path, content)
        except (OSError, UnicodeEncodeError) as error:
            raise ProjectError(f"The settings in {quoted(self.folder)} cannot be written: {reason(error)}.") from None
