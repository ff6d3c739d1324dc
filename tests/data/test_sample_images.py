"""The pictures that ship with the studio: small, readable, of known origin, and drawn anew at any time."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from cnnstudio.data import PICTURE_SUFFIXES, fit_picture, is_dark_on_light, load_picture
from cnnstudio.data.bundled import read_digits
from cnnstudio.resources import sample_images_dir

FOLDER = sample_images_dir()
PICTURES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in PICTURE_SUFFIXES)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """make_patterns.py, which lies beside the pictures in the source code."""
    spec = importlib.util.spec_from_file_location("make_patterns", FOLDER / "make_patterns.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_photographs_digits_and_patterns_in_little_space() -> None:
    assert len(PICTURES) >= 10
    assert sum((FOLDER / name).stat().st_size for name in PICTURES) < 1_500_000
    assert {"astronaut.jpg", "camera.jpg", "chelsea.jpg", "coffee.jpg", "rocket.jpg"} <= set(PICTURES)
    assert {"edges.png", "checkerboard.png", "zone-plate.png", "shapes.png"} <= set(PICTURES)
    assert sum(name.startswith("digit-") for name in PICTURES) >= 4


@pytest.mark.parametrize("name", PICTURES)
def test_each_opens_and_is_at_most_512_pixels_a_side(name: str) -> None:
    channels, height, width = load_picture(FOLDER / name).shape
    assert channels in (1, 3)
    assert min(height, width) >= 8
    assert max(height, width) <= 512


def test_each_has_one_row_with_origin_and_licence_and_no_row_is_without_picture() -> None:
    rows = re.findall(
        r"^\| `([^`]+)` \| (.+) \| (.+) \| (.+) \|$", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(row[0] for row in rows) == PICTURES
    for _, shows, origin, licence in rows:
        assert len(shows) > 10
        assert len(origin) > 5
        assert re.search(r"CC0|public domain|CC BY 4\.0|MIT", licence)


def test_the_script_draws_the_same_pictures_pixel_by_pixel(script: ModuleType) -> None:
    drawn = script.pictures()
    assert set(drawn) == {name for name in PICTURES if name.endswith(".png")}
    for name, draw in drawn.items():
        picture = draw()
        expected = picture[None] if picture.ndim == 2 else picture.transpose(2, 0, 1)
        assert np.array_equal(load_picture(FOLDER / name), expected), name


def test_the_script_writes_where_it_is_told(script: ModuleType, tmp_path: Path) -> None:
    script.main(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(script.pictures())


def test_a_blocky_digit_shrinks_to_the_very_digit() -> None:
    fitted = fit_picture(load_picture(FOLDER / "digit-5.png"), (1, 8, 8))
    digits = read_digits()
    (row,) = np.flatnonzero((digits.images == fitted).all(axis=(1, 2, 3)))
    assert digits.labels[row] == 5


def test_the_digits_on_paper_are_the_dark_ones() -> None:
    dark = {name for name in PICTURES if name.startswith("digit-") and is_dark_on_light(load_picture(FOLDER / name))}
    assert dark == {"digit-4-on-paper.png", "digit-6-on-paper.png"}
