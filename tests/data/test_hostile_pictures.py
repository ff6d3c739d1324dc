"""Picture files that are damaged, false or meant to do harm: each gets one clear error, and nothing else
happens."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cnnstudio.data import DataError, load_picture
from cnnstudio.data.limits import MAX_PICTURE_BYTES

Refused = Callable[[Callable[[], object]], str]


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def noise(side: int = 48) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG file that says it is so large, whatever its data."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def bmp_of(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def with_flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes((data[at] ^ 0xFF,)) + data[at + 1 :]


CORPUS = MappingProxyType(
    {
        "empty.png": (lambda: b"", "is empty"),
        "text-called.png": (lambda: b"this is no picture at all\n" * 9, "is not a picture"),
        "program-called.png": (lambda: b"#!/bin/sh\nrm -rf /\n", "is not a picture"),
        "html-called.jpg": (lambda: b"<html>404 not found</html>", "is not a picture"),
        "postscript-called.png": (
            lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
            "is not a picture",
        ),
        "vector.svg.png": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture"),
        "zeros.jpg": (lambda: bytes(5000), "is not a picture"),
        "noise.gif": (lambda: np.random.default_rng(1).bytes(5000), "is not a picture"),
        "only-the-signature.png": (lambda: b"\x89PNG\r\n\x1a\n", "is not a picture"),
        "cut-off.png": (lambda: encoded(noise(), "PNG")[:-4000], "is a damaged picture"),
        "cut-off.jpg": (lambda: encoded(noise(), "JPEG")[:-800], "is a damaged picture"),
        "cut-off.gif": (lambda: encoded(noise(), "GIF")[:-1500], "is a damaged picture"),
        "cut-off.bmp": (lambda: encoded(noise(), "BMP")[:-3000], "is a damaged picture"),
        "cut-off.tif": (lambda: encoded(noise(), "TIFF", compression="raw")[:2000], "is a"),
        "cut-off.webp": (lambda: encoded(noise(), "WEBP")[:400], "is"),
        "cut-off.ppm": (lambda: encoded(noise(), "PPM")[:-3000], "is a damaged picture"),
        "false-checksum.png": (lambda: with_flipped(encoded(noise(), "PNG"), 20), "is"),
        "broken-stream.png": (lambda: png_of(64, 64, b"") + b"\0", "is a damaged picture"),
        "bomb-of-40-gigapixels.png": (lambda: png_of(200_000, 200_000), "than the 50,000,000"),
        "bomb-of-100-megapixels.png": (lambda: png_of(10_000, 10_000), "than the 50,000,000"),
        "bomb-of-60-megapixels.png": (lambda: png_of(10_000, 6_000), "has 10,000 x 6,000, more pixels than"),
        "bomb.bmp": (lambda: bmp_of(100_000, 100_000), "than the 50,000,000"),
        "bomb.gif": (lambda: b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0) + b";", "is"),
        "bomb.ppm": (lambda: b"P6 900000 900000 255\n", "than the 50,000,000"),
        "no-width.png": (lambda: png_of(0, 10), "is"),
        "negative.ppm": (lambda: b"P5 -8 8 255\n" + bytes(64), "is"),
        "not-a-number.tif": (
            lambda: encoded(Image.fromarray(np.full((4, 4), np.nan, np.float32)), "TIFF"),
            "finite",
        ),
        "text-bomb.png": (
            lambda: (
                png_of(4, 4)[:33]
                + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000)))
                + png_of(4, 4)[33:]
            ),
            "is a damaged picture",
        ),
    }
)


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_picture_gets_one_clear_error(name: str, tmp_path: Path, refused: Refused) -> None:
    make, expected = CORPUS[name]
    path = tmp_path / name
    path.write_bytes(make())
    message = refused(lambda: load_picture(path))
    assert name in message
    assert expected in message


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(CORPUS) >= 25


def test_a_file_larger_than_any_picture_is_not_read(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "giant.webp"
    with path.open("wb") as file:
        file.write(b"RIFF\xff\xff\xff\x7fWEBP")
        file.truncate(MAX_PICTURE_BYTES + 1)
    assert "are taken in" in refused(lambda: load_picture(path))


def test_what_is_no_file_is_said(tmp_path: Path, refused: Refused) -> None:
    assert "There is no file" in refused(lambda: load_picture(tmp_path / "missing.png"))
    assert "is a folder" in refused(lambda: load_picture(tmp_path))
    assert "cannot be read" in refused(lambda: load_picture(tmp_path / "null\0.png"))
    assert "cannot be read" in refused(lambda: load_picture(tmp_path / ("long" * 200)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes, which this system has not")
def test_a_pipe_is_refused_before_it_can_block(tmp_path: Path, refused: Refused) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert "not a regular file" in refused(lambda: load_picture(tmp_path / "pipe.png"))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_to_itself_or_to_nothing_is_refused(tmp_path: Path, refused: Refused) -> None:
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    (tmp_path / "nothing.png").symlink_to(tmp_path / "gone.png")
    assert "cannot be read" in refused(lambda: load_picture(tmp_path / "loop.png"))
    assert "There is no file" in refused(lambda: load_picture(tmp_path / "nothing.png"))


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids such names")
def test_a_name_with_line_breaks_and_terminal_codes_is_written_harmlessly(tmp_path: Path, refused: Refused) -> None:
    path = tmp_path / "two\nlines\x1b[31m.png"
    path.write_bytes(b"x")
    assert r"two\nlines\x1b[31m.png" in refused(lambda: load_picture(path))


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_damaged_exif_block_does_not_spoil_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "exif.jpg"
    path.write_bytes(encoded(noise(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(20)))
    assert load_picture(path).shape == (3, 48, 48)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"]),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6),
    st.floats(0.02, 1),
)
def test_whatever_bytes_are_changed_there_is_a_picture_or_a_clear_error(
    tmp_path: Path, form: str, changes: list[tuple[float, int]], kept: float
) -> None:
    data = bytearray(encoded(noise(12), form))
    for place, value in changes:
        data[int(place * len(data))] = value
    path = tmp_path / f"fuzzed.{form.lower()}"
    path.write_bytes(data[: max(1, int(kept * len(data)))])
    try:
        picture, message = load_picture(path), ""
    except DataError as error:
        picture, message = None, str(error)
    if picture is None:
        assert message.isprintable()
        assert "fuzzed" in message
    else:
        assert picture.ndim == 3
        assert picture.shape[0] in (1, 3)
