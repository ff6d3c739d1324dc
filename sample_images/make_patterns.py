"""Draws the test patterns of this folder and enlarges its handwritten digits: `python make_patterns.py
[FOLDER]`.

The same code gives the same pixels; a test compares them with the files. Patterns are drawn by arithmetic,
four samples a pixel in each direction where an edge is not along the pixels, so that what a layer shows is
the layer's doing and not a jagged edge's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnnstudio.data.bundled import read_digits

Grey = NDArray[np.uint8]  # (H, W)
Colour = NDArray[np.uint8]  # (H, W, 3)

SIDE: Final = 256
_SAMPLES: Final = 4

# The colours of the layer families, which are told apart by colour-blind eyes too.
_BLUE, _ORANGE, _GREEN = (0, 114, 178), (194, 79, 0), (0, 143, 104)
_PURPLE, _YELLOW, _PAPER = (168, 86, 138), (240, 178, 61), (245, 246, 248)

# Row in the shipped set of digits: each of them is a clear example of its class.
_BLOCKY: Final = MappingProxyType({0: 30, 3: 62, 5: 32, 7: 7})
_SMOOTH: Final = MappingProxyType({2: 50, 8: 8})
_INKED: Final = MappingProxyType({4: 4, 6: 67})


def edges() -> Grey:
    """Steps from dark to light in eight directions around the centre, and lines 1, 2, 4 and 8 pixels wide."""
    y, x = _pixels()
    angle = np.arctan2(y - SIDE / 2, x - SIDE / 2)
    picture = np.where(np.floor(angle / (np.pi / 4)) % 2 == 0, 230.0, 40.0)
    frame = np.maximum(abs(x - SIDE / 2), abs(y - SIDE / 2))
    for inner, width in ((80, 1), (88, 2), (98, 4), (112, 8)):
        picture = np.where((frame >= inner) & (frame < inner + width), 255 - picture, picture)
    return _down(picture)


def checkerboard() -> Grey:
    """Squares of 32, 16, 8 and 4 pixels, a quarter of the picture each."""
    row, column = np.indices((SIDE, SIDE))
    half = SIDE // 2
    cell = np.where(row < half, np.where(column < half, 32, 16), np.where(column < half, 8, 4))
    return np.where((row // cell + column // cell) % 2 == 0, 255, 0).astype(np.uint8)


def zone_plate() -> Grey:
    """cos(pi r^2 / n) for a side of n pixels: the frequency grows with the distance from the centre.

    It reaches half a cycle a pixel at the middle of each rim, so that every stride and pooling shows where
    it aliases.
    """
    row, column = np.indices((SIDE, SIDE)) - (SIDE - 1) / 2
    wave = np.cos(np.pi * (row**2 + column**2) / SIDE)
    return np.rint(127.5 + 127.5 * wave).astype(np.uint8)


def shapes() -> Colour:
    """A disc, a square, a triangle, a ring and a cross in five colours on light grey."""
    y, x = _pixels()
    triangle = (y < 232) & (y - 152 > abs(x - 68) * (80 / 46))
    ring = abs(np.hypot(x - 188, y - 192) - 34) < 10
    cross = (np.minimum(abs(x - 128), abs(y - 128)) < 7) & (np.maximum(abs(x - 128), abs(y - 128)) < 26)
    figures = (
        (np.hypot(x - 68, y - 64) < 42, _BLUE),
        (np.maximum(abs(x - 188), abs(y - 64)) < 38, _ORANGE),
        (triangle, _GREEN),
        (ring, _PURPLE),
        (cross, _YELLOW),
    )
    picture = np.empty((*x.shape, 3))
    picture[:] = _PAPER
    for mask, colour in figures:
        picture[mask] = colour
    return np.stack([_down(picture[..., channel]) for channel in range(3)], axis=-1)


def gradient() -> Colour:
    """Eight ramps from 0 to 255: grey, red, green, blue, and the same from light to dark."""
    ramp = np.arange(SIDE, dtype=np.uint8)
    bands = np.zeros((8, SIDE, 3), dtype=np.uint8)
    for band, channels in enumerate(((0, 1, 2), (0,), (1,), (2,))):
        for channel in channels:
            bands[band, :, channel] = ramp
            bands[band + 4, :, channel] = ramp[::-1]
    return np.repeat(bands, SIDE // 8, axis=0)


def points() -> Grey:
    """Single white pixels far apart: through one convolution, each becomes a picture of the kernel."""
    picture = np.zeros((SIDE, SIDE), dtype=np.uint8)
    picture[16::32, 16::32] = 255
    return picture


def blocky_digit(row: int) -> Grey:
    """A digit of the shipped set with each of its 8 x 8 pixels enlarged to 16 x 16; shrinking gives it
    back."""
    return np.kron(_digit(row), np.ones((16, 16), dtype=np.uint8))


def smooth_digit(row: int) -> Grey:
    """A digit in MNIST's manner: 20 x 20 by cubic interpolation, centred on 28 x 28, each pixel 10 x 10."""
    picture = np.zeros((28, 28), dtype=np.uint8)
    picture[2:27, 2:27] = _enlarged(row, 25)
    return np.kron(picture, np.ones((10, 10), dtype=np.uint8))


def inked_digit(row: int) -> Grey:
    """A digit as on paper, dark on light, smooth at 280 x 280: networks trained on white ink want it
    inverted."""
    picture = np.full((280, 280), 255, dtype=np.uint8)
    picture[15:265, 15:265] = 255 - _enlarged(row, 250)
    return picture


def _enlarged(row: int, side: int) -> Grey:
    """A digit with a rim of one empty pixel, 10 x 10, by cubic interpolation at side x side."""
    framed = np.pad(_digit(row), 1)
    return np.asarray(Image.fromarray(framed).resize((side, side), Image.Resampling.BICUBIC))


def _digit(row: int) -> Grey:
    return np.asarray(read_digits().images[row, 0])


def _pixels() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(y, x) of the samples, in pixels from the top left corner of the picture."""
    centres = (np.arange(SIDE * _SAMPLES) + 0.5) / _SAMPLES
    y, x = np.meshgrid(centres, centres, indexing="ij")
    return y, x


def _down(samples: NDArray[np.float64]) -> Grey:
    blocks = samples.reshape(SIDE, _SAMPLES, SIDE, _SAMPLES)
    return np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)


def pictures() -> Mapping[str, Callable[[], Grey | Colour]]:
    """What draws each picture, by file name."""
    drawn: dict[str, Callable[[], Grey | Colour]] = {
        "edges.png": edges,
        "checkerboard.png": checkerboard,
        "zone-plate.png": zone_plate,
        "shapes.png": shapes,
        "gradient.png": gradient,
        "points.png": points,
    }
    for name, draw, rows in (
        ("digit-{}.png", blocky_digit, _BLOCKY),
        ("digit-{}-smooth.png", smooth_digit, _SMOOTH),
        ("digit-{}-on-paper.png", inked_digit, _INKED),
    ):
        for digit, row in rows.items():
            drawn[name.format(digit)] = lambda draw=draw, row=row: draw(row)
    return drawn


def main(folder: Path) -> None:
    for name, draw in pictures().items():
        Image.fromarray(draw()).save(folder / name, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
