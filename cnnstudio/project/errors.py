"""What can go wrong with the user's files."""

from __future__ import annotations


class ProjectError(ValueError):
    """A project that cannot be opened or written. The message is one line: which file, what, what to do.

    Whatever happened, the file on disk is as it was.
    """
