"""Pictures from disk as arrays, and arrays in the shape that a network takes.

Light and dark are never exchanged silently: ink on paper stays dark on light. A network trained on white
ink, as MNIST's, wants `invert=True`; `is_dark_on_light` is there to offer it.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import BinaryIO, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from cnnstudio.data.errors import DataError, byte_count, quoted, reason
from cnnstudio.data.files import file_size, open_file
from cnnstudio.data.limits import MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS

Fit = Literal["contain", "cover", "stretch"]
FITS: Final[tuple[str, ...]] = get_args(Fit)

PICTURE_SUFFIXES: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm"}
)
# Named, because Pillow would try all it knows, PostScript among them, which is a program.
_FORMATS: Final = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
_READABLE: Final = "PNG, JPEG, GIF, BMP, WebP, TIFF or PPM"
_WHITE: Final = 255

# Pillow warns of blemishes that do not stop it (a damaged EXIF block), which is not for the user's terminal.
# It also warns of a picture with too many pixels, and refuses only twice as many: as an error it never goes
# on to decode. Set once for the process, since changing filters around each call is not safe among threads.
warnings.filterwarnings("ignore", module=r"PIL\.")
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def load_picture(path: str | Path) -> NDArray[np.uint8]:
    """The picture in a file as uint8 (C, H, W); C is 1 for grey pictures and 3 for colour.

    Turned upright as its EXIF orientation says; the first frame of an animation. Transparency is laid on
    white, palettes and CMYK become grey or RGB, 16-bit grey is scaled by 1/257, and float or 32-bit grey,
    which has no white of its own, is stretched from its minimum to its maximum.

    Raises DataError when the file cannot be read, is no picture in PNG, JPEG, GIF, BMP, WebP, TIFF or PPM, is
    damaged, or is larger than `limits` allow; nothing is allocated for it then.
    """
    path = Path(path)
    check_picture_bytes(path, file_size(path))
    with open_file(path) as file:
        return to_array(decode(file, str(path)), str(path))


def decode(file: BinaryIO, name: str, draft: int = 0) -> Image.Image:
    """The picture in `file`, decoded and upright. name: how errors call it.

    draft: a side length in pixels. JPEG may then be decoded at 1/2, 1/4 or 1/8 of its size, though with no
    side below it, at a fraction of the time. Raises DataError.
    """
    image = open_picture(file, name)
    try:
        if draft:
            image.draft(None, (draft, draft))
        image.load()
    except Exception as error:  # on damaged bytes Pillow's decoders let anything out
        raise _damaged(name, error) from error
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - a damaged EXIF block says nothing about the pixels: they stand as they are
        return image


def open_picture(file: BinaryIO, name: str) -> Image.Image:
    """The picture in `file`, header read and size checked, no pixel decoded yet. Raises DataError."""
    try:
        image = Image.open(file, formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(name, "far more") from error
    except UnidentifiedImageError as error:
        raise DataError(
            f"{quoted(name)} is not a picture that can be read, whatever its name says: choose one in {_READABLE}."
        ) from error
    except Exception as error:
        raise _damaged(name, error) from error
    width, height = image.size
    if width * height > MAX_PICTURE_PIXELS:
        raise _too_large(name, f"{width:,} x {height:,}, more")
    if width < 1 or height < 1:
        raise DataError(f"{quoted(name)} has no pixels ({width} x {height}): fetch it again.")
    return image


def to_array(image: Image.Image, name: str) -> NDArray[np.uint8]:
    """uint8 (C, H, W) of a decoded picture of any mode, as `load_picture` describes. Raises DataError."""
    try:
        image = _grey_or_rgb(image, name)
    except DataError:
        raise
    except Exception as error:
        raise _damaged(name, error) from error
    array = np.asarray(image)
    return array[np.newaxis].copy() if array.ndim == 2 else np.ascontiguousarray(array.transpose(2, 0, 1))


def is_grey(image: Image.Image) -> bool:
    """True when the picture becomes one channel, told from its header and palette."""
    if image.mode in ("P", "PA"):
        palette = np.asarray(image.getpalette("RGB") or [], dtype=np.uint8).reshape(-1, 3)
        return bool((palette == palette[:, :1]).all())
    return image.mode in ("1", "L", "LA", "La", "F", "I") or image.mode.startswith("I;")


def check_picture_bytes(name: str | Path, size: int) -> None:
    """Raises DataError for a file of `size` bytes that is empty or too large to be a picture."""
    if size == 0:
        raise DataError(f"{quoted(name)} is empty (0 bytes): fetch it again.")
    if size > MAX_PICTURE_BYTES:
        raise DataError(
            f"{quoted(name)} has {byte_count(size)}, more than the {byte_count(MAX_PICTURE_BYTES)} that are taken "
            "in: make it smaller in a picture editor."
        )


def fit_picture(
    array: NDArray[np.uint8],
    shape: tuple[int, int, int],
    fit: Fit = "contain",
    *,
    invert: bool = False,
    background: int = 0,
) -> NDArray[np.uint8]:
    """A picture uint8 (C, H, W) in the `shape` (C, H, W) that a network takes, uint8.

    Colour becomes grey by ITU-R 601 luma (0.299 R + 0.587 G + 0.114 B), grey becomes three equal channels.
    "contain" keeps all of the picture and fills the rest with `background` (0..255), "cover" fills the shape
    and crops the centre, "stretch" ignores the aspect. Shrinking by a whole number averages blocks, so that
    an enlarged picture comes back exactly; otherwise Lanczos' filter of three lobes, widened when shrinking,
    so that nothing aliases. invert: exchanges light and dark, before the background is filled in.

    Raises DataError for another array, or a shape whose channels are not 1 or 3.
    """
    channels, height, width = shape
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[0] not in (1, 3) or array.size == 0:
        raise DataError(f"A picture is uint8 (1 or 3, height, width), not {array.dtype} {array.shape}.")
    if channels not in (1, 3):
        raise DataError(
            f"A picture has 1 or 3 channels, but the network takes {channels}: set the Input layer's shape to (1, "
            "height, width) or (3, height, width)."
        )
    if height < 1 or width < 1:
        raise DataError(f"A picture cannot be fitted to {height} x {width} pixels: give sizes of 1 or more.")
    if fit not in FITS:
        raise DataError(f"The fit is one of {', '.join(FITS)}, not {quoted(fit)}.")
    image = Image.fromarray(array[0] if array.shape[0] == 1 else np.ascontiguousarray(array.transpose(1, 2, 0)))
    image = image.convert("L" if channels == 1 else "RGB")
    if invert:
        image = ImageOps.invert(image)
    if fit == "cover":
        image = _crop_to_aspect(image, width, height)
    inner = _contained(image.size, width, height) if fit == "contain" else (width, height)
    image = _resized(image, inner)
    if image.size != (width, height):
        canvas = Image.new(image.mode, (width, height), (background,) * channels if channels == 3 else background)
        canvas.paste(image, ((width - inner[0]) // 2, (height - inner[1]) // 2))
        image = canvas
    return to_array(image, "picture")


def is_dark_on_light(array: NDArray[np.uint8]) -> bool:
    """True when a picture (C, H, W) looks like dark ink on light paper: its rim is brighter than its whole.

    A hint for a question to the user ("exchange light and dark?"), never a reason to do it unasked.
    """
    grey = array.mean(axis=0)
    rim = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    return bool(np.median(rim) > 128 and np.median(rim) > grey.mean())


def _grey_or_rgb(image: Image.Image, name: str) -> Image.Image:
    grey = is_grey(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        return _eight_bits(image, name)
    if image.mode in ("LA", "La", "RGBA", "RGBa", "PA") or "transparency" in image.info:
        layers = image.convert("RGBA")
        paper = Image.new("RGBA", layers.size, (_WHITE, _WHITE, _WHITE, 255))
        image = Image.alpha_composite(paper, layers).convert("RGB")
    return image.convert("L" if grey else "RGB")


def _eight_bits(image: Image.Image, name: str) -> Image.Image:
    values = np.asarray(image).astype(np.float64)
    if image.mode.startswith("I;"):
        return Image.fromarray(np.rint(values / 257).astype(np.uint8))
    low, high = float(values.min()), float(values.max())
    if not np.isfinite([low, high]).all():
        raise DataError(f"{quoted(name)} holds values that are not finite: export it as PNG with 8 or 16 bits.")
    return Image.fromarray(np.rint((values - low) * (255 / ((high - low) or 1))).astype(np.uint8))


def _crop_to_aspect(image: Image.Image, width: int, height: int) -> Image.Image:
    """The largest centred part of `image` with the aspect of width : height."""
    scale = min(image.width / width, image.height / height)
    crop = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (image.width - crop[0]) // 2, (image.height - crop[1]) // 2
    return image.crop((left, top, left + crop[0], top + crop[1]))


def _contained(size: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """The largest (width, height) of the aspect of `size` within width x height."""
    scale = min(width / size[0], height / size[1])
    return max(1, min(width, round(size[0] * scale))), max(1, min(height, round(size[1] * scale)))


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    if image.width % size[0] == 0 and image.height % size[1] == 0:
        return image.resize(size, Image.Resampling.BOX)
    # A photograph far too large is first averaged in blocks, to three times the size: as good and much
    # faster.
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _damaged(name: str, error: Exception) -> DataError:
    return DataError(f"{quoted(name)} is a damaged picture ({reason(error)}): fetch it again.")


def _too_large(name: str, pixels: str) -> DataError:
    return DataError(
        f"{quoted(name)} has {pixels} pixels than the {MAX_PICTURE_PIXELS:,} that are taken in: make it smaller in a "
        "picture editor."
    )
