"""Which format a file is to have, by the end of its name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from cnnstudio.data.errors import quoted

SUFFIXES: Mapping[str, str] = MappingProxyType(
    {"table": ".txt", "csv": ".csv", "markdown": ".md", "json": ".json", "svg": ".svg"}
)
"""How the names of files of each format end."""
_FORMATS = {suffix: form for form, suffix in SUFFIXES.items()}


class EndingError(ValueError):
    """A name ends as no format of the report does. The message names the endings that work."""


def format_by_ending(path: Path, formats: Collection[str], default: str) -> str:
    """The one of `formats` that the name's end asks for; `default` for a name without an end.

    Raises EndingError for any other end: a file is never to be something else than its name says.
    """
    ending = path.suffix.lower()
    form = _FORMATS.get(ending, "") if ending else default
    if form not in formats:
        *front, last = [suffix for each, suffix in SUFFIXES.items() if each in formats]
        known = f"{', '.join(front)} or {last}" if front else last
        shown = quoted(path.suffix, limit=24)
        raise EndingError(f"{quoted(path.name)} ends in {shown}; the name of this report may end in {known}.")
    return form
