"""Where the files that ship with the program lie.

In a checkout (and an editable install) they stand beside the package, in `resources/` and `sample_images/`;
a wheel carries them inside the package, as `_resources` and `_sample_images`. Nobody else needs to know.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_path(*parts: str) -> Path:
    """Path of a shipped file, such as `resource_path("icons", "train.svg")`; no parts: the folder itself."""
    return _shipped("resources").joinpath(*parts)


def sample_images_dir() -> Path:
    """Folder of the pictures to inspect; its README gives each one's origin and licence."""
    return _shipped("sample_images")


def _shipped(folder: str) -> Path:
    packaged = _PACKAGE / f"_{folder}"
    return packaged if packaged.is_dir() else _PACKAGE.parent / folder
