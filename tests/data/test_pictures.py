"""Pictures from disk, and their way into the shape that a network takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cnnstudio.data import DataError, fit_picture, is_dark_on_light, load_picture

Png = Callable[..., bytes]


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """saved(image, suffix=".png", **options): the path of a picture file."""

    def save(image: Image.Image, suffix: str = ".png", **options: object) -> Path:
        path = tmp_path / f"picture{suffix}"
        image.save(path, **options)
        return path

    return save


Saved = Callable[..., Path]


def ramp(height: int = 4, width: int = 6) -> np.ndarray:
    return (np.arange(height * width, dtype=np.uint8) * 10).reshape(height, width)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".gif", ".tif", ".pgm"])
def test_grey_stays_one_channel(saved: Saved, suffix: str) -> None:
    picture = load_picture(saved(Image.fromarray(ramp()), suffix))
    assert picture.shape == (1, 4, 6)
    assert picture.dtype == np.uint8
    assert np.array_equal(picture[0], ramp())


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".ppm"])
def test_colour_is_red_green_blue(saved: Saved, suffix: str) -> None:
    picture = load_picture(saved(Image.new("RGB", (3, 2), (10, 20, 30)), suffix))
    assert picture.shape == (3, 2, 3)
    assert picture[:, 1, 2].tolist() == [10, 20, 30]


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_lossy_formats_are_close(saved: Saved, suffix: str) -> None:
    picture = load_picture(saved(Image.new("RGB", (16, 16), (200, 100, 50)), suffix, quality=95))
    assert abs(picture.astype(int) - np.array([200, 100, 50])[:, None, None]).max() <= 4


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        ("1", 1, [255]),
        ("LA", (0, 0), [255]),
        ("LA", (0, 255), [0]),
        ("RGBA", (255, 0, 0, 0), [255, 255, 255]),
        ("RGBA", (200, 0, 0, 255), [200, 0, 0]),
        ("RGBA", (0, 0, 0, 128), [127, 127, 127]),
        ("I;16", 65535, [255]),
        ("I;16", 257 * 77, [77]),
    ],
)
def test_transparency_lies_on_white_and_16_bits_become_8(
    saved: Saved, mode: str, value: object, expected: list[int]
) -> None:
    picture = load_picture(saved(Image.new(mode, (2, 2), value)))
    assert picture[:, 0, 0].tolist() == expected


def test_a_palette_of_colours_becomes_colour_and_one_of_greys_grey(saved: Saved) -> None:
    image = Image.new("P", (2, 1))
    image.putdata([0, 1])
    image.putpalette([255, 0, 0, 0, 0, 255])
    assert load_picture(saved(image))[:, 0].tolist() == [[255, 0], [0, 0], [0, 255]]
    image.putpalette([7, 7, 7, 90, 90, 90])
    assert load_picture(saved(image)).tolist() == [[[7, 90]]]


def test_a_transparent_palette_entry_is_white(saved: Saved) -> None:
    image = Image.new("P", (2, 1))
    image.putdata([0, 1])
    image.putpalette([255, 0, 0, 0, 0, 255])
    assert load_picture(saved(image, transparency=0))[:, 0].tolist() == [[255, 0], [255, 0], [255, 255]]


def test_cmyk_becomes_colour(saved: Saved) -> None:
    picture = load_picture(saved(Image.new("CMYK", (2, 2), (0, 255, 255, 0)), ".tif"))
    assert picture[:, 0, 0].tolist() == [255, 0, 0]


def test_float_grey_is_stretched_from_minimum_to_maximum(saved: Saved) -> None:
    values = np.array([[-1.0, 0.0, 1.0]], dtype=np.float32)
    assert load_picture(saved(Image.fromarray(values), ".tif")).tolist() == [[[0, 128, 255]]]
    flat = np.full((1, 3), 0.5, dtype=np.float32)
    assert load_picture(saved(Image.fromarray(flat), ".tif")).tolist() == [[[0, 0, 0]]]


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, lambda a: a),
        (2, np.fliplr),
        (3, lambda a: np.rot90(a, 2)),
        (4, np.flipud),
        (5, np.transpose),
        (6, lambda a: np.rot90(a, -1)),
        (7, lambda a: np.rot90(np.transpose(a), 2)),
        (8, np.rot90),
    ],
)
def test_exif_orientation_turns_the_picture_upright(
    saved: Saved, orientation: int, turn: Callable[[np.ndarray], np.ndarray]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = load_picture(saved(Image.fromarray(ramp()), exif=exif))
    assert np.array_equal(picture[0], turn(ramp()))


def test_of_an_animation_the_first_frame_is_taken(saved: Saved) -> None:
    frames = [Image.new("L", (3, 3), value) for value in (10, 200)]
    path = saved(frames[0], ".gif", save_all=True, append_images=frames[1:])
    assert load_picture(path).max() == 10


def test_the_content_counts_not_the_ending(saved: Saved, tmp_path: Path) -> None:
    path = saved(Image.new("RGB", (8, 8), (0, 0, 255)), ".jpg")
    wrong = path.rename(tmp_path / "really-a-jpeg.png")
    assert load_picture(wrong).shape == (3, 8, 8)


# -- fit_picture
# ----------------------------------------------------------------------------------------------


def test_a_picture_in_its_shape_stays_as_it_is() -> None:
    picture = ramp()[None]
    assert np.array_equal(fit_picture(picture, (1, 4, 6)), picture)


@pytest.mark.parametrize("fit", ["contain", "cover", "stretch"])
def test_an_enlarged_digit_comes_back_exactly(fit: str) -> None:
    digit = np.random.default_rng(0).integers(0, 256, (1, 8, 8), dtype=np.uint8)
    enlarged = np.kron(digit, np.ones((1, 16, 16), dtype=np.uint8))
    assert np.array_equal(fit_picture(enlarged, (1, 8, 8), fit), digit)  # type: ignore[arg-type]


def test_contain_shows_all_and_fills_the_rest() -> None:
    wide = np.full((1, 4, 8), 200, dtype=np.uint8)
    fitted = fit_picture(wide, (1, 8, 8), "contain")
    assert fitted[0, :, 0].tolist() == [0, 0, 200, 200, 200, 200, 0, 0]
    assert fit_picture(wide, (1, 8, 8), "contain", background=9)[0, 0, 0] == 9


def test_cover_crops_the_centre() -> None:
    thirds = np.repeat(np.array([10, 100, 200], dtype=np.uint8), 8)[None, None].repeat(8, axis=1)
    assert np.unique(fit_picture(thirds, (1, 8, 8), "cover")).tolist() == [100]


def test_stretch_uses_every_pixel_and_ignores_the_aspect() -> None:
    halves = np.repeat(np.array([0, 200], dtype=np.uint8), 8)[None, None].repeat(4, axis=1)
    assert fit_picture(halves, (1, 2, 2), "stretch").tolist() == [[[0, 200], [0, 200]]]


def test_colour_becomes_grey_by_luma_and_grey_three_equal_channels() -> None:
    red = np.zeros((3, 4, 4), dtype=np.uint8)
    red[0] = 255
    assert np.unique(fit_picture(red, (1, 4, 4))).tolist() == [76]
    grey = np.full((1, 4, 4), 90, dtype=np.uint8)
    assert np.unique(fit_picture(grey, (3, 4, 4))).tolist() == [90]
    assert fit_picture(grey, (3, 4, 4)).shape == (3, 4, 4)


def test_fine_stripes_become_grey_and_do_not_alias() -> None:
    stripes = np.zeros((1, 100, 100), dtype=np.uint8)
    stripes[:, :, ::2] = 255
    fitted = fit_picture(stripes, (1, 28, 28)).astype(int)
    assert abs(fitted - 127.5).max() < 16


def test_light_and_dark_are_exchanged_only_when_asked() -> None:
    paper = np.full((1, 8, 8), 250, dtype=np.uint8)
    paper[:, 2:6, 3:5] = 20
    assert np.array_equal(fit_picture(paper, (1, 8, 8)), paper)
    inverted = fit_picture(paper, (1, 8, 16), invert=True)
    assert inverted[0, 4, 8] == 235
    assert inverted[0, 0, 4] == 5
    assert inverted[0, 0, 0] == 0, "the background is not inverted"


def test_dark_ink_on_light_paper_is_told_from_light_ink_on_dark() -> None:
    paper = np.full((1, 8, 8), 250, dtype=np.uint8)
    paper[:, 2:6, 3:5] = 20
    assert is_dark_on_light(paper)
    assert not is_dark_on_light(255 - paper)
    assert not is_dark_on_light(np.full((3, 5, 5), 200, dtype=np.uint8))


@given(
    st.tuples(st.sampled_from([1, 3]), st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.sampled_from([1, 3]), st.integers(1, 40), st.integers(1, 40)),
    st.sampled_from(["contain", "cover", "stretch"]),
)
def test_any_picture_fits_any_shape(given_shape: tuple[int, ...], shape: tuple[int, int, int], fit: str) -> None:
    picture = np.full(given_shape, 130, dtype=np.uint8)
    fitted = fit_picture(picture, shape, fit, background=130)  # type: ignore[arg-type]
    assert fitted.shape == shape
    assert fitted.dtype == np.uint8
    assert np.unique(fitted).tolist() == [130], "a flat picture stays flat"


@pytest.mark.parametrize(
    ("array", "shape", "fit", "message"),
    [
        (np.zeros((1, 4, 4), dtype=np.float32), (1, 4, 4), "contain", "A picture is uint8"),
        (np.zeros((2, 4, 4), dtype=np.uint8), (1, 4, 4), "contain", "A picture is uint8"),
        (np.zeros((4, 4), dtype=np.uint8), (1, 4, 4), "contain", "A picture is uint8"),
        (np.zeros((1, 0, 4), dtype=np.uint8), (1, 4, 4), "contain", "A picture is uint8"),
        (np.zeros((1, 4, 4), dtype=np.uint8), (7, 4, 4), "contain", "takes 7: set the Input layer's shape"),
        (np.zeros((1, 4, 4), dtype=np.uint8), (1, 0, 4), "contain", "0 x 4 pixels"),
        (np.zeros((1, 4, 4), dtype=np.uint8), (1, 4, 4), "tile", "contain, cover, stretch"),
    ],
)
def test_what_cannot_be_fitted_is_refused(
    array: np.ndarray, shape: tuple[int, int, int], fit: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        fit_picture(array, shape, fit)  # type: ignore[arg-type]
